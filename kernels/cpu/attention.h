// Attention over a paged cache: keys and values go by once, in chunks of tokens at fixed positions, for a tile of
// queries at a time. Where the tile has more than one micro-tile, each chunk becomes floats once for all.
#pragma once

#include <type_traits>

#include "kernels/cpu/attention_tile.h"

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

std::size_t attention_scratch(const KvCache& cache) {
  return (TileScratch(cache, nullptr).bytes + 63) / 64 * 64;
}

// One head of one sequence's cache.
struct KvHead {
  const KvCache& cache;
  std::uint32_t kv_head;
  const std::int32_t* block_table;
  std::size_t key_bytes, value_bytes;  // of a group
  std::uint32_t key_dim, value_dim;    // in the cache
  std::uint32_t groups;                // up to the greatest end
  std::uint32_t end;

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

  Chunk chunk(std::uint32_t first_group) const {
    Chunk chunk{.key_dim = key_dim, .value_dim = value_dim, .begin = 0, .end = 0, .whole = true};
    for (std::uint32_t g = 0; g < kChunkGroups; ++g) {
      KvGroup& group = chunk.groups[g] = this->group(first_group + g);
      const KvGroup next = this->group(first_group + g + kChunkGroups);
      group.next_keys = next.keys;
      group.next_values = next.values;
      if (group.count != 0) chunk.end = group.first + group.count;
      chunk.whole = chunk.whole && group.count == kKvGroup;
    }
    chunk.begin = chunk.groups[0].first;
    return chunk;
  }
};

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

void finish_query(const AttentionQuery& query, const QueryState& state, const float* sums, std::uint32_t value_dim) {
  const float total = Vector::sum(Vector::load(state.totals));
  if (query.part != nullptr) *query.part = {state.greatest, total};
  // The sink takes its share of the denominator; where it is the greatest, the rest shrinks to it.
  const float greatest = query.sink > state.greatest ? query.sink : state.greatest;
  const float shrink = __builtin_expf(state.greatest - greatest);
  const Vector factor = Vector::all(shrink / (total * shrink + __builtin_expf(query.sink - greatest)));
  for_vectors(value_dim, [&](std::uint64_t d, auto lanes) {
    Vector::store(query.out + d, Vector::load(sums + d) * factor, lanes);
  });
}

template <class Cached>
void attend_tile(KvHead& head, const AttentionQuery* queries, std::uint32_t n, float scale, void* memory) {
  using Expanded = typename ExpandedOf<Cached>::Type;
  const TileScratch scratch(head.cache, memory);
  const bool latent = head.cache.values == nullptr;
  MicroTile tiles[kTileQueries / kMicroQueries];
  std::uint32_t n_tiles = 0, begin = ~0u, end = 0;
  for (std::uint32_t q = 0; q < n; q += kMicroQueries, ++n_tiles) {
    float* panel = scratch.panels + q * head.key_dim;
    tiles[n_tiles] = {queries + q, n - q < kMicroQueries ? n - q : kMicroQueries, panel,
                      scratch.sums + q * head.value_dim, scratch.states + q};
    start_micro_tile(tiles[n_tiles], head, scale, panel);
  }
  for (std::uint32_t q = 0; q < n; ++q) {
    begin = queries[q].begin < begin ? queries[q].begin : begin;
    end = queries[q].end > end ? queries[q].end : end;
  }
  head.end = end;
  head.groups = head.group_of(end - 1) + 1;
  const bool expanded = latent || (n_tiles > 1 && !std::is_same_v<Cached, CachedF32>);
  for (std::uint32_t g = head.group_of(begin) / kChunkGroups * kChunkGroups; g < head.groups; g += kChunkGroups) {
    Chunk chunk = head.chunk(g);
    if (expanded) expand<Cached>(chunk, latent, scratch);
    for (std::uint32_t i = 0; i < n_tiles; ++i) {
      bool seen = false;
      for (std::uint32_t q = 0; q < tiles[i].count; ++q)
        seen = seen || (tiles[i].queries[q].begin < chunk.end && tiles[i].queries[q].end > chunk.begin);
      if (!seen) continue;
      if (expanded)
        attend_chunk<Expanded>(tiles[i], chunk);
      else
        attend_chunk<Cached>(tiles[i], chunk);
    }
  }
  for (std::uint32_t q = 0; q < n; ++q)
    finish_query(queries[q], scratch.states[q], scratch.sums + q * head.value_dim, head.cache.value_dim);
}

void attention(const KvCache& cache, std::uint32_t kv_head, const std::int32_t* block_table,
               const AttentionQuery* queries, std::uint32_t n_queries, float scale, void* scratch) {
  KvHead head{.cache = cache,
              .kv_head = kv_head,
              .block_table = block_table,
              .key_bytes = kv_group_bytes(cache.format, cache.key_dim),
              .value_bytes = kv_group_bytes(cache.format, cache.value_dim),
              .key_dim = kv_row_dim(cache.format, cache.key_dim),
              .value_dim = kv_row_dim(cache.format, cache.value_dim),
              .groups = 0,
              .end = 0};
  for (std::uint32_t q = 0; q < n_queries; q += kTileQueries) {
    const std::uint32_t n = n_queries - q < kTileQueries ? n_queries - q : kTileQueries;
    switch (cache.format) {
      case Format::f32:
        attend_tile<CachedF32>(head, queries + q, n, scale, scratch);
        break;
      case Format::bf16:
        attend_tile<CachedBf16>(head, queries + q, n, scale, scratch);
        break;
      case Format::fp8:
        attend_tile<CachedFp8>(head, queries + q, n, scale, scratch);
        break;
      case Format::q8_0:
        attend_tile<CachedQ8>(head, queries + q, n, scale, scratch);
        break;
      default:
        attend_tile<CachedF16>(head, queries + q, n, scale, scratch);
    }
  }
}

void merge_attention(const float* outs, const AttentionPart* parts, std::uint32_t n, std::uint32_t value_dim,
                     float sink, float* out) {
  float greatest = sink;
  for (std::uint32_t i = 0; i < n; ++i) greatest = parts[i].greatest > greatest ? parts[i].greatest : greatest;
  float total = __builtin_expf(sink - greatest);
  for (std::uint32_t i = 0; i < n; ++i) total += parts[i].sum * __builtin_expf(parts[i].greatest - greatest);
  for (std::uint32_t i = 0; i < n; ++i) {
    const Vector factor = Vector::all(parts[i].sum * __builtin_expf(parts[i].greatest - greatest) / total);
    const float* from = outs + std::uint64_t{i} * value_dim;
    for_vectors(value_dim, [&](std::uint64_t d, auto lanes) {
      const Vector before = i == 0 ? Vector::all(0) : Vector::load(out + d, lanes);
      Vector::store(out + d, Vector::fma(Vector::load(from + d, lanes), factor, before), lanes);
    });
  }
}

}  // namespace
}  // namespace tokenmark::cpu
