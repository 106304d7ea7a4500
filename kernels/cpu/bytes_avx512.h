// Products of bytes with AVX-512 VNNI, for quantized.h: sixteen rows at once.
#pragma once

#include <immintrin.h>

#include "kernels/cpu/packed.h"
#include "kernels/cpu/vector_avx512.h"

namespace tokenmark::cpu {
namespace {

struct Bytes {
  static constexpr int kBytes = 64;
  static constexpr int kDirectTokens = 8;  // up to here weights stay in registers
  static constexpr int kTileTokens = 7;    // times two vectors of rows: the sums of bytes and of floats that there are registers for

  __m512i v;

  static Bytes all(int x) { return {_mm512_set1_epi8(static_cast<char>(x))}; }
  static Bytes load(const void* p) { return {_mm512_load_si512(p)}; }
  static void store(void* p, Bytes x) { _mm512_store_si512(p, x.v); }
  // The same 4 or 16 bytes everywhere.
  static Bytes repeat_4(const void* p) {
    std::int32_t four;
    __builtin_memcpy(&four, p, 4);
    return {_mm512_set1_epi32(four)};
  }
  static Bytes repeat_16(const void* p) {
    return {_mm512_broadcast_i32x4(_mm_loadu_si128(static_cast<const __m128i*>(p)))};
  }
  friend Bytes operator&(Bytes a, Bytes b) { return {_mm512_and_si512(a.v, b.v)}; }
  friend Bytes operator|(Bytes a, Bytes b) { return {_mm512_or_si512(a.v, b.v)}; }
  friend Bytes operator^(Bytes a, Bytes b) { return {_mm512_xor_si512(a.v, b.v)}; }
  friend Bytes operator-(Bytes a, Bytes b) { return {_mm512_sub_epi8(a.v, b.v)}; }
  friend Bytes operator+(Bytes a, Bytes b) { return {_mm512_add_epi8(a.v, b.v)}; }
  // (a & mask) | b
  static Bytes and_or(Bytes a, Bytes mask, Bytes b) { return {_mm512_ternarylogic_epi64(a.v, mask.v, b.v, 0xea)}; }
  // Shifts move bits across the bytes of a pair: mask them.
  static Bytes left(Bytes a, int n) { return {_mm512_slli_epi16(a.v, static_cast<unsigned>(n))}; }
  static Bytes right(Bytes a, int n) { return {_mm512_srli_epi16(a.v, static_cast<unsigned>(n))}; }
  static Bytes lookup(Bytes table_of_16, Bytes nibbles) { return {_mm512_shuffle_epi8(table_of_16.v, nibbles.v)}; }
  // a where the byte of `from` has one of `bits`, else b.
  static Bytes where(Bytes from, int bits, Bytes a, Bytes b) {
    return {_mm512_mask_blend_epi8(_mm512_test_epi8_mask(from.v, all(bits).v), b.v, a.v)};
  }

  // --- sums of 32 bits ---
  static Bytes add_pairs(Bytes sums, Bytes a, Bytes b) { return {_mm512_dpwssd_epi32(sums.v, a.v, b.v)}; }
  static Vector to_float(Bytes sums) { return {_mm512_cvtepi32_ps(sums.v)}; }
};

// What weights are too much each once unpacked; the products want them unsigned.
constexpr int weight_bias(Format format) {
  switch (format) {
    case Format::q4_0: return 8;
    case Format::q8_0: return 128;
    case Format::q6_k: return 32;
    case Format::mxfp4: return 12;
    case Format::mxfp6: return 64;
    default: return 0;
  }
}

template <Format>
struct Dots {
  __m512i sums;

  void start(std::int32_t offset) { sums = _mm512_set1_epi32(offset); }
  void add(Bytes weights, Bytes x, int /*group*/) { sums = _mm512_dpbusd_epi32(sums, weights.v, x.v); }
  Vector value() const { return {_mm512_cvtepi32_ps(sums)}; }
  Vector bits() const { return {_mm512_castsi512_ps(sums)}; }
};

inline Vector load_unsigned(const std::uint8_t* p) {
  return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(p))))};
}
inline Vector load_signed(const std::int8_t* p) {
  return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(p))))};
}

}  // namespace
}  // namespace tokenmark::cpu
