#include "engine/runtime/kv_blocks.h"

#include <algorithm>

namespace tokenmark {
namespace {

std::uint64_t hash_of(std::uint64_t before, std::span<const std::int32_t> tokens) {
  std::uint64_t hash = before * 0x9e3779b97f4a7c15ull;
  for (const std::int32_t token : tokens) {
    hash = (hash ^ static_cast<std::uint32_t>(token)) * 0xbf58476d1ce4e5b9ull;
    hash ^= hash >> 29;
  }
  return hash;
}

}  // namespace

KvBlocks::KvBlocks(std::int32_t blocks, std::int32_t tokens_per_block, std::int32_t max_sequences, bool prefix_cache)
    : tokens_per_block_(tokens_per_block), prefix_cache_(prefix_cache), blocks_(index(blocks) + 1),
      sequences_(index(max_sequences)) {
  blocks_.back().newer = blocks_.back().older = blocks;
  if (prefix_cache) tokens_.resize(index(blocks) * index(tokens_per_block));
  free_.reserve(index(blocks));
  for (std::int32_t block = blocks; block-- > 0;) free_.push_back(block);
}

std::span<const std::int32_t> KvBlocks::block_of(std::span<const std::int32_t> tokens, std::int32_t number) const {
  return tokens.subspan(index(number) * index(tokens_per_block_), index(tokens_per_block_));
}

std::int32_t KvBlocks::lookup(Chain before, std::span<const std::int32_t> tokens, std::uint64_t hash) const {
  const auto found = by_hash_.find(hash);
  if (found == by_hash_.end()) return -1;
  const bool same = blocks_[index(found->second)].before == before &&
                    std::ranges::equal(tokens, block_of(tokens_, found->second));
  return same ? found->second : -1;
}

KvBlocks::Prefix KvBlocks::find(std::span<const std::int32_t> tokens) const {
  Prefix prefix;
  if (by_hash_.empty() || tokens.empty()) return prefix;
  const auto most = static_cast<std::int32_t>(tokens.size() - 1) / tokens_per_block_;
  for (Chain chain = kRoot; prefix.blocks < most; ++prefix.blocks) {
    const auto next = block_of(tokens, prefix.blocks);
    const std::int32_t block = lookup(chain, next, hash_of(chain, next));
    if (block < 0) break;
    chain = blocks_[index(block)].chain;
    prefix.unused += blocks_[index(block)].uses == 0;
  }
  return prefix;
}

std::int32_t KvBlocks::adopt(std::int32_t sequence, std::span<const std::int32_t> tokens) {
  Sequence& adopting = sequences_[index(sequence)];
  for (const std::int32_t blocks = find(tokens).blocks; adopting.known < blocks; ++adopting.known) {
    const auto next = block_of(tokens, adopting.known);
    const std::int32_t block = lookup(adopting.chain, next, hash_of(adopting.chain, next));
    if (blocks_[index(block)].uses++ == 0) unlink(block);
    adopting.chain = blocks_[index(block)].chain;
    adopting.table.push_back(block);
  }
  return adopting.known * tokens_per_block_;
}

bool KvBlocks::reserve(std::int32_t sequence, std::int32_t tokens) {
  std::vector<std::int32_t>& table = sequences_[index(sequence)].table;
  const auto wanted = index(blocks_for(tokens));
  if (wanted > table.size() + index(free_blocks())) return false;
  while (table.size() < wanted) table.push_back(take());
  return true;
}

void KvBlocks::computed(std::int32_t sequence, std::span<const std::int32_t> tokens) {
  if (!prefix_cache_) return;
  Sequence& computed = sequences_[index(sequence)];
  const auto full = static_cast<std::int32_t>(tokens.size()) / tokens_per_block_;
  for (; computed.known < full && computed.chain != kNone; ++computed.known) {
    const auto next = block_of(tokens, computed.known);
    const std::uint64_t hash = hash_of(computed.chain, next);
    std::int32_t block = lookup(computed.chain, next, hash);  // another sequence may have computed the same
    if (block < 0 && !by_hash_.contains(hash)) {
      block = computed.table[index(computed.known)];
      remember(block, computed.chain, next, hash);
    }
    computed.chain = block < 0 ? kNone : blocks_[index(block)].chain;
  }
}

void KvBlocks::remember(std::int32_t block, Chain before, std::span<const std::int32_t> tokens, std::uint64_t hash) {
  Block& remembered = blocks_[index(block)];
  remembered.chain = ++last_chain_;
  remembered.before = before;
  remembered.hash = hash;
  by_hash_[hash] = block;
  std::ranges::copy(tokens, tokens_.begin() + static_cast<std::ptrdiff_t>(block) * tokens_per_block_);
}

void KvBlocks::forget(std::int32_t block) {
  by_hash_.erase(blocks_[index(block)].hash);
  blocks_[index(block)].chain = kNone;
}

void KvBlocks::link_newest(std::int32_t block) {
  const std::int32_t ring = blocks();
  const std::int32_t newest = blocks_[index(ring)].older;
  blocks_[index(block)].older = newest;
  blocks_[index(block)].newer = ring;
  blocks_[index(newest)].newer = block;
  blocks_[index(ring)].older = block;
  ++unused_;
}

void KvBlocks::unlink(std::int32_t block) {
  const Block& unlinked = blocks_[index(block)];
  blocks_[index(unlinked.newer)].older = unlinked.older;
  blocks_[index(unlinked.older)].newer = unlinked.newer;
  --unused_;
}

std::int32_t KvBlocks::take() {
  std::int32_t block;
  if (!free_.empty()) {
    block = free_.back();
    free_.pop_back();
  } else {
    block = blocks_.back().newer;  // around the ring: the longest unused
    unlink(block);
    forget(block);
  }
  blocks_[index(block)].uses = 1;
  return block;
}

void KvBlocks::release(std::int32_t sequence) {
  Sequence& released = sequences_[index(sequence)];
  for (; !released.table.empty(); released.table.pop_back()) {
    const std::int32_t block = released.table.back();
    if (--blocks_[index(block)].uses > 0) continue;
    if (blocks_[index(block)].chain != kNone) link_newest(block);
    else free_.push_back(block);
  }
  released.known = 0;
  released.chain = kRoot;
}

void KvBlocks::forget_prefixes() {
  for (std::int32_t block = 0; block < blocks(); ++block) {
    if (blocks_[index(block)].chain == kNone) continue;
    forget(block);
    if (blocks_[index(block)].uses > 0) continue;
    unlink(block);
    free_.push_back(block);
  }
  for (Sequence& sequence : sequences_)
    if (!sequence.table.empty()) sequence.chain = kNone;
}

std::int32_t KvBlocks::slot(std::int32_t sequence, std::int32_t position) const {
  const std::int32_t block = table(sequence)[index(position / tokens_per_block_)];
  return block * tokens_per_block_ + position % tokens_per_block_;
}

}  // namespace tokenmark
