// Attention with AMX: queries, keys, the softmax's weights and values are rounded to BF16, sums are floats. Whatever
// the number of queries, so that a query's result depends on neither the others nor their number. The rounding moves a
// result by up to about 2^-7 of the greatest value that it is made of.
#pragma once

#include "kernels/cpu/attention_amx_tiles.h"
#include "kernels/cpu/kv_bf16.h"
#include "kernels/cpu/kv_head.h"

namespace tokenmark::cpu {
namespace {

constexpr std::uint32_t kAmxGroups = 8, kAmxChunk = kAmxGroups * kKvGroup;  // tokens whose scores are made at once
constexpr std::uint32_t kAmxRows = 2, kAmxBlock = 16 * kAmxRows;            // tiles of rows and queries of a block
constexpr std::uint32_t kAmxQueries = 256;                                  // at once, at most
constexpr std::uint32_t kAmxSteps = kAmxChunk / 32;                         // tiles of values along a chunk

// Scores are in units of ln 2.
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
  static std::uint32_t queries_at_once(const KvCache& cache) { return cache.key_dim > 256 ? 128 : kAmxQueries; }

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
    scores = reinterpret_cast<float*>(take(2 * kAmxBlock * kAmxChunk * sizeof(float)));
    weights = take(2 * kAmxBlock * kAmxChunk * 2);
  }
};

struct AmxChunk {
  KvGroup groups[kAmxGroups];
  const std::byte* key_tiles[kAmxGroups];
  std::uint32_t begin, end;
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

// Of a row of scores: those of tokens that the query does not see.
void hide_row(const AmxChunk& chunk, const AttentionQuery& query, float* scores) {
  if (chunk.whole && query.begin <= chunk.begin && query.end >= chunk.end) return;
  const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  for (std::uint32_t g = 0; g < kAmxGroups; ++g) {
    const KvGroup& group = chunk.groups[g];
    const std::uint32_t written = group.first + group.count, end = query.end < written ? query.end : written;
    const __m512i position = _mm512_add_epi32(lane, _mm512_set1_epi32(static_cast<int>(group.first)));
    const __mmask16 seen = _mm512_cmp_epu32_mask(position, _mm512_set1_epi32(static_cast<int>(query.begin)), _MM_CMPINT_NLT) &
                           _mm512_cmp_epu32_mask(position, _mm512_set1_epi32(static_cast<int>(end)), _MM_CMPINT_LT);
    float* at = scores + g * kKvGroup;
    _mm512_store_ps(at, _mm512_mask_mov_ps(_mm512_set1_ps(-__builtin_inff()), seen, _mm512_load_ps(at)));
  }
}

// A row of scores becomes weights in BF16; what the row has summed before shrinks to the new greatest score.
void row_weights(const float* scores, AmxState& state, float* sums, std::uint32_t value_dim, std::byte* weights) {
  __m512 s[kAmxGroups];
#pragma GCC unroll 8
  for (std::uint32_t g = 0; g < kAmxGroups; ++g) s[g] = _mm512_load_ps(scores + g * kKvGroup);
  const __m512 best = _mm512_max_ps(_mm512_max_ps(_mm512_max_ps(s[0], s[1]), _mm512_max_ps(s[2], s[3])),
                                    _mm512_max_ps(_mm512_max_ps(s[4], s[5]), _mm512_max_ps(s[6], s[7])));
  if (_mm512_cmp_ps_mask(best, _mm512_set1_ps(state.greatest), _CMP_GT_OQ)) {
    const float greatest = _mm512_reduce_max_ps(best);
    const __m512 shrink = exp2_of(_mm512_set1_ps(state.greatest - greatest));
    for (std::uint32_t d = 0; d < value_dim; d += 16)
      _mm512_store_ps(sums + d, _mm512_mul_ps(_mm512_load_ps(sums + d), shrink));
    _mm512_store_ps(state.totals, _mm512_mul_ps(_mm512_load_ps(state.totals), shrink));
    state.greatest = greatest;
  }
  if (state.greatest == -__builtin_inff()) {
    for (std::uint32_t t = 0; t < kAmxChunk; t += 32) _mm512_store_si512(weights + t * 2, _mm512_setzero_si512());
    return;
  }
  const __m512 greatest = _mm512_set1_ps(state.greatest);
#pragma GCC unroll 8
  for (std::uint32_t g = 0; g < kAmxGroups; ++g) s[g] = exp2_of(_mm512_sub_ps(s[g], greatest));
#pragma GCC unroll 4
  for (std::uint32_t g = 0; g < kAmxGroups; g += 2)
    _mm512_store_si512(weights + g * kKvGroup * 2, (__m512i)_mm512_cvtne2ps_pbh(s[g + 1], s[g]));
  const __m512 sum = _mm512_add_ps(_mm512_add_ps(_mm512_add_ps(s[0], s[1]), _mm512_add_ps(s[2], s[3])),
                                   _mm512_add_ps(_mm512_add_ps(s[4], s[5]), _mm512_add_ps(s[6], s[7])));
  _mm512_store_ps(state.totals, _mm512_add_ps(_mm512_load_ps(state.totals), sum));
}

// Queries of one, two or four tiles of rows.
struct AmxBlock {
  const AttentionQuery* queries;
  std::uint32_t count, first;  // the first one's place in the scratch
};

// The work on a block and a chunk in steps: tiles of scores, rows of weights, tiles of values.
struct AmxWork {
  const KvHead& head;
  const AmxScratch& scratch;
  const AmxChunk& chunk;
  std::uint32_t depth;  // tiles along a key

  float* scores_of(std::uint32_t parity) const { return scratch.scores + parity * kAmxBlock * kAmxChunk; }
  std::byte* weights_of(std::uint32_t parity) const { return scratch.weights + parity * kAmxBlock * kAmxChunk * 2; }

  template <int kRows>
  std::uint32_t score_steps() const {
    return kAmxGroups * kRows / 4;
  }
  template <int kRows>
  void scores(const AmxBlock& block, std::uint32_t parity, std::uint32_t step) const {
    constexpr std::uint32_t kAcross = 4 / kRows;
    zero_tiles();
    multiply_tiles<kRows>(scratch.queries + std::size_t{block.first} * depth * 64, depth * 64,
                          chunk.key_tiles + step * kAcross, kAcross, depth);
    store_tiles<kRows>(scores_of(parity) + step * kAcross * 16, kAmxChunk, kAcross);
  }

  template <int kRows>
  std::uint32_t value_steps() const {
    return (head.value_dim / 16 * kRows + 3) / 4;
  }
  template <int kRows>
  void values(const AmxBlock& block, std::uint32_t parity, std::uint32_t step) const {
    constexpr std::uint32_t kAcross = 4 / kRows;
    const std::uint32_t first = step * kAcross, left = head.value_dim / 16 - first;
    const std::uint32_t across = left < kAcross ? left : kAcross;
    const std::byte* columns[kAcross];
    for (std::uint32_t i = 0; i < kAcross; ++i) columns[i] = scratch.values + (first + i) * kAmxSteps * kTileBytes;
    float* sums = scratch.sums + std::size_t{block.first} * head.value_dim + first * 16;
    load_tiles<kRows>(sums, head.value_dim, across);
    multiply_tiles<kRows>(weights_of(parity), kAmxChunk * 2, columns, across, kAmxSteps);
    store_tiles<kRows>(sums, head.value_dim, across);
  }

  void weights(const AmxBlock& block, std::uint32_t parity, std::uint32_t begin, std::uint32_t end) const {
    for (std::uint32_t q = begin; q < end && q < block.count; ++q) {
      float* row = scores_of(parity) + q * kAmxChunk;
      hide_row(chunk, block.queries[q], row);
      row_weights(row, scratch.states[block.first + q], scratch.sums + std::size_t{block.first + q} * head.value_dim,
                  head.value_dim, weights_of(parity) + q * kAmxChunk * 2);
    }
  }

  template <int kRows>
  void attend(const AmxBlock& block) const {
    tiles_see_memory();
    for (std::uint32_t step = 0; step < score_steps<kRows>(); ++step) scores<kRows>(block, 0, step);
    weights(block, 0, 0, block.count);
    tiles_see_memory();
    for (std::uint32_t step = 0; step < value_steps<kRows>(); ++step) values<kRows>(block, 0, step);
  }

  // Blocks of kAmxRows tiles one after another. Tiles multiply while the vector units make weights of the block before:
  // the steps of both take turns, close enough for the processor to run them at the same time.
  void attend(const AmxBlock* blocks, std::uint32_t n) const {
    const std::uint32_t for_scores = score_steps<kAmxRows>(), for_values = value_steps<kAmxRows>();
    const std::uint32_t rows = (kAmxBlock + for_scores + for_values - 1) / (for_scores + for_values);
    for (std::uint32_t step = 0; step < for_scores; ++step) scores<kAmxRows>(blocks[0], 0, step);
    for (std::uint32_t b = 0; b <= n; ++b) {
      std::uint32_t row = 0;
      const auto some_weights = [&] {
        tiles_see_memory();
        if (b < n) weights(blocks[b], b % 2, row, row + rows);
        row += rows;
        tiles_see_memory();
      };
      for (std::uint32_t step = 0; step < for_values; ++step) {
        if (b > 0) values<kAmxRows>(blocks[b - 1], (b - 1) % 2, step);
        some_weights();
      }
      for (std::uint32_t step = 0; step < for_scores; ++step) {
        if (b + 1 < n) scores<kAmxRows>(blocks[b + 1], (b + 1) % 2, step);
        some_weights();
      }
    }
  }
};

template <class Cached>
AmxChunk make_amx_chunk(const KvHead& head, std::uint32_t first_group, const AmxScratch& scratch, std::uint32_t depth) {
  AmxChunk chunk{.begin = 0, .end = 0, .whole = true};
  const bool latent = head.cache.values == nullptr;
  const bool as_is = std::is_same_v<Cached, CachedBf16> && head.key_dim % 32 == 0;
  for (std::uint32_t g = 0; g < kAmxGroups; ++g) {
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
  const std::uint32_t rows = n > 16 ? (n + kAmxBlock - 1) / kAmxBlock * kAmxBlock : 16;
  std::memset(scratch.sums, 0, std::size_t{rows} * head.value_dim * sizeof(float));
  for (std::uint32_t q = 0; q < rows; ++q) {
    auto* row = reinterpret_cast<std::uint16_t*>(scratch.queries) + std::size_t{q} * depth * 32;
    std::memset(row, 0, depth * 64);
    if (q >= n) continue;
    for_vectors(head.cache.key_dim, [&](std::uint64_t d, auto lanes) {
      const __m256bh bits = _mm512_cvtneps_pbh((Vector::load(queries[q].query + d, lanes) * factor).v);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(row + d), (__m256i)bits);
    });
    scratch.states[q].greatest = -__builtin_inff();
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
    const AmxWork work{head, scratch, chunk, depth};
    AmxBlock blocks[kAmxQueries / kAmxBlock];
    std::uint32_t n_blocks = 0;
    for (std::uint32_t q = 0; q < n; q += kAmxBlock) {
      const AmxBlock block{queries + q, n - q < kAmxBlock ? n - q : kAmxBlock, q};
      if (!any_sees(block.queries, block.count, chunk.begin, chunk.end)) continue;
      if (block.count <= 16)
        work.attend<1>(block);
      else if (block.count <= 32)
        work.attend<2>(block);
      else
        blocks[n_blocks++] = block;
    }
    if (n_blocks != 0) work.attend(blocks, n_blocks);
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
  std::memset(scratch.weights, 0, n_queries < 16 ? n_queries * kAmxChunk * 2 : 2 * kAmxBlock * kAmxChunk * 2);
  if (head.key_dim % 32 != 0) std::memset(scratch.keys, 0, kAmxChunk * AmxScratch::depth(head.key_dim) * 64);
  const std::uint32_t at_once = AmxScratch::queries_at_once(head.cache);
  for (std::uint32_t q = 0; q < n_queries; q += at_once)
    attend_tiles_at_once<Cached>(head, queries + q, n_queries - q < at_once ? n_queries - q : at_once, scale, scratch);
}

}  // namespace
}  // namespace tokenmark::cpu
