// How keys and values lie inside a cache, the same for every instruction set. A head's block holds groups of 16 tokens;
// a block of another size ends with a short group that takes as much room. Dimensions are rounded up to a whole row (kv_row_dim); those beyond a head's own are zero.
//
//   keys    [dim][16 tokens]        so that 16 scores are made at once, without sums across a register
//   values  [16 tokens][dim]
//   bf16    keys [dim / 2][16 tokens][2], values [16 tokens / 2][dim][2]: the pairs that BF16 instructions multiply
//   fp8     E4M3, after each group 16 float scales, a token's each: its greatest magnitude becomes 448
//   q8_0    bytes, after each group [dim / 32][16 tokens] scales as halves
#pragma once

#include <cstring>

#include "kernels/cpu/kernels.h"

namespace tokenmark::cpu {

constexpr std::uint32_t kKvGroup = kKvGroupTokens;

inline std::uint32_t groups_per_block(const KvCache& cache) {
  return (cache.tokens_per_block + kKvGroup - 1) / kKvGroup;
}

// Bytes of a group, and from its beginning to its scales.
inline std::size_t kv_group_bytes(Format format, std::uint32_t dim) {
  return kKvGroup * kv_row_bytes(format, dim);
}
inline std::size_t kv_scales_offset(std::uint32_t dim, Format format) {
  return std::size_t{kKvGroup} * kv_row_dim(format, dim);  // of the formats with scales: a byte a value
}

// Where a group of a head's block lies, in groups.
inline std::size_t kv_group_at(const KvCache& cache, std::uint32_t kv_head, std::uint64_t block, std::uint32_t group) {
  return (std::uint64_t{kv_head} * cache.blocks + block) * groups_per_block(cache) + group;
}
// The same of a sequence: `group` counts through the block table, groups_per_block to a block.
inline std::size_t kv_group_index(const KvCache& cache, std::uint32_t kv_head, const std::int32_t* block_table,
                                  std::uint32_t group) {
  const std::uint32_t per_block = groups_per_block(cache);
  return kv_group_at(cache, kv_head, static_cast<std::uint32_t>(block_table[group / per_block]), group % per_block);
}

}  // namespace tokenmark::cpu
