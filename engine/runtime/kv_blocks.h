// Paged key/value memory of one executor: which blocks hold the tokens of which sequence, and which of them hold
// prompts that may come again (prefix cache). Owned by the scheduler, used from its thread only. A block holds
// `tokens_per_block` tokens.
//
// Prefix cache: a full block whose keys and values are computed is known by its chain, that is its own tokens and the
// chain of the block before it. Chains are serial numbers that are never used twice, and a block is found by a hash
// and then compared token by token, so that no collision can give one request another's keys. Sequences that begin
// alike share such blocks and nobody writes them any more; one that nobody uses stays until its room is needed, the
// longest unused first and of a chain its end first.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace tokenmark {

class KvBlocks {
 public:
  // Sequences are numbered from 0 to max_sequences - 1.
  KvBlocks(std::int32_t blocks, std::int32_t tokens_per_block, std::int32_t max_sequences, bool prefix_cache = false);

  struct Prefix {
    std::int32_t blocks = 0;  // full blocks at the beginning of the tokens that the cache holds, the last token's never
    std::int32_t unused = 0;  // those of them that no sequence uses: they count as free until they are taken
  };
  Prefix find(std::span<const std::int32_t> tokens) const;
  // Gives the empty sequence the blocks that `find` finds. How many tokens they hold.
  std::int32_t adopt(std::int32_t sequence, std::span<const std::int32_t> tokens);

  // Room for `tokens` of the sequence in all, or false if they do not fit: then nothing changes.
  bool reserve(std::int32_t sequence, std::int32_t tokens);
  // The keys and values of these, the sequence's first tokens, are computed: their full blocks may be found from now on.
  void computed(std::int32_t sequence, std::span<const std::int32_t> tokens);
  // The sequence is empty again; its blocks are free or, if they can be found, unused.
  void release(std::int32_t sequence);
  // Nothing that was computed so far is found any more.
  void forget_prefixes();

  // Where the token at `position` lives: block × tokens_per_block + offset. There must be room for it.
  std::int32_t slot(std::int32_t sequence, std::int32_t position) const;
  const std::vector<std::int32_t>& table(std::int32_t sequence) const { return sequences_[index(sequence)].table; }
  std::int32_t blocks_for(std::int32_t tokens) const { return (tokens + tokens_per_block_ - 1) / tokens_per_block_; }
  std::int32_t free_blocks() const { return static_cast<std::int32_t>(free_.size()) + unused_; }
  std::int32_t cached_blocks() const { return static_cast<std::int32_t>(by_hash_.size()); }
  std::int32_t blocks() const { return static_cast<std::int32_t>(blocks_.size()) - 1; }

 private:
  using Chain = std::uint64_t;
  static constexpr Chain kRoot = 0, kNone = ~Chain{0};
  struct Block {
    std::int32_t uses = 0;
    Chain chain = kNone;   // kNone: cannot be found
    Chain before = kRoot;  // the chain of the block before it
    std::uint64_t hash = 0;
    std::int32_t newer = 0, older = 0;  // while unused: neighbours in the order of use
  };
  struct Sequence {
    std::vector<std::int32_t> table;
    std::int32_t known = 0;  // its first blocks that `computed` has seen
    Chain chain = kRoot;     // of the last of them; kNone: it cannot be found, nor can what follows
  };
  static std::size_t index(std::int32_t sequence) { return static_cast<std::size_t>(sequence); }

  std::span<const std::int32_t> block_of(std::span<const std::int32_t> tokens, std::int32_t number) const;
  std::int32_t lookup(Chain before, std::span<const std::int32_t> tokens, std::uint64_t hash) const;  // -1: none
  void remember(std::int32_t block, Chain before, std::span<const std::int32_t> tokens, std::uint64_t hash);
  void forget(std::int32_t block);
  void link_newest(std::int32_t block);
  void unlink(std::int32_t block);
  std::int32_t take();

  std::int32_t tokens_per_block_;
  bool prefix_cache_;
  std::vector<Block> blocks_;        // and one more: the ring of the unused, its `older` the newest
  std::vector<std::int32_t> tokens_; // of blocks that can be found
  std::vector<std::int32_t> free_;   // a stack: what was freed last is warm in the caches and goes out first
  std::int32_t unused_ = 0;
  std::unordered_map<std::uint64_t, std::int32_t> by_hash_;
  Chain last_chain_ = kRoot;
  std::vector<Sequence> sequences_;
};

}  // namespace tokenmark
