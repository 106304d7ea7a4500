// Attention with AMX: queries, keys, the softmax's weights and values are rounded to BF16, sums are floats. Whatever
// the number of queries, so that a query's result depends on neither the others nor their number. The rounding moves a
// result by up to about 2^-7 of the greatest value that it is made of.
#pragma once

#include "kernels/cpu/attention_amx_tiles.h"
#include "kernels/cpu/kv_bf16.h"
#include "kernels/cpu/kv_head.h"

namespace tokenmark::cpu {
namespace {

constexpr std::uint32_t kAmxGroups = 16, kAmxChunk = kAmxGroups * kKvGroup;  // tokens whose weights are made at once
constexpr std::uint32_t kAmxQueries = 512;                                   // at once, at most
constexpr std::uint32_t kAmxSteps = kAmxChunk / 32;                          // tiles of values along a chunk
constexpr std::uint32_t kAmxScores = 64;                                     // scores of a row at a time, at most

// Scores are in units of ln 2. What weights are relative to only follows the greatest score when that leads by more
// than kLead, so that sums seldom have to shrink.
constexpr float kLead = 8, kNone = -1e30f;
struct AmxState {
  float greatest;
  alignas(64) float totals[16];  // of 2^(score - greatest), by lanes
};

struct AmxScratch {
  std::byte *queries, *keys, *values, *weights;  // BF16
  float *sums, *scores;
  AmxState* states;
  std::size_t bytes = 0;

  static std::uint32_t depth(std::uint32_t key_dim) { return (key_dim + 31) / 32; }  // tiles along a key
  // So many queries that their state stays in the second-level cache beside a chunk.
  static std::uint32_t queries_at_once(const KvCache& cache) { return cache.key_dim > 256 ? 128 : cache.key_dim > 128 ? 256 : kAmxQueries; }

  AmxScratch(const KvCache& cache, void* scratch) {
    const std::size_t key_row = depth(cache.key_dim) * 64, value_dim = kv_row_dim(cache.format, cache.value_dim);
    const std::size_t n = queries_at_once(cache);
    auto* begin = static_cast<std::byte*>(scratch);
    const auto take = [&](std::size_t size) {
      std::byte* at = begin == nullptr ? nullptr : begin + bytes;
      bytes += (size + 63) / 64 * 64;
      return at;
    };
    queries = take(n * key_row);
    sums = reinterpret_cast<float*>(take(n * value_dim * sizeof(float)));
    states = reinterpret_cast<AmxState*>(take(n * sizeof(AmxState)));
    keys = take(kAmxChunk * key_row);
    values = take(kAmxChunk * value_dim * 2);
    scores = reinterpret_cast<float*>(take(2 * 32 * kAmxScores * sizeof(float)));
    weights = take(32 * kAmxChunk * 2);
  }
};

struct AmxChunk {
  KvGroup groups[kAmxGroups];
  const std::byte* key_tiles[kAmxGroups];
  std::uint32_t n, begin, end;  // groups, an even number; positions
  bool whole;
};

// 2^x for x <= 0 within 8e-5, -infinity gives 0.
[[gnu::always_inline]] inline __m512 exp2_of(__m512 x) {
  const __m512 f = _mm512_reduce_ps(x, 0x09);  // x - floor(x)
  __m512 p = _mm512_fmadd_ps(_mm512_set1_ps(0.0780245139f), f, _mm512_set1_ps(0.226067168f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.695833536f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.999925219f));
  return _mm512_scalef_ps(p, x);
}

// Scores of tokens that the query does not see, of `n` groups from `first` on, become -infinity.
void hide_scores(const AmxChunk& chunk, std::uint32_t first, std::uint32_t n, const AttentionQuery& query, float* scores) {
  const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  for (std::uint32_t g = 0; g < n; ++g) {
    const KvGroup& group = chunk.groups[first + g];
    const std::uint32_t written = group.first + group.count, end = query.end < written ? query.end : written;
    const __m512i position = _mm512_add_epi32(lane, _mm512_set1_epi32(static_cast<int>(group.first)));
    const __mmask16 seen = _mm512_cmp_epu32_mask(position, _mm512_set1_epi32(static_cast<int>(query.begin)), _MM_CMPINT_NLT) &
                           _mm512_cmp_epu32_mask(position, _mm512_set1_epi32(static_cast<int>(end)), _MM_CMPINT_LT);
    float* at = scores + g * kKvGroup;
    _mm512_store_ps(at, _mm512_mask_mov_ps(_mm512_set1_ps(-__builtin_inff()), seen, _mm512_load_ps(at)));
  }
}

// A new greatest score: all that is relative to the old one shrinks, the chunk's weights so far (`n`) too.
[[gnu::noinline]] void follow(float greatest, AmxState& state, float* sums, std::uint32_t value_dim, std::byte* weights,
                              std::uint32_t n) {
  const __m512 shrink = exp2_of(_mm512_set1_ps(state.greatest - greatest));
  for (std::uint32_t d = 0; d < value_dim; d += 16)
    _mm512_store_ps(sums + d, _mm512_mul_ps(_mm512_load_ps(sums + d), shrink));
  for (std::uint32_t t = 0; t < n; t += 16) {
    auto* at = reinterpret_cast<std::uint16_t*>(weights) + t;
    const Vector shrunk = Vector::load_bf16(at) * Vector{shrink};
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), (__m256i)_mm512_cvtneps_pbh(shrunk.v));
  }
  _mm512_store_ps(state.totals, _mm512_mul_ps(_mm512_load_ps(state.totals), shrink));
  state.greatest = greatest;
}

// Queries of one or two tiles of rows.
struct AmxBlock {
  const AttentionQuery* queries;
  std::uint32_t count, first;  // the first one's place in the scratch
};

// The work on a block and a chunk in steps: tiles of scores, which become weights, then tiles of values.
template <int kRows>
struct AmxWork {
  static constexpr std::uint32_t kAcross = 4 / kRows;  // groups of tokens or of 16 dimensions in a step

  const KvHead& head;
  const AmxScratch& scratch;
  const AmxChunk& chunk;
  const AmxBlock& block;
  std::uint32_t depth;  // tiles along a key

  float* sums() const { return scratch.sums + std::size_t{block.first} * head.value_dim; }
  float* scores_of(std::uint32_t step) const { return scratch.scores + step % 2 * 32 * kAmxScores; }
  std::uint32_t across(std::uint32_t step, std::uint32_t all) const {
    return all - step * kAcross < kAcross ? all - step * kAcross : kAcross;
  }

  void multiply_scores(std::uint32_t step) const {
    const std::uint32_t n = across(step, chunk.n);
    zero_tiles();
    multiply_tiles<kRows>(scratch.queries + std::size_t{block.first} * depth * 64, depth * 64,
                          chunk.key_tiles + step * kAcross, n, depth);
  }
  void store_scores(std::uint32_t step) const {
    store_tiles<kRows>(scores_of(step), kAmxScores, across(step, chunk.n));
  }

  void weights(std::uint32_t step) const {
    const std::uint32_t first = step * kAcross, n = across(step, chunk.n);
    for (std::uint32_t q = 0; q < block.count; ++q) {
      const AttentionQuery& query = block.queries[q];
      AmxState& state = scratch.states[block.first + q];
      float* row = scores_of(step) + q * kAmxScores;
      std::byte* weights = scratch.weights + q * kAmxChunk * 2;
      if (!chunk.whole || query.begin > chunk.begin || query.end < chunk.end) hide_scores(chunk, first, n, query, row);
      for (std::uint32_t g = 0; g < n; g += 2) {
        const __m512 a = _mm512_load_ps(row + g * kKvGroup), b = _mm512_load_ps(row + g * kKvGroup + 16);
        const __m512 best = _mm512_max_ps(a, b);
        if (_mm512_cmp_ps_mask(best, _mm512_set1_ps(state.greatest + kLead), _CMP_GT_OQ)) [[unlikely]]
          follow(_mm512_reduce_max_ps(best), state, sums() + q * head.value_dim, head.value_dim, weights,
                 (first + g) * kKvGroup);
        const __m512 greatest = _mm512_set1_ps(state.greatest);
        const __m512 x = exp2_of(_mm512_sub_ps(a, greatest)), y = exp2_of(_mm512_sub_ps(b, greatest));
        _mm512_store_si512(weights + (first + g) * kKvGroup * 2, (__m512i)_mm512_cvtne2ps_pbh(y, x));
        _mm512_store_ps(state.totals, _mm512_add_ps(_mm512_load_ps(state.totals), _mm512_add_ps(x, y)));
      }
    }
  }

  void values(std::uint32_t step) const {
    const std::uint32_t first = step * kAcross, n = across(step, head.value_dim / 16);
    const std::byte* columns[kAcross];
    for (std::uint32_t i = 0; i < kAcross; ++i) columns[i] = scratch.values + (first + i) * kAmxSteps * kTileBytes;
    load_tiles<kRows>(sums() + first * 16, head.value_dim, n);
    multiply_tiles<kRows>(scratch.weights, kAmxChunk * 2, columns, n, chunk.n / 2);
    store_tiles<kRows>(sums() + first * 16, head.value_dim, n);
  }

  // Sums that the tiles will store, so that they are at hand.
  void fetch_sums(std::uint32_t step) const {
    if (step * kAcross * 16 >= head.value_dim) return;
    for (std::uint32_t q = 0; q < block.count; ++q)
      for (std::uint32_t i = 0; i < kAcross; ++i)
        __builtin_prefetch(sums() + q * head.value_dim + (step * kAcross + i) * 16, 1, 3);
  }

  // Tiles multiply the next scores while the vector units make weights of the last ones: the processor runs both at the
  // same time, as long as the tiles' stores, which wait for the products, come after the weights' own.
  void attend() const {
    tiles_see_memory();
    const std::uint32_t steps = (chunk.n + kAcross - 1) / kAcross;
    multiply_scores(0);
    store_scores(0);
    for (std::uint32_t step = 0; step < steps; ++step) {
      if (step + 1 < steps) multiply_scores(step + 1);
      weights(step);
      if (step + 1 < steps) store_scores(step + 1);
      tiles_see_memory();
    }
    fetch_sums(0);
    for (std::uint32_t step = 0; step * kAcross * 16 < head.value_dim; ++step) {
      fetch_sums(step + 1);
      values(step);
    }
  }
};

template <class Cached>
AmxChunk make_amx_chunk(const KvHead& head, std::uint32_t first_group, const AmxScratch& scratch, std::uint32_t depth) {
  AmxChunk chunk;
  const std::uint32_t left = head.groups - first_group;
  chunk.n = left < kAmxGroups ? (left + 1) / 2 * 2 : kAmxGroups;
  chunk.whole = true;
  const bool latent = head.cache.values == nullptr;
  const bool as_is = std::is_same_v<Cached, CachedBf16> && head.key_dim % 32 == 0;
  for (std::uint32_t g = 0; g < chunk.n; ++g) {
    KvGroup& group = chunk.groups[g] = head.group(first_group + g);
    const KvGroup next = head.group(first_group + g + kAmxGroups);
    group.next_keys = next.keys;
    group.next_values = next.values;
    if (group.count != 0) chunk.end = group.first + group.count;
    chunk.whole = chunk.whole && group.count == kKvGroup;
    std::byte* keys = scratch.keys + g * depth * kTileBytes;
    chunk.key_tiles[g] = as_is ? group.keys : keys;
    if (as_is)
      for (std::uint32_t i = 0; i < head.key_dim * 32; i += 64) __builtin_prefetch(group.next_keys + i, 0, 2);
    else
      keys_to_tiles<Cached>(group, head.key_dim, keys);
    std::byte* values = scratch.values + g / 2 * kTileBytes + g % 2 * (kTileBytes / 2);
    if (latent)
      latent_values_to_tiles(chunk.key_tiles[g], head.value_dim, values, kAmxSteps * kTileBytes);
    else
      values_to_tiles<Cached>(group, head.value_dim, values, kAmxSteps * kTileBytes);
    if (group.count < kKvGroup) clear_values(group.count, head.value_dim, values, kAmxSteps * kTileBytes);
  }
  chunk.begin = chunk.groups[0].first;
  return chunk;
}

void start_queries(const KvHead& head, const AttentionQuery* queries, std::uint32_t n, float scale, std::uint32_t depth,
                   const AmxScratch& scratch) {
  constexpr float kLog2e = 1.44269504f;
  const Vector factor = Vector::all(scale * kLog2e);
  const std::uint32_t rows = n > 16 ? (n + 31) / 32 * 32 : 16;
  std::memset(scratch.sums, 0, std::size_t{rows} * head.value_dim * sizeof(float));
  for (std::uint32_t q = 0; q < rows; ++q) {
    auto* row = reinterpret_cast<std::uint16_t*>(scratch.queries) + std::size_t{q} * depth * 32;
    std::memset(row, 0, depth * 64);
    if (q >= n) continue;
    for_vectors(head.cache.key_dim, [&](std::uint64_t d, auto lanes) {
      const __m256bh bits = _mm512_cvtneps_pbh((Vector::load(queries[q].query + d, lanes) * factor).v);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(row + d), (__m256i)bits);
    });
    scratch.states[q].greatest = kNone;
    _mm512_store_ps(scratch.states[q].totals, _mm512_setzero_ps());
  }
}

template <class Cached>
void attend_tiles_at_once(KvHead& head, const AttentionQuery* queries, std::uint32_t n, float scale,
                          const AmxScratch& scratch) {
  constexpr float kLn2 = 0.693147181f;
  const std::uint32_t depth = AmxScratch::depth(head.key_dim);
  const std::uint32_t begin = head.see(queries, n);
  start_queries(head, queries, n, scale, depth, scratch);
  for (std::uint32_t g = head.group_of(begin) / kAmxGroups * kAmxGroups; g < head.groups; g += kAmxGroups) {
    const AmxChunk chunk = make_amx_chunk<Cached>(head, g, scratch, depth);
    for (std::uint32_t q = 0; q < n; q += 32) {
      const AmxBlock block{queries + q, n - q < 32 ? n - q : 32, q};
      if (!any_sees(block.queries, block.count, chunk.begin, chunk.end)) continue;
      if (block.count <= 16)
        AmxWork<1>{head, scratch, chunk, block, depth}.attend();
      else
        AmxWork<2>{head, scratch, chunk, block, depth}.attend();
    }
  }
  for (std::uint32_t q = 0; q < n; ++q) {
    const AmxState& state = scratch.states[q];
    finish_query(queries[q], state.greatest * kLn2, _mm512_reduce_add_ps(_mm512_load_ps(state.totals)),
                 scratch.sums + std::size_t{q} * head.value_dim, head.cache.value_dim);
  }
}

template <class Cached>
void attend_tiles(KvHead& head, const AttentionQuery* queries, std::uint32_t n_queries, float scale, void* memory) {
  const AmxScratch scratch(head.cache, memory);
  const AttentionTiles tiles(n_queries < 16 ? n_queries : 16);
  std::memset(scratch.weights, 0, (n_queries < 16 ? n_queries : 32) * kAmxChunk * 2);
  if (head.key_dim % 32 != 0) std::memset(scratch.keys, 0, kAmxChunk * AmxScratch::depth(head.key_dim) * 64);
  const std::uint32_t at_once = AmxScratch::queries_at_once(head.cache);
  for (std::uint32_t q = 0; q < n_queries; q += at_once)
    attend_tiles_at_once<Cached>(head, queries + q, n_queries - q < at_once ? n_queries - q : at_once, scale, scratch);
}

}  // namespace
}  // namespace tokenmark::cpu
