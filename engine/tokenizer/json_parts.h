// A tokenizer.json taken apart, before a tokenizer is made of it. Within this folder only.
#pragma once

#include "engine/tokenizer/pipeline_tokenizer.h"
#include "engine/tokenizer/tokenizer_json.h"

namespace tokenmark {

struct JsonParts {
  Vocabulary vocabulary;
  Pipeline pipeline;
  std::string chat_template;
};
Result<JsonParts> read_json_parts(const TokenizerFiles& files);

}  // namespace tokenmark
