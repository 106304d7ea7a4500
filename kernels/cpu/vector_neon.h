// Eight floats in two registers of NEON: its 32 registers then hold what AVX2's sixteen of twice the width do. The
// operations mean what they mean in vector_portable.h.
#pragma once

#include <arm_neon.h>

#include <cstdint>
#include <cstring>

namespace tokenmark::cpu {
namespace {

struct Vector {
  static constexpr int kLanes = 8;

  float32x4_t low, high;

  static Vector all(float x) { return {vdupq_n_f32(x), vdupq_n_f32(x)}; }
  static Vector load(const float* p) { return {vld1q_f32(p), vld1q_f32(p + 4)}; }
  static Vector load(const float* p, int n) {
    if (n == kLanes) return load(p);
    float lanes[kLanes] = {};
    std::memcpy(lanes, p, static_cast<unsigned>(n) * sizeof(float));
    return load(lanes);
  }
  static Vector load_bf16(const std::uint16_t* p, int n = kLanes) {
    const uint16x8_t bits = load_16_bits(p, n);
    return {(float32x4_t)vshll_n_u16(vget_low_u16(bits), 16), (float32x4_t)vshll_high_n_u16(bits, 16)};
  }
  static Vector load_half(const std::uint16_t* p, int n = kLanes) { return from_half(load_16_bits(p, n)); }
  static void load_bf16_pairs(const std::uint16_t* p, Vector& first, Vector& second) {
    const uint32x4_t a = (uint32x4_t)vld1q_u16(p), b = (uint32x4_t)vld1q_u16(p + 8);
    first = {(float32x4_t)(a << 16), (float32x4_t)(b << 16)};
    second = {(float32x4_t)(a & 0xffff0000), (float32x4_t)(b & 0xffff0000)};
  }
  static void load_pairs(const float* p, Vector& first, Vector& second) {
    const float32x4x2_t a = vld2q_f32(p), b = vld2q_f32(p + 8);
    first = {a.val[0], b.val[0]};
    second = {a.val[1], b.val[1]};
  }
  static void store_pairs(float* p, Vector first, Vector second) {
    vst2q_f32(p, {{first.low, second.low}});
    vst2q_f32(p + 8, {{first.high, second.high}});
  }
  static Vector load_int8(const std::int8_t* p) {
    const int16x8_t words = vmovl_s8(vld1_s8(p));
    return {vcvtq_f32_s32(vmovl_s16(vget_low_s16(words))), vcvtq_f32_s32(vmovl_high_s16(words))};
  }
  static Vector load_uint8(const std::uint8_t* p) {
    const uint16x8_t words = vmovl_u8(vld1_u8(p));
    return {vcvtq_f32_u32(vmovl_u16(vget_low_u16(words))), vcvtq_f32_u32(vmovl_high_u16(words))};
  }
  static Vector load_e4m3(const std::uint8_t* p) {  // moved by one bit these are halves
    return from_half((uint16x8_t)((int16x8_t)vshll_n_u8(vld1_u8(p), 8) >> 1) & 0xbf80);
  }
  static void store(float* p, Vector x) {
    vst1q_f32(p, x.low);
    vst1q_f32(p + 4, x.high);
  }
  static void store(float* p, Vector x, int n) {
    if (n == kLanes) return store(p, x);
    std::memcpy(p, &x, static_cast<unsigned>(n) * sizeof(float));
  }
  static void store_half(std::uint16_t* p, Vector x, int n = kLanes) {
    const float16x8_t halves = vcvt_high_f16_f32(vcvt_f16_f32(x.low), x.high);
    std::memcpy(p, &halves, static_cast<unsigned>(n) * 2);
  }
  static void store_bytes(std::int8_t* p, Vector x) {
    const int16x4_t low = vmovn_s32(vcvtnq_s32_f32(x.low)), high = vmovn_s32(vcvtnq_s32_f32(x.high));
    vst1_s8(p, vmovn_s16(vcombine_s16(low, high)));
  }

  friend Vector operator+(Vector a, Vector b) { return {a.low + b.low, a.high + b.high}; }
  friend Vector operator-(Vector a, Vector b) { return {a.low - b.low, a.high - b.high}; }
  friend Vector operator*(Vector a, Vector b) { return {a.low * b.low, a.high * b.high}; }
  friend Vector operator/(Vector a, Vector b) { return {a.low / b.low, a.high / b.high}; }
  static Vector fma(Vector a, Vector b, Vector c) {
    return {vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high)};
  }
  static Vector max(Vector a, Vector b) { return {vmaxnmq_f32(a.low, b.low), vmaxnmq_f32(a.high, b.high)}; }
  static Vector abs(Vector x) { return {vabsq_f32(x.low), vabsq_f32(x.high)}; }
  static Vector round(Vector x) { return {vrndnq_f32(x.low), vrndnq_f32(x.high)}; }
  static Vector times_power_of_2(Vector x, Vector n) {
    return {(float32x4_t)((int32x4_t)x.low + (vcvtq_s32_f32(n.low) << 23)),
            (float32x4_t)((int32x4_t)x.high + (vcvtq_s32_f32(n.high) << 23))};
  }
  static Vector zero_where_below(Vector x, Vector y, float limit) {
    const float32x4_t limits = vdupq_n_f32(limit);
    return {(float32x4_t)vbicq_u32((uint32x4_t)x.low, vcltq_f32(y.low, limits)),
            (float32x4_t)vbicq_u32((uint32x4_t)x.high, vcltq_f32(y.high, limits))};
  }
  static float sum(Vector x) { return vaddvq_f32(x.low + x.high); }
  static float greatest(Vector x) { return vmaxnmvq_f32(vmaxnmq_f32(x.low, x.high)); }

 private:
  static Vector from_half(uint16x8_t bits) {
    const float16x8_t halves = (float16x8_t)bits;
    return {vcvt_f32_f16(vget_low_f16(halves)), vcvt_high_f32_f16(halves)};
  }
  static uint16x8_t load_16_bits(const std::uint16_t* p, int n) {
    if (n == kLanes) return vld1q_u16(p);
    uint16x8_t bits = vdupq_n_u16(0);
    std::memcpy(&bits, p, static_cast<unsigned>(n) * 2);
    return bits;
  }
};

}  // namespace
}  // namespace tokenmark::cpu
