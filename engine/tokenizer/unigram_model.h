// SentencePiece's unigram model: of all ways to write a text as tokens, the one with the highest sum of scores (Viterbi).
// Immutable; any thread. Within this folder only.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {

struct UnigramRules {
  TokenId unknown = -1;
  bool byte_fallback = false;  // a character without a token becomes its bytes' tokens <0x41>
};

class UnigramModel {
 public:
  // `tokens` outlives the model. `usable[i]`: token i may be chosen for text.
  UnigramModel(const std::vector<std::string>& tokens, const std::vector<float>& scores, const std::vector<bool>& usable,
               const UnigramRules& rules);
  void encode(std::string_view text, std::vector<TokenId>& ids) const;

 private:
  struct Entry {
    std::string_view spelling;
    TokenId token;
  };
  const std::vector<float>* scores_;
  std::vector<Entry> entries_;                 // sorted by spelling
  std::array<std::size_t, 257> first_byte_{};  // entries that begin with byte b: [first_byte_[b], first_byte_[b + 1])
  std::array<TokenId, 256> byte_tokens_{};
  bool all_bytes_ = true;
  double unknown_score_ = 0;
  UnigramRules rules_;
};

}  // namespace tokenmark
