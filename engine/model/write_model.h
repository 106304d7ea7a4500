// A model with random weights as a GGUF file that this and other programs open: weights of a shape, its metadata and
// the synthetic vocabulary. The file says that its weights are random (kRandomWeightsKey).
#pragma once

#include "engine/model/gguf_writer.h"
#include "engine/model/shapes.h"

namespace tokenmark {

Status write_random_model(const ShapeSpecification& shape, const std::string& path, const WriteProgress& progress = {});

}  // namespace tokenmark
