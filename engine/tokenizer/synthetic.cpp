#include "engine/tokenizer/vocabulary_tokenizer.h"

namespace tokenmark {
namespace {

constexpr std::int32_t kBytes = 256, kFirstWord = kBytes + 2;

// A space and one to four syllables: the digits of `index` written with consonants and vowels.
std::string made_up_word(std::int32_t index) {
  constexpr std::string_view kConsonants = "bdfghjklmnprstvwyzcx", kVowels = "aeiou";
  constexpr std::int32_t kSyllables = 100;
  std::string word;
  for (std::int32_t rest = index; rest >= 0; rest = rest / kSyllables - 1) {
    const auto syllable = static_cast<std::size_t>(rest % kSyllables);
    word.insert(0, {kConsonants[syllable / 5], kVowels[syllable % 5]});
  }
  return " " + word;
}

}  // namespace

// Words are user-defined tokens: found in a text as they stand, leftmost and longest. A word's space is its first
// character and no other character is one, so a row of words can be read in one way only.
Vocabulary synthetic_vocabulary(std::int32_t size) {
  Vocabulary vocabulary;
  vocabulary.model = "llama";
  const auto add = [&](std::string text, TokenType type) {
    if (static_cast<std::int32_t>(vocabulary.tokens.size()) >= size) return;
    vocabulary.tokens.push_back(std::move(text));
    vocabulary.types.push_back(type);
  };
  for (std::int32_t byte = 0; byte < kBytes; ++byte) add(fmt::format("<0x{:02X}>", byte), TokenType::byte);
  add("<s>", TokenType::control);
  add("</s>", TokenType::control);
  for (std::int32_t id = kFirstWord; id < size; ++id) add(made_up_word(id - kFirstWord), TokenType::user_defined);
  vocabulary.scores.assign(vocabulary.tokens.size(), 0.0f);
  if (size >= kFirstWord) {
    vocabulary.bos = kBytes;
    vocabulary.eos = kBytes + 1;
  }
  vocabulary.add_bos = vocabulary.add_eos = vocabulary.add_space_prefix = false;
  return vocabulary;
}

std::shared_ptr<const Tokenizer> make_synthetic_tokenizer(std::int32_t vocabulary_size) {
  return *make_spm_tokenizer(synthetic_vocabulary(std::max(vocabulary_size, 1)), "synthetic");
}

}  // namespace tokenmark
