// Text to token ids and back. Immutable after construction; any thread. Texts are below 1 GiB.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark {

using TokenId = std::int32_t;

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Ids of a text. `special`: add what the model's file says belongs around a prompt (BOS, EOS).
  // `parse_special`: read the spellings of control tokens ("<|eot_id|>") as those tokens; else they are plain text.
  virtual std::vector<TokenId> encode(std::string_view text, bool special, bool parse_special = false) const = 0;

  // The bytes a token stands for; control tokens give none. Ids outside the vocabulary give none.
  virtual std::string bytes(TokenId token) const = 0;
  // How a token is written in prompts: control tokens by their names ("<|eot_id|>"), others as their bytes.
  virtual std::string spelling(TokenId token) const { return bytes(token); }
  // Bytes of a sequence, with the leading space that SentencePiece added taken off again.
  virtual std::string decode(const std::vector<TokenId>& tokens) const;

  virtual std::int32_t vocabulary_size() const = 0;
  virtual TokenId bos() const = 0;                       // -1: none
  virtual TokenId eos() const = 0;                       // -1: none
  virtual bool ends_generation(TokenId token) const = 0;  // EOS, end of turn
  virtual bool is_control(TokenId token) const = 0;
  virtual std::string_view kind() const = 0;             // "spm", "bpe:llama-bpe", "json:bpe", "synthetic"
};

// All tokens that end a generation, ascending.
std::vector<TokenId> end_tokens(const Tokenizer& tokenizer);

// Turns tokens into text piece by piece and never splits a UTF-8 character: bytes of an unfinished one are held
// back until it is whole (or shown as U+FFFD at the end). One per stream. A stream continues a text, so that the
// space before its first word stays.
class StreamDecoder {
 public:
  explicit StreamDecoder(const Tokenizer& tokenizer) : tokenizer_(&tokenizer) {}
  std::string add(TokenId token);
  std::string finish();

 private:
  const Tokenizer* tokenizer_;
  std::string pending_;
};

// A text of random words whose encoding (without special tokens) has exactly `count` tokens: the standard load
// prompt. Ids are drawn with `seed`; control tokens are never drawn.
std::string random_text(const Tokenizer& tokenizer, std::int32_t count, std::uint64_t seed);

// The vocabulary of models with random weights, which have none of their own: ids 0–255 are bytes, then control
// tokens <s> and </s>, then every id is a made-up word of its own; what is encoded decodes back exactly.
std::shared_ptr<const Tokenizer> make_synthetic_tokenizer(std::int32_t vocabulary_size);

}  // namespace tokenmark
