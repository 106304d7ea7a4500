// Drafts by looking up where the last tokens of a sequence stood before (prompt lookup): what followed them then is
// proposed again. One index a sequence; memory is 8 bytes a token of the longest sequence.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {

class NgramIndex {
 public:
  explicit NgramIndex(std::size_t longest);  // tokens of the sequence in its whole life

  // Up to `count` tokens that may follow `tokens`, which begin with the tokens of the call before.
  void propose(std::span<const TokenId> tokens, std::int32_t count, std::vector<TokenId>& drafts);

 private:
  static constexpr std::size_t kLong = 3, kShort = 2;
  std::size_t place(std::span<const TokenId> ngram) const;
  std::size_t find(std::span<const TokenId> tokens, std::size_t length) const;  // what follows; 0: not found

  // Where the token after an n-gram stands, by its hash; a later n-gram of the same place replaces an earlier one.
  std::vector<std::uint32_t> after_;
  std::size_t indexed_ = 0;  // tokens so far that are known to follow something
};

}  // namespace tokenmark
