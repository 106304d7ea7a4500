// The arithmetic of single numbers in the small floating-point formats, inline so that loops over them become vector
// instructions. For this folder; others call format.h.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>

namespace tokenmark {

// A half is 1 sign bit, 5 bits of exponent (bias 15) and 10 of fraction.
inline float decode_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t exponent = half >> 10 & 0x1fu;
  const std::uint32_t fraction = half & 0x3ffu;
  if (exponent == 0) {  // zero or subnormal: fraction * 2^-24, exact in float
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  if (exponent == 31)
    return std::bit_cast<float>(sign | 0x7f800000u | (fraction ? 0x400000u | fraction << 13 : 0u));
  return std::bit_cast<float>(sign | (exponent + 127 - 15) << 23 | fraction << 13);
}

inline std::uint16_t encode_half(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint16_t sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u)
    return static_cast<std::uint16_t>(sign | 0x7e00u | (magnitude >> 13 & 0x3ffu));  // NaN
  if (magnitude >= 0x477ff000u) return sign | 0x7c00u;  // 65520 and more round to infinity
  if (magnitude < 0x38800000u) {  // below 2^-14: the addition rounds at 2^-24, the unit of subnormal halves
    const float sum = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<std::uint16_t>(
        sign | (std::bit_cast<std::uint32_t>(sum) - std::bit_cast<std::uint32_t>(0.5f)));
  }
  const std::uint32_t odd = magnitude >> 13 & 1u;
  const std::uint32_t rounded = magnitude - ((127u - 15u) << 23) + 0xfffu + odd;
  return static_cast<std::uint16_t>(sign | rounded >> 13);
}

inline float decode_bf16(std::uint16_t bf16) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bf16) << 16);
}

inline std::uint16_t encode_bf16(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u)
    return static_cast<std::uint16_t>(bits >> 16 | 0x40u);  // a quiet NaN
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

inline float decode_e8m0(std::uint8_t e) {
  if (e == 255) return std::numeric_limits<float>::quiet_NaN();
  return std::bit_cast<float>(e == 0 ? 0x00400000u : static_cast<std::uint32_t>(e) << 23);  // 2^-127 is subnormal
}

// The magnitude that a code (exponent above fraction, no sign) stands for; exponent 0 means subnormal.
template <int kFractionBits, int kBias>
constexpr float minifloat_magnitude(std::uint32_t code) {
  constexpr float kSubnormalStep = std::bit_cast<float>(static_cast<std::uint32_t>(127 + 1 - kBias - kFractionBits) << 23);
  const float normal = std::bit_cast<float>((code << (23 - kFractionBits)) + (static_cast<std::uint32_t>(127 - kBias) << 23));
  const float subnormal = static_cast<float>(static_cast<std::int32_t>(code)) * kSubnormalStep;
  return code >> kFractionBits ? normal : subnormal;
}

// The code nearest to a magnitude, the even one in the middle, `kGreatest` for all that is larger. NaN gives `kGreatest`.
template <int kFractionBits, int kBias, std::uint32_t kGreatest>
std::uint32_t minifloat_code(float magnitude) {
  constexpr int kDropped = 23 - kFractionBits;
  constexpr std::uint32_t kRebias = static_cast<std::uint32_t>(127 - kBias) << kFractionBits;
  constexpr std::uint32_t kSmallestNormal = static_cast<std::uint32_t>(128 - kBias) << 23;
  // A number whose last bit is the step of the subnormals: adding it rounds to that step.
  constexpr std::uint32_t kRounder = static_cast<std::uint32_t>(127 + 1 - kBias - kFractionBits + 23) << 23;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(magnitude);
  const std::uint32_t odd = bits >> kDropped & 1;
  const std::uint32_t normal = ((bits + (1u << (kDropped - 1)) - 1 + odd) >> kDropped) - kRebias;
  const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(magnitude + std::bit_cast<float>(kRounder)) - kRounder;
  const auto code = static_cast<std::int32_t>(bits < kSmallestNormal ? subnormal : normal);
  return static_cast<std::uint32_t>(std::min(code, static_cast<std::int32_t>(kGreatest)));
}

// Sign and magnitude of a float in a format whose sign bit lies above `kGreatest`'s bits.
template <int kFractionBits, int kBias, std::uint32_t kGreatest, int kSignShift>
std::uint8_t encode_minifloat(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t code = minifloat_code<kFractionBits, kBias, kGreatest>(std::bit_cast<float>(bits & 0x7fffffffu));
  return static_cast<std::uint8_t>(code | bits >> 31 << kSignShift);
}

// All values of a format whose sign stands above `kBits` - 1 bits.
template <int kBits, int kFractionBits, int kBias>
constexpr std::array<float, 1u << kBits> minifloat_table() {
  constexpr std::uint32_t kSign = 1u << (kBits - 1);
  std::array<float, 1u << kBits> table{};
  for (std::uint32_t code = 0; code < table.size(); ++code) {
    const float magnitude = minifloat_magnitude<kFractionBits, kBias>(code % kSign);
    table[code] = code & kSign ? -magnitude : magnitude;
  }
  return table;
}
inline constexpr auto kE2m1Values = minifloat_table<4, 1, 1>();
inline constexpr auto kE2m3Values = minifloat_table<6, 3, 1>();
inline constexpr auto kE4m3Values = [] {
  auto table = minifloat_table<8, 3, 7>();
  table[0x7f] = std::numeric_limits<float>::quiet_NaN();
  table[0xff] = -table[0x7f];
  return table;
}();

inline constexpr auto kE4m3FnuzValues = [] {
  auto table = minifloat_table<8, 3, 8>();
  table[0x80] = std::numeric_limits<float>::quiet_NaN();
  return table;
}();

inline float decode_e2m1(std::uint32_t nibble) { return kE2m1Values[nibble & 15]; }
inline float decode_e2m3(std::uint32_t bits) { return kE2m3Values[bits & 63]; }
inline float decode_e4m3(std::uint8_t bits) { return kE4m3Values[bits]; }
inline float decode_e4m3fnuz(std::uint8_t bits) { return kE4m3FnuzValues[bits]; }

inline std::uint8_t encode_e2m1(float value) { return encode_minifloat<1, 1, 7, 3>(value); }
inline std::uint8_t encode_e2m3(float value) { return encode_minifloat<3, 1, 31, 5>(value); }
inline std::uint8_t encode_e4m3(float value) {
  const std::uint8_t code = encode_minifloat<3, 7, 0x7e, 7>(value);
  return value != value ? static_cast<std::uint8_t>(code | 0x7f) : code;
}

}  // namespace tokenmark
