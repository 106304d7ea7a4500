// Each function carries its instruction set as an attribute and is reached only where the processor has it.
#include "kernels/cpu/peaks.h"

#include "kernels/cpu/kernels.h"

#if defined(TOKENMARK_X86)
#include <immintrin.h>
#elif defined(TOKENMARK_NEON)
#include <arm_neon.h>
#endif

namespace tokenmark::cpu {
namespace {

typedef float Floats __attribute__((vector_size(16)));

// Keeps a value from being optimised away, without an instruction.
template <class T>
inline void keep(T& value) {
#ifdef TOKENMARK_X86
  asm volatile("" : "+x"(value));
#else
  asm volatile("" : "+w"(value));
#endif
}

void read_portable(const void* memory, std::size_t bytes) {
  typedef std::uint64_t Words __attribute__((vector_size(16)));
  const auto* words = static_cast<const Words*>(memory);
  Words sums[4] = {};
  for (std::size_t i = 0; i < bytes / sizeof(Words); i += 4)
    for (std::size_t j = 0; j < 4; ++j) sums[j] ^= words[i + j];
  for (Words& sum : sums) keep(sum);
}

double f32_portable(std::uint64_t rounds) {
  Floats sums[8] = {};
  Floats factor = {0.999f, 0.999f, 0.999f, 0.999f};
  keep(factor);
  for (std::uint64_t i = 0; i < rounds; ++i)
    for (Floats& sum : sums) {
      sum = sum * factor + factor;
      keep(sum);
    }
  return static_cast<double>(rounds) * 8 * 4 * 2;
}

constexpr Peaks kPortablePeaks = {read_portable, f32_portable};

#ifdef TOKENMARK_X86

[[gnu::target("avx2,fma")]] void read_avx2(const void* memory, std::size_t bytes) {
  const auto* words = static_cast<const __m256i*>(memory);
  __m256i sums[8];
  for (__m256i& sum : sums) sum = _mm256_setzero_si256();
  for (std::size_t i = 0; i < bytes / 32; i += 8)
    for (std::size_t j = 0; j < 8; ++j) sums[j] = _mm256_xor_si256(sums[j], _mm256_load_si256(words + i + j));
  for (__m256i& sum : sums) asm volatile("" : "+x"(sum));
}

// Twelve chains: latency of four cycles times two a cycle, and some to spare.
[[gnu::target("avx2,fma")]] double f32_avx2(std::uint64_t rounds) {
  __m256 sums[12];
  __m256 factor = _mm256_set1_ps(0.999f);
#pragma GCC unroll 12
  for (__m256& sum : sums) sum = factor;
  for (std::uint64_t i = 0; i < rounds; ++i)
#pragma GCC unroll 12
    for (__m256& sum : sums) {
      sum = _mm256_fmadd_ps(sum, factor, factor);
      asm volatile("" : "+x"(sum));
    }
  return static_cast<double>(rounds) * 12 * 8 * 2;
}

[[gnu::target("avx512f")]] void read_avx512(const void* memory, std::size_t bytes) {
  const auto* words = static_cast<const std::byte*>(memory);
  __m512i sums[8];
  for (__m512i& sum : sums) sum = _mm512_setzero_si512();
  for (std::size_t i = 0; i < bytes; i += 512)
    for (std::size_t j = 0; j < 8; ++j)
      sums[j] = _mm512_xor_si512(sums[j], _mm512_load_si512(words + i + 64 * j));
  for (__m512i& sum : sums) asm volatile("" : "+v"(sum));
}

[[gnu::target("avx512f")]] double f32_avx512(std::uint64_t rounds) {
  __m512 sums[12];
  __m512 factor = _mm512_set1_ps(0.999f);
#pragma GCC unroll 12
  for (__m512& sum : sums) sum = factor;
  for (std::uint64_t i = 0; i < rounds; ++i)
#pragma GCC unroll 12
    for (__m512& sum : sums) {
      sum = _mm512_fmadd_ps(sum, factor, factor);
      asm volatile("" : "+v"(sum));
    }
  return static_cast<double>(rounds) * 12 * 16 * 2;
}

[[gnu::target("avx512f,avx512bf16")]] double bf16_avx512(std::uint64_t rounds) {
  __m512 sums[12];
  __m512i pairs = _mm512_set1_epi32(0x3f803f80);  // ones
  asm volatile("" : "+v"(pairs));
#pragma GCC unroll 12  // or the sums live in memory and the stores set the pace
  for (__m512& sum : sums) sum = _mm512_setzero_ps();
  for (std::uint64_t i = 0; i < rounds; ++i)
#pragma GCC unroll 12
    for (__m512& sum : sums) {
      sum = _mm512_dpbf16_ps(sum, (__m512bh)pairs, (__m512bh)pairs);
      asm volatile("" : "+v"(sum));
    }
  return static_cast<double>(rounds) * 12 * 32 * 2;
}

[[gnu::target("avx512f,avx512vnni")]] double int8_avx512(std::uint64_t rounds) {
  __m512i sums[12];
  __m512i bytes = _mm512_set1_epi8(3);
  asm volatile("" : "+v"(bytes));
#pragma GCC unroll 12
  for (__m512i& sum : sums) sum = _mm512_setzero_si512();
  for (std::uint64_t i = 0; i < rounds; ++i)
#pragma GCC unroll 12
    for (__m512i& sum : sums) {
      sum = _mm512_dpbusd_epi32(sum, bytes, bytes);
      asm volatile("" : "+v"(sum));
    }
  return static_cast<double>(rounds) * 12 * 64 * 2;
}

// All eight tiles of 16 rows by 64 bytes: four sums, and two tiles of each operand.
[[gnu::target("amx-tile")]] void configure_tiles() {
  struct alignas(64) Config {
    std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
    std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
  };
  static constexpr Config kConfig;
  _tile_loadconfig(&kConfig);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  alignas(64) static constexpr std::uint32_t kOnes[16] = {0x3f803f80, 0x3f803f80, 0x3f803f80, 0x3f803f80,
                                                         0x3f803f80, 0x3f803f80, 0x3f803f80, 0x3f803f80,
                                                         0x3f803f80, 0x3f803f80, 0x3f803f80, 0x3f803f80,
                                                         0x3f803f80, 0x3f803f80, 0x3f803f80, 0x3f803f80};
  _tile_loadd(4, kOnes, 0);  // the same line for every row
  _tile_loadd(5, kOnes, 0);
  _tile_loadd(6, kOnes, 0);
  _tile_loadd(7, kOnes, 0);
}

[[gnu::target("amx-tile,amx-bf16")]] double bf16_amx(std::uint64_t rounds) {
  configure_tiles();
  for (std::uint64_t i = 0; i < rounds; ++i) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_release();
  return static_cast<double>(rounds) * 4 * 16 * 16 * 32 * 2;
}

[[gnu::target("amx-tile,amx-int8")]] double int8_amx(std::uint64_t rounds) {
  configure_tiles();
  for (std::uint64_t i = 0; i < rounds; ++i) {
    _tile_dpbssd(0, 4, 6);
    _tile_dpbssd(1, 4, 7);
    _tile_dpbssd(2, 5, 6);
    _tile_dpbssd(3, 5, 7);
  }
  _tile_release();
  return static_cast<double>(rounds) * 4 * 16 * 16 * 64 * 2;
}

constexpr Peaks kAvx2Peaks = {read_avx2, f32_avx2};
constexpr Peaks kAvx512Peaks = {read_avx512, f32_avx512, nullptr, int8_avx512};
constexpr Peaks kAvx512Bf16Peaks = {read_avx512, f32_avx512, bf16_avx512, int8_avx512};
constexpr Peaks kAmxPeaks = {read_avx512, f32_avx512, bf16_avx512, int8_avx512, bf16_amx, int8_amx};

#elif defined(TOKENMARK_NEON)

// Sixteen chains: latency of four cycles times four a cycle.
double f32_neon(std::uint64_t rounds) {
  float32x4_t sums[16];
  float32x4_t factor = vdupq_n_f32(0.999f);
#pragma GCC unroll 16
  for (float32x4_t& sum : sums) sum = factor;
  for (std::uint64_t i = 0; i < rounds; ++i)
#pragma GCC unroll 16
    for (float32x4_t& sum : sums) {
      sum = vfmaq_f32(sum, factor, factor);
      keep(sum);
    }
  return static_cast<double>(rounds) * 16 * 4 * 2;
}

[[gnu::target("arch=armv8.2-a+dotprod")]] double int8_neon(std::uint64_t rounds) {
  int32x4_t sums[16];
  int8x16_t bytes = vdupq_n_s8(3);
  asm volatile("" : "+w"(bytes));
#pragma GCC unroll 16
  for (int32x4_t& sum : sums) sum = vdupq_n_s32(0);
  for (std::uint64_t i = 0; i < rounds; ++i)
#pragma GCC unroll 16
    for (int32x4_t& sum : sums) {
      sum = vdotq_s32(sum, bytes, bytes);
      asm volatile("" : "+w"(sum));
    }
  return static_cast<double>(rounds) * 16 * 16 * 2;
}

constexpr Peaks kNeonPeaks = {read_portable, f32_neon};
constexpr Peaks kNeonDotprodPeaks = {read_portable, f32_neon, nullptr, int8_neon};

#endif

}  // namespace

const Peaks& best_peaks() {
#ifdef TOKENMARK_X86
  if (isa_available(Isa::amx)) return kAmxPeaks;
  if (isa_available(Isa::avx512))
    return __builtin_cpu_supports("avx512bf16") ? kAvx512Bf16Peaks : kAvx512Peaks;
  if (isa_available(Isa::avx2)) return kAvx2Peaks;
#elif defined(TOKENMARK_NEON)
  return isa_available(Isa::neon_dotprod) ? kNeonDotprodPeaks : kNeonPeaks;
#endif
  return kPortablePeaks;
}

}  // namespace tokenmark::cpu
