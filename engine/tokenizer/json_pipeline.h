// The parts of tokenizer.json that say how text is treated. Within this folder only; includes the JSON library.
#pragma once

#include <nlohmann/json.hpp>

#include "engine/tokenizer/pipeline_tokenizer.h"

namespace tokenmark {

// Members of an object, with a default where there is none or it has another type.
bool json_flag(const nlohmann::json& object, const char* key, bool otherwise);
std::string json_text(const nlohmann::json& object, const char* key);
// Null where there is none.
const nlohmann::json& json_member(const nlohmann::json& object, const char* key);

// Sets normalizer, pretokenizer, byte level, the decoder's rules and the tokens around a prompt from the keys
// normalizer, pre_tokenizer, decoder and post_processor.
Status read_pipeline(const nlohmann::json& tokenizer, Pipeline& pipeline, bool& byte_level);

}  // namespace tokenmark
