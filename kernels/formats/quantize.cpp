// From floats to blocks, the formats whose scale follows from the greatest value alone. Values that are not finite:
// NaN in any place and infinity in an MX block make that block NaN; FP8 keeps NaN and saturates infinity; elsewhere
// they have no code and become some value of the block.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "kernels/formats/format.h"
#include "kernels/formats/numbers.h"
#include "kernels/formats/quantize_k.h"

namespace tokenmark {
namespace {

std::uint32_t magnitude_bits(float value) { return std::bit_cast<std::uint32_t>(value) & 0x7fffffffu; }

// The bits of the greatest magnitude: as integers they are ordered as their values, infinity and NaN above all.
template <int kCount>
std::uint32_t greatest_bits(const float* x) {
  std::uint32_t greatest = 0;
  for (int i = 0; i < kCount; ++i) greatest = std::max(greatest, magnitude_bits(x[i]));
  return greatest;
}

constexpr std::uint32_t kInfinityBits = 0x7f800000u;

// Half away from zero, as ggml rounds here; without a call, and defined for every value.
int round_away(float value) {
  const float whole = static_cast<float>(static_cast<int>(value));
  return static_cast<int>(whole) + (value - whole >= 0.5f) - (value - whole <= -0.5f);
}

void quantize(const float* x, BlockQ8_0& block) {
  float greatest = 0;
  for (int i = 0; i < 32; ++i) greatest = std::max(greatest, std::fabs(x[i]));
  const float scale = greatest / 127;
  const float inverse = scale != 0 ? 1 / scale : 0;
  block.d = encode_half(scale);
  for (int i = 0; i < 32; ++i)
    block.q[i] = static_cast<std::int8_t>(round_away(std::min(127.0f, std::max(-127.0f, x[i] * inverse))));
}

// The scale takes the sign of the value farthest from zero, so that this one becomes exactly -8.
void quantize(const float* x, BlockQ4_0& block) {
  float farthest = 0;
  for (int i = 0; i < 32; ++i)
    if (std::fabs(x[i]) > std::fabs(farthest)) farthest = x[i];
  const float scale = farthest / -8;
  const float inverse = scale != 0 ? 1 / scale : 0;
  block.d = encode_half(scale);
  const auto nibble = [&](float value) {
    return static_cast<int>(std::min(15.0f, std::max(0.0f, value * inverse + 8.5f)));
  };
  for (int i = 0; i < 16; ++i) block.q[i] = static_cast<std::uint8_t>(nibble(x[i]) | nibble(x[i + 16]) << 4);
}

// OCP MX: the shared exponent is that of the greatest value less the element format's own greatest exponent (2 for
// E2M1 and E2M3); 255 where a value is not finite.
std::uint8_t mx_scale(std::uint32_t greatest) {
  constexpr int kElementExponent = 2;
  if (greatest >= kInfinityBits) return 255;
  return static_cast<std::uint8_t>(std::max(static_cast<int>(greatest >> 23) - kElementExponent, 0));
}
float mx_inverse(std::uint8_t e) {
  return e == 255 ? 0 : e == 254 ? 0x1p-127f : std::bit_cast<float>((254u - e) << 23);
}

void quantize(const float* x, BlockMxfp4& block) {
  block.e = mx_scale(greatest_bits<32>(x));
  const float inverse = mx_inverse(block.e);
  for (int i = 0; i < 16; ++i)
    block.q[i] = static_cast<std::uint8_t>(encode_e2m1(x[i] * inverse) | encode_e2m1(x[i + 16] * inverse) << 4);
}

void quantize(const float* x, BlockMxfp6& block) {
  block.e = mx_scale(greatest_bits<32>(x));
  const float inverse = mx_inverse(block.e);
  std::uint8_t codes[32];
  for (int i = 0; i < 32; ++i) codes[i] = encode_e2m3(x[i] * inverse);
  for (int group = 0; group < 8; ++group) {  // four values in three bytes
    const std::uint8_t* c = codes + 4 * group;
    const int four = c[0] | c[1] << 6 | c[2] << 12 | c[3] << 18;
    for (int byte = 0; byte < 3; ++byte) block.q[3 * group + byte] = static_cast<std::uint8_t>(four >> (8 * byte));
  }
}

void quantize(const float* x, BlockFp8& block) {
  std::uint32_t greatest = 0;  // of the finite values
  for (int i = 0; i < 128; ++i) {
    const std::uint32_t bits = magnitude_bits(x[i]);
    greatest = std::max(greatest, bits < kInfinityBits ? bits : 0);
  }
  block.d = std::bit_cast<float>(greatest) / 448;
  const float divisor = block.d != 0 ? block.d : 1;
  for (int i = 0; i < 128; ++i) block.q[i] = encode_e4m3(x[i] / divisor);
  if (block.d == 0)  // nothing but zeros, and values too small for a scale
    for (int i = 0; i < 128; ++i) block.q[i] = x[i] != x[i] ? 0x7f : 0;
}

template <class Block>
void quantize_blocks(const float* values, std::uint64_t columns, void* out) {
  for (std::uint64_t b = 0; b < columns / Block::kValues; ++b) {
    Block block;
    quantize(values + b * Block::kValues, block);
    std::memcpy(static_cast<std::byte*>(out) + b * sizeof(Block), &block, sizeof(Block));
  }
}

template <std::uint16_t (*encode)(float)>
void quantize_halves(const float* values, std::uint64_t columns, void* out) {
  for (std::uint64_t i = 0; i < columns; ++i) {
    const std::uint16_t value = encode(values[i]);
    std::memcpy(static_cast<std::byte*>(out) + i * sizeof(value), &value, sizeof(value));
  }
}

}  // namespace

BlockFp8 block_from_fnuz(const std::uint8_t* values, float scale) {
  BlockFp8 block;
  const bool halved = std::none_of(values, values + BlockFp8::kValues, [](std::uint8_t v) { return (v & 0x7f) == 0x7f; });
  block.d = halved ? scale / 2 : scale;
  for (int i = 0; i < BlockFp8::kValues; ++i)
    block.q[i] = values[i] == 0x80 ? 0x7f : halved ? values[i] : encode_e4m3(decode_e4m3fnuz(values[i]));
  return block;
}

void quantize_row(Format format, const float* values, std::uint64_t columns, void* out) {
  if (columns == 0) return;
  switch (format) {
    case Format::f32: std::memcpy(out, values, columns * sizeof(float)); return;
    case Format::f16: return quantize_halves<encode_half>(values, columns, out);
    case Format::bf16: return quantize_halves<encode_bf16>(values, columns, out);
    case Format::q8_0: return quantize_blocks<BlockQ8_0>(values, columns, out);
    case Format::q4_0: return quantize_blocks<BlockQ4_0>(values, columns, out);
    case Format::q4_k: return quantize_blocks<BlockQ4_K>(values, columns, out);
    case Format::q5_k: return quantize_blocks<BlockQ5_K>(values, columns, out);
    case Format::q6_k: return quantize_blocks<BlockQ6_K>(values, columns, out);
    case Format::mxfp4: return quantize_blocks<BlockMxfp4>(values, columns, out);
    case Format::mxfp6: return quantize_blocks<BlockMxfp6>(values, columns, out);
    case Format::fp8: return quantize_blocks<BlockFp8>(values, columns, out);
  }
}

}  // namespace tokenmark
