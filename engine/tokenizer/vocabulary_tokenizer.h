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
  void add(std::string_view spelling, TokenId token, const SpellingRules& rules = {});
  void finish();  // after the last add
  bool empty() const { return entries_.empty(); }
  // At or after `from`; the white space that a token swallows is part of the match.
  Match find(std::string_view text, std::size_t from) const;

 private:
  struct Entry {
    std::string spelling;
    TokenId token;
    SpellingRules rules;
  };
  const Entry* longest_at(std::string_view text, std::size_t at) const;
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
  std::string spelling(TokenId token) const final;

 protected:
  // A stretch of text between special tokens, not empty.
  struct Stretch {
    std::string_view text;
    bool at_start;       // of the whole text
    bool parse_special;  // as in encode
  };

  // `before` and `after`: the tokens around a prompt, where it is not BOS and EOS as the vocabulary says.
  // `not_here`: special tokens that the subclass looks for.
  VocabularyTokenizer(Vocabulary vocabulary, std::string kind, std::optional<std::vector<TokenId>> before = {},
                      std::optional<std::vector<TokenId>> after = {}, const std::vector<TokenId>& not_here = {});
  // Appends the stretch's ids.
  virtual void encode_plain(const Stretch& stretch, std::vector<TokenId>& ids) const = 0;
  virtual std::string normal_bytes(TokenId token) const = 0;

  const Vocabulary& vocabulary() const { return vocabulary_; }
  TokenType type(TokenId token) const;
  SpellingRules spelling_rules(TokenId token) const;

 private:
  friend const Vocabulary* vocabulary_of(const Tokenizer& tokenizer);
  Vocabulary vocabulary_;
  std::string kind_;
  SpecialTokens user_defined_, all_special_;  // always read from text; read with parse_special
  std::vector<TokenId> before_, after_;
  std::vector<bool> ends_generation_;
};

Status check_vocabulary(const Vocabulary& vocabulary);  // sizes and ids against each other
Status check_scores(const Vocabulary& vocabulary);
Result<std::shared_ptr<const Tokenizer>> make_spm_tokenizer(Vocabulary vocabulary, std::string kind);
Result<std::shared_ptr<const Tokenizer>> make_bpe_tokenizer(Vocabulary vocabulary);
Result<std::shared_ptr<const Tokenizer>> make_unigram_tokenizer(Vocabulary vocabulary);

}  // namespace tokenmark
