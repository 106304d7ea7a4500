// The models that are measured, with random weights: as resources/shapes.json has them, which tests hold these to.
#pragma once

#include <vector>

#include "engine/model/model.h"

namespace tokenmark::gpu {

struct MeasuredModel {
  ModelDescription description;
  Format format;  // of its weights
};

// `tiny`: models of the same kinds that the emulated GPU has the patience for.
std::vector<MeasuredModel> measured_models(bool tiny);
ModelDescription llama_8b();
ModelDescription gpt_oss_20b();

}  // namespace tokenmark::gpu
