// What tokenizers made from a Vocabulary share: special tokens, tokens around a prompt, facts about ids. A kind of
// tokenizer adds how plain text is cut (encode_plain) and what a normal token's bytes are. Within this folder only.
#pragma once

#include <array>

#include "engine/tokenizer/vocabulary.h"

namespace tokenmark {

// Finds the spellings of special tokens in a text, leftmost and longest first.
class SpecialTokens {
 public:
  struct Match {
    std::size_t begin = std::string_view::npos, length = 0;
    TokenId token = -1;
  };
  void add(std::string_view spelling, TokenId token);
  void finish();  // after the last add
  Match find(std::string_view text, std::size_t from) const;

 private:
  struct Entry {
    std::string spelling;
    TokenId token;
  };
  Match longest_at(std::string_view text, std::size_t at) const;
  std::vector<Entry> entries_;                // sorted by spelling
  std::array<std::size_t, 257> first_byte_{};  // entries that begin with byte b: [first_byte_[b], first_byte_[b + 1])
};

class VocabularyTokenizer : public Tokenizer {
 public:
  std::vector<TokenId> encode(std::string_view text, bool special, bool parse_special) const final;
  std::string bytes(TokenId token) const final;
  std::int32_t vocabulary_size() const final { return static_cast<std::int32_t>(vocabulary_.tokens.size()); }
  TokenId bos() const final { return vocabulary_.bos; }
  TokenId eos() const final { return vocabulary_.eos; }
  bool ends_generation(TokenId token) const final;
  bool is_control(TokenId token) const final;
  std::string_view kind() const final { return kind_; }

 protected:
  VocabularyTokenizer(Vocabulary vocabulary, std::string kind);
  // Appends the ids of a stretch of text between special tokens, not empty.
  virtual void encode_plain(std::string_view text, std::vector<TokenId>& ids) const = 0;
  virtual std::string normal_bytes(TokenId token) const = 0;

  const Vocabulary& vocabulary() const { return vocabulary_; }
  TokenType type(TokenId token) const;

 private:
  Vocabulary vocabulary_;
  std::string kind_;
  SpecialTokens user_defined_, all_special_;  // always read from text; read with parse_special
  std::vector<bool> ends_generation_;
};

Result<std::shared_ptr<const Tokenizer>> make_spm_tokenizer(Vocabulary vocabulary, std::string kind);
Result<std::shared_ptr<const Tokenizer>> make_bpe_tokenizer(Vocabulary vocabulary);

}  // namespace tokenmark
