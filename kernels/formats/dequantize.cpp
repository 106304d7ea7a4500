// From blocks to floats. The order of the multiplications is ggml's, so that values are equal to the last bit.
#include <cstring>

#include "kernels/formats/format.h"
#include "kernels/formats/numbers.h"

namespace tokenmark {

KScale k_scale(const std::uint8_t* scales, int j) {
  if (j < 4) return {static_cast<std::uint8_t>(scales[j] & 63), static_cast<std::uint8_t>(scales[j + 4] & 63)};
  return {static_cast<std::uint8_t>((scales[j + 4] & 15) | (scales[j - 4] >> 6) << 4),
          static_cast<std::uint8_t>(scales[j + 4] >> 4 | (scales[j] >> 6) << 4)};
}

namespace {

void dequantize(const BlockQ8_0& block, float* out) {
  const float d = decode_half(block.d);
  for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>(block.q[i]);
}

void dequantize(const BlockQ4_0& block, float* out) {
  const float d = decode_half(block.d);
  for (int i = 0; i < 16; ++i) {
    out[i] = d * static_cast<float>((block.q[i] & 15) - 8);
    out[i + 16] = d * static_cast<float>((block.q[i] >> 4) - 8);
  }
}

void dequantize(const BlockQ4_K& block, float* out) {
  const float d = decode_half(block.d), dmin = decode_half(block.dmin);
  for (int j = 0; j < 8; ++j, out += 32) {
    const KScale k = k_scale(block.scales, j);
    const float scale = d * k.scale, minimum = dmin * k.minimum;
    const std::uint8_t* q = block.q + j / 2 * 32;
    for (int i = 0; i < 32; ++i) out[i] = scale * static_cast<float>(q[i] >> (j % 2 * 4) & 15) - minimum;
  }
}

void dequantize(const BlockQ5_K& block, float* out) {
  const float d = decode_half(block.d), dmin = decode_half(block.dmin);
  for (int j = 0; j < 8; ++j, out += 32) {
    const KScale k = k_scale(block.scales, j);
    const float scale = d * k.scale, minimum = dmin * k.minimum;
    const std::uint8_t* q = block.q + j / 2 * 32;
    for (int i = 0; i < 32; ++i) {
      const int value = (q[i] >> (j % 2 * 4) & 15) | (block.high[i] >> j & 1) << 4;
      out[i] = scale * static_cast<float>(value) - minimum;
    }
  }
}

void dequantize(const BlockQ6_K& block, float* out) {
  const float d = decode_half(block.d);
  for (int part = 0; part < 16; ++part, out += 16) {
    const int h = part / 8, j = part / 2 % 4;
    const std::uint8_t* low = block.low + 64 * h + 32 * (j % 2) + part % 2 * 16;
    const std::uint8_t* high = block.high + 32 * h + part % 2 * 16;
    const float scale = d * block.scales[part];
    for (int i = 0; i < 16; ++i) {
      const int value = (low[i] >> (j / 2 * 4) & 15) | (high[i] >> (2 * j) & 3) << 4;
      out[i] = scale * static_cast<float>(value - 32);
    }
  }
}

void dequantize(const BlockMxfp4& block, float* out) {
  const float scale = decode_e8m0(block.e);
  for (int i = 0; i < 16; ++i) {
    out[i] = scale * decode_e2m1(block.q[i]);
    out[i + 16] = scale * decode_e2m1(block.q[i] >> 4);
  }
}

void dequantize(const BlockMxfp6& block, float* out) {
  const float scale = decode_e8m0(block.e);
  for (int group = 0; group < 8; ++group, out += 4) {  // four values lie in three bytes
    const std::uint8_t* q = block.q + 3 * group;
    const std::uint32_t four = q[0] | static_cast<std::uint32_t>(q[1]) << 8 | static_cast<std::uint32_t>(q[2]) << 16;
    for (int i = 0; i < 4; ++i) out[i] = scale * decode_e2m3(four >> (6 * i));
  }
}

void dequantize(const BlockFp8& block, float* out) {
  for (int i = 0; i < 128; ++i) out[i] = block.d * decode_e4m3(block.q[i]);
}

template <class Block>
void dequantize_blocks(const void* row, std::uint64_t columns, float* out) {
  for (std::uint64_t b = 0; b < columns / Block::kValues; ++b) {
    Block block;
    std::memcpy(&block, static_cast<const std::byte*>(row) + b * sizeof(Block), sizeof(Block));
    dequantize(block, out + b * Block::kValues);
  }
}

template <float (*decode)(std::uint16_t)>
void dequantize_halves(const void* row, std::uint64_t columns, float* out) {
  for (std::uint64_t i = 0; i < columns; ++i) {
    std::uint16_t value;
    std::memcpy(&value, static_cast<const std::byte*>(row) + i * sizeof(value), sizeof(value));
    out[i] = decode(value);
  }
}

}  // namespace

void dequantize_row(Format format, const void* row, std::uint64_t columns, float* out) {
  if (columns == 0) return;  // the pointers may then be null
  switch (format) {
    case Format::f32: std::memcpy(out, row, columns * sizeof(float)); return;
    case Format::f16: return dequantize_halves<decode_half>(row, columns, out);
    case Format::bf16: return dequantize_halves<decode_bf16>(row, columns, out);
    case Format::q8_0: return dequantize_blocks<BlockQ8_0>(row, columns, out);
    case Format::q4_0: return dequantize_blocks<BlockQ4_0>(row, columns, out);
    case Format::q4_k: return dequantize_blocks<BlockQ4_K>(row, columns, out);
    case Format::q5_k: return dequantize_blocks<BlockQ5_K>(row, columns, out);
    case Format::q6_k: return dequantize_blocks<BlockQ6_K>(row, columns, out);
    case Format::mxfp4: return dequantize_blocks<BlockMxfp4>(row, columns, out);
    case Format::mxfp6: return dequantize_blocks<BlockMxfp6>(row, columns, out);
    case Format::fp8: return dequantize_blocks<BlockFp8>(row, columns, out);
  }
}

}  // namespace tokenmark
