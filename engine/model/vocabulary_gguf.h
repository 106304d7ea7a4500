// The vocabulary in a GGUF file's tokenizer.ggml.* keys.
#pragma once

#include "engine/model/gguf.h"
#include "engine/tokenizer/vocabulary.h"

namespace tokenmark {

// A whole tokenizer.json in a file (GGUF's own key for it), and what stands in the files beside it, as in TokenizerFiles.
// Files converted from model folders have these, which say all there is to say, besides tokenizer.ggml.* for other
// programs where those keys can say it.
inline constexpr std::string_view kTokenizerJsonKey = "tokenizer.huggingface.json";
inline constexpr std::string_view kTokenizerConfigKey = "tokenmark.tokenizer_config.json";
inline constexpr std::string_view kGenerationConfigKey = "tokenmark.generation_config.json";
inline constexpr std::string_view kConfigKey = "tokenmark.config.json";

Result<std::shared_ptr<const Tokenizer>> read_tokenizer(const GgufFile& file);

}  // namespace tokenmark
