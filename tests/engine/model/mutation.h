// Mutations of files for fuzz tests: bits, bytes, interesting numbers and cuts.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <iterator>
#include <random>
#include <string>

#include "engine/model/model.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {

// Rounds of a fuzz test: those given, times TOKENMARK_FUZZ_FACTOR where the environment has it (100: a
// million in all).
inline int fuzz_rounds(int rounds) {
  const char* factor = std::getenv("TOKENMARK_FUZZ_FACTOR");
  return rounds * std::max(1, factor ? std::atoi(factor) : 1);
}

// One to four changes within the first `region` bytes.
inline std::string mutate(std::string bytes, std::size_t region, std::mt19937_64& random) {
  static constexpr std::uint64_t kNumbers[] = {0,
                                               1,
                                               7,
                                               0x7f,
                                               0xff,
                                               0xffff,
                                               0x7fffffff,
                                               0xffffffff,
                                               1ull << 32,
                                               1ull << 62,
                                               0x7fffffffffffffff,
                                               ~0ull,
                                               ~0ull - 31};
  region = std::min(region, bytes.size());
  for (std::uint64_t changes = 1 + random() % 4; changes > 0; --changes) {
    const std::size_t at = random() % region;
    switch (random() % 5) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        break;
      case 1:
        bytes[at] = static_cast<char>(random());
        break;
      case 2:
      case 3: {
        const std::uint64_t number = kNumbers[random() % std::size(kNumbers)];
        const std::size_t width = std::min<std::size_t>(random() % 2 ? 8 : 4, bytes.size() - at);
        std::memcpy(bytes.data() + at, &number, width);
        break;
      }
      default:
        if (random() % 8 == 0) {
          bytes.resize(at + 1);
          region = at + 1;
        } else {
          bytes[at] = static_cast<char>(bytes[at] + 1);
        }
    }
  }
  return bytes;
}

// For JSON: a character or a number replaced by something that still reads, mostly.
inline std::string mutate_text(std::string text, std::mt19937_64& random) {
  static constexpr const char* kPieces[] = {"0",    "-1",    "1e309", "4294967296", "18446744073709551615",
                                            "null", "true",  "\"\"",  "[]",         "{}",
                                            "[[",   "\"x\"", ",",     ":",          "0.5",
                                            "\\",   "\"",    "1",     "64",         "255"};
  for (std::uint64_t changes = 1 + random() % 3; changes > 0; --changes) {
    const std::size_t at = random() % text.size();
    std::size_t end = at;
    if (random() % 2 &&
        (std::isalnum(static_cast<unsigned char>(text[at])) != 0))  // the whole word or number
      while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) ++end;
    else
      end = at + 1;
    text.replace(at, end - at, kPieces[random() % std::size(kPieces)]);
  }
  return text;
}

// Uses what was opened the way a caller would: every tensor's bytes, the tokenizer both ways.
inline void use(const Tokenizer& tokenizer) {
  const std::string text = "Once upon a time, 123 \xF0\x9F\xA6\x99 \xFF<s>";
  const auto ids = tokenizer.encode(text, true, true);
  for (const TokenId id : ids) ASSERT_LT(id, tokenizer.vocabulary_size());
  tokenizer.decode(ids);
  for (const TokenId id : {0, 1, tokenizer.vocabulary_size() - 1}) tokenizer.bytes(id);
}

inline void use(const Model& model) {
  use(*model.tokenizer);
  for (const Tensor& tensor : model.weights->tensors()) {
    ASSERT_LT(tensor.bytes, 1u << 26) << tensor.name;  // of a tiny file
    std::vector<std::byte> bytes(tensor.bytes);
    ASSERT_TRUE(model.weights->read(tensor, bytes.data()));
  }
}

struct Outcome {
  int errors = 0, opened = 0;
};

}  // namespace tokenmark
