#include "kernels/formats/format.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace tokenmark {
namespace {

struct Description {
  Format format;
  std::string_view name;
  int block_values;
  std::size_t block_bytes;
};

constexpr std::array<Description, 11> kFormats = {{{Format::f32, "f32", 1, 4},
                                                  {Format::f16, "f16", 1, 2},
                                                  {Format::q4_0, "q4_0", 32, sizeof(BlockQ4_0)},
                                                  {Format::q8_0, "q8_0", 32, sizeof(BlockQ8_0)},
                                                  {Format::bf16, "bf16", 1, 2},
                                                  {Format::q4_k, "q4_k", 256, sizeof(BlockQ4_K)},
                                                  {Format::q5_k, "q5_k", 256, sizeof(BlockQ5_K)},
                                                  {Format::q6_k, "q6_k", 256, sizeof(BlockQ6_K)},
                                                  {Format::mxfp4, "mxfp4", 32, sizeof(BlockMxfp4)},
                                                  {Format::mxfp6, "mxfp6", 32, sizeof(BlockMxfp6)},
                                                  {Format::fp8, "fp8", 128, sizeof(BlockFp8)}}};

// A value outside the enumeration is a programmer's error; it reads as f32.
const Description& describe(Format format) {
  for (const Description& description : kFormats)
    if (description.format == format) return description;
  return kFormats[0];
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

void quantize_q8_0(const float* x, BlockQ8_0& block) {
  float greatest = 0;
  for (int i = 0; i < 32; ++i) greatest = std::max(greatest, std::fabs(x[i]));
  const float scale = greatest / 127;
  const float inverse = scale != 0 ? 1 / scale : 0;
  block.d = float_to_half(scale);
  for (int i = 0; i < 32; ++i) block.q[i] = static_cast<std::int8_t>(std::round(x[i] * inverse));
}

// The scale takes the sign of the value farthest from zero, so that this one becomes exactly -8.
void quantize_q4_0(const float* x, BlockQ4_0& block) {
  float farthest = 0;
  for (int i = 0; i < 32; ++i)
    if (std::fabs(x[i]) > std::fabs(farthest)) farthest = x[i];
  const float scale = farthest / -8;
  const float inverse = scale != 0 ? 1 / scale : 0;
  block.d = float_to_half(scale);
  const auto nibble = [&](float value) { return std::min(15, static_cast<int>(value * inverse + 8.5f)); };
  for (int i = 0; i < 16; ++i) block.q[i] = static_cast<std::uint8_t>(nibble(x[i]) | nibble(x[i + 16]) << 4);
}

template <class T>
T load(const void* row, std::uint64_t index) {
  T value;
  std::memcpy(&value, static_cast<const std::byte*>(row) + index * sizeof(T), sizeof(T));
  return value;
}

template <class T>
void store(void* row, std::uint64_t index, const T& value) {
  std::memcpy(static_cast<std::byte*>(row) + index * sizeof(T), &value, sizeof(T));
}

}  // namespace

std::optional<Format> format_from_number(std::uint32_t ggml_type) {
  for (const Description& description : kFormats)
    if (static_cast<std::uint32_t>(description.format) == ggml_type) return description.format;
  return std::nullopt;
}

std::optional<Format> format_from_name(std::string_view name) {
  for (const Description& description : kFormats)
    if (std::ranges::equal(name, description.name, {}, lower)) return description.format;
  return std::nullopt;
}

std::string_view format_name(Format format) {
  return describe(format).name;
}
int block_values(Format format) {
  return describe(format).block_values;
}
std::size_t block_bytes(Format format) {
  return describe(format).block_bytes;
}

std::size_t row_bytes(Format format, std::uint64_t columns) {
  const Description& description = describe(format);
  return columns / static_cast<std::uint64_t>(description.block_values) * description.block_bytes;
}

// A half is 1 sign bit, 5 bits of exponent (bias 15) and 10 of fraction.
float half_to_float(std::uint16_t half) {
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

std::uint16_t float_to_half(float value) {
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

float bf16_to_float(std::uint16_t bf16) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bf16) << 16);
}

std::uint16_t float_to_bf16(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u)
    return static_cast<std::uint16_t>(bits >> 16 | 0x40u);  // a quiet NaN
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

KScale k_scale(const std::uint8_t* scales, int j) {
  if (j < 4) return {static_cast<std::uint8_t>(scales[j] & 63), static_cast<std::uint8_t>(scales[j + 4] & 63)};
  return {static_cast<std::uint8_t>((scales[j + 4] & 15) | (scales[j - 4] >> 6) << 4),
          static_cast<std::uint8_t>(scales[j + 4] >> 4 | (scales[j] >> 6) << 4)};
}

float e8m0_to_float(std::uint8_t e) {
  return e == 255 ? std::numeric_limits<float>::quiet_NaN() : std::ldexp(1.0f, e - 127);
}

float e4m3_to_float(std::uint8_t bits) {
  const int exponent = bits >> 3 & 15, fraction = bits & 7;
  if (exponent == 15 && fraction == 7) return std::numeric_limits<float>::quiet_NaN();
  const float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(fraction), -9)
                                        : std::ldexp(static_cast<float>(8 + fraction), exponent - 10);
  return bits & 0x80 ? -magnitude : magnitude;
}

float e2m1_to_float(std::uint8_t nibble) {
  constexpr float kValues[] = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
  return nibble & 8 ? -kValues[nibble & 7] : kValues[nibble & 7];
}

float e2m3_to_float(std::uint8_t bits) {
  const int exponent = bits >> 3 & 3, fraction = bits & 7;
  const float magnitude = exponent == 0 ? static_cast<float>(fraction) / 8
                                        : std::ldexp(static_cast<float>(8 + fraction), exponent - 4);
  return bits & 32 ? -magnitude : magnitude;
}

namespace {

void dequantize(const BlockQ4_K& block, float* out) {
  const float d = half_to_float(block.d), dmin = half_to_float(block.dmin);
  for (int i = 0; i < 256; ++i) {
    const KScale k = k_scale(block.scales, i / 32);
    const int q = block.q[i / 64 * 32 + i % 32] >> (i / 32 % 2 * 4) & 15;
    out[i] = d * k.scale * static_cast<float>(q) - dmin * k.minimum;
  }
}

void dequantize(const BlockQ5_K& block, float* out) {
  const float d = half_to_float(block.d), dmin = half_to_float(block.dmin);
  for (int i = 0; i < 256; ++i) {
    const KScale k = k_scale(block.scales, i / 32);
    const int q = (block.q[i / 64 * 32 + i % 32] >> (i / 32 % 2 * 4) & 15) | (block.high[i % 32] >> (i / 32) & 1) << 4;
    out[i] = d * k.scale * static_cast<float>(q) - dmin * k.minimum;
  }
}

void dequantize(const BlockQ6_K& block, float* out) {
  const float d = half_to_float(block.d);
  for (int i = 0; i < 256; ++i) {
    const int h = i / 128, j = i / 32 % 4;
    const int low = block.low[64 * h + 32 * (j % 2) + i % 32] >> (j / 2 * 4) & 15;
    const int high = block.high[32 * h + i % 32] >> (2 * j) & 3;
    out[i] = d * block.scales[i / 16] * static_cast<float>((low | high << 4) - 32);
  }
}

void dequantize(const BlockMxfp4& block, float* out) {
  const float scale = e8m0_to_float(block.e);
  for (int i = 0; i < 16; ++i) {
    out[i] = scale * e2m1_to_float(block.q[i] & 15);
    out[i + 16] = scale * e2m1_to_float(block.q[i] >> 4);
  }
}

void dequantize(const BlockMxfp6& block, float* out) {
  const float scale = e8m0_to_float(block.e);
  for (int i = 0; i < 32; ++i) {
    const int bit = 6 * i;
    const int two = block.q[bit / 8] | (bit / 8 + 1 < 24 ? block.q[bit / 8 + 1] << 8 : 0);
    out[i] = scale * e2m3_to_float(static_cast<std::uint8_t>(two >> (bit % 8) & 63));
  }
}

void dequantize(const BlockFp8& block, float* out) {
  for (int i = 0; i < 128; ++i) out[i] = block.d * e4m3_to_float(block.q[i]);
}

template <class Block>
void dequantize_blocks(const void* row, std::uint64_t columns, float* out) {
  for (std::uint64_t b = 0; b < columns / Block::kValues; ++b)
    dequantize(load<Block>(row, b), out + b * Block::kValues);
}

}  // namespace

void dequantize_row(Format format, const void* row, std::uint64_t columns, float* out) {
  if (columns == 0) return;  // the pointers may then be null
  switch (format) {
    case Format::f32:
      std::memcpy(out, row, columns * sizeof(float));
      return;
    case Format::f16:
      for (std::uint64_t i = 0; i < columns; ++i) out[i] = half_to_float(load<std::uint16_t>(row, i));
      return;
    case Format::bf16:
      for (std::uint64_t i = 0; i < columns; ++i) out[i] = bf16_to_float(load<std::uint16_t>(row, i));
      return;
    case Format::q8_0:
      for (std::uint64_t b = 0; b < columns / 32; ++b) {
        const auto block = load<BlockQ8_0>(row, b);
        for (int i = 0; i < 32; ++i)
          out[32 * b + i] = half_to_float(block.d) * static_cast<float>(block.q[i]);
      }
      return;
    case Format::q4_0:
      for (std::uint64_t b = 0; b < columns / 32; ++b) {
        const auto block = load<BlockQ4_0>(row, b);
        const float scale = half_to_float(block.d);
        for (int i = 0; i < 16; ++i) {
          out[32 * b + i] = scale * static_cast<float>((block.q[i] & 15) - 8);
          out[32 * b + i + 16] = scale * static_cast<float>((block.q[i] >> 4) - 8);
        }
      }
      return;
    case Format::q4_k: return dequantize_blocks<BlockQ4_K>(row, columns, out);
    case Format::q5_k: return dequantize_blocks<BlockQ5_K>(row, columns, out);
    case Format::q6_k: return dequantize_blocks<BlockQ6_K>(row, columns, out);
    case Format::mxfp4: return dequantize_blocks<BlockMxfp4>(row, columns, out);
    case Format::mxfp6: return dequantize_blocks<BlockMxfp6>(row, columns, out);
    case Format::fp8: return dequantize_blocks<BlockFp8>(row, columns, out);
  }
}

void quantize_row(Format format, const float* values, std::uint64_t columns, void* out) {
  if (columns == 0) return;
  switch (format) {
    case Format::f32:
      std::memcpy(out, values, columns * sizeof(float));
      return;
    case Format::f16:
      for (std::uint64_t i = 0; i < columns; ++i) store(out, i, float_to_half(values[i]));
      return;
    case Format::bf16:
      for (std::uint64_t i = 0; i < columns; ++i) store(out, i, float_to_bf16(values[i]));
      return;
    case Format::q8_0:
      for (std::uint64_t b = 0; b < columns / 32; ++b) {
        BlockQ8_0 block;
        quantize_q8_0(values + 32 * b, block);
        store(out, b, block);
      }
      return;
    case Format::q4_0:
      for (std::uint64_t b = 0; b < columns / 32; ++b) {
        BlockQ4_0 block;
        quantize_q4_0(values + 32 * b, block);
        store(out, b, block);
      }
      return;
    case Format::q4_k:
    case Format::q5_k:
    case Format::q6_k:
    case Format::mxfp4:
    case Format::mxfp6:
    case Format::fp8:
      return;
  }
}

}  // namespace tokenmark
