// Greedy pair merging, the heart of both tokenizer kinds: the best pair of neighbours is merged until none is left.
// A heap of candidates over a linked list keeps it at n log n for any input.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

namespace tokenmark {

struct MergeSymbol {
  std::int32_t begin = 0, length = 0;   // bytes of the text; length 0: merged into its left neighbour
  std::int32_t token = -1;
  std::int32_t previous = -1, next = -1;
};

struct Merge {
  float priority = 0;       // higher first, on a tie the leftmost
  std::int32_t token = -1;  // of the merged symbol; -1: these two do not merge
};

// `find_merge(left, right)` tells what two neighbours become.
template <class FindMerge>
void merge_symbols(std::vector<MergeSymbol>& symbols, const FindMerge& find_merge) {
  struct Candidate {
    Merge merge;
    std::int32_t left, right, length;  // length of both together, to notice that one has changed since
    bool operator<(const Candidate& other) const {
      if (merge.priority != other.merge.priority) return merge.priority < other.merge.priority;
      return left > other.left;
    }
  };
  std::priority_queue<Candidate> candidates;
  const auto consider = [&](std::int32_t left, std::int32_t right) {
    if (left < 0 || right < 0) return;
    const auto& a = symbols[static_cast<std::size_t>(left)];
    const auto& b = symbols[static_cast<std::size_t>(right)];
    if (const Merge merge = find_merge(a, b); merge.token >= 0)
      candidates.push({merge, left, right, a.length + b.length});
  };
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    symbols[i].previous = static_cast<std::int32_t>(i) - 1;
    symbols[i].next = i + 1 < symbols.size() ? static_cast<std::int32_t>(i) + 1 : -1;
    consider(symbols[i].previous, static_cast<std::int32_t>(i));
  }
  while (!candidates.empty()) {
    const Candidate candidate = candidates.top();
    candidates.pop();
    auto& left = symbols[static_cast<std::size_t>(candidate.left)];
    auto& right = symbols[static_cast<std::size_t>(candidate.right)];
    if (left.length == 0 || right.length == 0 || left.length + right.length != candidate.length) continue;
    left.length = candidate.length;
    left.token = candidate.merge.token;
    left.next = right.next;
    right.length = 0;
    if (left.next >= 0) symbols[static_cast<std::size_t>(left.next)].previous = candidate.left;
    consider(left.previous, candidate.left);
    consider(candidate.left, left.next);
  }
}

}  // namespace tokenmark
