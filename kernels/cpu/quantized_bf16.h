// Products of packed weights with many tokens over AMX's tiles of BF16: some columns of two panels are unpacked to BF16,
// scales and minima applied, and serve all tokens without anything to do between the tile products. Weights and inputs
// are rounded to BF16: each product is off by at most 2^-8 of itself (MXFP4's and MXFP6's weights are exact: 2^-9).
#pragma once

#include "kernels/cpu/amx_bf16.h"
#include "kernels/cpu/unpack.h"

namespace tokenmark::cpu {
namespace {

// Four columns of 16 rows, unsigned bytes, to two rows of a tile: byte * scale + shift.
[[gnu::always_inline]] inline void store_group(__m512i bytes, __m512 scale, __m512 shift, std::byte* to) {
  const __m512i low = _mm512_set1_epi32(255);
  const auto value = [&](__m512i whole) { return _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole), scale, shift); };
  const __m512 a = value(_mm512_and_si512(bytes, low));
  const __m512 b = value(_mm512_and_si512(_mm512_srli_epi32(bytes, 8), low));
  const __m512 c = value(_mm512_and_si512(_mm512_srli_epi32(bytes, 16), low));
  const __m512 d = value(_mm512_srli_epi32(bytes, 24));
  _mm512_store_si512(to, pair_bf16(a, b));
  _mm512_store_si512(to + 64, pair_bf16(c, d));
}

template <Format kFormat>
void unpack_to_bf16(const std::byte* chunk, std::uint64_t blocks, std::byte (*tiles)[1024]) {
  constexpr PackedShape kShape = packed_shape(kFormat);
  constexpr int kScales = Unpack<kFormat>::kScales, kGroups = 8 / kScales;
  ChunkScales scales;
  Unpack<kFormat>::scales(chunk, blocks, scales);
  chunk += kShape.header(blocks);
  for (std::uint64_t b = 0; b < blocks; ++b, chunk += kShape.block()) {
    for (std::uint64_t i = 0; i < kShape.block(); i += 64) __builtin_prefetch(chunk + 4096 + i);
    Bytes groups[8];
    Unpack<kFormat>::groups(chunk, groups);
    for (int part = 0; part < kScales; ++part) {
      const __m512 scale = _mm512_load_ps(scales.scales[b * kScales + static_cast<unsigned>(part)]);
      __m512 shift = _mm512_mul_ps(scale, _mm512_set1_ps(-weight_bias(kFormat)));
      if constexpr (Unpack<kFormat>::kMinima) {
        const __m512i pairs = _mm512_load_si512(scales.minima[b / 2]);
        const __m512i minimum = b % 2 ? _mm512_srli_epi32(pairs, 16) : _mm512_and_si512(pairs, _mm512_set1_epi32(0xffff));
        shift = _mm512_fnmadd_ps(_mm512_cvtepi32_ps(minimum), _mm512_load_ps(scales.minimum_step), shift);
      }
      for (int i = 0; i < kGroups; ++i) {
        const int group = part * kGroups + i;
        store_group(groups[group].v, scale, shift, tiles[b] + 128 * group);
      }
    }
  }
}

template <Format kFormat>
void multiply_by_bf16(const std::byte* packed, const Bf16Product& product, Bf16Scratch& scratch) {
  constexpr PackedShape kShape = packed_shape(kFormat);
  multiply_unpacked(product, scratch, [&](std::uint64_t panel, std::uint64_t begin, std::uint64_t columns, std::byte (*tiles)[1024]) {
    const std::byte* chunk = packed + panel * kShape.panel(product.columns) + begin / kChunkColumns * kShape.chunk(kChunkBlocks);
    for (std::uint64_t c = 0; c < columns; c += kChunkColumns, chunk += kShape.chunk(kChunkBlocks))
      unpack_to_bf16<kFormat>(chunk, columns - c < kChunkColumns ? (columns - c) / 32 : kChunkBlocks, tiles + c / 32);
  });
}

}  // namespace
}  // namespace tokenmark::cpu
