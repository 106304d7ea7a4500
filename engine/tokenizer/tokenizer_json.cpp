#include "engine/tokenizer/tokenizer_json.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/tokenizer/json_parts.h"
#include "engine/tokenizer/json_pipeline.h"

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::uintmax_t kLargestFile = 256u << 20;
constexpr std::int64_t kMostTokens = 1 << 22;

// The text of a file, empty where there is none.
Result<std::string> read_if_there(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return std::string();
  if (size > kLargestFile)
    return fail(ErrorKind::invalid_input, "{}: has {} bytes, too many for a tokenizer's file", path.string(), size);
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return fail(ErrorKind::io, "{}: cannot be read", path.string());
  return text;
}

Result<json> parse(const char* file, const std::string& text) {
  if (text.empty()) return json::object();
  json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object()) return fail(ErrorKind::invalid_input, "{}: is not a JSON object", file);
  return parsed;
}

Result<TokenId> token_id(const json& value, std::string_view what) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() >= static_cast<std::uint64_t>(kMostTokens))
    return fail(ErrorKind::invalid_input, "tokenizer.json: the id of {} is {}, expected a number below {}", what,
                value.dump(-1, ' ', true, json::error_handler_t::replace).substr(0, 40), kMostTokens);
  return value.get<TokenId>();
}

void put(Vocabulary& vocabulary, TokenId id, std::string spelling, TokenType type) {
  const auto at = static_cast<std::size_t>(id);
  if (at >= vocabulary.tokens.size()) {
    vocabulary.tokens.resize(at + 1);
    vocabulary.types.resize(at + 1, TokenType::unused);
  }
  vocabulary.tokens[at] = std::move(spelling);
  vocabulary.types[at] = type;
}

TokenType type_of(const std::string& spelling, bool byte_fallback) {
  return byte_fallback && byte_value(spelling) >= 0 ? TokenType::byte : TokenType::normal;
}

TokenId id_of(const Vocabulary& vocabulary, const std::string& spelling) {
  const auto found = std::ranges::find(vocabulary.tokens, spelling);
  return spelling.empty() || found == vocabulary.tokens.end() ? -1 : static_cast<TokenId>(found - vocabulary.tokens.begin());
}

// A merge is "left right" or ["left", "right"].
Status read_merges(const json& merges, Pipeline& pipeline) {
  if (!merges.is_array()) return fail(ErrorKind::invalid_input, "tokenizer.json: the BPE model has no list 'merges'");
  for (const json& merge : merges) {
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      pipeline.merges.emplace_back(merge[0].get<std::string>(), merge[1].get<std::string>());
      continue;
    }
    const std::string line = merge.is_string() ? merge.get<std::string>() : std::string();
    const std::size_t space = line.empty() ? std::string::npos : line.find(' ', 1);
    if (space == std::string::npos)
      return fail(ErrorKind::invalid_input, "tokenizer.json: merge {} is not two tokens", pipeline.merges.size());
    pipeline.merges.emplace_back(line.substr(0, space), line.substr(space + 1));
  }
  if (pipeline.merges.size() >= (1u << 24))  // ranks are floats, exact to here
    return fail(ErrorKind::invalid_input, "tokenizer.json: has {} merges, too many", pipeline.merges.size());
  return {};
}

Status read_bpe(const json& model, bool byte_level, Vocabulary& vocabulary, Pipeline& pipeline) {
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (!json_text(model, key).empty())
      return fail(ErrorKind::invalid_input, "tokenizer.json: a BPE model with '{}' is not known here", key);
  const json& tokens = json_member(model, "vocab");
  if (!tokens.is_object()) return fail(ErrorKind::invalid_input, "tokenizer.json: the BPE model has no object 'vocab'");
  BpeRules rules;
  rules.byte_level = byte_level;
  rules.whole_pieces_first = json_flag(model, "ignore_merges", false);
  rules.byte_fallback = json_flag(model, "byte_fallback", false);
  rules.fuse_unknown = json_flag(model, "fuse_unk", false);
  for (const auto& [spelling, id] : tokens.items()) {
    TOKENMARK_TRY(const TokenId token, token_id(id, "a token"));
    put(vocabulary, token, spelling, type_of(spelling, rules.byte_fallback));
  }
  rules.unknown = vocabulary.unknown = id_of(vocabulary, json_text(model, "unk_token"));
  pipeline.bpe = rules;
  return read_merges(json_member(model, "merges"), pipeline);
}

Status read_unigram(const json& model, Vocabulary& vocabulary, Pipeline& pipeline) {
  const json& tokens = json_member(model, "vocab");
  if (!tokens.is_array()) return fail(ErrorKind::invalid_input, "tokenizer.json: the Unigram model has no list 'vocab'");
  const bool byte_fallback = json_flag(model, "byte_fallback", false);
  for (const json& entry : tokens) {
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_number())
      return fail(ErrorKind::invalid_input, "tokenizer.json: Unigram token {} is not a spelling and a score",
                  vocabulary.tokens.size());
    const auto spelling = entry[0].get<std::string>();
    put(vocabulary, static_cast<TokenId>(vocabulary.tokens.size()), spelling, type_of(spelling, byte_fallback));
    vocabulary.scores.push_back(entry[1].get<float>());
  }
  if (const json& unknown = json_member(model, "unk_id"); unknown.is_number_unsigned()) {
    TOKENMARK_TRY(vocabulary.unknown, token_id(unknown, "the unknown token"));
  }
  if (vocabulary.unknown >= static_cast<TokenId>(vocabulary.tokens.size()))
    return fail(ErrorKind::invalid_input, "tokenizer.json: unk_id is {}, the model has {} tokens", vocabulary.unknown,
                vocabulary.tokens.size());
  pipeline.unigram = UnigramRules{vocabulary.unknown, byte_fallback};
  return {};
}

Status add_token(const json& entry, TokenId id, Vocabulary& vocabulary, Pipeline& pipeline) {
  const std::string content = json_text(entry, "content");
  if (content.empty()) return fail(ErrorKind::invalid_input, "tokenizer.json: added token {} has no content", id);
  put(vocabulary, id, content, json_flag(entry, "special", false) ? TokenType::control : TokenType::user_defined);
  const SpellingRules rules{json_flag(entry, "lstrip", false), json_flag(entry, "rstrip", false),
                            json_flag(entry, "single_word", false)};
  if (rules.takes_space_before || rules.takes_space_after || rules.whole_word) vocabulary.spelling_rules.emplace_back(id, rules);
  if (json_flag(entry, "normalized", false) && !pipeline.normalizer.empty()) pipeline.normalized_specials.push_back(id);
  return {};
}

// tokenizer.json's list, then what only tokenizer_config.json has.
Status read_added_tokens(const json& tokenizer, const json& config, Vocabulary& vocabulary, Pipeline& pipeline) {
  std::vector<bool> added;
  const auto add = [&](const json& entry, TokenId id) -> Status {
    const auto at = static_cast<std::size_t>(id);
    if (added.size() <= at) added.resize(at + 1);
    if (added[at]) return {};
    added[at] = true;
    return add_token(entry, id, vocabulary, pipeline);
  };
  if (const json& list = json_member(tokenizer, "added_tokens"); list.is_array())
    for (const json& entry : list) {
      TOKENMARK_TRY(const TokenId id, token_id(json_member(entry, "id"), "an added token"));
      TOKENMARK_CHECK(add(entry, id));
    }
  if (const json& more = json_member(config, "added_tokens_decoder"); more.is_object())
    for (const auto& [key, entry] : more.items()) {
      const bool number = !key.empty() && key.size() < 8 && std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
      TOKENMARK_TRY(const TokenId id, token_id(number ? json(static_cast<unsigned>(std::stoul(key))) : json(key), "an added token"));
      TOKENMARK_CHECK(add(entry, id));
    }
  vocabulary.scores.resize(pipeline.unigram ? vocabulary.tokens.size() : 0);
  return {};
}

// The token that a configuration names, as its spelling or as an object with it.
TokenId named_token(const Vocabulary& vocabulary, const json& config, const char* key) {
  const json& value = json_member(config, key);
  return id_of(vocabulary, value.is_object() ? json_text(value, "content") : json_text(config, key));
}

// One id or a list of them; ids that the vocabulary lacks are passed over.
std::vector<TokenId> ids_of(const Vocabulary& vocabulary, const json& value) {
  std::vector<TokenId> ids;
  const auto add = [&](const json& id) {
    if (id.is_number_unsigned() && id.get<std::uint64_t>() < vocabulary.tokens.size()) ids.push_back(id.get<TokenId>());
  };
  if (value.is_array()) std::ranges::for_each(value, add);
  else add(value);
  return ids;
}

void read_ends(const json& config, const json& generation, const json& model, Vocabulary& vocabulary) {
  vocabulary.bos = named_token(vocabulary, config, "bos_token");
  vocabulary.eos = named_token(vocabulary, config, "eos_token");
  for (const json* file : {&generation, &model}) {
    const auto bos = ids_of(vocabulary, json_member(*file, "bos_token_id"));
    const auto eos = ids_of(vocabulary, json_member(*file, "eos_token_id"));
    if (vocabulary.bos < 0 && !bos.empty()) vocabulary.bos = bos.front();
    if (vocabulary.eos < 0 && !eos.empty()) vocabulary.eos = eos.front();
    vocabulary.end_of_turn.insert(vocabulary.end_of_turn.end(), eos.begin(), eos.end());
  }
}

// transformers builds a Llama tokenizer's tokens around a prompt from these settings, not from tokenizer.json.
void read_surroundings(const json& config, const Vocabulary& vocabulary, Pipeline& pipeline) {
  const std::string name = json_text(config, "tokenizer_class");
  if (name != "LlamaTokenizer" && name != "LlamaTokenizerFast") return;
  const auto token = [](bool wanted, TokenId id) { return wanted && id >= 0 ? std::vector{id} : std::vector<TokenId>(); };
  if (json_member(config, "add_bos_token").is_boolean())
    pipeline.before = token(json_flag(config, "add_bos_token", false), vocabulary.bos);
  if (json_member(config, "add_eos_token").is_boolean())
    pipeline.after = token(json_flag(config, "add_eos_token", false), vocabulary.eos);
}

// A string, or a list of named ones of which "default" is for plain conversations.
std::string chat_template(const TokenizerFiles& files, const json& config) {
  if (!files.chat_template.empty()) return files.chat_template;
  const json& value = json_member(config, "chat_template");
  if (value.is_array())
    for (const json& entry : value)
      if (json_text(entry, "name") == "default") return json_text(entry, "template");
  return json_text(config, "chat_template");
}

}  // namespace

Result<JsonParts> read_json_parts(const TokenizerFiles& files) {
  TOKENMARK_TRY(const json tokenizer, parse("tokenizer.json", files.tokenizer));
  TOKENMARK_TRY(const json config, parse("tokenizer_config.json", files.tokenizer_config));
  TOKENMARK_TRY(const json generation, parse("generation_config.json", files.generation_config));
  TOKENMARK_TRY(const json model_config, parse("config.json", files.config));
  JsonParts parts;
  Vocabulary& vocabulary = parts.vocabulary;
  Pipeline& pipeline = parts.pipeline;
  bool byte_level = false;
  TOKENMARK_CHECK(read_pipeline(tokenizer, pipeline, byte_level));
  const json& model = json_member(tokenizer, "model");
  std::string type = json_text(model, "type");
  if (type.empty() && json_member(model, "merges").is_array()) type = "BPE";  // older files
  if (type == "BPE") TOKENMARK_CHECK(read_bpe(model, byte_level, vocabulary, pipeline));
  else if (type == "Unigram") TOKENMARK_CHECK(read_unigram(model, vocabulary, pipeline));
  else return fail(ErrorKind::invalid_input, "tokenizer.json: model '{}' is not known; known are BPE and Unigram", type);
  pipeline.kind = type == "BPE" ? "json:bpe" : "json:unigram";
  TOKENMARK_CHECK(read_added_tokens(tokenizer, config, vocabulary, pipeline));
  read_ends(config, generation, model_config, vocabulary);
  read_surroundings(config, vocabulary, pipeline);
  TOKENMARK_CHECK(check_vocabulary(vocabulary));
  for (const auto& around : {pipeline.before, pipeline.after})
    for (const TokenId id : around.value_or(std::vector<TokenId>()))
      if (id < 0 || id >= static_cast<TokenId>(vocabulary.tokens.size()))
        return fail(ErrorKind::invalid_input, "tokenizer.json: post_processor has an id that is no token's");
  parts.chat_template = chat_template(files, config);
  return parts;
}

Result<FolderTokenizer> read_tokenizer_json(const TokenizerFiles& files) {
  TOKENMARK_TRY(JsonParts parts, read_json_parts(files));
  return FolderTokenizer{make_pipeline_tokenizer(std::move(parts.vocabulary), std::move(parts.pipeline)),
                         std::move(parts.chat_template)};
}

Result<TokenizerFiles> read_tokenizer_files(const std::string& folder) {
  const std::filesystem::path path(folder);
  TokenizerFiles files;
  TOKENMARK_TRY(files.tokenizer, read_if_there(path / "tokenizer.json"));
  if (files.tokenizer.empty())
    return fail(ErrorKind::not_found, "{}: has no tokenizer.json, so the model's vocabulary is missing", folder);
  TOKENMARK_TRY(files.tokenizer_config, read_if_there(path / "tokenizer_config.json"));
  TOKENMARK_TRY(files.generation_config, read_if_there(path / "generation_config.json"));
  TOKENMARK_TRY(files.config, read_if_there(path / "config.json"));
  TOKENMARK_TRY(files.chat_template, read_if_there(path / "chat_template.jinja"));
  return files;
}

Result<FolderTokenizer> read_tokenizer_folder(const std::string& folder) {
  TOKENMARK_TRY(const TokenizerFiles files, read_tokenizer_files(folder));
  auto tokenizer = read_tokenizer_json(files);
  if (!tokenizer) return fail(tokenizer.error().kind, "{}: {}", folder, tokenizer.error().message);
  return tokenizer;
}

}  // namespace tokenmark
