// Inputs rounded to BF16, nearest even, filled up with zeros to whole 32 columns (AVX512-BF16).
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace tokenmark::cpu {
namespace {

// Tokens lie so many cache lines apart that 32 tokens' 16 lines of the same columns fill all sets of a first-level cache
// evenly; short ones an odd number.
constexpr std::size_t bf16_input_bytes(std::uint64_t columns) {
  const std::uint64_t lines = (columns + 31) / 32;
  return (lines < 32 ? lines | 1 : (lines + 47) / 64 * 64 + 16) * 64;
}

inline __m512i to_bf16(const float* x, __mmask32 lanes) {
  const __m512 low = _mm512_maskz_loadu_ps(static_cast<__mmask16>(lanes), x);
  const __m512 high = _mm512_maskz_loadu_ps(static_cast<__mmask16>(lanes >> 16), x + 16);
  return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

inline void prepare_bf16_input(const float* x, std::uint64_t columns, void* prepared) {
  auto* to = static_cast<std::uint16_t*>(prepared);
  for (std::uint64_t c = 0; c < columns; c += 32) {
    const std::uint64_t rest = columns - c;
    _mm512_store_si512(to + c, to_bf16(x + c, rest < 32 ? (1u << rest) - 1 : ~0u));
  }
}

}  // namespace
}  // namespace tokenmark::cpu
