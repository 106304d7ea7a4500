// Eight floats with AVX2, FMA and F16C. The operations mean what they mean in vector_portable.h.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace tokenmark::cpu {
namespace {

struct Vector {
  static constexpr int kLanes = 8;
  static constexpr int kTileRows = 2, kTileTokens = 4;

  __m256 v;

  static Vector all(float x) { return {_mm256_set1_ps(x)}; }
  static Vector load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static Vector load(const float* p, int n) {
    return n == kLanes ? load(p) : Vector{_mm256_maskload_ps(p, first(n))};
  }
  static Vector load_bf16(const std::uint16_t* p, int n = kLanes) {
    return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(load_16_bits(p, n)), 16))};
  }
  static Vector load_half(const std::uint16_t* p, int n = kLanes) {
    return {_mm256_cvtph_ps(load_16_bits(p, n))};
  }
  static void load_bf16_pairs(const std::uint16_t* p, Vector& first, Vector& second) {
    const __m256i pairs = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    first = {_mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16))};
    second = {_mm256_castsi256_ps(_mm256_and_si256(pairs, _mm256_set1_epi32(static_cast<int>(0xffff0000))))};
  }
  static void load_pairs(const float* p, Vector& first, Vector& second) {
    const __m256 a = _mm256_loadu_ps(p), b = _mm256_loadu_ps(p + 8);
    const __m256 low = _mm256_permute2f128_ps(a, b, 0x20), high = _mm256_permute2f128_ps(a, b, 0x31);
    first = {_mm256_shuffle_ps(low, high, 0x88)};
    second = {_mm256_shuffle_ps(low, high, 0xdd)};
  }
  static void store_pairs(float* p, Vector first, Vector second) {
    const __m256 low = _mm256_unpacklo_ps(first.v, second.v), high = _mm256_unpackhi_ps(first.v, second.v);
    _mm256_storeu_ps(p, _mm256_permute2f128_ps(low, high, 0x20));
    _mm256_storeu_ps(p + 8, _mm256_permute2f128_ps(low, high, 0x31));
  }
  static Vector load_int8(const std::int8_t* p) {
    return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))))};
  }
  static Vector load_e4m3(const std::uint8_t* p) {  // moved by one bit these are halves
    const __m128i words = _mm_slli_epi16(_mm_cvtepu8_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))), 8);
    const __m128i moved = _mm_and_si128(_mm_srai_epi16(words, 1), _mm_set1_epi16(static_cast<short>(0xbf80)));
    return {_mm256_cvtph_ps(moved)};
  }
  static void store(float* p, Vector x) { _mm256_storeu_ps(p, x.v); }
  static void store(float* p, Vector x, int n) {
    if (n == kLanes) return store(p, x);
    _mm256_maskstore_ps(p, first(n), x.v);
  }
  static void store_half(std::uint16_t* p, Vector x, int n = kLanes) {
    const __m128i halves = _mm256_cvtps_ph(x.v, _MM_FROUND_TO_NEAREST_INT);
    std::memcpy(p, &halves, static_cast<unsigned>(n) * 2);
  }
  static void store_bytes(std::int8_t* p, Vector x) {
    const __m256i whole = _mm256_cvtps_epi32(x.v);
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packs_epi16(words, words));
  }

  friend Vector operator+(Vector a, Vector b) { return {_mm256_add_ps(a.v, b.v)}; }
  friend Vector operator-(Vector a, Vector b) { return {_mm256_sub_ps(a.v, b.v)}; }
  friend Vector operator*(Vector a, Vector b) { return {_mm256_mul_ps(a.v, b.v)}; }
  friend Vector operator/(Vector a, Vector b) { return {_mm256_div_ps(a.v, b.v)}; }
  static Vector fma(Vector a, Vector b, Vector c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
  static Vector max(Vector a, Vector b) { return {_mm256_max_ps(a.v, b.v)}; }
  static Vector abs(Vector x) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), x.v)}; }
  static Vector round(Vector x) {
    return {_mm256_round_ps(x.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  }
  static Vector times_power_of_2(Vector x, Vector n) {
    const __m256i exponent = _mm256_slli_epi32(_mm256_cvtps_epi32(n.v), 23);
    return {_mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x.v), exponent))};
  }
  static Vector zero_where_below(Vector x, Vector y, float limit) {
    return {_mm256_andnot_ps(_mm256_cmp_ps(y.v, _mm256_set1_ps(limit), _CMP_LT_OQ), x.v)};
  }
  static float sum(Vector x) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
  }
  static float greatest(Vector x) {
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
  }
  static void sum_4(const Vector x[4], float* out) {
    const __m256 pairs = _mm256_hadd_ps(_mm256_hadd_ps(x[0].v, x[1].v), _mm256_hadd_ps(x[2].v, x[3].v));
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(pairs), _mm256_extractf128_ps(pairs, 1)));
  }

 private:
  static __m256i first(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static __m128i load_16_bits(const std::uint16_t* p, int n) {
    if (n == kLanes) return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    __m128i bits = _mm_setzero_si128();
    std::memcpy(&bits, p, static_cast<unsigned>(n) * 2);
    return bits;
  }
};

}  // namespace
}  // namespace tokenmark::cpu
