// Products of bytes with AVX2, for quantized.h: eight rows at once, half a panel. The operations mean what they mean in
// bytes_avx512.h.
#pragma once

#include <immintrin.h>

#include "kernels/cpu/packed.h"
#include "kernels/cpu/vector_avx2.h"

namespace tokenmark::cpu {
namespace {

struct Bytes {
  static constexpr int kBytes = 32;
  static constexpr int kDirectTokens = 0;  // a block takes all sixteen registers
  static constexpr int kTileTokens = 3;

  __m256i v;

  static Bytes all(int x) { return {_mm256_set1_epi8(static_cast<char>(x))}; }
  static Bytes load(const void* p) { return {_mm256_load_si256(static_cast<const __m256i*>(p))}; }
  static void store(void* p, Bytes x) { _mm256_store_si256(static_cast<__m256i*>(p), x.v); }
  static Bytes repeat_4(const void* p) {
    std::int32_t four;
    __builtin_memcpy(&four, p, 4);
    return {_mm256_set1_epi32(four)};
  }
  static Bytes repeat_16(const void* p) {
    return {_mm256_broadcastsi128_si256(_mm_loadu_si128(static_cast<const __m128i*>(p)))};
  }
  friend Bytes operator&(Bytes a, Bytes b) { return {_mm256_and_si256(a.v, b.v)}; }
  friend Bytes operator|(Bytes a, Bytes b) { return {_mm256_or_si256(a.v, b.v)}; }
  friend Bytes operator^(Bytes a, Bytes b) { return {_mm256_xor_si256(a.v, b.v)}; }
  friend Bytes operator-(Bytes a, Bytes b) { return {_mm256_sub_epi8(a.v, b.v)}; }
  friend Bytes operator+(Bytes a, Bytes b) { return {_mm256_add_epi8(a.v, b.v)}; }
  static Bytes and_or(Bytes a, Bytes mask, Bytes b) { return (a & mask) | b; }
  static Bytes left(Bytes a, int n) { return {_mm256_slli_epi16(a.v, n)}; }
  static Bytes right(Bytes a, int n) { return {_mm256_srli_epi16(a.v, n)}; }
  static Bytes lookup(Bytes table_of_16, Bytes nibbles) { return {_mm256_shuffle_epi8(table_of_16.v, nibbles.v)}; }
  static Bytes where(Bytes from, int bits, Bytes a, Bytes b) {
    const __m256i none = _mm256_cmpeq_epi8((from & all(bits)).v, _mm256_setzero_si256());
    return {_mm256_blendv_epi8(a.v, b.v, none)};
  }

  static Bytes add_pairs(Bytes sums, Bytes a, Bytes b) {
    return {_mm256_add_epi32(sums.v, _mm256_madd_epi16(a.v, b.v))};
  }
  static Vector to_float(Bytes sums) { return {_mm256_cvtepi32_ps(sums.v)}; }
};

// Q8_0 stays signed: unsigned, a pair's products would not fit 16 bits.
constexpr int weight_bias(Format format) {
  switch (format) {
    case Format::q4_0: return 8;
    case Format::q6_k: return 32;
    case Format::mxfp4: return 12;
    case Format::mxfp6: return 64;
    default: return 0;
  }
}

// Groups whose pairs of products, up to 2 * 127 * greatest weight each, may be added in 16 bits.
constexpr int groups_in_16_bits(Format format) {
  switch (format) {
    case Format::q4_0:
    case Format::q4_k: return 8;  // 15
    case Format::mxfp4:           // 24
    case Format::q5_k: return 4;  // 31
    case Format::q6_k: return 2;  // 63
    default: return 1;            // 124; 128
  }
}

template <Format kFormat>
struct Dots {
  __m256i sums, words;

  void start(std::int32_t offset) { sums = _mm256_set1_epi32(offset); }
  [[gnu::always_inline]] void add(Bytes weights, Bytes x, int group) {
    constexpr int kGroups = groups_in_16_bits(kFormat);
    // A signed weight's sign moves to the input: 128 * 127 * 2 still fits.
    const __m256i pairs = kFormat == Format::q8_0 ? _mm256_maddubs_epi16(_mm256_abs_epi8(weights.v), _mm256_sign_epi8(x.v, weights.v))
                                                  : _mm256_maddubs_epi16(weights.v, x.v);
    words = group % kGroups == 0 ? pairs : _mm256_add_epi16(words, pairs);
    if (group % kGroups == kGroups - 1) sums = _mm256_add_epi32(sums, _mm256_madd_epi16(words, _mm256_set1_epi16(1)));
  }
  Vector value() const { return {_mm256_cvtepi32_ps(sums)}; }
  Vector bits() const { return {_mm256_castsi256_ps(sums)}; }
};

inline Vector load_unsigned(const std::uint8_t* p) {
  return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))))};
}
inline Vector load_signed(const std::int8_t* p) {
  return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))))};
}

}  // namespace
}  // namespace tokenmark::cpu
