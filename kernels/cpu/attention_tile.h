// Attention of a few queries (a micro-tile) to a chunk of tokens, with an online softmax. A query's arithmetic depends
// on neither the micro-tile's size nor on the other queries in it.
#pragma once

#include "kernels/cpu/kv_head.h"

namespace tokenmark::cpu {
namespace {

constexpr std::uint32_t kChunkGroups = 4, kChunk = kChunkGroups * kKvGroup;  // tokens whose scores are made at once
constexpr int kGroupVectors = kKvGroup / Vector::kLanes;
constexpr std::uint32_t kMicroQueries = Vector::kLanes / 2;  // 8 with 32 registers of 16 lanes

struct Chunk {
  KvGroup groups[kChunkGroups];
  std::uint32_t key_dim, value_dim;  // as in the cache, rounded up
  std::uint32_t begin, end;          // positions
  bool whole;                        // all groups are
};

// What a query has seen so far.
struct QueryState {
  float greatest;                // score
  float totals[Vector::kLanes];  // of e^(score - greatest), by lanes
};

struct MicroTile {
  const AttentionQuery* queries;
  std::uint32_t count;  // of queries; kernels may take more, the panel and the sums hold zeros for those
  const float* panel;   // [key_dim][queries the kernel takes], multiplied by the scale
  float* sums;          // [queries the kernel takes][value_dim]: values weighted by e^(score - greatest)
  QueryState* states;
};

// sums[i][q] += first i * one[q] + second i * other[q] for the pairs of vectors that `load` gives, the factors `stride`
// floats apart. Whatever is fewer, vectors or factors, stays in registers.
template <int kQueries, int kVectors, class Load>
[[gnu::always_inline]] inline void multiply_pairs(Load load, const float* one, const float* other, std::size_t stride,
                                                  Vector (&sums)[kVectors][kQueries]) {
  if constexpr (kVectors <= kQueries) {
    Vector first[kVectors], second[kVectors];
#pragma GCC unroll 8
    for (int i = 0; i < kVectors; ++i) load(i, first[i], second[i]);
#pragma GCC unroll 8
    for (int q = 0; q < kQueries; ++q) {
      const Vector factor = Vector::all(one[static_cast<std::size_t>(q) * stride]);
#pragma GCC unroll 8
      for (int i = 0; i < kVectors; ++i) sums[i][q] = Vector::fma(first[i], factor, sums[i][q]);
    }
#pragma GCC unroll 8
    for (int q = 0; q < kQueries; ++q) {
      const Vector factor = Vector::all(other[static_cast<std::size_t>(q) * stride]);
#pragma GCC unroll 8
      for (int i = 0; i < kVectors; ++i) sums[i][q] = Vector::fma(second[i], factor, sums[i][q]);
    }
  } else {
    Vector ones[kQueries], others[kQueries];
#pragma GCC unroll 8
    for (int q = 0; q < kQueries; ++q) {
      ones[q] = Vector::all(one[static_cast<std::size_t>(q) * stride]);
      others[q] = Vector::all(other[static_cast<std::size_t>(q) * stride]);
    }
#pragma GCC unroll 8
    for (int i = 0; i < kVectors; ++i) {
      Vector first, second;
      load(i, first, second);
#pragma GCC unroll 8
      for (int q = 0; q < kQueries; ++q)
        sums[i][q] = Vector::fma(second, others[q], Vector::fma(first, ones[q], sums[i][q]));
    }
  }
}

template <class Cached, int kQueries, int kGroups>
[[gnu::always_inline]] inline void group_scores(const KvGroup* groups, const float* panel, std::uint32_t dim,
                                                float* scores) {
  const std::uint32_t block = Cached::kBlock != 0 ? Cached::kBlock : dim;
  Vector dots[kGroups][kGroupVectors][kQueries], sums[kGroups * kGroupVectors][kQueries];
  for (auto& group : dots)
    for (auto& vector : group)
      for (Vector& dot : vector) dot = Vector::all(0);
  for (std::uint32_t start = 0; start < dim; start += block) {
    for (auto& vector : sums)
      for (Vector& sum : vector) sum = Vector::all(0);
    for (std::uint32_t d = start; d < start + block; d += 2, panel += 2 * kQueries) {
#pragma GCC unroll 8
      for (int g = 0; g < kGroups; ++g)
        __builtin_prefetch(groups[g].next_keys + std::size_t{d} * kKvGroup * Cached::kValueBytes, 0, 2);
      multiply_pairs<kQueries, kGroups * kGroupVectors>(
          [&](int i, Vector& first, Vector& second) __attribute__((always_inline)) {
            Cached::keys(groups[i / kGroupVectors].keys, d, static_cast<std::uint32_t>(i % kGroupVectors * Vector::kLanes),
                         first, second);
          },
          panel, panel + kQueries, 1, sums);
    }
#pragma GCC unroll 8
    for (int g = 0; g < kGroups; ++g)
#pragma GCC unroll 8
      for (int v = 0; v < kGroupVectors; ++v) {
        Vector scale = Vector::all(1);
        if constexpr (Cached::kScaled)
          scale = Cached::scales(groups[g].key_scales, start / block, static_cast<std::uint32_t>(v * Vector::kLanes));
#pragma GCC unroll 8
        for (int q = 0; q < kQueries; ++q) {
          if constexpr (Cached::kScaled)
            dots[g][v][q] = Vector::fma(sums[g * kGroupVectors + v][q], scale, dots[g][v][q]);
          else
            dots[g][v][q] = sums[g * kGroupVectors + v][q];
        }
      }
  }
#pragma GCC unroll 8
  for (int g = 0; g < kGroups; ++g)
#pragma GCC unroll 8
    for (int v = 0; v < kGroupVectors; ++v)
#pragma GCC unroll 8
      for (int q = 0; q < kQueries; ++q)
        Vector::store(scores + q * kChunk + g * kKvGroup + v * Vector::kLanes, dots[g][v][q]);
}

template <class Cached, int kQueries>
void chunk_scores(const Chunk& chunk, const float* panel, float* scores) {
  constexpr int kSums = Vector::kLanes == 16 ? 16 : 8;  // enough to hide the latency, few enough for the registers
  constexpr int kWanted = kSums / (kQueries * kGroupVectors);
  constexpr int kGroups = kWanted < 1 ? 1 : kWanted > 4 ? 4 : kWanted;
  for (std::uint32_t g = 0; g < kChunkGroups; g += kGroups)
    group_scores<Cached, kQueries, kGroups>(chunk.groups + g, panel, chunk.key_dim, scores + g * kKvGroup);
}

// Scores of tokens that the query does not see become -infinity.
void hide(const Chunk& chunk, const AttentionQuery& query, float* scores) {
  if (chunk.whole && query.begin <= chunk.begin && query.end >= chunk.end) return;
  for (std::uint32_t g = 0; g < kChunkGroups; ++g) {
    const KvGroup& group = chunk.groups[g];
    for (std::uint32_t t = 0; t < kKvGroup; ++t) {
      const std::uint32_t position = group.first + t;
      if (t >= group.count || position < query.begin || position >= query.end)
        scores[g * kKvGroup + t] = -__builtin_inff();
    }
  }
}

// Turns a query's scores of a chunk into weights, and what was summed before to the new greatest score.
void chunk_weights(float* weights, QueryState& state, float* sums, std::uint32_t value_dim) {
  Vector best = Vector::load(weights);
  for (std::uint32_t t = Vector::kLanes; t < kChunk; t += Vector::kLanes)
    best = Vector::max(Vector::load(weights + t), best);
  const float greatest = Vector::greatest(best);
  if (greatest == -__builtin_inff()) {
    for (std::uint32_t t = 0; t < kChunk; ++t) weights[t] = 0;
    return;
  }
  if (greatest > state.greatest) {
    const Vector shrink = exp(Vector::all(state.greatest - greatest));
    for (std::uint32_t d = 0; d < value_dim; d += Vector::kLanes)
      Vector::store(sums + d, Vector::load(sums + d) * shrink);
    Vector::store(state.totals, Vector::load(state.totals) * shrink);
    state.greatest = greatest;
  }
  Vector totals = Vector::load(state.totals);
  for (std::uint32_t t = 0; t < kChunk; t += Vector::kLanes) {
    const Vector weight = exp(Vector::load(weights + t) - Vector::all(state.greatest));
    Vector::store(weights + t, weight);
    totals = totals + weight;
  }
  Vector::store(state.totals, totals);
}

// sums[d...] += weights * values for kVectors vectors of dimensions.
template <class Cached, int kQueries, int kVectors>
[[gnu::always_inline]] inline void add_values_at(const Chunk& chunk, const float* weights, float* sums,
                                                 std::uint32_t d) {
  const std::size_t dim = chunk.value_dim;
  Vector sum[kVectors][kQueries];
#pragma GCC unroll 8
  for (int q = 0; q < kQueries; ++q)
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v)
      sum[v][q] = Vector::load(sums + static_cast<std::size_t>(q) * dim + d + v * Vector::kLanes);
  for (std::uint32_t g = 0; g < kChunkGroups; ++g) {
    const KvGroup& group = chunk.groups[g];
    const float* weight = weights + g * kKvGroup;
    std::uint32_t t = 0;
    const auto load = [&](int v, Vector& first, Vector& second) __attribute__((always_inline)) {
      Cached::values(group.values, chunk.value_dim, t, d + static_cast<std::uint32_t>(v * Vector::kLanes), first, second);
    };
    for (; t + 2 <= group.count; t += 2, weight += 2) {
      const std::byte* next = group.next_values + (t * dim + 2 * d) * Cached::kValueBytes;
      for (std::uint32_t byte = 0; byte < kVectors * Vector::kLanes * Cached::kValueBytes * 2; byte += 64)
        __builtin_prefetch(next + byte, 0, 2);
      multiply_pairs<kQueries, kVectors>(load, weight, weight + 1, kChunk, sum);
    }
    if (t < group.count)  // what lies behind the last token may be anything, even NaN
      for (int v = 0; v < kVectors; ++v) {
        Vector value, behind;
        load(v, value, behind);
        for (int q = 0; q < kQueries; ++q)
          sum[v][q] = Vector::fma(value, Vector::all(weight[static_cast<std::size_t>(q) * kChunk]), sum[v][q]);
      }
  }
#pragma GCC unroll 8
  for (int q = 0; q < kQueries; ++q)
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v)
      Vector::store(sums + static_cast<std::size_t>(q) * dim + d + v * Vector::kLanes, sum[v][q]);
}

// The weights times the values' scales of one block of dimensions.
template <class Cached, int kQueries>
void scale_weights(const Chunk& chunk, std::uint32_t block, const float* weights, float* scaled) {
  for (std::uint32_t g = 0; g < kChunkGroups; ++g)
    for (std::uint32_t t = 0; t < kKvGroup; t += Vector::kLanes) {
      const Vector scale = Cached::scales(chunk.groups[g].value_scales, block, t);
      for (std::uint32_t q = 0; q < kQueries; ++q) {
        const std::uint32_t at = q * kChunk + g * kKvGroup + t;
        Vector::store(scaled + at, Vector::load(weights + at) * scale);
      }
    }
}

template <class Cached, int kQueries>
void add_values(const Chunk& chunk, const float* weights, float* sums) {
  constexpr int kWanted = (Vector::kLanes == 16 ? 16 : 8) / kQueries;
  constexpr int kMost = Cached::kBlock != 0 ? static_cast<int>(Cached::kBlock) / Vector::kLanes : 8;
  constexpr int kVectors = kWanted < kMost ? kWanted : kMost;
  constexpr std::uint32_t kStep = kVectors * Vector::kLanes;
  const std::uint32_t block = Cached::kBlock != 0 ? Cached::kBlock : chunk.value_dim;
  alignas(64) float scaled[Cached::kScaled ? kQueries * kChunk : 1];
  for (std::uint32_t start = 0; start < chunk.value_dim; start += block) {
    const float* factors = weights;
    if constexpr (Cached::kScaled) {
      scale_weights<Cached, kQueries>(chunk, start / block, weights, scaled);
      factors = scaled;
    }
    std::uint32_t d = start;
    for (; d + kStep <= start + block; d += kStep) add_values_at<Cached, kQueries, kVectors>(chunk, factors, sums, d);
    for (; d < start + block; d += Vector::kLanes) add_values_at<Cached, kQueries, 1>(chunk, factors, sums, d);
  }
}

template <class Cached, int kQueries>
void attend_chunk_as(const MicroTile& tile, const Chunk& chunk) {
  alignas(64) float weights[kQueries * kChunk];
  chunk_scores<Cached, kQueries>(chunk, tile.panel, weights);
  for (std::uint32_t q = 0; q < tile.count; ++q) {
    hide(chunk, tile.queries[q], weights + q * kChunk);
    chunk_weights(weights + q * kChunk, tile.states[q], tile.sums + q * chunk.value_dim, chunk.value_dim);
  }
  for (std::uint32_t i = tile.count * kChunk; i < kQueries * kChunk; ++i) weights[i] = 0;
  add_values<Cached, kQueries>(chunk, weights, tile.sums);
}

// The kernel's number of queries for a micro-tile of `count`.
inline std::uint32_t micro_queries(std::uint32_t count) {
  std::uint32_t queries = 1;
  while (queries < count) queries *= 2;
  return queries;
}

template <class Cached>
void attend_chunk(const MicroTile& tile, const Chunk& chunk) {
  switch (micro_queries(tile.count)) {
    case 1:
      return attend_chunk_as<Cached, 1>(tile, chunk);
    case 2:
      return attend_chunk_as<Cached, 2>(tile, chunk);
    case 4:
      if constexpr (kMicroQueries >= 4) return attend_chunk_as<Cached, 4>(tile, chunk);
      break;
    default:
      if constexpr (kMicroQueries >= 8) return attend_chunk_as<Cached, 8>(tile, chunk);
  }
}

}  // namespace
}  // namespace tokenmark::cpu
