#include "engine/model/vocabulary_gguf.h"

#include "engine/tokenizer/tokenizer_json.h"

namespace tokenmark {
namespace {

// A token id, or -1 where the key is absent or says "none" (converters write 2³²-1 or -1 for that).
Result<TokenId> token_id(const GgufFile& file, std::string_view key) {
  TOKENMARK_TRY(const auto value, file.integer(key));
  if (!value || *value == -1 || *value == UINT32_MAX) return -1;
  if (*value < 0 || *value > INT32_MAX)
    return fail(ErrorKind::invalid_input, "{}: key '{}' is {}, expected a token's id", file.path(), key, *value);
  return static_cast<TokenId>(*value);
}

Result<std::vector<TokenType>> token_types(const GgufFile& file) {
  TOKENMARK_TRY(const auto numbers, file.integers("tokenizer.ggml.token_type"));
  std::vector<TokenType> types;
  if (!numbers) return types;
  for (const std::int64_t number : *numbers) {
    // 0 ("undefined") is what some converters write for plain tokens.
    if (number < 0 || number > 6)
      return fail(ErrorKind::invalid_input, "{}: tokenizer.ggml.token_type has a {}, expected 0 to 6", file.path(), number);
    types.push_back(number == 0 ? TokenType::normal : static_cast<TokenType>(number));
  }
  return types;
}

Result<Vocabulary> read_vocabulary(const GgufFile& file) {
  Vocabulary vocabulary;
  TOKENMARK_TRY(auto model, file.text("tokenizer.ggml.model"));
  if (!model)
    return fail(ErrorKind::invalid_input, "{}: has no vocabulary: key 'tokenizer.ggml.model' is missing", file.path());
  vocabulary.model = *std::move(model);
  TOKENMARK_TRY(auto pre, file.text("tokenizer.ggml.pre"));
  vocabulary.pre = pre.value_or("");
  TOKENMARK_TRY(auto tokens, file.texts("tokenizer.ggml.tokens"));
  vocabulary.tokens = std::move(tokens).value_or(std::vector<std::string>());
  TOKENMARK_TRY(auto scores, file.numbers("tokenizer.ggml.scores"));
  vocabulary.scores = std::move(scores).value_or(std::vector<float>());
  TOKENMARK_TRY(vocabulary.types, token_types(file));
  TOKENMARK_TRY(auto merges, file.texts("tokenizer.ggml.merges"));
  vocabulary.merges = std::move(merges).value_or(std::vector<std::string>());
  TOKENMARK_TRY(vocabulary.bos, token_id(file, "tokenizer.ggml.bos_token_id"));
  TOKENMARK_TRY(vocabulary.eos, token_id(file, "tokenizer.ggml.eos_token_id"));
  TOKENMARK_TRY(vocabulary.unknown, token_id(file, "tokenizer.ggml.unknown_token_id"));
  for (const std::string_view key : {"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"}) {
    TOKENMARK_TRY(const TokenId token, token_id(file, key));
    if (token >= 0) vocabulary.end_of_turn.push_back(token);
  }
  TOKENMARK_TRY(vocabulary.add_bos, file.boolean("tokenizer.ggml.add_bos_token"));
  TOKENMARK_TRY(vocabulary.add_eos, file.boolean("tokenizer.ggml.add_eos_token"));
  TOKENMARK_TRY(vocabulary.add_space_prefix, file.boolean("tokenizer.ggml.add_space_prefix"));
  TOKENMARK_TRY(const auto merge_spaces, file.boolean("tokenizer.ggml.remove_extra_whitespaces"));
  vocabulary.merge_spaces = merge_spaces.value_or(false);
  TOKENMARK_TRY(const auto charsmap, file.integers("tokenizer.ggml.precompiled_charsmap"));
  for (const std::int64_t byte : charsmap.value_or(std::vector<std::int64_t>()))
    vocabulary.charsmap += static_cast<char>(byte);
  return vocabulary;
}

Result<std::shared_ptr<const Tokenizer>> read_json(const GgufFile& file) {
  TokenizerFiles files;
  for (const auto& [key, text] : {std::pair{kTokenizerJsonKey, &files.tokenizer}, {kTokenizerConfigKey, &files.tokenizer_config},
                                  {kGenerationConfigKey, &files.generation_config}, {kConfigKey, &files.config}}) {
    TOKENMARK_TRY(auto found, file.text(key));
    *text = std::move(found).value_or("");
  }
  auto read = read_tokenizer_json(files);
  if (!read) return fail(read.error().kind, "{}: {}", file.path(), read.error().message);
  return read->tokenizer;
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> read_tokenizer(const GgufFile& file) {
  const bool from_folder = file.has(kTokenizerConfigKey) || !file.has("tokenizer.ggml.model");
  if (file.has(kTokenizerJsonKey) && from_folder) return read_json(file);
  TOKENMARK_TRY(Vocabulary vocabulary, read_vocabulary(file));
  auto tokenizer = make_tokenizer(std::move(vocabulary));
  if (!tokenizer) return fail(tokenizer.error().kind, "{}: {}", file.path(), tokenizer.error().message);
  return tokenizer;
}

}  // namespace tokenmark
