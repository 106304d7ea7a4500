// A description from config.json of a model folder (Hugging Face transformers' keys, version 4 and 5).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/model/architecture.h"

namespace tokenmark {

// How a class of models spells its experts' tensors.
enum class ExpertNames { none, mixtral, separate, gpt_oss };

struct ModelConfig {
  ModelDescription description;  // what tensors say (tied_output, mtp_layers) as the config has it
  ExpertNames expert_names = ExpertNames::none;
  bool tied_said = false;                               // tie_word_embeddings stands in the config
  std::uint32_t scale_rows = 128, scale_columns = 128;  // of a block of FP8 weights
};

// `path`: of the file, for messages. Queries and keys are as trained: rotation is in halves except
// DeepSeek's, unlike in GGUF's llama files, whose rows are permuted.
Result<ModelConfig> read_config(const nlohmann::json& config, const std::string& path);

}  // namespace tokenmark
