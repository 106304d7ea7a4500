// A tokenizer.json in GGUF's terms: tokens with types, merges and the name of a pre-tokenizer, or tokens with scores.
// GGUF has a name where tokenizer.json has expressions, so the name is found by what it does: the expressions of both
// must cut a text alike in which all named pre-tokenizers differ. What is made is compared with the original at the end.
#include <algorithm>
#include <unordered_map>

#include "engine/tokenizer/json_parts.h"

namespace tokenmark {
namespace {

std::optional<bool> is_normalized(const Normalizer& normalizer, std::string_view text) {
  const std::string normalized = normalizer.empty() ? std::string(text) : normalizer.apply(text);
  if (normalized == text) return false;
  std::vector<NormalizerStep> steps;
  steps.push_back({.kind = NormalizerStep::Kind::nfc});
  if (normalized == Normalizer(std::move(steps)).apply(text)) return true;
  return std::nullopt;  // something else than Unicode's form C
}

std::vector<std::string_view> names_that_cut_alike(const Pipeline& pipeline) {
  const std::optional<bool> nfc = is_normalized(pipeline.normalizer, kPretokenizerProbe);
  std::vector<std::string_view> names;
  Pretokenizer::Pieces own;
  pipeline.pretokenizer.split(kPretokenizerProbe, true, own);
  for (const std::string_view name : pretokenizer_names()) {
    const auto named = find_pretokenizer(name);
    Pretokenizer::Pieces pieces;
    if (!named || named->nfc != nfc) continue;
    named->pretokenizer.split(kPretokenizerProbe, true, pieces);
    if (pieces.list() != own.list()) continue;
    const bool same = named->whole_pieces_first == pipeline.bpe->whole_pieces_first;
    names.insert(same ? names.begin() : names.end(), name);
  }
  return names;
}

// SentencePiece has a score for each token where tokenizer.json has ranked merges. They say the same if every way to
// make a token of two others is a merge, and the merges that make the same token stand together.
bool merges_to_scores(const std::vector<std::pair<std::string, std::string>>& merges, Vocabulary& vocabulary) {
  std::unordered_map<std::string_view, std::size_t> ids;
  for (std::size_t id = 0; id < vocabulary.tokens.size(); ++id)
    if (vocabulary.types[id] == TokenType::normal) ids.emplace(vocabulary.tokens[id], id);
  std::vector<std::size_t> ways(vocabulary.tokens.size());
  vocabulary.scores.assign(vocabulary.tokens.size(), 0);
  float score = 0;
  std::size_t last = vocabulary.tokens.size();
  for (const auto& [left, right] : merges) {
    const auto made = ids.find(left + right);
    if (made == ids.end() || !ids.contains(left) || !ids.contains(right)) continue;  // can never apply
    const std::size_t id = made->second;
    if (ways[id]++ > 0 && id != last) return false;
    if (id != last) vocabulary.scores[id] = score -= 1;
    last = id;
  }
  for (const auto& [token, id] : ids) {
    std::size_t possible = 0;
    for (std::size_t at = 1; at < token.size(); ++at) possible += ids.contains(token.substr(0, at)) && ids.contains(token.substr(at));
    if (possible != ways[id]) return false;
  }
  return true;
}

// What stands before and after a prompt as GGUF can have it: nothing, or BOS and EOS. BOS is what is put there.
bool set_surroundings(const Pipeline& pipeline, Vocabulary& vocabulary) {
  const auto before = pipeline.before.value_or(std::vector<TokenId>()), after = pipeline.after.value_or(std::vector<TokenId>());
  vocabulary.add_bos = !before.empty();
  vocabulary.add_eos = !after.empty();
  if (!before.empty()) vocabulary.bos = before.front();
  if (!after.empty() && vocabulary.eos < 0) vocabulary.eos = after.front();
  return before.size() <= 1 && (after.empty() || after == std::vector{vocabulary.eos});
}

bool gives_the_same(const Tokenizer& a, const Tokenizer& b, const Vocabulary& vocabulary, bool every_token) {
  std::vector<std::string> texts = {std::string(kPretokenizerProbe), " two words", "x", " ", ""};
  std::string with_specials = "begin";
  for (TokenId id = 0; id < b.vocabulary_size(); ++id) {
    const TokenType type = vocabulary.types[static_cast<std::size_t>(id)];
    if (type == TokenType::control || type == TokenType::user_defined) with_specials += vocabulary.tokens[static_cast<std::size_t>(id)] + "word ";
    if (every_token && type == TokenType::normal) texts.push_back(b.bytes(id));
  }
  texts.push_back(with_specials);
  return std::ranges::all_of(texts, [&](const std::string& text) {
    return a.encode(text, true, true) == b.encode(text, true, true) && a.encode(text, false, false) == b.encode(text, false, false);
  });
}

}  // namespace

Result<std::optional<Vocabulary>> gguf_vocabulary(const TokenizerFiles& files) {
  TOKENMARK_TRY(const FolderTokenizer original, read_tokenizer_json(files));
  TOKENMARK_TRY(const JsonParts parts, read_json_parts(files));
  const Pipeline& pipeline = parts.pipeline;
  Vocabulary made = parts.vocabulary;
  if (!pipeline.bpe || !set_surroundings(pipeline, made)) return std::nullopt;
  std::erase(made.end_of_turn, made.eos);
  made.spelling_rules.clear();
  for (std::size_t id = 0; id < made.tokens.size(); ++id)
    if (made.tokens[id].empty()) made.tokens[id] = fmt::format("[PAD{}]", id);

  const auto agrees = [&](bool every_token) {
    const auto tokenizer = make_tokenizer(made);
    return tokenizer && gives_the_same(**tokenizer, *original.tokenizer, made, every_token);
  };
  if (pipeline.bpe->byte_level) {
    made.model = "gpt2";
    for (const auto& [left, right] : pipeline.merges) made.merges.push_back(left + " " + right);
    for (const std::string_view name : names_that_cut_alike(pipeline)) {
      made.pre = name;
      if (agrees(find_pretokenizer(name)->whole_pieces_first != pipeline.bpe->whole_pieces_first)) return made;
    }
  } else if (pipeline.bpe->byte_fallback && merges_to_scores(pipeline.merges, made)) {
    made.model = "llama";
    if (made.unknown >= 0) made.types[static_cast<std::size_t>(made.unknown)] = TokenType::unknown;
    for (const bool space : {true, false}) {
      made.add_space_prefix = space;
      if (agrees(false)) return made;
    }
  }
  return std::nullopt;
}

}  // namespace tokenmark
