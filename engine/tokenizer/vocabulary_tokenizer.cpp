#include "engine/tokenizer/vocabulary_tokenizer.h"

#include <algorithm>

#include "engine/tokenizer/regex.h"
#include "engine/tokenizer/utf8.h"

namespace tokenmark {
namespace {

// Spellings that end an answer in common model families, whichever of them the file names as its EOS.
constexpr std::string_view kEndSpellings[] = {"<|eot_id|>",     "<|eom_id|>", "<|im_end|>", "<|end|>",
                                              "<|endoftext|>",  "<|end_of_text|>", "<end_of_turn>", "<EOT>"};

// In the harmony format <|end|> ends a part of an answer only.
bool ends_an_answer(std::string_view spelling, bool harmony) {
  if (harmony && spelling == "<|end|>") return false;
  if (harmony && (spelling == "<|return|>" || spelling == "<|call|>")) return true;
  return std::ranges::find(kEndSpellings, spelling) != std::end(kEndSpellings);
}

bool is_word_character(std::string_view character) {
  static const auto word = Regex::compile("\\w");
  return word && Regex::Matcher(*word, character).find(0).first == 0;
}

// True if a letter, digit or underscore stands just before (after) `at`.
bool word_before(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && at - begin < 4 && (begin == at || (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80)) --begin;
  return is_word_character(text.substr(begin, at - begin));
}
bool word_after(std::string_view text, std::size_t at) {
  return at < text.size() && is_word_character(text.substr(at, utf8_length(text, at)));
}

}  // namespace

Status check_vocabulary(const Vocabulary& vocabulary) {
  const std::size_t size = vocabulary.tokens.size();
  if (size == 0) return fail(ErrorKind::invalid_input, "the vocabulary has no tokens");
  if (size > (1u << 28)) return fail(ErrorKind::invalid_input, "the vocabulary has {} tokens, too many", size);
  if (!vocabulary.types.empty() && vocabulary.types.size() != size)
    return fail(ErrorKind::invalid_input, "the vocabulary has {} tokens but {} token types", size, vocabulary.types.size());
  const auto in_range = [&](TokenId id) { return id >= -1 && id < static_cast<TokenId>(size); };
  const auto check_id = [&](std::string_view what, TokenId id) -> Status {
    if (in_range(id)) return {};
    return fail(ErrorKind::invalid_input, "the vocabulary's {} token is {}, it has {} tokens", what, id, size);
  };
  TOKENMARK_CHECK(check_id("BOS", vocabulary.bos));
  TOKENMARK_CHECK(check_id("EOS", vocabulary.eos));
  TOKENMARK_CHECK(check_id("unknown", vocabulary.unknown));
  for (const TokenId id : vocabulary.end_of_turn) TOKENMARK_CHECK(check_id("end-of-turn", id));
  if (vocabulary.merges.size() >= (1u << 24))  // ranks are floats, exact to here
    return fail(ErrorKind::invalid_input, "the vocabulary has {} merges, too many", vocabulary.merges.size());
  return {};
}

void SpecialTokens::add(std::string_view spelling, TokenId token, const SpellingRules& rules) {
  if (!spelling.empty()) entries_.push_back({std::string(spelling), token, rules});
}

void SpecialTokens::finish() {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.spelling < b.spelling; });
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const std::string prefix(1, static_cast<char>(byte));
    first_byte_[byte] = static_cast<std::size_t>(
        std::lower_bound(entries_.begin(), entries_.end(), prefix,
                         [](const Entry& entry, const std::string& key) { return entry.spelling < key; }) -
        entries_.begin());
  }
  first_byte_[256] = entries_.size();
}

// Narrows the sorted entries byte by byte to those that agree with the text; a whole one seen last is the longest.
const SpecialTokens::Entry* SpecialTokens::longest_at(std::string_view text, std::size_t at) const {
  const auto lead = static_cast<unsigned char>(text[at]);
  auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(first_byte_[lead]);
  auto end = entries_.begin() + static_cast<std::ptrdiff_t>(first_byte_[lead + 1u]);
  const Entry* longest = nullptr;
  for (std::size_t length = 1; begin != end; ++length) {
    if (begin->spelling.size() == length) longest = &*begin;
    if (at + length >= text.size()) break;
    const auto next = static_cast<unsigned char>(text[at + length]);
    const auto byte_at = [&](const Entry& entry) {
      return entry.spelling.size() > length ? static_cast<int>(static_cast<unsigned char>(entry.spelling[length])) : -1;
    };
    begin = std::partition_point(begin, end, [&](const Entry& entry) { return byte_at(entry) < next; });
    end = std::partition_point(begin, end, [&](const Entry& entry) { return byte_at(entry) <= next; });
  }
  return longest;
}

SpecialTokens::Match SpecialTokens::find(std::string_view text, std::size_t from) const {
  if (entries_.empty()) return {};
  for (std::size_t at = from; at < text.size(); ++at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (first_byte_[lead] == first_byte_[lead + 1u]) continue;
    const Entry* entry = longest_at(text, at);
    if (!entry) continue;
    std::size_t begin = at, end = at + entry->spelling.size();
    if (entry->rules.whole_word && (word_before(text, begin) || word_after(text, end))) continue;
    if (entry->rules.takes_space_before) begin = from + without_space_at_end(text.substr(from, begin - from)).size();
    if (entry->rules.takes_space_after)
      while (end < text.size() && white_space_length(text, end) > 0) end += white_space_length(text, end);
    return {begin, end - begin, entry->token};
  }
  return {};
}

VocabularyTokenizer::VocabularyTokenizer(Vocabulary vocabulary, std::string kind,
                                         std::optional<std::vector<TokenId>> before,
                                         std::optional<std::vector<TokenId>> after, const std::vector<TokenId>& not_here)
    : vocabulary_(std::move(vocabulary)), kind_(std::move(kind)), ends_generation_(vocabulary_.tokens.size()) {
  if (before) before_ = *std::move(before);
  else if (vocabulary_.add_bos.value_or(false) && bos() >= 0) before_ = {bos()};
  if (after) after_ = *std::move(after);
  else if (vocabulary_.add_eos.value_or(false) && eos() >= 0) after_ = {eos()};
  const auto mark_end = [&](TokenId token) {
    if (token >= 0) ends_generation_[static_cast<std::size_t>(token)] = true;
  };
  mark_end(vocabulary_.eos);
  for (const TokenId token : vocabulary_.end_of_turn) mark_end(token);
  const auto has = [&](std::string_view name) {
    return std::ranges::find(vocabulary_.tokens, name) != vocabulary_.tokens.end();
  };
  const bool harmony = has("<|channel|>") && has("<|return|>");
  for (TokenId token = 0; token < vocabulary_size(); ++token) {
    const std::string& text = vocabulary_.tokens[static_cast<std::size_t>(token)];
    const bool user_defined = type(token) == TokenType::user_defined, control = is_control(token);
    if (type(token) == TokenType::control && ends_an_answer(text, harmony)) mark_end(token);
    if ((!user_defined && !control) || std::ranges::find(not_here, token) != not_here.end()) continue;
    if (user_defined) user_defined_.add(text, token, spelling_rules(token));
    all_special_.add(text, token, spelling_rules(token));
  }
  user_defined_.finish();
  all_special_.finish();
}

SpellingRules VocabularyTokenizer::spelling_rules(TokenId token) const {
  for (const auto& [special, rules] : vocabulary_.spelling_rules)
    if (special == token) return rules;
  return {};
}

std::vector<TokenId> VocabularyTokenizer::encode(std::string_view text, bool special, bool parse_special) const {
  const SpecialTokens& specials = parse_special ? all_special_ : user_defined_;
  std::vector<TokenId> ids;
  if (special) ids = before_;
  for (std::size_t at = 0; at < text.size();) {
    const SpecialTokens::Match match = specials.find(text, at);
    const std::size_t end = std::min(match.begin, text.size());
    // Every stretch of plain text begins at the start or right after a special token.
    if (end > at) encode_plain({text.substr(at, end - at), at == 0, parse_special}, ids);
    if (match.length > 0) ids.push_back(match.token);
    at = end + match.length;
  }
  if (special) ids.insert(ids.end(), after_.begin(), after_.end());
  return ids;
}

std::string VocabularyTokenizer::bytes(TokenId token) const {
  if (token < 0 || token >= vocabulary_size() || is_control(token)) return {};
  if (type(token) == TokenType::user_defined) return vocabulary_.tokens[static_cast<std::size_t>(token)];
  return normal_bytes(token);
}

std::string VocabularyTokenizer::spelling(TokenId token) const {
  return is_control(token) ? vocabulary_.tokens[static_cast<std::size_t>(token)] : bytes(token);
}

bool VocabularyTokenizer::ends_generation(TokenId token) const {
  return token >= 0 && token < vocabulary_size() && ends_generation_[static_cast<std::size_t>(token)];
}

bool VocabularyTokenizer::is_control(TokenId token) const {
  if (token < 0 || token >= vocabulary_size()) return false;
  return type(token) == TokenType::control || type(token) == TokenType::unknown;
}

TokenType VocabularyTokenizer::type(TokenId token) const {
  return vocabulary_.types.empty() ? TokenType::normal : vocabulary_.types[static_cast<std::size_t>(token)];
}

Result<std::shared_ptr<const Tokenizer>> make_tokenizer(Vocabulary vocabulary) {
  TOKENMARK_CHECK(check_vocabulary(vocabulary));
  if (vocabulary.model == "llama") return make_spm_tokenizer(std::move(vocabulary), "spm");
  if (vocabulary.model == "gpt2") return make_bpe_tokenizer(std::move(vocabulary));
  if (vocabulary.model == "t5") return make_unigram_tokenizer(std::move(vocabulary));
  return fail(ErrorKind::invalid_input, "tokenizer.ggml.model is '{}'; known are llama (SentencePiece BPE), gpt2"
              " (byte-level BPE) and t5 (SentencePiece unigram)", vocabulary.model);
}

const Vocabulary* vocabulary_of(const Tokenizer& tokenizer) {
  const auto* made = dynamic_cast<const VocabularyTokenizer*>(&tokenizer);
  return made ? &made->vocabulary_ : nullptr;
}

}  // namespace tokenmark
