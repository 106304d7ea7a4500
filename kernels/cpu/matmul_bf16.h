// Products of BF16 and FP8 weights with inputs rounded to BF16, over dot products of pairs (AVX512-BF16), and the
// exact way from E4M3 to BF16 by tables of bytes (VBMI).
#pragma once

#include <immintrin.h>

#include "kernels/cpu/kernels.h"

namespace tokenmark::cpu {
namespace {
constexpr bool kPairedColumns = true;
}
}  // namespace tokenmark::cpu

#include "kernels/cpu/bf16_input.h"
#include "kernels/cpu/matmul_floats.h"

namespace tokenmark::cpu {
namespace {

bool takes_bf16(Format format) { return format == Format::bf16 || format == Format::fp8; }

struct PairInput {
  static Vector multiply_add(Vector weights, const std::byte* x, Vector sum) {
    std::int32_t pair;
    std::memcpy(&pair, x, sizeof(pair));
    return {_mm512_dpbf16_ps(sum.v, (__m512bh)weights.v, (__m512bh)_mm512_set1_epi32(pair))};
  }
};

struct StepBf16Pairs : PairInput {
  static constexpr int kParts = 1;
  static constexpr std::uint64_t kColumns = 2, kBlockColumns = 512, kScaleBytes = 0, kBytes = 64;
  static void load(const std::byte* at, int, Vector (&weights)[kVectors]) { weights[0] = {_mm512_load_ps(at)}; }
};

// The two bytes of the BF16 of each magnitude of E4M3.
struct E4m3Table {
  alignas(64) std::uint8_t low[128], high[128];
};

constexpr E4m3Table e4m3_table() {
  E4m3Table table{};
  for (unsigned code = 0; code < 128; ++code) {
    unsigned exponent = code >> 3, fraction = code & 7, bits = 0;
    if (code == 127) {
      bits = 0x7fc0;
    } else if (exponent > 0) {
      bits = (exponent + 120) << 7 | fraction << 4;
    } else if (fraction != 0) {  // fraction * 2^-9
      exponent = 121;
      for (; fraction < 8; fraction *= 2) --exponent;
      bits = exponent << 7 | (fraction & 7) << 4;
    }
    table.low[code] = static_cast<std::uint8_t>(bits);
    table.high[code] = static_cast<std::uint8_t>(bits >> 8);
  }
  return table;
}
constexpr E4m3Table kE4m3 = e4m3_table();

// 64 E4M3 as packed to the pairs of BF16 of two columns, and of the next two.
[[gnu::always_inline]] inline void e4m3_to_bf16(__m512i codes, __m512i& first, __m512i& second) {
  const __m512i low = _mm512_permutex2var_epi8(_mm512_load_si512(kE4m3.low), codes, _mm512_load_si512(kE4m3.low + 64));
  const __m512i magnitude =
      _mm512_permutex2var_epi8(_mm512_load_si512(kE4m3.high), codes, _mm512_load_si512(kE4m3.high + 64));
  const __m512i sign = _mm512_set1_epi8(-128);
  const __m512i high = _mm512_ternarylogic_epi32(magnitude, codes, sign, 0xf8);  // magnitude | (codes & sign)
  first = _mm512_unpacklo_epi8(low, high);
  second = _mm512_unpackhi_epi8(low, high);
}

struct StepFp8Pairs : PairInput {
  static constexpr int kParts = 2;
  static constexpr std::uint64_t kColumns = 4, kBlockColumns = kFp8Columns, kScaleBytes = kFp8Scales, kBytes = 64;
  static constexpr float kScale = 1;
  static void load(const std::byte* at, int part, Vector (&weights)[kVectors]) {
    __m512i first, second;
    e4m3_to_bf16(_mm512_load_si512(at), first, second);
    weights[0] = {_mm512_castsi512_ps(part == 0 ? first : second)};
  }
};

// Tokens lie token_bytes apart.
void multiply_vectors(const Matrix& w, const void* prepared, std::uint64_t token_bytes, std::uint64_t tokens,
                      std::uint64_t row_begin, std::uint64_t row_end, float* out, std::uint64_t out_stride) {
  const auto multiply = [&]<class Step>() {
    multiply_floats<Step>(w, static_cast<const std::byte*>(prepared), token_bytes, tokens, row_begin,
                          row_end, out, out_stride);
  };
  switch (w.format) {
    case Format::f32: return multiply.template operator()<StepF32>();
    case Format::f16: return multiply.template operator()<StepF16>();
    case Format::bf16: return multiply.template operator()<StepBf16Pairs>();
    default: return multiply.template operator()<StepFp8Pairs>();
  }
}

}  // namespace
}  // namespace tokenmark::cpu
