// Products of quantised weights with AVX-512 VNNI, which adds four products of an unsigned and a signed byte
// to each of sixteen sums. Two ways: few tokens go row by row (what streams the weights from memory best);
// many tokens share a panel of sixteen rows that is unpacked once, one row a lane (quantized_panel.h).
//
// Weights are unpacked without their sign (Q4_0: nibbles, 8 too much; Q8_0: 128 too much); the input's offset
// takes the excess away.
#pragma once

#include <immintrin.h>

#include <cstddef>

#include "kernels/formats/format.h"

namespace tokenmark::cpu {
namespace {

// Q4_0: of four blocks first all lower halves, then all upper ones, as their nibbles come out of 64 bytes of
// weights.
std::uint64_t input_place(Format format, std::uint64_t block, int half) {
  if (format != Format::q4_0) return 32 * block + 16 * static_cast<unsigned>(half);
  return block / 4 * 128 + block % 4 * 16 + 64 * static_cast<unsigned>(half);
}

int input_bias(Format format) {
  return format == Format::q4_0 ? 8 : 128;
}

}  // namespace
}  // namespace tokenmark::cpu

#include "kernels/cpu/quantized_input.h"

namespace tokenmark::cpu {
namespace {

__m128i load_16(const std::byte* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}

// 16 bytes from each of four places.
__m512i load_4x16(const std::byte* a, const std::byte* b, const std::byte* c, const std::byte* d) {
  __m512i all = _mm512_castsi128_si512(load_16(a));
  all = _mm512_inserti32x4(all, load_16(b), 1);
  all = _mm512_inserti32x4(all, load_16(c), 2);
  return _mm512_inserti32x4(all, load_16(d), 3);
}

__m512i load_2x32(const std::byte* a, const std::byte* b) {
  const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a));
  return _mm512_inserti64x4(_mm512_castsi256_si512(first),
                            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b)), 1);
}

__m512i load_x(const std::int8_t* p) {
  return _mm512_load_si512(p);
}

// Sixteen scales that lie at the start of the blocks at p + offset of the lane.
__m512 gather_scales(const std::byte* p, __m512i offsets) {
  return _mm512_cvtph_ps(_mm512_cvtepi32_epi16(_mm512_i32gather_epi32(offsets, p, 1)));
}

__m512i multiples(int step) {
  return _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                            _mm512_set1_epi32(step));
}

// sum += dot * the factor of each lane's block; `block_of_lane` picks it from the sixteen factors.
__m512 add_scaled(__m512 sum, __m512i dot, __m512 factors, __m512i block_of_lane) {
  return _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), _mm512_permutexvar_ps(block_of_lane, factors), sum);
}

// Four blocks of one row, unpacked.
template <class Block>
struct Unpacked;

template <>
struct Unpacked<BlockQ4_0> {
  __m512i lower, upper;  // lane i of 128 bits: block i
  explicit Unpacked(const std::byte* p) {
    const __m512i packed = load_4x16(p + 2, p + 20, p + 38, p + 56);
    lower = _mm512_and_si512(packed, _mm512_set1_epi8(15));
    upper = _mm512_and_si512(_mm512_srli_epi16(packed, 4), _mm512_set1_epi8(15));
  }
  __m512 add(__m512 sum, const std::int8_t* x, __m512 factors, int first_block) const {
    const __m512i dot = _mm512_dpbusd_epi32(_mm512_dpbusd_epi32(_mm512_setzero_si512(), lower, load_x(x)),
                                            upper, load_x(x + 64));
    const __m512i lanes = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    return add_scaled(sum, dot, factors, _mm512_add_epi32(lanes, _mm512_set1_epi32(first_block)));
  }
};

template <>
struct Unpacked<BlockQ8_0> {
  __m512i first_two, last_two;
  explicit Unpacked(const std::byte* p) {
    first_two = unsign(load_2x32(p + 2, p + 36));
    last_two = unsign(load_2x32(p + 70, p + 104));
  }
  __m512 add(__m512 sum, const std::int8_t* x, __m512 factors, int first_block) const {
    const __m512i zero = _mm512_setzero_si512();
    const __m512i lanes = _mm512_setr_epi32(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
    sum = add_scaled(sum, _mm512_dpbusd_epi32(zero, first_two, load_x(x)), factors,
                     _mm512_add_epi32(lanes, _mm512_set1_epi32(first_block)));
    return add_scaled(sum, _mm512_dpbusd_epi32(zero, last_two, load_x(x + 64)), factors,
                      _mm512_add_epi32(lanes, _mm512_set1_epi32(first_block + 2)));
  }
  static __m512i unsign(__m512i bytes) { return _mm512_xor_si512(bytes, _mm512_set1_epi8(-128)); }
};

// Adds the products of sixteen blocks of a row, from block `b` of the inputs on; groups of four from `groups`
// on are zero and left out.
template <class Block, int kTokens>
[[gnu::always_inline]] inline void add_blocks(const std::byte* blocks, int groups,
                                              const QuantizedInput* inputs, std::uint64_t b, __m512* sums) {
  __m512 factors[kTokens];  // scale of the weights times scale of the input, a block a lane
  const __m512 scales = gather_scales(blocks, multiples(sizeof(Block)));
  for (int t = 0; t < kTokens; ++t) {
    factors[t] = _mm512_mul_ps(scales, _mm512_load_ps(inputs[t].scales + b));
    sums[t] =
        _mm512_fmadd_ps(factors[t], _mm512_cvtepi32_ps(_mm512_load_si512(inputs[t].offsets + b)), sums[t]);
  }
#pragma GCC unroll 4
  for (int g = 0; g < groups; ++g) {
    const Unpacked<Block> weights(blocks + static_cast<unsigned>(4 * g) * sizeof(Block));
    for (int t = 0; t < kTokens; ++t)
      sums[t] =
          weights.add(sums[t], inputs[t].bytes + 32 * b + static_cast<unsigned>(128 * g), factors[t], 4 * g);
  }
}

template <class Block, int kTokens>
void quantized_row(const std::byte* row, std::uint64_t blocks, const QuantizedInput* inputs, float* out,
                   std::uint64_t out_stride) {
  constexpr std::uint64_t kPrefetch = 2048;  // bytes ahead; the hardware's own prefetch stops at each page
  __m512 sums[kTokens];
  for (__m512& sum : sums) sum = _mm512_setzero_ps();
  std::uint64_t b = 0;
  for (; b + 16 <= blocks; b += 16) {
    const std::byte* at = row + b * sizeof(Block);
    for (std::uint64_t i = 0; i < 16 * sizeof(Block); i += 64) __builtin_prefetch(at + kPrefetch + i);
    add_blocks<Block, kTokens>(at, 4, inputs, b, sums);
  }
  if (b < blocks) {
    std::byte rest[16 * sizeof(Block)] = {};
    std::memcpy(rest, row + b * sizeof(Block), (blocks - b) * sizeof(Block));
    add_blocks<Block, kTokens>(rest, static_cast<int>((blocks - b + 3) / 4), inputs, b, sums);
  }
  for (int t = 0; t < kTokens; ++t) out[static_cast<unsigned>(t) * out_stride] = Vector::sum({sums[t]});
}

}  // namespace
}  // namespace tokenmark::cpu

#include "kernels/cpu/quantized_panel.h"
#include "kernels/cpu/quantized_rows.h"

namespace tokenmark::cpu {
namespace {

template <class Block>
void matmul_quantized(const Matrix& w, const void* prepared, std::uint64_t tokens, std::uint64_t row_begin,
                      std::uint64_t row_end, float* out, std::uint64_t out_stride) {
  constexpr std::uint64_t kPanelPays =
      5;  // tokens from which unpacking a panel is quicker than going row by row
  if (tokens < kPanelPays)
    quantized_rows<Block>(w, prepared, 0, tokens, row_begin, row_end, out, out_stride);
  else
    quantized_panels<Block>(w, prepared, tokens, row_begin, row_end, out, out_stride);
}

}  // namespace
}  // namespace tokenmark::cpu
