// The vocabulary in a GGUF file's tokenizer.ggml.* keys.
#pragma once

#include "engine/model/gguf.h"
#include "engine/tokenizer/vocabulary.h"

namespace tokenmark {

Result<std::shared_ptr<const Tokenizer>> read_tokenizer(const GgufFile& file);

}  // namespace tokenmark
