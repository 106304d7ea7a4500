// Paged key/value memory of one executor: which blocks hold the tokens of which sequence.
// Owned by the scheduler, used from its thread only. A block holds `tokens_per_block` tokens.
#pragma once

#include <cstdint>
#include <vector>

namespace tokenmark {

class KvBlocks {
 public:
  // Sequences are numbered from 0 to max_sequences - 1.
  KvBlocks(std::int32_t blocks, std::int32_t tokens_per_block, std::int32_t max_sequences);

  // Room for `tokens` more tokens of `sequence`, or false if they do not all fit: then nothing changes.
  bool grow(std::int32_t sequence, std::int32_t tokens);
  // All blocks of the sequence are free again.
  void release(std::int32_t sequence);

  // Where the token at `position` lives: block × tokens_per_block + offset. The position must have been grown to.
  std::int32_t slot(std::int32_t sequence, std::int32_t position) const;
  const std::vector<std::int32_t>& table(std::int32_t sequence) const { return sequences_[index(sequence)].table; }
  std::int32_t tokens(std::int32_t sequence) const { return sequences_[index(sequence)].tokens; }
  std::int32_t blocks_for(std::int32_t tokens) const { return (tokens + tokens_per_block_ - 1) / tokens_per_block_; }
  std::int32_t free_blocks() const { return static_cast<std::int32_t>(free_.size()); }
  std::int32_t blocks() const { return blocks_; }

 private:
  struct Sequence {
    std::vector<std::int32_t> table;
    std::int32_t tokens = 0;
  };
  static std::size_t index(std::int32_t sequence) { return static_cast<std::size_t>(sequence); }

  std::int32_t blocks_, tokens_per_block_;
  std::vector<std::int32_t> free_;  // a stack: what was freed last is warm in the caches and goes out first
  std::vector<Sequence> sequences_;
};

}  // namespace tokenmark
