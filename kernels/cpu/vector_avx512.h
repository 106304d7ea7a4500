// Sixteen floats with AVX-512 (F, BW, VL, DQ). The operations mean what they mean in vector_portable.h.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace tokenmark::cpu {
namespace {

struct Vector {
  static constexpr int kLanes = 16;
  static constexpr int kTileRows = 4, kTileTokens = 6;

  __m512 v;

  static Vector all(float x) { return {_mm512_set1_ps(x)}; }
  static Vector load(const float* p) { return {_mm512_loadu_ps(p)}; }
  static Vector load(const float* p, int n) {
    return n == kLanes ? load(p) : Vector{_mm512_maskz_loadu_ps(first(n), p)};
  }
  static Vector load_bf16(const std::uint16_t* p, int n = kLanes) {
    return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load_16_bits(p, n)), 16))};
  }
  static Vector load_half(const std::uint16_t* p, int n = kLanes) {
    return {_mm512_cvtph_ps(load_16_bits(p, n))};
  }
  static void load_bf16_pairs(const std::uint16_t* p, Vector& first, Vector& second) {
    const __m512i pairs = _mm512_loadu_si512(p);
    first = {_mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16))};
    second = {_mm512_castsi512_ps(_mm512_and_si512(pairs, _mm512_set1_epi32(static_cast<int>(0xffff0000))))};
  }
  // kLanes pairs of floats.
  static void load_pairs(const float* p, Vector& first, Vector& second) {
    const __m512 a = _mm512_loadu_ps(p), b = _mm512_loadu_ps(p + 16);
    const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    first = {_mm512_permutex2var_ps(a, even, b)};
    second = {_mm512_permutex2var_ps(a, _mm512_or_si512(even, _mm512_set1_epi32(1)), b)};
  }
  static void store_pairs(float* p, Vector first, Vector second) {
    const __m512i low = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    _mm512_storeu_ps(p, _mm512_permutex2var_ps(first.v, low, second.v));
    _mm512_storeu_ps(p + 16, _mm512_permutex2var_ps(first.v, _mm512_add_epi32(low, _mm512_set1_epi32(8)), second.v));
  }
  static Vector load_int8(const std::int8_t* p) {
    return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))))};
  }
  static Vector load_e4m3(const std::uint8_t* p) {  // moved by one bit these are halves
    const __m256i words = _mm256_slli_epi16(_mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))), 8);
    const __m256i moved = _mm256_and_si256(_mm256_srai_epi16(words, 1), _mm256_set1_epi16(static_cast<short>(0xbf80)));
    return {_mm512_cvtph_ps(moved)};
  }
  static void store(float* p, Vector x) { _mm512_storeu_ps(p, x.v); }
  static void store(float* p, Vector x, int n) {
    if (n == kLanes) return store(p, x);
    _mm512_mask_storeu_ps(p, first(n), x.v);
  }
  static void store_half(std::uint16_t* p, Vector x, int n = kLanes) {
    _mm256_mask_storeu_epi16(p, first(n), _mm512_cvtps_ph(x.v, _MM_FROUND_TO_NEAREST_INT));
  }
  static void store_bytes(std::int8_t* p, Vector x) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(x.v)));
  }

  friend Vector operator+(Vector a, Vector b) { return {_mm512_add_ps(a.v, b.v)}; }
  friend Vector operator-(Vector a, Vector b) { return {_mm512_sub_ps(a.v, b.v)}; }
  friend Vector operator*(Vector a, Vector b) { return {_mm512_mul_ps(a.v, b.v)}; }
  friend Vector operator/(Vector a, Vector b) { return {_mm512_div_ps(a.v, b.v)}; }
  static Vector fma(Vector a, Vector b, Vector c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
  static Vector max(Vector a, Vector b) { return {_mm512_max_ps(a.v, b.v)}; }
  static Vector abs(Vector x) { return {_mm512_andnot_ps(_mm512_set1_ps(-0.0f), x.v)}; }
  static Vector round(Vector x) {
    return {_mm512_roundscale_ps(x.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  }
  static Vector times_power_of_2(Vector x, Vector n) { return {_mm512_scalef_ps(x.v, n.v)}; }
  static Vector zero_where_below(Vector x, Vector y, float limit) {
    return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(y.v, _mm512_set1_ps(limit), _CMP_NLT_UQ), x.v)};
  }
  static float sum(Vector x) { return _mm512_reduce_add_ps(x.v); }
  static float greatest(Vector x) { return _mm512_reduce_max_ps(x.v); }
  static void sum_4(const Vector x[4], float* out) {
    const __m256 pairs = _mm256_hadd_ps(_mm256_hadd_ps(fold(x[0].v), fold(x[1].v)),
                                        _mm256_hadd_ps(fold(x[2].v), fold(x[3].v)));
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(pairs), _mm256_extractf128_ps(pairs, 1)));
  }

 private:
  static __mmask16 first(int n) { return static_cast<__mmask16>((1u << n) - 1); }
  static __m256i load_16_bits(const std::uint16_t* p, int n) {
    return n == kLanes ? _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))
                       : _mm256_maskz_loadu_epi16(first(n), p);
  }
  static __m256 fold(__m512 x) {
    return _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
  }
};

}  // namespace
}  // namespace tokenmark::cpu
