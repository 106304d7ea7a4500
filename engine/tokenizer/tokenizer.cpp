#include "engine/tokenizer/tokenizer.h"

#include "engine/tokenizer/utf8.h"

namespace tokenmark {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Bytes that may still become a character: a lead and fewer continuations than it asks for.
bool unfinished(std::string_view tail) {
  const auto lead = static_cast<unsigned char>(tail[0]);
  const std::size_t wanted = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (lead >= 0xF5 || tail.size() >= wanted) return false;
  // The bytes so far are fine if some continuation makes them valid: 0x80, 0x90 or 0xA0 fit every lead between them.
  for (const char next : {'\x80', '\x90', '\xA0'}) {
    std::string whole(tail);
    if (whole.size() < wanted) whole += next;
    whole.resize(wanted, '\x80');
    if (utf8_length(whole, 0) == wanted) return true;
  }
  return false;
}

}  // namespace

std::string Tokenizer::decode(const std::vector<TokenId>& tokens) const {
  std::string text;
  for (const TokenId token : tokens) text += bytes(token);
  return text;
}

std::string StreamDecoder::add(TokenId token) {
  pending_ += tokenizer_->bytes(token);
  std::string text;
  std::size_t at = 0;
  while (at < pending_.size()) {
    const std::size_t length = utf8_length(pending_, at);
    if (length == 0 && unfinished(std::string_view(pending_).substr(at))) break;
    text += length > 0 ? std::string_view(pending_).substr(at, length) : kReplacement;
    at += std::max<std::size_t>(length, 1);
  }
  pending_.erase(0, at);
  return text;
}

std::string StreamDecoder::finish() {
  const bool cut = !pending_.empty();
  pending_.clear();
  return cut ? std::string(kReplacement) : std::string();
}

std::vector<TokenId> end_tokens(const Tokenizer& tokenizer) {
  std::vector<TokenId> tokens;
  for (TokenId token = 0; token < tokenizer.vocabulary_size(); ++token)
    if (tokenizer.ends_generation(token)) tokens.push_back(token);
  return tokens;
}

}  // namespace tokenmark
