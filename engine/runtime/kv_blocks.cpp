#include "engine/runtime/kv_blocks.h"

namespace tokenmark {

KvBlocks::KvBlocks(std::int32_t blocks, std::int32_t tokens_per_block, std::int32_t max_sequences)
    : blocks_(blocks), tokens_per_block_(tokens_per_block), sequences_(index(max_sequences)) {
  free_.reserve(index(blocks));
  for (std::int32_t block = blocks; block-- > 0;) free_.push_back(block);
}

bool KvBlocks::grow(std::int32_t sequence, std::int32_t tokens) {
  Sequence& grown = sequences_[index(sequence)];
  const auto held = static_cast<std::int32_t>(grown.table.size());
  const std::int32_t more = blocks_for(grown.tokens + tokens) - held;
  if (more > free_blocks()) return false;
  grown.tokens += tokens;
  for (std::int32_t i = 0; i < more; ++i) {
    grown.table.push_back(free_.back());
    free_.pop_back();
  }
  return true;
}

void KvBlocks::release(std::int32_t sequence) {
  Sequence& released = sequences_[index(sequence)];
  while (!released.table.empty()) {
    free_.push_back(released.table.back());
    released.table.pop_back();
  }
  released.tokens = 0;
}

std::int32_t KvBlocks::slot(std::int32_t sequence, std::int32_t position) const {
  const std::int32_t block = table(sequence)[index(position / tokens_per_block_)];
  return block * tokens_per_block_ + position % tokens_per_block_;
}

}  // namespace tokenmark
