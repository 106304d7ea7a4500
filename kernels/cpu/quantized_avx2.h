// Products of quantised weights with AVX2: a block of 32 weights at a time, unpacked once for up to four
// tokens.
#pragma once

#include <immintrin.h>

#include <cstddef>

#include "kernels/formats/format.h"

namespace tokenmark::cpu {
namespace {
std::uint64_t input_place(Format, std::uint64_t block, int half) {
  return 32 * block + 16 * static_cast<unsigned>(half);
}
int input_bias(Format format) {
  return format == Format::q4_0 ? 8 : 0;
}
}  // namespace
}  // namespace tokenmark::cpu

#include "kernels/cpu/quantized_input.h"

namespace tokenmark::cpu {
namespace {

// Eight partial sums of 32 products of an unsigned and a signed byte; a pair's sum must fit 16 bits.
__m256i byte_dot(__m256i unsigned_bytes, __m256i signed_bytes) {
  return _mm256_madd_epi16(_mm256_maddubs_epi16(unsigned_bytes, signed_bytes), _mm256_set1_epi16(1));
}

template <class Block>
struct Unpacked;

// Nibbles stay 0 to 15; the input's offset takes the 8 away.
template <>
struct Unpacked<BlockQ4_0> {
  __m256i weights;
  explicit Unpacked(const std::byte* block) {
    const __m128i packed = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 2));
    weights = _mm256_and_si256(_mm256_set_m128i(_mm_srli_epi16(packed, 4), packed), _mm256_set1_epi8(15));
  }
  __m256i dot(__m256i x) const { return byte_dot(weights, x); }
};

// The weights' signs move to the input: 128 * 127 * 2 still fits 16 bits.
template <>
struct Unpacked<BlockQ8_0> {
  __m256i weights, magnitudes;
  explicit Unpacked(const std::byte* block) {
    weights = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + 2));
    magnitudes = _mm256_abs_epi8(weights);
  }
  __m256i dot(__m256i x) const { return byte_dot(magnitudes, _mm256_sign_epi8(x, weights)); }
};

// The scales of eight blocks.
template <class Block>
__m256 weight_scales(const std::byte* blocks) {
  constexpr int kBytes = sizeof(Block);
  const __m256i at = _mm256_mullo_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(kBytes));
  const __m256i words = _mm256_i32gather_epi32(reinterpret_cast<const int*>(blocks), at, 1);
  const __m256i halves = _mm256_and_si256(words, _mm256_set1_epi32(0xffff));
  const __m128i packed =
      _mm_packus_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
  return _mm256_cvtph_ps(packed);
}

// Two sums a token, for even and odd blocks: an addition need not wait for the one before.
template <int kTokens>
using Sums = __m256[kTokens][2];

// Adds the products of the first `count` of eight blocks from block `b` of the inputs on.
template <class Block, int kTokens>
[[gnu::always_inline]] inline void add_blocks(const std::byte* blocks, int count,
                                              const QuantizedInput* inputs, std::uint64_t b,
                                              Sums<kTokens>& sums) {
  alignas(32) float factors[kTokens][8];  // scale of the weights times scale of the input
  const __m256 scales = weight_scales<Block>(blocks);
  for (int t = 0; t < kTokens; ++t) {
    const __m256 factor = _mm256_mul_ps(scales, _mm256_load_ps(inputs[t].scales + b));
    const __m256i offsets = _mm256_load_si256(reinterpret_cast<const __m256i*>(inputs[t].offsets + b));
    sums[t][1] = _mm256_fmadd_ps(factor, _mm256_cvtepi32_ps(offsets), sums[t][1]);
    _mm256_store_ps(factors[t], factor);
  }
#pragma GCC unroll 8
  for (int i = 0; i < count; ++i) {
    const Unpacked<Block> weights(blocks + static_cast<unsigned>(i) * sizeof(Block));
    for (int t = 0; t < kTokens; ++t) {
      const std::int8_t* x = inputs[t].bytes + 32 * (b + static_cast<unsigned>(i));
      const __m256i dot = weights.dot(_mm256_load_si256(reinterpret_cast<const __m256i*>(x)));
      __m256& sum = sums[t][i % 2];
      sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dot), _mm256_broadcast_ss(&factors[t][i]), sum);
    }
  }
}

template <class Block, int kTokens>
void quantized_row(const std::byte* row, std::uint64_t blocks, const QuantizedInput* inputs, float* out,
                   std::uint64_t out_stride) {
  constexpr std::uint64_t kPrefetch = 2048;  // bytes ahead; the hardware's own prefetch stops at each page
  Sums<kTokens> sums;
  for (auto& sum : sums) sum[0] = sum[1] = _mm256_setzero_ps();
  std::uint64_t b = 0;
  for (; b + 8 <= blocks; b += 8) {
    const std::byte* at = row + b * sizeof(Block);
    for (std::uint64_t i = 0; i < 8 * sizeof(Block); i += 64) __builtin_prefetch(at + kPrefetch + i);
    add_blocks<Block, kTokens>(at, 8, inputs, b, sums);
  }
  if (b < blocks) {
    std::byte rest[8 * sizeof(Block)] = {};
    std::memcpy(rest, row + b * sizeof(Block), (blocks - b) * sizeof(Block));
    add_blocks<Block, kTokens>(rest, static_cast<int>(blocks - b), inputs, b, sums);
  }
  for (int t = 0; t < kTokens; ++t)
    out[static_cast<unsigned>(t) * out_stride] = Vector::sum({_mm256_add_ps(sums[t][0], sums[t][1])});
}

}  // namespace
}  // namespace tokenmark::cpu

#include "kernels/cpu/quantized_rows.h"

namespace tokenmark::cpu {
namespace {

template <class Block>
void matmul_quantized(const Matrix& w, const void* prepared, std::uint64_t tokens, std::uint64_t row_begin,
                      std::uint64_t row_end, float* out, std::uint64_t out_stride) {
  quantized_rows<Block>(w, prepared, 0, tokens, row_begin, row_end, out, out_stride);
}

}  // namespace
}  // namespace tokenmark::cpu
