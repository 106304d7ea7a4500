// A chunk of the cache brought to BF16 in the order of AMX's tiles (1 KiB each: 16 pairs by 16 times 2), once for all
// queries of a call. FP8 stays without its scales and is exact; other scales are multiplied in before rounding.
//   keys    [group of 16 tokens][dim / 32] tiles of 16 pairs of dimensions by 16 tokens
//   values  [dim / 16][32 tokens] tiles of 16 pairs of tokens by 16 dimensions
#pragma once

#include <array>

#include "kernels/cpu/attention_amx_tiles.h"
#include "kernels/cpu/kv_head.h"
#include "kernels/cpu/matmul_bf16.h"

namespace tokenmark::cpu {
namespace {

// Whether tiles hold the values themselves, or each token's still have to be multiplied by its scale.
template <class Cached>
constexpr bool kTilesAreScaled = !std::is_same_v<Cached, CachedFp8>;

// (first[0], second[0]), (first[1], second[1]) …
[[gnu::always_inline]] inline __m512i bf16_pairs(Vector first, Vector second) {
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5,
                                         20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(second.v, first.v));
}

template <class Cached>
void keys_to_tiles(const KvGroup& group, std::uint32_t dim, std::byte* tiles) {
  Vector scale = Vector::all(1);
  if constexpr (Cached::kScaled && Cached::kBlock == 0) scale = Cached::scales(group.key_scales, 0, 0);
  for (std::uint32_t d = 0; d < dim; d += 2) {
    __builtin_prefetch(group.next_keys + d * kKvGroup * Cached::kValueBytes, 0, 2);
    if constexpr (Cached::kBlock != 0)
      if (d % Cached::kBlock == 0) scale = Cached::scales(group.key_scales, d / Cached::kBlock, 0);
    Vector first, second;
    Cached::keys(group.keys, d, 0, first, second);
    if constexpr (Cached::kScaled) first = first * scale, second = second * scale;
    _mm512_store_si512(tiles + d * 32, bf16_pairs(first, second));
  }
}

// 16 tokens; `tiles`: their half of the first 32 dimensions' tile, tile_stride bytes to the next 16 dimensions.
template <class Cached>
void values_to_tiles(const KvGroup& group, std::uint32_t dim, std::byte* tiles, std::size_t tile_stride) {
  constexpr std::uint32_t kBlock = Cached::kBlock != 0 ? Cached::kBlock : kMaxHeadDim;
  alignas(64) float scales[(kMaxHeadDim + 31) / kBlock * kKvGroup];
  if constexpr (Cached::kScaled)
    for (std::uint32_t b = 0; b * kBlock < dim; ++b)
      Vector::store(scales + b * kKvGroup, Cached::scales(group.value_scales, b, 0));
  for (std::uint32_t t = 0; t < kKvGroup; t += 2)
    for (std::uint32_t d = 0; d < dim; d += 16) {
      __builtin_prefetch(group.next_values + (t * dim + 2 * d) * Cached::kValueBytes, 0, 2);
      Vector first, second;
      Cached::values(group.values, dim, t, d, first, second);
      if constexpr (Cached::kScaled) {
        const float* scale = scales + d / kBlock * kKvGroup + t;
        first = first * Vector::all(scale[0]);
        second = second * Vector::all(scale[1]);
      }
      _mm512_store_si512(tiles + d / 16 * tile_stride + t * 32, bf16_pairs(first, second));
    }
}

template <>
void keys_to_tiles<CachedBf16>(const KvGroup& group, std::uint32_t dim, std::byte* tiles) {
  for (std::uint32_t d = 0; d < dim; d += 2)
    _mm512_store_si512(tiles + d * 32, _mm512_loadu_si512(group.keys + d * 32));
}
template <>
void values_to_tiles<CachedBf16>(const KvGroup& group, std::uint32_t dim, std::byte* tiles, std::size_t tile_stride) {
  for (std::uint32_t t = 0; t < kKvGroup; t += 2)
    for (std::uint32_t d = 0; d < dim; d += 16) {
      const std::size_t at = t * dim * 2 + d * 4;
      __builtin_prefetch(group.next_values + at, 0, 2);
      _mm512_store_si512(tiles + d / 16 * tile_stride + t * 32, _mm512_loadu_si512(group.values + at));
    }
}

// A step takes 64 codes in an order that makes unpacking their bytes into words leave pairs in order.
template <>
void keys_to_tiles<CachedFp8>(const KvGroup& group, std::uint32_t dim, std::byte* tiles) {
  alignas(64) static constexpr auto kOrder = [] {
    std::array<std::uint8_t, 64> order{};
    for (unsigned i = 0; i < 64; ++i)  // 4 tokens of dimensions 0 and 1, the same of 2 and 3; the next 4 tokens
      order[i] = static_cast<std::uint8_t>((i / 8 % 2 * 2 + i % 2) * kKvGroup + i / 16 * 4 + i % 8 / 2);
    return order;
  }();
  const __m512i order = _mm512_load_si512(kOrder.data());
  for (std::uint32_t d = 0; d < dim; d += 4) {
    __builtin_prefetch(group.next_keys + d * kKvGroup, 0, 2);
    __m512i first, second;
    e4m3_to_bf16(_mm512_permutexvar_epi8(order, _mm512_loadu_si512(group.keys + d * kKvGroup)), first, second);
    _mm512_store_si512(tiles + d * 32, first);
    _mm512_store_si512(tiles + d * 32 + 64, second);
  }
}
template <>
void values_to_tiles<CachedFp8>(const KvGroup& group, std::uint32_t dim, std::byte* tiles, std::size_t tile_stride) {
  const __m512i order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
  for (std::uint32_t t = 0; t < kKvGroup; t += 2)
    for (std::uint32_t d = 0; d < dim; d += 64) {
      const std::uint32_t at = t * dim + d, n = dim - d < 64 ? dim - d : 64;
      const __mmask64 there = ~std::uint64_t{0} >> (64 - n);
      __builtin_prefetch(group.next_values + at, 0, 2);
      __builtin_prefetch(group.next_values + at + dim, 0, 2);
      const __m512i one = _mm512_permutexvar_epi32(order, _mm512_maskz_loadu_epi8(there, group.values + at));
      const __m512i other = _mm512_permutexvar_epi32(order, _mm512_maskz_loadu_epi8(there, group.values + at + dim));
      __m512i pairs[4];
      e4m3_to_bf16(_mm512_unpacklo_epi8(one, other), pairs[0], pairs[1]);
      e4m3_to_bf16(_mm512_unpackhi_epi8(one, other), pairs[2], pairs[3]);
      for (std::uint32_t i = 0; i < n / 16; ++i) _mm512_store_si512(tiles + (d / 16 + i) * tile_stride + t * 32, pairs[i]);
    }
}

// Scales of the tokens, zero where there is none.
template <class Cached>
void scales_of_tiles(const KvGroup& group, float* keys, float* values) {
  const auto written = static_cast<__mmask16>((1u << group.count) - 1);
  _mm512_store_ps(keys, _mm512_maskz_loadu_ps(written, group.key_scales));
  _mm512_store_ps(values, _mm512_maskz_loadu_ps(written, group.value_scales));
}

// 16 x 16 pairs turned.
inline void turn_pairs(const std::byte* tile, __m512i rows[16]) {
  __m512i a[16];
  for (int i = 0; i < 16; ++i) a[i] = _mm512_loadu_si512(tile + 64 * i);
  for (int i = 0; i < 16; i += 2) {
    rows[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
    rows[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
  }
  for (int i = 0; i < 16; i += 4)
    for (int j = 0; j < 2; ++j) {
      a[i + 2 * j] = _mm512_unpacklo_epi64(rows[i + j], rows[i + 2 + j]);
      a[i + 2 * j + 1] = _mm512_unpackhi_epi64(rows[i + j], rows[i + 2 + j]);
    }
  // a[4 q + c] holds, in lane l, column 4 l + c of rows 4 q to 4 q + 3.
  for (int c = 0; c < 4; ++c) {
    const __m512i even_low = _mm512_shuffle_i32x4(a[c], a[4 + c], 0x88), odd_low = _mm512_shuffle_i32x4(a[c], a[4 + c], 0xdd);
    const __m512i even_high = _mm512_shuffle_i32x4(a[8 + c], a[12 + c], 0x88);
    const __m512i odd_high = _mm512_shuffle_i32x4(a[8 + c], a[12 + c], 0xdd);
    rows[c] = _mm512_shuffle_i32x4(even_low, even_high, 0x88);
    rows[8 + c] = _mm512_shuffle_i32x4(even_low, even_high, 0xdd);
    rows[4 + c] = _mm512_shuffle_i32x4(odd_low, odd_high, 0x88);
    rows[12 + c] = _mm512_shuffle_i32x4(odd_low, odd_high, 0xdd);
  }
}

// Latent values out of a group's key tiles.
inline void latent_values_to_tiles(const std::byte* key_tiles, std::uint32_t dim, std::byte* tiles, std::size_t tile_stride) {
  const __m512i first_16 = _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0), last_16 = _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4);
  for (std::uint32_t d = 0; d < dim; d += 32) {
    __m512i rows[16];  // a token's 32 dimensions each
    turn_pairs(key_tiles + d * 32, rows);
    for (int t = 0; t < 16; t += 2) {
      const __m512i low = _mm512_unpacklo_epi16(rows[t], rows[t + 1]), high = _mm512_unpackhi_epi16(rows[t], rows[t + 1]);
      std::byte* to = tiles + d / 16 * tile_stride + t * 32;
      _mm512_store_si512(to, _mm512_permutex2var_epi64(low, first_16, high));
      if (d + 16 < dim) _mm512_store_si512(to + tile_stride, _mm512_permutex2var_epi64(low, last_16, high));
    }
  }
}

// What lies behind the last token may be anything, even NaN, which a weight of zero would not hide.
inline void clear_values(std::uint32_t count, std::uint32_t dim, std::byte* tiles, std::size_t tile_stride) {
  for (std::uint32_t d = 0; d < dim; d += 16)
    for (std::uint32_t t = count; t < kKvGroup; ++t) {
      auto* words = reinterpret_cast<std::uint16_t*>(tiles + d / 16 * tile_stride + t / 2 * 64) + t % 2;
      for (int i = 0; i < 16; ++i) words[2 * i] = 0;
    }
}

}  // namespace
}  // namespace tokenmark::cpu
