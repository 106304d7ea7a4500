// A vocabulary's raw material, as model files carry it, and the tokenizer made from it.
#pragma once

#include <optional>
#include <utility>

#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {

// The numbers are GGUF's (tokenizer.ggml.token_type).
enum class TokenType : std::uint8_t { normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };

// How the spelling of a special token is found in a text.
struct SpellingRules {
  bool takes_space_before = false, takes_space_after = false;  // swallows white space around it
  bool whole_word = false;                                     // not within a word
};

struct Vocabulary {
  std::string model;                // "llama": SentencePiece BPE; "gpt2": byte-level BPE; "t5": SentencePiece unigram
  std::string pre;                  // gpt2: the pre-tokenizer, "llama-bpe"
  std::vector<std::string> tokens;  // llama: '▁' for a space; gpt2: bytes as GPT-2's printable characters
  std::vector<float> scores;        // llama: higher merges first; t5: log probabilities
  std::vector<TokenType> types;     // empty: all normal
  std::vector<std::string> merges;  // gpt2: "left right", earlier merges first
  TokenId bos = -1, eos = -1, unknown = -1;
  std::vector<TokenId> end_of_turn;  // besides eos
  std::optional<bool> add_bos, add_eos, add_space_prefix;  // nothing: the model kind's own rule
  bool merge_spaces = false;        // t5: several spaces are one
  std::string charsmap;             // t5: SentencePiece's precompiled charsmap; empty: none
  std::vector<std::pair<TokenId, SpellingRules>> spelling_rules;  // of special tokens that have some
};

// Checks sizes and ids against each other.
Result<std::shared_ptr<const Tokenizer>> make_tokenizer(Vocabulary vocabulary);

// What a tokenizer was made from; null where it was not made from a Vocabulary. Lives as long as the tokenizer.
const Vocabulary* vocabulary_of(const Tokenizer& tokenizer);

// The vocabulary behind make_synthetic_tokenizer, to be written into files. Sizes below 258 lack the high bytes.
Vocabulary synthetic_vocabulary(std::int32_t size);

}  // namespace tokenmark
