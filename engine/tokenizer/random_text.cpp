#include <algorithm>

#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/utf8.h"

namespace tokenmark {
namespace {

// SplitMix64: the same text on every machine, which the standard library's distributions do not promise.
struct Random {
  std::uint64_t state;
  std::uint64_t next() {
    std::uint64_t x = state += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }
};

// " word": a space and lower-case ASCII letters. Such tokens keep to themselves between others of their kind.
bool is_word(std::string_view bytes) {
  return bytes.size() > 2 && bytes[0] == ' ' &&
         std::all_of(bytes.begin() + 1, bytes.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

bool is_text(std::string_view bytes) {
  for (std::size_t at = 0, length; at < bytes.size(); at += length)
    if (length = utf8_length(bytes, at); length == 0 || static_cast<unsigned char>(bytes[at]) < 0x20) return false;
  return !bytes.empty();
}

bool stays_itself(const Tokenizer& tokenizer, TokenId token) {
  return tokenizer.encode(tokenizer.decode({token}), false) == std::vector<TokenId>{token};
}

// A word; where the vocabulary has too few of them, any text that stays what it is when it is encoded alone.
TokenId draw(const Tokenizer& tokenizer, Random& random) {
  constexpr int kWordTries = 200, kTextTries = 2000;
  const auto size = static_cast<std::uint64_t>(tokenizer.vocabulary_size());
  for (int i = 0; i < kTextTries; ++i) {
    const auto token = static_cast<TokenId>(random.next() % size);
    const std::string bytes = tokenizer.bytes(token);
    if (i < kWordTries ? is_word(bytes) : is_text(bytes) && stays_itself(tokenizer, token)) return token;
  }
  return -1;
}

}  // namespace

std::string random_text(const Tokenizer& tokenizer, std::int32_t count, std::uint64_t seed) {
  Random random{seed};
  const auto wanted = static_cast<std::size_t>(std::max(count, 0));
  std::vector<TokenId> ids;
  std::string text;
  // A word may be reached by other merges, neighbours may merge: what is encoded again decides, and is mended until
  // it fits.
  for (int round = 0; round < 100; ++round) {
    while (ids.size() < wanted) {
      const TokenId token = draw(tokenizer, random);
      if (token < 0) return text;
      ids.push_back(token);
    }
    ids.resize(wanted);
    text = tokenizer.decode(ids);
    std::vector<TokenId> again = tokenizer.encode(text, false);
    if (again.size() == wanted) return text;
    ids = std::move(again);
    // A cut in a bad place would come back as it was: from time to time the end is drawn anew.
    if (round % 4 == 3 && ids.size() > wanted) ids.resize(wanted - std::min<std::size_t>(wanted, 8));
  }
  return text;
}

}  // namespace tokenmark
