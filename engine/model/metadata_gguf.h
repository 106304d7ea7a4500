// The keys of a GGUF file for a model, wherever it came from.
#pragma once

#include "engine/model/gguf_writer.h"

namespace tokenmark {

// What the description says; then the keys of the model's own GGUF file that it does not say (vocabulary, template,
// authors, …), or else the vocabulary and the template that the model carries. `tensors` are those of the new file:
// their formats are named.
Result<GgufMetadata> metadata_for(const Model& model, std::span<const Tensor> tensors);

}  // namespace tokenmark
