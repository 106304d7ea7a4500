// Attention with floats: keys and values go by once, in chunks of tokens at fixed positions, for a tile of
// queries at a time. Where the tile has more than a few micro-tiles, each chunk becomes floats once for all.
#pragma once

#include <type_traits>

#include "kernels/cpu/attention_tile.h"
#include "kernels/cpu/kv_head.h"

namespace tokenmark::cpu {
namespace {

constexpr std::uint32_t kTileQueries = 64;

// The parts of `scratch` that a tile needs.
struct TileScratch {
  float *panels, *sums, *keys, *values;
  QueryState* states;
  std::size_t bytes;

  TileScratch(const KvCache& cache, void* scratch) {
    const std::size_t key_dim = kv_row_dim(cache.format, cache.key_dim);
    const std::size_t value_dim = kv_row_dim(cache.format, cache.value_dim);
    auto* at = static_cast<float*>(scratch);
    const auto take = [&](std::size_t floats) {
      float* begin = at;
      if (at != nullptr) at += floats;
      bytes += floats * sizeof(float);
      return begin;
    };
    bytes = 0;
    panels = take(kTileQueries * key_dim);
    sums = take(kTileQueries * value_dim);
    keys = take(kChunk * key_dim);
    values = take(kChunk * value_dim);
    states = reinterpret_cast<QueryState*>(take(kTileQueries * (sizeof(QueryState) / sizeof(float) + 1)));
  }
};

std::size_t float_attention_scratch(const KvCache& cache) {
  return (TileScratch(cache, nullptr).bytes + 63) / 64 * 64;
}

Chunk make_chunk(const KvHead& head, std::uint32_t first_group) {
  Chunk chunk{.key_dim = head.key_dim, .value_dim = head.value_dim, .begin = 0, .end = 0, .whole = true};
  for (std::uint32_t g = 0; g < kChunkGroups; ++g) {
    KvGroup& group = chunk.groups[g] = head.group(first_group + g);
    const KvGroup next = head.group(first_group + g + kChunkGroups);
    group.next_keys = next.keys;
    group.next_values = next.values;
    if (group.count != 0) chunk.end = group.first + group.count;
    chunk.whole = chunk.whole && group.count == kKvGroup;
  }
  chunk.begin = chunk.groups[0].first;
  return chunk;
}

// A chunk's keys and values as floats, before their scales. Latent values are the keys' first dimensions, turned.
template <class Cached>
void expand(Chunk& chunk, bool latent, const TileScratch& scratch) {
  constexpr std::uint32_t kLanes = Vector::kLanes;
  for (std::uint32_t g = 0; g < kChunkGroups; ++g) {
    KvGroup& group = chunk.groups[g];
    float* keys = scratch.keys + g * kKvGroup * chunk.key_dim;
    float* values = scratch.values + g * kKvGroup * chunk.value_dim;
    for (std::uint32_t d = 0; d < chunk.key_dim; d += 2) {
      __builtin_prefetch(group.next_keys + d * kKvGroup * Cached::kValueBytes, 0, 2);
      for (std::uint32_t t = 0; t < kKvGroup; t += kLanes) {
        Vector first, second;
        Cached::keys(group.keys, d, t, first, second);
        Vector::store(keys + d * kKvGroup + t, first);
        Vector::store(keys + (d + 1) * kKvGroup + t, second);
      }
    }
    if (latent)
      for (std::uint32_t d = 0; d < chunk.value_dim; ++d)
        for (std::uint32_t t = 0; t < kKvGroup; ++t) values[t * chunk.value_dim + d] = keys[d * kKvGroup + t];
    else
      for (std::uint32_t t = 0; t < group.count; t += 2)
        for (std::uint32_t d = 0; d < chunk.value_dim; d += kLanes) {
          __builtin_prefetch(group.next_values + (t * chunk.value_dim + 2 * d) * Cached::kValueBytes, 0, 2);
          Vector first, second;
          Cached::values(group.values, chunk.value_dim, t, d, first, second);
          Vector::store(values + t * chunk.value_dim + d, first);
          Vector::store(values + (t + 1) * chunk.value_dim + d, second);
        }
    group.keys = reinterpret_cast<const std::byte*>(keys);
    group.values = reinterpret_cast<const std::byte*>(values);
    group.next_keys = group.keys;
    group.next_values = group.values;
  }
}

void start_micro_tile(const MicroTile& tile, const KvHead& head, float scale, float* panel) {
  const std::uint32_t width = micro_queries(tile.count), own = head.cache.key_dim;
  for (std::uint32_t d = 0; d < head.key_dim; ++d)
    for (std::uint32_t q = 0; q < width; ++q)
      panel[d * width + q] = q < tile.count && d < own ? tile.queries[q].query[d] * scale : 0;
  std::memset(tile.sums, 0, width * head.value_dim * sizeof(float));
  for (std::uint32_t q = 0; q < tile.count; ++q) {
    tile.states[q].greatest = -__builtin_inff();
    for (float& total : tile.states[q].totals) total = 0;
  }
}

template <class Cached>
void attend_floats_tile(KvHead& head, const AttentionQuery* queries, std::uint32_t n, float scale, void* memory) {
  using Expanded = typename ExpandedOf<Cached>::Type;
  const TileScratch scratch(head.cache, memory);
  const bool latent = head.cache.values == nullptr;
  MicroTile tiles[kTileQueries / kMicroQueries];
  std::uint32_t n_tiles = 0;
  for (std::uint32_t q = 0; q < n; q += kMicroQueries, ++n_tiles) {
    float* panel = scratch.panels + q * head.key_dim;
    tiles[n_tiles] = {queries + q, n - q < kMicroQueries ? n - q : kMicroQueries, panel,
                      scratch.sums + q * head.value_dim, scratch.states + q};
    start_micro_tile(tiles[n_tiles], head, scale, panel);
  }
  const std::uint32_t begin = head.see(queries, n);
  // Two micro-tiles rather convert the chunk twice than write it out and read it again; FP8's conversion costs more.
  constexpr std::uint32_t kFew = std::is_same_v<Cached, CachedFp8> ? 1 : 2;
  const bool expanded = latent || (n_tiles > kFew && !std::is_same_v<Cached, CachedF32>);
  for (std::uint32_t g = head.group_of(begin) / kChunkGroups * kChunkGroups; g < head.groups; g += kChunkGroups) {
    Chunk chunk = make_chunk(head, g);
    if (expanded) expand<Cached>(chunk, latent, scratch);
    for (std::uint32_t i = 0; i < n_tiles; ++i) {
      if (!any_sees(tiles[i].queries, tiles[i].count, chunk.begin, chunk.end)) continue;
      if (expanded)
        attend_chunk<Expanded>(tiles[i], chunk);
      else
        attend_chunk<Cached>(tiles[i], chunk);
    }
  }
  for (std::uint32_t q = 0; q < n; ++q) {
    const QueryState& state = scratch.states[q];
    finish_query(queries[q], state.greatest, Vector::sum(Vector::load(state.totals)), scratch.sums + q * head.value_dim,
                 head.cache.value_dim);
  }
}

template <class Cached>
void attend_floats(KvHead& head, const AttentionQuery* queries, std::uint32_t n, float scale, void* scratch) {
  for (std::uint32_t q = 0; q < n; q += kTileQueries)
    attend_floats_tile<Cached>(head, queries + q, n - q < kTileQueries ? n - q : kTileQueries, scale, scratch);
}

}  // namespace
}  // namespace tokenmark::cpu
