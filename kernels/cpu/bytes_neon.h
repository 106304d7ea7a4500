// Products of bytes with NEON, for quantized.h: eight rows at once, half a panel. SDOT multiplies them where the
// translation unit may use it. The operations mean what they mean in bytes_avx512.h.
#pragma once

#include <arm_neon.h>

#include "kernels/cpu/packed.h"
#include "kernels/cpu/vector_neon.h"

namespace tokenmark::cpu {
namespace {

struct Bytes {
  static constexpr int kBytes = 32;
  static constexpr int kDirectTokens = 0;  // a block takes half of the registers
  static constexpr int kTileTokens = 3;

  uint8x16_t low, high;

  static Bytes all(int x) { return twice(vdupq_n_u8(static_cast<std::uint8_t>(x))); }
  static Bytes load(const void* p) {
    const auto* bytes = static_cast<const std::uint8_t*>(p);
    return {vld1q_u8(bytes), vld1q_u8(bytes + 16)};
  }
  static void store(void* p, Bytes x) {
    auto* bytes = static_cast<std::uint8_t*>(p);
    vst1q_u8(bytes, x.low);
    vst1q_u8(bytes + 16, x.high);
  }
  static Bytes repeat_4(const void* p) {
    std::uint32_t four;
    __builtin_memcpy(&four, p, 4);
    return twice((uint8x16_t)vdupq_n_u32(four));
  }
  static Bytes repeat_16(const void* p) { return twice(vld1q_u8(static_cast<const std::uint8_t*>(p))); }
  friend Bytes operator&(Bytes a, Bytes b) { return {a.low & b.low, a.high & b.high}; }
  friend Bytes operator|(Bytes a, Bytes b) { return {a.low | b.low, a.high | b.high}; }
  friend Bytes operator^(Bytes a, Bytes b) { return {a.low ^ b.low, a.high ^ b.high}; }
  friend Bytes operator-(Bytes a, Bytes b) { return {a.low - b.low, a.high - b.high}; }
  friend Bytes operator+(Bytes a, Bytes b) { return {a.low + b.low, a.high + b.high}; }
  static Bytes and_or(Bytes a, Bytes mask, Bytes b) { return (a & mask) | b; }
  static Bytes left(Bytes a, int n) { return {a.low << n, a.high << n}; }
  static Bytes right(Bytes a, int n) { return {a.low >> n, a.high >> n}; }
  static Bytes lookup(Bytes table_of_16, Bytes nibbles) {
    return {vqtbl1q_u8(table_of_16.low, nibbles.low), vqtbl1q_u8(table_of_16.low, nibbles.high)};
  }
  static Bytes where(Bytes from, int bits, Bytes a, Bytes b) {
    const Bytes wanted = all(bits);
    return {vbslq_u8(vtstq_u8(from.low, wanted.low), a.low, b.low),
            vbslq_u8(vtstq_u8(from.high, wanted.high), a.high, b.high)};
  }

  static Bytes add_pairs(Bytes sums, Bytes a, Bytes b) {
    return {(uint8x16_t)((int32x4_t)sums.low + pairs((int16x8_t)a.low, (int16x8_t)b.low)),
            (uint8x16_t)((int32x4_t)sums.high + pairs((int16x8_t)a.high, (int16x8_t)b.high))};
  }
  static Vector to_float(Bytes sums) {
    return {vcvtq_f32_s32((int32x4_t)sums.low), vcvtq_f32_s32((int32x4_t)sums.high)};
  }

 private:
  static Bytes twice(uint8x16_t x) { return {x, x}; }
  static int32x4_t pairs(int16x8_t a, int16x8_t b) {
    return vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b));
  }
};

// Weights are multiplied as signed bytes: all of them fit, unpacked with these biases.
constexpr int weight_bias(Format format) {
  switch (format) {
    case Format::q4_0: return 8;
    case Format::q6_k: return 32;
    case Format::mxfp4: return 12;
    case Format::mxfp6: return 64;
    default: return 0;
  }
}

// Adds the products of 16 bytes, four to a sum.
[[gnu::always_inline]] inline int32x4_t add_products(int32x4_t sums, uint8x16_t a, uint8x16_t b) {
  const int8x16_t x = (int8x16_t)a, y = (int8x16_t)b;
#ifdef __ARM_FEATURE_DOTPROD
  return vdotq_s32(sums, x, y);
#else  // a pair's products fit 16 bits: the input's bytes are at least -127
  return vpadalq_s16(sums, vpaddq_s16(vmull_s8(vget_low_s8(x), vget_low_s8(y)), vmull_high_s8(x, y)));
#endif
}

template <Format>
struct Dots {
  int32x4_t low, high;

  void start(std::int32_t offset) { low = high = vdupq_n_s32(offset); }
  [[gnu::always_inline]] void add(Bytes weights, Bytes x, int /*group*/) {
    low = add_products(low, weights.low, x.low);
    high = add_products(high, weights.high, x.high);
  }
  Vector value() const { return {vcvtq_f32_s32(low), vcvtq_f32_s32(high)}; }
  Vector bits() const { return {(float32x4_t)low, (float32x4_t)high}; }
};

inline Vector load_unsigned(const std::uint8_t* p) { return Vector::load_uint8(p); }
inline Vector load_signed(const std::int8_t* p) { return Vector::load_int8(p); }

}  // namespace
}  // namespace tokenmark::cpu
