#include "engine/tokenizer/vocabulary_tokenizer.h"

#include <algorithm>

namespace tokenmark {
namespace {

// Spellings that end an answer in common model families, whichever of them the file names as its EOS.
constexpr std::string_view kEndSpellings[] = {"<|eot_id|>",     "<|eom_id|>", "<|im_end|>", "<|end|>",
                                              "<|endoftext|>",  "<|end_of_text|>", "<end_of_turn>", "<EOT>"};

Status check(const Vocabulary& vocabulary) {
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
  return {};
}

}  // namespace

void SpecialTokens::add(std::string_view spelling, TokenId token) {
  if (!spelling.empty()) entries_.push_back({std::string(spelling), token});
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
SpecialTokens::Match SpecialTokens::longest_at(std::string_view text, std::size_t at) const {
  const auto lead = static_cast<unsigned char>(text[at]);
  auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(first_byte_[lead]);
  auto end = entries_.begin() + static_cast<std::ptrdiff_t>(first_byte_[lead + 1u]);
  Match match;
  for (std::size_t length = 1; begin != end; ++length) {
    if (begin->spelling.size() == length) match = {at, length, begin->token};
    if (at + length >= text.size()) break;
    const auto next = static_cast<unsigned char>(text[at + length]);
    const auto byte_at = [&](const Entry& entry) {
      return entry.spelling.size() > length ? static_cast<int>(static_cast<unsigned char>(entry.spelling[length])) : -1;
    };
    begin = std::partition_point(begin, end, [&](const Entry& entry) { return byte_at(entry) < next; });
    end = std::partition_point(begin, end, [&](const Entry& entry) { return byte_at(entry) <= next; });
  }
  return match;
}

SpecialTokens::Match SpecialTokens::find(std::string_view text, std::size_t from) const {
  if (entries_.empty()) return {};
  for (std::size_t at = from; at < text.size(); ++at)
    if (const Match match = longest_at(text, at); match.length > 0) return match;
  return {};
}

VocabularyTokenizer::VocabularyTokenizer(Vocabulary vocabulary, std::string kind)
    : vocabulary_(std::move(vocabulary)), kind_(std::move(kind)), ends_generation_(vocabulary_.tokens.size()) {
  const auto mark_end = [&](TokenId token) {
    if (token >= 0) ends_generation_[static_cast<std::size_t>(token)] = true;
  };
  mark_end(vocabulary_.eos);
  for (const TokenId token : vocabulary_.end_of_turn) mark_end(token);
  for (TokenId token = 0; token < vocabulary_size(); ++token) {
    const std::string& text = vocabulary_.tokens[static_cast<std::size_t>(token)];
    const TokenType kind_of_token = type(token);
    if (kind_of_token == TokenType::user_defined) user_defined_.add(text, token);
    if (kind_of_token == TokenType::user_defined || kind_of_token == TokenType::control ||
        kind_of_token == TokenType::unknown)
      all_special_.add(text, token);
    if (kind_of_token == TokenType::control && std::ranges::find(kEndSpellings, text) != std::end(kEndSpellings))
      mark_end(token);
  }
  user_defined_.finish();
  all_special_.finish();
}

std::vector<TokenId> VocabularyTokenizer::encode(std::string_view text, bool special, bool parse_special) const {
  const SpecialTokens& specials = parse_special ? all_special_ : user_defined_;
  std::vector<TokenId> ids;
  if (special && vocabulary_.add_bos.value_or(false) && bos() >= 0) ids.push_back(bos());
  for (std::size_t at = 0; at < text.size();) {
    const SpecialTokens::Match match = specials.find(text, at);
    const std::size_t end = std::min(match.begin, text.size());
    // Every stretch of plain text begins at the start or right after a special token.
    if (end > at) encode_plain(text.substr(at, end - at), ids);
    if (match.length > 0) ids.push_back(match.token);
    at = end + match.length;
  }
  if (special && vocabulary_.add_eos.value_or(false) && eos() >= 0) ids.push_back(eos());
  return ids;
}

std::string VocabularyTokenizer::bytes(TokenId token) const {
  if (token < 0 || token >= vocabulary_size() || is_control(token)) return {};
  if (type(token) == TokenType::user_defined) return vocabulary_.tokens[static_cast<std::size_t>(token)];
  return normal_bytes(token);
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
  TOKENMARK_CHECK(check(vocabulary));
  if (vocabulary.model == "llama") return make_spm_tokenizer(std::move(vocabulary), "spm");
  if (vocabulary.model == "gpt2") return make_bpe_tokenizer(std::move(vocabulary));
  return fail(ErrorKind::invalid_input, "tokenizer.ggml.model is '{}'; known are llama (SentencePiece BPE) and gpt2"
              " (byte-level BPE)", vocabulary.model);
}

}  // namespace tokenmark
