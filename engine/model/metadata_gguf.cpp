#include "engine/model/metadata_gguf.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "engine/model/description_gguf.h"
#include "engine/model/shapes.h"
#include "engine/model/vocabulary_gguf.h"
#include "engine/tokenizer/tokenizer_json.h"

namespace tokenmark {
namespace {

// llama.cpp's general.file_type for a file of mostly this format; nothing where it has none.
std::optional<std::uint32_t> file_type(Format format) {
  switch (format) {
    case Format::f32: return 0;
    case Format::f16: return 1;
    case Format::q4_0: return 2;
    case Format::q8_0: return 7;
    case Format::q4_k: return 14;
    case Format::q5_k: return 16;
    case Format::q6_k: return 18;
    case Format::bf16: return 32;
    case Format::mxfp4: return 38;
    case Format::fp8:
    case Format::mxfp6: break;
  }
  return std::nullopt;
}

void add_formats(std::span<const Tensor> tensors, GgufMetadata& metadata) {
  std::map<Format, std::uint64_t> bytes;
  for (const Tensor& tensor : tensors) bytes[tensor.format] += tensor.bytes;
  std::vector<std::string> own;
  for (const auto& [format, sum] : bytes)
    if (is_own_format(format)) own.emplace_back(format_name(format));
  if (!own.empty()) metadata.add(kFormatsKey, std::span<const std::string>(own));
  const auto most = std::ranges::max_element(bytes, {}, [](const auto& entry) { return entry.second; });
  if (most == bytes.end()) return;
  if (const auto type = file_type(most->first)) metadata.add("general.file_type", *type);
  metadata.add("general.quantization_version", std::uint32_t{2});
}

void add_token(std::string_view key, TokenId token, GgufMetadata& metadata) {
  if (token >= 0) metadata.add(fmt::format("tokenizer.ggml.{}_token_id", key), static_cast<std::uint32_t>(token));
}

void add_rule(std::string_view key, std::optional<bool> rule, GgufMetadata& metadata) {
  if (rule) metadata.add(fmt::format("tokenizer.ggml.add_{}", key), *rule);
}

void add_vocabulary(const Vocabulary& vocabulary, GgufMetadata& metadata) {
  std::vector<std::int32_t> types;
  for (const TokenType type : vocabulary.types) types.push_back(static_cast<std::int32_t>(type));
  metadata.add("tokenizer.ggml.model", vocabulary.model);
  metadata.add("tokenizer.ggml.pre", vocabulary.pre.empty() ? "default" : std::string_view(vocabulary.pre));
  metadata.add("tokenizer.ggml.tokens", std::span<const std::string>(vocabulary.tokens));
  if (!vocabulary.scores.empty()) metadata.add("tokenizer.ggml.scores", std::span<const float>(vocabulary.scores));
  if (!types.empty()) metadata.add("tokenizer.ggml.token_type", std::span<const std::int32_t>(types));
  if (!vocabulary.merges.empty()) metadata.add("tokenizer.ggml.merges", std::span<const std::string>(vocabulary.merges));
  add_token("bos", vocabulary.bos, metadata);
  add_token("eos", vocabulary.eos, metadata);
  add_token("unknown", vocabulary.unknown, metadata);
  if (!vocabulary.end_of_turn.empty()) add_token("eot", vocabulary.end_of_turn[0], metadata);
  if (vocabulary.end_of_turn.size() > 1) add_token("eom", vocabulary.end_of_turn[1], metadata);
  add_rule("bos_token", vocabulary.add_bos, metadata);
  add_rule("eos_token", vocabulary.add_eos, metadata);
  add_rule("space_prefix", vocabulary.add_space_prefix, metadata);
}

// A model folder's tokenizer as it is, since no name of GGUF's says all that a tokenizer.json can, and besides in GGUF's
// terms where they say enough. Other programs want a token for each row of the embedding.
Status add_folder_tokenizer(const Model& model, GgufMetadata& metadata) {
  TOKENMARK_TRY(const TokenizerFiles files, read_tokenizer_files(model.source));
  metadata.add(kTokenizerJsonKey, files.tokenizer);
  metadata.add(kTokenizerConfigKey, files.tokenizer_config);
  if (!files.generation_config.empty()) metadata.add(kGenerationConfigKey, files.generation_config);
  if (!files.config.empty()) metadata.add(kConfigKey, files.config);
  TOKENMARK_TRY(auto vocabulary, gguf_vocabulary(files));
  if (!vocabulary || vocabulary->tokens.size() > model.description.vocabulary) return {};
  while (vocabulary->tokens.size() < model.description.vocabulary) {
    vocabulary->tokens.push_back(fmt::format("[PAD{}]", vocabulary->tokens.size()));
    vocabulary->types.push_back(TokenType::unused);
    if (!vocabulary->scores.empty()) vocabulary->scores.push_back(0);
  }
  add_vocabulary(*vocabulary, metadata);
  return {};
}

// Keys of a file that are about its own layout, or said by the description in a newer spelling.
bool is_of_the_file_alone(std::string_view key) {
  return key == "general.file_type" || key == "general.quantization_version" || key == "general.alignment" ||
         key == kFormatsKey || key.starts_with("split.") || key.ends_with(".rope.scale_linear");
}

Status copy_keys(const std::string& path, GgufMetadata& metadata) {
  TOKENMARK_TRY(const auto file, GgufFile::open(path));
  std::map<std::string_view, const GgufValue*> sorted;
  for (const auto& [key, value] : file->metadata()) sorted.emplace(key, &value);
  for (const auto& [key, value] : sorted)
    if (!metadata.has(std::string(key)) && !is_of_the_file_alone(key)) metadata.add(key, *value);
  return {};
}

}  // namespace

Result<GgufMetadata> metadata_for(const Model& model, std::span<const Tensor> tensors) {
  GgufMetadata metadata;
  add_description(model.description, metadata);
  add_formats(tensors, metadata);
  if (!model.files.empty() && !std::filesystem::is_directory(model.source)) {
    TOKENMARK_CHECK(copy_keys(model.files.front(), metadata));
    return metadata;
  }
  metadata.add("general.name", model.random_weights ? fmt::format("{} (random weights, {})", model.description.name, model.source)
                                                    : model.description.name);
  if (model.random_weights) metadata.add(kRandomWeightsKey, true);
  const Vocabulary* vocabulary = vocabulary_of(*model.tokenizer);
  if (std::filesystem::is_directory(model.source))
    TOKENMARK_CHECK(add_folder_tokenizer(model, metadata));
  else if (vocabulary && !vocabulary->model.empty())
    add_vocabulary(*vocabulary, metadata);
  else
    return fail(ErrorKind::invalid_input, "{}: its tokenizer ({}) cannot be written into a GGUF file", model.source,
                model.tokenizer->kind());
  if (!model.chat_template.empty()) metadata.add("tokenizer.chat_template", model.chat_template);
  return metadata;
}

}  // namespace tokenmark
