#include "engine/runtime/ngram_index.h"

#include <algorithm>
#include <bit>

namespace tokenmark {

NgramIndex::NgramIndex(std::size_t longest) : after_(std::bit_ceil(std::max<std::size_t>(longest, 16))) {}

std::size_t NgramIndex::place(std::span<const TokenId> ngram) const {
  std::uint64_t hash = ngram.size();
  for (const TokenId token : ngram) hash = (hash + static_cast<std::uint32_t>(token)) * 0x9e3779b97f4a7c15ull;
  return (hash >> 32) & (after_.size() - 1);
}

std::size_t NgramIndex::find(std::span<const TokenId> tokens, std::size_t length) const {
  if (tokens.size() <= length) return 0;
  const auto ngram = tokens.last(length);
  const std::size_t after = after_[place(ngram)];
  return after >= length && std::ranges::equal(tokens.subspan(after - length, length), ngram) ? after : 0;
}

void NgramIndex::propose(std::span<const TokenId> tokens, std::int32_t count, std::vector<TokenId>& drafts) {
  for (; indexed_ < tokens.size(); ++indexed_)
    for (const std::size_t length : {kShort, kLong})
      if (indexed_ >= length)
        after_[place(tokens.subspan(indexed_ - length, length))] = static_cast<std::uint32_t>(indexed_);
  std::size_t after = find(tokens, kLong);
  if (after == 0) after = find(tokens, kShort);
  if (after == 0) return;
  // Beyond the end it goes on with what was proposed: a loop repeats itself.
  for (std::int32_t i = 0; i < count; ++i, ++after)
    drafts.push_back(after < tokens.size() ? tokens[after] : drafts[after - tokens.size()]);
}

}  // namespace tokenmark
