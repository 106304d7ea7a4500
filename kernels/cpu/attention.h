// Attention over a paged cache with an online softmax: keys and values go by once, in chunks of tokens at
// fixed positions, for a tile of queries at a time.
#pragma once

#include <cstring>

#include "kernels/cpu/matmul_floats.h"

namespace tokenmark::cpu {
namespace {

constexpr std::uint32_t kChunk = 32;  // tokens whose scores are made before their values are read
constexpr int kQueryTile = 4;

template <class Cached>
void kv_write_as(const KvCache& cache, std::uint64_t slot, const float* keys, const float* values) {
  using Value = typename Cached::Value;
  const std::uint64_t block = slot / cache.tokens_per_block, offset = slot % cache.tokens_per_block;
  for (std::uint32_t h = 0; h < cache.kv_heads; ++h) {
    const std::uint64_t row = (block * cache.kv_heads + h) * cache.tokens_per_block + offset;
    const auto write = [&](void* to, std::uint32_t dim, const float* from) {
      for_vectors(dim, [&](std::uint64_t d, auto lanes) {
        Cached::store(static_cast<Value*>(to) + row * dim + d, Vector::load(from + h * dim + d, lanes), lanes);
      });
    };
    write(cache.keys, cache.key_dim, keys);
    if (cache.values) write(cache.values, cache.value_dim, values);
  }
}

struct CachedF32 : WeightsF32 {
  static void store(float* p, Vector x, int n) { Vector::store(p, x, n); }
};
struct CachedF16 : WeightsF16 {
  static void store(std::uint16_t* p, Vector x, int n) { Vector::store_half(p, x, n); }
};

void kv_write(const KvCache& cache, std::uint64_t slot, const float* keys, const float* values) {
  if (cache.format == Format::f16)
    kv_write_as<CachedF16>(cache, slot, keys, values);
  else
    kv_write_as<CachedF32>(cache, slot, keys, values);
}

// The state of a tile of kQueries queries. Dimensions from head_dim to width are zero, so that vectors are
// whole.
template <int kQueries>
struct AttentionTile {
  std::uint32_t width;  // head_dim rounded up to whole vectors
  float query[kQueries][kMaxHeadDim];
  float sum[kQueries][kMaxHeadDim];  // values so far, weighted by e^(score - greatest)
  float weight[kQueries][kChunk];    // scores of a chunk, then their weights
  float greatest[kQueries], total[kQueries];
};

// weight[q][t] = query q . key t for the chunk's `count` tokens, four tokens at a time to share the final
// sums.
template <class Cached, int kQueries>
void attention_scores(AttentionTile<kQueries>& tile, const typename Cached::Value* const* keys,
                      std::uint32_t count, std::uint32_t head_dim) {
  for (std::uint32_t t = 0; t < count; t += 4) {
    const typename Cached::Value* four[4];
    for (std::uint32_t i = 0; i < 4; ++i) four[i] = keys[t + i < count ? t + i : count - 1];
    Vector dots[kQueries][4];
    for (auto& row : dots)
      for (Vector& dot : row) dot = Vector::all(0);
    for_vectors(head_dim, [&](std::uint64_t d, auto lanes) {
      Vector k[4];
      for (int i = 0; i < 4; ++i) k[i] = Cached::load(four[i] + d, lanes);
      for (int q = 0; q < kQueries; ++q) {
        const Vector query = Vector::load(tile.query[q] + d);
        for (int i = 0; i < 4; ++i) dots[q][i] = Vector::fma(k[i], query, dots[q][i]);
      }
    });
    for (int q = 0; q < kQueries; ++q) Vector::sum_4(dots[q], tile.weight[q] + t);
  }
}

// Turns a query's scores of a chunk into weights, and what was summed before to the new greatest score.
// Tokens from `visible` on weigh nothing.
template <int kQueries>
void attention_weights(AttentionTile<kQueries>& tile, int q, std::uint32_t visible, float scale) {
  float* weight = tile.weight[q];
  for (std::uint32_t t = 0; t < visible; ++t) weight[t] *= scale;
  for (std::uint32_t t = visible; t < kChunk; ++t) weight[t] = -__builtin_inff();
  Vector best = Vector::load(weight);
  for (std::uint32_t t = Vector::kLanes; t < kChunk; t += Vector::kLanes)
    best = Vector::max(Vector::load(weight + t), best);
  const float chunk_greatest = Vector::greatest(best);
  if (chunk_greatest > tile.greatest[q]) {
    const Vector shrink = exp(Vector::all(tile.greatest[q] - chunk_greatest));
    for (std::uint32_t d = 0; d < tile.width; d += Vector::kLanes)
      Vector::store(tile.sum[q] + d, Vector::load(tile.sum[q] + d) * shrink);
    tile.total[q] *= Vector::greatest(shrink);
    tile.greatest[q] = chunk_greatest;
  }
  Vector total = Vector::all(0);
  for (std::uint32_t t = 0; t < kChunk; t += Vector::kLanes) {
    const Vector weights = exp(Vector::load(weight + t) - Vector::all(tile.greatest[q]));
    Vector::store(weight + t, weights);
    total = total + weights;
  }
  tile.total[q] += Vector::sum(total);
}

template <class Cached, int kQueries>
void attention_values(AttentionTile<kQueries>& tile, const typename Cached::Value* const* values,
                      std::uint32_t count, std::uint32_t head_dim) {
  for_vectors(head_dim, [&](std::uint64_t d, auto lanes) {
    Vector sums[kQueries];
    for (int q = 0; q < kQueries; ++q) sums[q] = Vector::load(tile.sum[q] + d);
    for (std::uint32_t t = 0; t < count; ++t) {
      const Vector value = Cached::load(values[t] + d, lanes);
      for (int q = 0; q < kQueries; ++q)
        sums[q] = Vector::fma(value, Vector::all(tile.weight[q][t]), sums[q]);
    }
    for (int q = 0; q < kQueries; ++q) Vector::store(tile.sum[q] + d, sums[q]);
  });
}

template <int kQueries>
std::uint32_t start_tile(AttentionTile<kQueries>& tile, const AttentionQuery* queries,
                         std::uint32_t head_dim) {
  std::uint32_t longest = 0;
  tile.width = (head_dim + Vector::kLanes - 1) / Vector::kLanes * Vector::kLanes;
  for (int q = 0; q < kQueries; ++q) {
    for (std::uint32_t d = 0; d < tile.width; ++d) tile.query[q][d] = d < head_dim ? queries[q].query[d] : 0;
    for (std::uint32_t d = 0; d < tile.width; ++d) tile.sum[q][d] = 0;
    tile.total[q] = 0;
    tile.greatest[q] = -__builtin_inff();
    longest = queries[q].end > longest ? queries[q].end : longest;
  }
  return longest;
}

template <class Cached, int kQueries>
void attend(const KvCache& cache, std::uint32_t kv_head, const std::int32_t* block_table,
            const AttentionQuery* queries, float scale) {
  using Value = typename Cached::Value;
  AttentionTile<kQueries> tile;
  const std::uint32_t longest = start_tile(tile, queries, cache.key_dim);
  const Value* keys[kChunk];
  const Value* values[kChunk];
  for (std::uint32_t start = 0; start < longest; start += kChunk) {
    const std::uint32_t count = longest - start < kChunk ? longest - start : kChunk;
    for (std::uint32_t t = 0; t < count; ++t) {
      const std::uint32_t position = start + t;
      const std::uint64_t block = static_cast<std::uint32_t>(block_table[position / cache.tokens_per_block]);
      const std::uint64_t row =
          (block * cache.kv_heads + kv_head) * cache.tokens_per_block + position % cache.tokens_per_block;
      keys[t] = static_cast<const Value*>(cache.keys) + row * cache.key_dim;
      values[t] = static_cast<const Value*>(cache.values) + row * cache.key_dim;
    }
    attention_scores<Cached, kQueries>(tile, keys, count, cache.key_dim);
    for (int q = 0; q < kQueries; ++q) {
      const std::uint32_t left = queries[q].end > start ? queries[q].end - start : 0;
      attention_weights(tile, q, left < count ? left : count, scale);
    }
    attention_values<Cached, kQueries>(tile, values, count, cache.key_dim);
  }
  for (int q = 0; q < kQueries; ++q)
    for_vectors(cache.key_dim, [&](std::uint64_t d, auto lanes) {
      Vector::store(queries[q].out + d, Vector::load(tile.sum[q] + d) * Vector::all(1 / tile.total[q]),
                    lanes);
    });
}

template <class Cached>
void attention_as(const KvCache& cache, std::uint32_t kv_head, const std::int32_t* block_table,
                  const AttentionQuery* queries, std::uint32_t n_queries, float scale) {
  std::uint32_t q = 0;
  for (; q + kQueryTile <= n_queries; q += kQueryTile)
    attend<Cached, kQueryTile>(cache, kv_head, block_table, queries + q, scale);
  if (n_queries - q == 3) attend<Cached, 3>(cache, kv_head, block_table, queries + q, scale);
  if (n_queries - q == 2) attend<Cached, 2>(cache, kv_head, block_table, queries + q, scale);
  if (n_queries - q == 1) attend<Cached, 1>(cache, kv_head, block_table, queries + q, scale);
}

void attention(const KvCache& cache, std::uint32_t kv_head, const std::int32_t* block_table,
               const AttentionQuery* queries, std::uint32_t n_queries, float scale, void*) {
  if (cache.format == Format::f16)
    attention_as<CachedF16>(cache, kv_head, block_table, queries, n_queries, scale);
  else
    attention_as<CachedF32>(cache, kv_head, block_table, queries, n_queries, scale);
}

std::size_t attention_scratch(const KvCache&) {
  return 0;
}

void merge_attention(const float* outs, const AttentionPart* parts, std::uint32_t n, std::uint32_t value_dim,
                     float sink, float* out) {
  float greatest = sink;
  for (std::uint32_t i = 0; i < n; ++i) greatest = parts[i].greatest > greatest ? parts[i].greatest : greatest;
  float total = __builtin_expf(sink - greatest);
  for (std::uint32_t i = 0; i < n; ++i) total += parts[i].sum * __builtin_expf(parts[i].greatest - greatest);
  for (std::uint32_t d = 0; d < value_dim; ++d) {
    float sum = 0;
    for (std::uint32_t i = 0; i < n; ++i)
      sum += parts[i].sum * __builtin_expf(parts[i].greatest - greatest) * outs[i * value_dim + d];
    out[d] = sum / total;
  }
}

}  // namespace
}  // namespace tokenmark::cpu
