// One head of one sequence's cache as groups of 16 tokens in order, and what ends an attention to it.
#pragma once

#include "kernels/cpu/kv_formats.h"

namespace tokenmark::cpu {
namespace {

// 16 tokens: where their keys and values lie and what comes a chunk later at the same place; their positions.
struct KvGroup {
  const std::byte *keys, *key_scales, *values, *value_scales;
  const std::byte *next_keys, *next_values;  // to be fetched meanwhile
  std::uint32_t first, count;                // count: written tokens among them
};

// One head of one sequence's cache.
struct KvHead {
  const KvCache& cache;
  std::uint32_t kv_head;
  const std::int32_t* block_table;
  std::size_t key_bytes, value_bytes;     // of a group
  std::uint32_t key_dim, value_dim;       // in the cache
  std::uint32_t end = 0, groups = 0;      // what the queries see (see)

  KvHead(const KvCache& cache, std::uint32_t kv_head, const std::int32_t* block_table)
      : cache(cache), kv_head(kv_head), block_table(block_table),
        key_bytes(kv_group_bytes(cache.format, cache.key_dim)),
        value_bytes(kv_group_bytes(cache.format, cache.value_dim)),
        key_dim(kv_row_dim(cache.format, cache.key_dim)),
        value_dim(kv_row_dim(cache.format, cache.value_dim)) {}

  std::uint32_t group_of(std::uint32_t position) const {
    return position / cache.tokens_per_block * groups_per_block(cache) +
           position % cache.tokens_per_block / kKvGroup;
  }

  KvGroup group(std::uint32_t index) const {
    KvGroup group{};
    const std::uint32_t wanted = index < groups ? index : groups - 1;
    const std::size_t at = kv_group_index(cache, kv_head, block_table, wanted);
    group.keys = static_cast<const std::byte*>(cache.keys) + at * key_bytes;
    group.key_scales = group.keys + kv_scales_offset(key_dim, cache.format);
    if (cache.values == nullptr) {
      group.values = group.keys;
      group.value_scales = group.key_scales;
    } else {
      group.values = static_cast<const std::byte*>(cache.values) + at * value_bytes;
      group.value_scales = group.values + kv_scales_offset(value_dim, cache.format);
    }
    const std::uint32_t per_block = groups_per_block(cache), offset = wanted % per_block * kKvGroup;
    group.first = wanted / per_block * cache.tokens_per_block + offset;
    const std::uint32_t room = cache.tokens_per_block - offset < kKvGroup ? cache.tokens_per_block - offset : kKvGroup;
    const std::uint32_t left = end - group.first;
    group.count = index >= groups ? 0 : left < room ? left : room;
    return group;
  }

  // What these queries see: sets `end` and `groups`, gives the first token.
  std::uint32_t see(const AttentionQuery* queries, std::uint32_t n) {
    std::uint32_t begin = ~0u;
    end = 0;
    for (std::uint32_t q = 0; q < n; ++q) {
      begin = queries[q].begin < begin ? queries[q].begin : begin;
      end = queries[q].end > end ? queries[q].end : end;
    }
    groups = group_of(end - 1) + 1;
    return begin;
  }
};

inline bool any_sees(const AttentionQuery* queries, std::uint32_t n, std::uint32_t begin, std::uint32_t end) {
  for (std::uint32_t q = 0; q < n; ++q)
    if (queries[q].begin < end && queries[q].end > begin) return true;
  return false;
}

// The greatest score, the sum of e^(score - greatest), and the values weighted by it.
inline void finish_query(const AttentionQuery& query, float greatest, float total, const float* sums,
                         std::uint32_t value_dim) {
  if (query.part != nullptr) *query.part = {greatest, total};
  // The sink takes its share of the denominator; where it is the greatest, the rest shrinks to it.
  const float top = query.sink > greatest ? query.sink : greatest;
  const float shrink = __builtin_expf(greatest - top);
  const Vector factor = Vector::all(shrink / (total * shrink + __builtin_expf(query.sink - top)));
  for_vectors(value_dim, [&](std::uint64_t d, auto lanes) {
    Vector::store(query.out + d, Vector::load(sums + d) * factor, lanes);
  });
}

}  // namespace
}  // namespace tokenmark::cpu
