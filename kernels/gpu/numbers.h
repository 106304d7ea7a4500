// Conversions of number formats inside of kernels, the same on every device (kernels/formats/format.h defines the formats).
#pragma once

#include "kernels/gpu/device.h"

namespace TM_GPU_NAMESPACE {

TM_DEVICE float from_bf16(std::uint16_t bits) { return bits_to_float(std::uint32_t{bits} << 16); }

TM_DEVICE std::uint16_t to_bf16(float value) {
  const std::uint32_t bits = float_to_bits(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);  // a quiet NaN
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

// Two values in a word, the first in its low half.
TM_DEVICE std::uint32_t pack_bf16(float first, float second) { return to_bf16_pair(first, second); }

TM_DEVICE Bytes16 pack8_bf16(const float* values) {
  return {{pack_bf16(values[0], values[1]), pack_bf16(values[2], values[3]), pack_bf16(values[4], values[5]),
           pack_bf16(values[6], values[7])}};
}

// OCP E4M3 (bias 7, largest 448, 0x7f NaN). The bits of the number, moved to where a float's exponent and fraction are,
// are the number times 2^-120: right for subnormals too.
TM_DEVICE float from_e4m3(std::uint32_t bits) {
  const float magnitude = bits_to_float((bits & 0x7fu) << 20) * 0x1p120f;
  const float value = (bits & 0x7fu) == 0x7fu ? bits_to_float(0x7fc00000u) : magnitude;
  return bits & 0x80u ? -value : value;
}

// Nearest even, saturating.
TM_DEVICE std::uint8_t to_e4m3(float value) {
  const std::uint32_t all = float_to_bits(value), sign = all >> 24 & 0x80u;
  std::uint32_t bits = all & 0x7fffffffu;
  if (bits > 0x7f800000u) return static_cast<std::uint8_t>(sign | 0x7fu);
  if (bits >= 0x43e00000u) return static_cast<std::uint8_t>(sign | 0x7eu);  // 448 and more
  if (bits < 0x3c800000u) {  // below 2^-6: the addition rounds at 2^-9, the step of the subnormals
    const std::uint32_t rounded = float_to_bits(bits_to_float(bits) + 16384.0f) - float_to_bits(16384.0f);
    return static_cast<std::uint8_t>(sign | rounded);
  }
  bits += 0x7ffffu + (bits >> 20 & 1u);
  return static_cast<std::uint8_t>(sign | (bits - (120u << 23)) >> 20);
}

// OCP E2M1: 0 .5 1 1.5 2 3 4 6, bit 3 the sign.
TM_DEVICE float from_e2m1(std::uint32_t nibble) {
  const float magnitude = bits_to_float((nibble & 7u) << 22) * 0x1p126f;
  return nibble & 8u ? -magnitude : magnitude;
}

TM_DEVICE float from_e8m0(std::uint32_t e) {
  if (e == 255) return bits_to_float(0x7fc00000u);
  return bits_to_float(e == 0 ? 0x00400000u : e << 23);
}

}  // namespace TM_GPU_NAMESPACE
