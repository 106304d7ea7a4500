// Attention with AMX: queries, keys, the softmax's weights and values are rounded to BF16, sums are floats. Whatever
// the number of queries, so that a query's result depends on neither the others nor their number. The rounding moves a
// result by up to about 2^-7 of the greatest value that it is made of.
#pragma once

#include <algorithm>
#include <utility>

#include "kernels/cpu/attention_amx_tiles.h"
#include "kernels/cpu/kv_bf16.h"
#include "kernels/cpu/kv_head.h"

namespace tokenmark::cpu {
namespace {

constexpr std::uint32_t kAmxGroups = 16, kAmxChunk = kAmxGroups * kKvGroup;  // tokens whose weights are made at once
constexpr std::uint32_t kAmxQueries = 512;                                   // at once, at most
constexpr std::uint32_t kAmxBlock = kMostRowTiles * 16;                      // of queries
constexpr std::uint32_t kPair = 2 * kKvGroup;  // tokens: two groups, a step of the products of weights and values
constexpr std::uint32_t kAhead = 4;           // groups: what is fetched from memory meanwhile
constexpr std::uint32_t kUnitRows = 32;        // queries whose scores of a pair are made at once
// Of tiles of values along a chunk, of a query's weights. 64 bytes more than that takes, here and for all rows that tiles
// are loaded from: else the rows would lie in the same few places of the first-level cache.
constexpr std::uint32_t kColumnBytes = kAmxChunk / kPair * kTileBytes + 64, kWeightsBytes = kAmxChunk * 2 + 64;

// Scores are in units of ln 2. What weights are relative to only follows the greatest score when that leads by more
// than kLead, so that sums seldom have to shrink.
constexpr float kLead = 8, kNone = -1e30f;
struct AmxState {
  float greatest, limit;         // limit: greatest + kLead
  alignas(64) float totals[16];  // of 2^(score - greatest), by lanes
};

struct AmxScratch {
  std::size_t depth, query_bytes, sums_stride;  // tiles along a key; of a query
  std::byte *queries, *keys, *values, *weights;  // BF16
  float *sums, *scores;
  AmxState* states;
  std::size_t bytes = 0;

  // So many queries that their state stays in the second-level cache beside a chunk.
  static std::uint32_t queries_at_once(const KvCache& cache) { return cache.key_dim > 256 ? 128 : cache.key_dim > 128 ? 256 : kAmxQueries; }

  AmxScratch(const KvCache& cache, void* scratch)
      : depth((cache.key_dim + 31) / 32), query_bytes(depth * 64 + 64),
        sums_stride(kv_row_dim(cache.format, cache.value_dim) + 16) {
    const std::size_t n = queries_at_once(cache);
    auto* begin = static_cast<std::byte*>(scratch);
    const auto take = [&](std::size_t size) {
      std::byte* at = begin == nullptr ? nullptr : begin + bytes;
      bytes += (size + 63) / 64 * 64;
      return at;
    };
    queries = take(n * query_bytes);
    sums = reinterpret_cast<float*>(take(n * sums_stride * sizeof(float)));
    states = reinterpret_cast<AmxState*>(take(n * sizeof(AmxState)));
    keys = take(kAmxGroups * depth * kTileBytes);
    values = take(sums_stride / 16 * kColumnBytes);
    scores = reinterpret_cast<float*>(take(kUnitRows * kPair * sizeof(float)));
    weights = take(kAmxBlock * kWeightsBytes);
  }
};

// 256 tokens. Pairs of groups become tiles when the first block of queries comes to them, in kLoadParts calls of `load`.
constexpr std::uint32_t kLoadParts = 4;
struct AmxChunk {
  KvGroup groups[kAmxGroups];
  const std::byte* key_tiles[kAmxGroups];
  std::uint32_t pairs, loaded;
  void (*load)(const KvHead& head, const AmxScratch& scratch, AmxChunk& chunk, std::uint32_t pair, std::uint32_t part);
  alignas(64) float key_scales[kAmxChunk], value_scales[kAmxChunk];  // fp8, whose tiles are still without
};

// 2^x for x <= 0 within 8e-5, -infinity gives 0.
[[gnu::always_inline]] inline __m512 exp2_of(__m512 x) {
  const __m512 f = _mm512_reduce_ps(x, 0x09);  // x - floor(x)
  __m512 p = _mm512_fmadd_ps(_mm512_set1_ps(0.0780245139f), f, _mm512_set1_ps(0.226067168f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.695833536f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.999925219f));
  return _mm512_scalef_ps(p, x);
}

// Scores of tokens that the query does not see become -infinity.
inline __m512 hide_scores(const KvGroup& group, const AttentionQuery& query, __m512 scores) {
  const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const std::uint32_t written = group.first + group.count, end = query.end < written ? query.end : written;
  const __m512i position = _mm512_add_epi32(lane, _mm512_set1_epi32(static_cast<int>(group.first)));
  const __mmask16 seen = _mm512_cmp_epu32_mask(position, _mm512_set1_epi32(static_cast<int>(query.begin)), _MM_CMPINT_NLT) &
                         _mm512_cmp_epu32_mask(position, _mm512_set1_epi32(static_cast<int>(end)), _MM_CMPINT_LT);
  return _mm512_mask_mov_ps(_mm512_set1_ps(-__builtin_inff()), seen, scores);
}

// A new greatest score: all that is relative to the old one shrinks.
inline void follow(float greatest, AmxState& state, float* sums, std::uint32_t value_dim) {
  const __m512 shrink = exp2_of(_mm512_set1_ps(state.greatest - greatest));
  for (std::uint32_t d = 0; d < value_dim; d += 16)
    _mm512_store_ps(sums + d, _mm512_mul_ps(_mm512_load_ps(sums + d), shrink));
  _mm512_store_ps(state.totals, _mm512_mul_ps(_mm512_load_ps(state.totals), shrink));
  state.greatest = greatest;
  state.limit = greatest + kLead;
}

// Queries of one to four tiles of rows.
struct AmxBlock {
  const AttentionQuery* queries;
  std::uint32_t count, first;  // the first one's place in the scratch

  std::uint32_t least_begin, most_begin, least_end, most_end;

  AmxBlock(const AttentionQuery* queries, std::uint32_t count, std::uint32_t first)
      : queries(queries), count(count), first(first), least_begin(queries->begin), most_begin(queries->begin),
        least_end(queries->end), most_end(queries->end) {
    for (std::uint32_t q = 1; q < count; ++q) {
      least_begin = std::min(least_begin, queries[q].begin);
      most_begin = std::max(most_begin, queries[q].begin);
      least_end = std::min(least_end, queries[q].end);
      most_end = std::max(most_end, queries[q].end);
    }
  }
  bool sees_any(const KvGroup& first_group, const KvGroup& last_group) const {
    const std::uint32_t behind = std::max(first_group.first + first_group.count, last_group.first + last_group.count);
    return least_begin < behind && most_end > first_group.first;
  }
  bool sees_all(const KvGroup& group) const {
    return most_begin <= group.first && least_end >= group.first + kKvGroup && group.count == kKvGroup;
  }
};

// The work on a block of queries and pairs of groups in a chunk. Units of up to 32 queries and a pair become scores, then
// weights, which multiply the values. What comes out does not depend on how many pairs are summed up at once.
template <int kRows, bool kScaled>
struct AmxWork {
  static constexpr int kAcross = tiles_across(kRows), kUnitTiles = kRows < 2 ? 1 : 2;
  static constexpr std::uint32_t kUnits = (kRows + 1) / 2;  // to a pair

  const KvHead& head;
  const AmxScratch& scratch;
  AmxChunk& chunk;
  const AmxBlock& block;
  std::uint32_t summed = 0;  // the first pair whose values are not yet in the sums

  float* sums() const { return scratch.sums + block.first * scratch.sums_stride; }
  const KvGroup* groups_of(std::uint32_t unit) const { return chunk.groups + unit / kUnits * 2; }

  // The number of queries that a unit has.
  std::uint32_t rows_of(std::uint32_t unit) const {
    const std::uint32_t first = unit % kUnits * kUnitRows;
    return block.count - first < kUnitRows ? block.count - first : kUnitRows;
  }

  // The scores of a unit, and `meanwhile(i)` after the i-th step of all.
  template <class Work>
  [[gnu::always_inline]] void scores(std::uint32_t unit, Work meanwhile) const {
    const std::byte* queries = scratch.queries + (block.first + unit % kUnits * kUnitRows) * scratch.query_bytes;
    const std::byte* keys = chunk.key_tiles[unit / kUnits * 2];
    const auto to_next = static_cast<std::size_t>(chunk.key_tiles[unit / kUnits * 2 + 1] - keys);
    before_tile_loads();
    zero_tiles();
    load_operands<kUnitTiles>(queries, scratch.query_bytes, keys, to_next);
    for (std::uint32_t s = 1; s < scratch.depth; ++s) {
      multiply_operands<kUnitTiles>();
      load_operands<kUnitTiles>(queries + s * 64, scratch.query_bytes, keys + s * kTileBytes, to_next);
      meanwhile(s);
    }
    multiply_operands<kUnitTiles>();
    meanwhile(static_cast<std::uint32_t>(scratch.depth));
    store_tiles<kUnitTiles, 2>(scratch.scores, kPair);
  }

  // A query's scores of a unit as they count: -infinity where it does not see the token.
  [[gnu::always_inline]] void load_scores(std::uint32_t unit, std::uint32_t q, bool sees_all, __m512& a, __m512& b) const {
    const float* row = scratch.scores + q * kPair;
    a = _mm512_load_ps(row), b = _mm512_load_ps(row + 16);
    if constexpr (kScaled) {
      const float* scales = chunk.key_scales + unit / kUnits * kPair;
      a = _mm512_mul_ps(a, _mm512_load_ps(scales));
      b = _mm512_mul_ps(b, _mm512_load_ps(scales + 16));
    }
    if (!sees_all) [[unlikely]] {
      const AttentionQuery& query = block.queries[unit % kUnits * kUnitRows + q];
      a = hide_scores(groups_of(unit)[0], query, a);
      b = hide_scores(groups_of(unit)[1], query, b);
    }
  }
  bool sees_all(std::uint32_t unit) const {
    return block.sees_all(groups_of(unit)[0]) && block.sees_all(groups_of(unit)[1]);
  }

  // Before a unit's scores become weights: whether one leads by too much.
  [[gnu::always_inline]] void settle(std::uint32_t unit) {
    const std::uint32_t rows = rows_of(unit);
    const AmxState* state = scratch.states + block.first + unit % kUnits * kUnitRows;
    const bool all = sees_all(unit);
    unsigned leads = 0;
    for (std::uint32_t q = 0; q < rows; ++q) {
      __m512 a, b;
      load_scores(unit, q, all, a, b);
      leads |= _mm512_cmp_ps_mask(_mm512_max_ps(a, b), _mm512_set1_ps(state[q].limit), _CMP_GT_OQ);
    }
    if (leads != 0) [[unlikely]] follow_scores(unit);
  }
  [[gnu::noinline]] void follow_scores(std::uint32_t unit) {
    sum_values(unit / kUnits);
    const std::uint32_t first = block.first + unit % kUnits * kUnitRows;
    for (std::uint32_t q = 0; q < rows_of(unit); ++q) {
      __m512 a, b;
      load_scores(unit, q, sees_all(unit), a, b);
      const float greatest = _mm512_reduce_max_ps(_mm512_max_ps(a, b));
      AmxState& state = scratch.states[first + q];
      if (greatest > state.limit) follow(greatest, state, scratch.sums + (first + q) * scratch.sums_stride, head.value_dim);
    }
  }

  // A unit's scores become weights, for its queries from `begin` to `end`.
  [[gnu::always_inline]] void weights(std::uint32_t unit, std::uint32_t begin, std::uint32_t end) const {
    const std::uint32_t t = unit / kUnits * kPair, first = unit % kUnits * kUnitRows;
    AmxState* state = scratch.states + block.first + first + begin;
    std::byte* to = scratch.weights + (first + begin) * kWeightsBytes + t * 2;
    const bool all = begin == end || sees_all(unit);
    for (std::uint32_t q = begin; q < end; ++q, ++state, to += kWeightsBytes) {
      __m512 a, b;
      load_scores(unit, q, all, a, b);
      const __m512 greatest = _mm512_set1_ps(state->greatest);
      __m512 x = exp2_of(_mm512_sub_ps(a, greatest)), y = exp2_of(_mm512_sub_ps(b, greatest));
      _mm512_store_ps(state->totals, _mm512_add_ps(_mm512_load_ps(state->totals), _mm512_add_ps(x, y)));
      if constexpr (kScaled) {
        x = _mm512_mul_ps(x, _mm512_load_ps(chunk.value_scales + t));
        y = _mm512_mul_ps(y, _mm512_load_ps(chunk.value_scales + t + 16));
      }
      _mm512_store_si512(to, (__m512i)_mm512_cvtne2ps_pbh(y, x));
    }
  }

  // Adds the values of the pairs before `end`, by their weights.
  void sum_values(std::uint32_t end) {
    if (summed == end) return;
    before_tile_loads();
    std::uint32_t d = 0;
    for (; d + kAcross * 16 <= head.value_dim; d += kAcross * 16) sum_columns<kAcross>(d, end);
    for (; d < head.value_dim; d += 16) sum_columns<1>(d, end);
    summed = end;
  }
  template <int kColumns>
  [[gnu::always_inline]] void sum_columns(std::uint32_t d, std::uint32_t end) const {
    const std::byte* columns = scratch.values + d / 16 * kColumnBytes;
    load_tiles<kRows, kColumns>(sums() + d, scratch.sums_stride);
    for (std::uint32_t pair = summed; pair < end; ++pair)
      multiply_tiles<kRows, kColumns>(scratch.weights + pair * 64, kWeightsBytes, columns + pair * kTileBytes, kColumnBytes);
    store_tiles<kRows, kColumns>(sums() + d, scratch.sums_stride);
  }

  void load_parts(std::uint32_t pair, std::uint32_t from, std::uint32_t to) const {
    for (; from < to; ++from) chunk.load(head, scratch, chunk, pair, from);
  }

  // The pairs from `begin` to `end`. Tiles multiply the next scores while the vector units make weights of the last ones
  // and, for the first block, tiles of the next pair: the processor runs these at the same time where they lie within
  // some hundred instructions, hence the turns.
  void attend(std::uint32_t begin, std::uint32_t end) {
    summed = begin;
    for (; chunk.loaded <= begin; ++chunk.loaded) load_parts(chunk.loaded, 0, kLoadParts);
    for (std::uint32_t unit = begin * kUnits; unit < end * kUnits; ++unit) {
      const std::uint32_t next = unit / kUnits + 1, depth = static_cast<std::uint32_t>(scratch.depth);
      const std::uint32_t parts = chunk.loaded == next && next < end ? kLoadParts : 0;
      const std::uint32_t rows = unit == begin * kUnits ? 0 : rows_of(unit - 1);
      if (rows != 0) settle(unit - 1);
      std::uint32_t weighted = 0, loaded = 0;
      scores(unit, [&](std::uint32_t step) __attribute__((always_inline)) {
        load_parts(next, std::exchange(loaded, parts * step / depth), parts * step / depth);
        weights(unit - 1, std::exchange(weighted, rows * step / depth), rows * step / depth);
      });
      if (parts != 0) ++chunk.loaded;
    }
    settle(end * kUnits - 1);
    weights(end * kUnits - 1, 0, rows_of(end * kUnits - 1));
    sum_values(end);
  }
};

// Keys of the pair's first group, its values, the same of the second.
template <class Cached>
void load_part(const KvHead& head, const AmxScratch& scratch, AmxChunk& chunk, std::uint32_t pair, std::uint32_t part) {
  const std::uint32_t g = 2 * pair + part / 2;
  const KvGroup& group = chunk.groups[g];
  if (part % 2 == 0) {
    auto* keys = const_cast<std::byte*>(chunk.key_tiles[g]);
    if (keys == group.keys)  // the first lines of a page: the processor then fetches the others by itself, faster
      for (std::uint32_t i = 0; i < 512; i += 64) __builtin_prefetch(group.next_keys + i, 0, 2);
    else
      keys_to_tiles<Cached>(group, head.key_dim, keys);
    return;
  }
  std::byte* values = scratch.values + pair * kTileBytes + g % 2 * (kTileBytes / 2);
  if (head.cache.values == nullptr)
    latent_values_to_tiles(chunk.key_tiles[g], head.value_dim, values, kColumnBytes);
  else
    values_to_tiles<Cached>(group, head.value_dim, values, kColumnBytes);
  if (group.count < kKvGroup) clear_values(group.count, head.value_dim, values, kColumnBytes);
  if constexpr (!kTilesAreScaled<Cached>)
    scales_of_tiles<Cached>(group, chunk.key_scales + g * kKvGroup, chunk.value_scales + g * kKvGroup);
}

// What lies where of a pair: the `index`-th of the head, at the place `pair` of the chunk.
template <class Cached>
void place_pair(const KvHead& head, std::uint32_t index, const AmxScratch& scratch, AmxChunk& chunk, std::uint32_t pair) {
  const bool as_is = std::is_same_v<Cached, CachedBf16> && head.key_dim % 32 == 0;
  for (std::uint32_t g = 0; g < 2; ++g) {
    KvGroup& group = chunk.groups[2 * pair + g] = head.group(2 * index + g);
    const KvGroup next = head.group(2 * index + g + kAhead);
    group.next_keys = next.keys;
    group.next_values = next.values;
    chunk.key_tiles[2 * pair + g] = as_is ? group.keys : scratch.keys + (2 * pair + g) * scratch.depth * kTileBytes;
  }
}

void start_queries(const KvHead& head, const AttentionQuery* queries, std::uint32_t n, float scale,
                   const AmxScratch& scratch) {
  constexpr float kLog2e = 1.44269504f;
  const Vector factor = Vector::all(scale * kLog2e);
  const std::uint32_t rows = n > 16 ? (n + kUnitRows - 1) / kUnitRows * kUnitRows : 16;
  std::memset(scratch.sums, 0, rows * scratch.sums_stride * sizeof(float));
  for (std::uint32_t q = 0; q < rows; ++q) {
    auto* row = reinterpret_cast<std::uint16_t*>(scratch.queries + q * scratch.query_bytes);
    std::memset(row, 0, scratch.query_bytes);
    if (q >= n) continue;
    for_vectors(head.cache.key_dim, [&](std::uint64_t d, auto lanes) {
      const __m256bh bits = _mm512_cvtneps_pbh((Vector::load(queries[q].query + d, lanes) * factor).v);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(row + d), (__m256i)bits);
    });
    scratch.states[q].greatest = kNone;
    scratch.states[q].limit = kNone + kLead;
    _mm512_store_ps(scratch.states[q].totals, _mm512_setzero_ps());
  }
}

template <bool kScaled>
void attend_block(const KvHead& head, const AmxScratch& scratch, AmxChunk& chunk, const AmxBlock& block) {
  std::uint32_t begin = 0, end = chunk.pairs;
  const auto sees = [&](std::uint32_t pair) { return block.sees_any(chunk.groups[2 * pair], chunk.groups[2 * pair + 1]); };
  while (begin < end && !sees(begin)) ++begin;
  while (begin < end && !sees(end - 1)) --end;
  if (begin == end) return;
  switch ((block.count + 15) / 16) {
    case 1:
      return AmxWork<1, kScaled>{head, scratch, chunk, block}.attend(begin, end);
    case 2:
      return AmxWork<2, kScaled>{head, scratch, chunk, block}.attend(begin, end);
    case 3:
      return AmxWork<3, kScaled>{head, scratch, chunk, block}.attend(begin, end);
    default:
      return AmxWork<4, kScaled>{head, scratch, chunk, block}.attend(begin, end);
  }
}

// Up to 16 queries: pairs go by without a stop, three of them at a time in the first-level cache.
template <class Cached>
void attend_few(const KvHead& head, const AmxScratch& scratch, AmxChunk& chunk, const AmxBlock& block,
                std::uint32_t begin, std::uint32_t end) {
  constexpr std::uint32_t kPlaces = 3;
  const auto depth = static_cast<std::uint32_t>(scratch.depth);
  AmxWork<1, !kTilesAreScaled<Cached>> work{head, scratch, chunk, block};
  const auto sum = [&](std::uint32_t place) {
    work.summed = place;
    work.sum_values(place + 1);
  };
  std::uint32_t last = 0, place = 0, next = 1;
  place_pair<Cached>(head, begin, scratch, chunk, place);
  work.load_parts(place, 0, kLoadParts);
  for (std::uint32_t pair = begin; pair < end; ++pair) {
    const std::uint32_t parts = pair + 1 < end ? kLoadParts : 0, rows = pair > begin ? block.count : 0;
    if (parts != 0) place_pair<Cached>(head, pair + 1, scratch, chunk, next);
    work.summed = last;
    if (rows != 0) work.settle(last);
    std::uint32_t loaded = 0, weighted = 0;
    work.scores(place, [&](std::uint32_t step) __attribute__((always_inline)) {
      work.load_parts(next, std::exchange(loaded, parts * step / depth), parts * step / depth);
      work.weights(last, std::exchange(weighted, rows * step / depth), rows * step / depth);
    });
    if (rows != 0) sum(last);
    last = std::exchange(place, std::exchange(next, (next + 1) % kPlaces));
  }
  work.summed = last;
  work.settle(last);
  work.weights(last, 0, block.count);
  sum(last);
}

template <class Cached>
void attend_tiles_at_once(KvHead& head, const AttentionQuery* queries, std::uint32_t n, float scale,
                          const AmxScratch& scratch) {
  constexpr float kLn2 = 0.693147181f;
  const std::uint32_t begin = head.see(queries, n);
  start_queries(head, queries, n, scale, scratch);
  AmxChunk chunk;
  chunk.load = load_part<Cached>;
  const std::uint32_t first = head.group_of(begin) / 2, pairs = (head.groups + 1) / 2;
  if (n <= 16) attend_few<Cached>(head, scratch, chunk, AmxBlock(queries, n, 0), first, pairs);
  for (std::uint32_t p = first; p < pairs && n > 16; p += chunk.pairs) {
    chunk.pairs = std::min(pairs - p, kAmxGroups / 2);
    chunk.loaded = 0;
    for (std::uint32_t i = 0; i < chunk.pairs; ++i) place_pair<Cached>(head, p + i, scratch, chunk, i);
    for (std::uint32_t q = 0; q < n; q += kAmxBlock)
      attend_block<!kTilesAreScaled<Cached>>(head, scratch, chunk,
                                             AmxBlock(queries + q, std::min(n - q, kAmxBlock), q));
  }
  for (std::uint32_t q = 0; q < n; ++q) {
    const AmxState& state = scratch.states[q];
    finish_query(queries[q], state.greatest * kLn2, _mm512_reduce_add_ps(_mm512_load_ps(state.totals)),
                 scratch.sums + q * scratch.sums_stride, head.cache.value_dim);
  }
}

template <class Cached>
void attend_tiles(KvHead& head, const AttentionQuery* queries, std::uint32_t n_queries, float scale, void* memory) {
  const AmxScratch scratch(head.cache, memory);
  const std::uint32_t rows = n_queries < 16 ? n_queries : 16;
  Tiles tiles;
  tiles.shape(rows, rows);
  // Rows beyond the queries are multiplied too: nothing but numbers may lie there.
  std::memset(scratch.weights, 0, kAmxBlock * kWeightsBytes);
  if (head.key_dim % 32 != 0) std::memset(scratch.keys, 0, kAmxGroups * scratch.depth * kTileBytes);
  const std::uint32_t at_once = AmxScratch::queries_at_once(head.cache);
  for (std::uint32_t q = 0; q < n_queries; q += at_once)
    attend_tiles_at_once<Cached>(head, queries + q, n_queries - q < at_once ? n_queries - q : at_once, scale, scratch);
}

}  // namespace
}  // namespace tokenmark::cpu
