// A model from a folder as on the hub: config.json, safetensors files, tokenizer.json. Tensors stand under
// GGUF's names; nothing is copied at opening.
#pragma once

#include "engine/model/model.h"

namespace tokenmark {

Result<Model> open_hub_model(const std::string& folder);

}  // namespace tokenmark
