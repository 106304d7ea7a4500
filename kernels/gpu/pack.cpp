#include "kernels/gpu/pack.h"

#include <cstring>
#include <limits>
#include <vector>

namespace tokenmark::gpu {
namespace {

std::uint64_t to_16(std::uint64_t bytes) { return (bytes + 15) / 16 * 16; }

// A block of `Block` is a scale, then its values.
template <class Block, class Scale>
void split(const std::byte* row, std::uint64_t blocks, std::byte* values, std::byte* scales) {
  constexpr std::size_t kValues = sizeof(Block) - sizeof(Scale);
  for (std::uint64_t b = 0; b < blocks; ++b, row += sizeof(Block)) {
    std::memcpy(scales + b * sizeof(Scale), row, sizeof(Scale));
    std::memcpy(values + b * kValues, row + sizeof(Scale), kValues);
  }
}

// Two numbers of E2M1, −0 made 0: kernels negate bytes without a carry.
std::byte without_minus_zero(std::byte pair) {
  auto bits = std::to_integer<unsigned>(pair);
  if ((bits & 0x0f) == 0x08) bits &= 0xf0;
  if ((bits & 0xf0) == 0x80) bits &= 0x0f;
  return static_cast<std::byte>(bits);
}

// E4M3 of a block as every GPU reads it: 0x80 and 0x7f mean other things to AMD's CDNA 3 than in OCP's format. −0 becomes 0; a
// block with NaN gets the scale NaN, which reaches the same results.
void make_plain(std::byte* values, float& scale) {
  for (int i = 0; i < BlockFp8::kValues; ++i) {
    const auto bits = std::to_integer<unsigned>(values[i]);
    if ((bits & 0x7f) == 0x7f) scale = std::numeric_limits<float>::quiet_NaN();
    if ((bits & 0x7f) == 0x7f || bits == 0x80) values[i] = std::byte{0};
  }
}

void pack_fp8(const std::byte* row, std::uint64_t blocks, std::byte* values, std::byte* scales) {
  split<BlockFp8, float>(row, blocks, values, scales);
  for (std::uint64_t b = 0; b < blocks; ++b) {
    float scale;
    std::memcpy(&scale, scales + b * sizeof scale, sizeof scale);
    make_plain(values + b * BlockFp8::kValues, scale);
    std::memcpy(scales + b * sizeof scale, &scale, sizeof scale);
  }
}

void pack_row(Format format, const std::byte* row, std::uint64_t columns, std::byte* values, std::byte* scales) {
  const std::uint64_t blocks = columns / static_cast<std::uint64_t>(block_values(format));
  switch (format) {
    case Format::q8_0: return split<BlockQ8_0, std::uint16_t>(row, blocks, values, scales);
    case Format::q4_0: return split<BlockQ4_0, std::uint16_t>(row, blocks, values, scales);
    case Format::mxfp4:
      split<BlockMxfp4, std::uint8_t>(row, blocks, values, scales);
      for (std::uint64_t i = 0; i < columns / 2; ++i) values[i] = without_minus_zero(values[i]);
      return;
    case Format::fp8: return pack_fp8(row, blocks, values, scales);
    case Format::f32:
    case Format::f16:
    case Format::bf16: std::memcpy(values, row, row_bytes(format, columns)); return;
    default: break;
  }
  std::vector<float> floats(columns);
  dequantize_row(format, row, columns, floats.data());
  quantize_row(Format::bf16, floats.data(), columns, values);
}

}  // namespace

Format packed_format(Format format) {
  switch (format) {
    case Format::q4_k:
    case Format::q5_k:
    case Format::q6_k:
    case Format::mxfp6: return Format::bf16;
    default: return format;
  }
}

Planes planes_of(Format format, std::uint64_t rows, std::uint64_t columns) {
  const Format packed = packed_format(format);
  const auto of_block = static_cast<std::uint64_t>(block_values(packed));
  const std::uint64_t scale_bytes = packed == Format::mxfp4 ? 1 : packed == Format::fp8 ? 4 : of_block > 1 ? 2 : 0;
  const std::uint64_t scales = scale_bytes * (columns / of_block);
  Planes planes;
  planes.row_pitch = to_16(row_bytes(packed, columns) - scales);
  planes.scale_pitch = to_16(scales);
  planes.values = rows * planes.row_pitch;
  planes.scales = rows * planes.scale_pitch;
  return planes;
}

void pack_rows(Format format, const void* rows, std::uint64_t count, std::uint64_t columns, std::byte* values, std::byte* scales) {
  const Planes planes = planes_of(format, count, columns);
  std::memset(values, 0, planes.values);
  if (planes.scales > 0) std::memset(scales, 0, planes.scales);
  const auto* row = static_cast<const std::byte*>(rows);
  for (std::uint64_t r = 0; r < count; ++r)
    pack_row(format, row + r * row_bytes(format, columns), columns, values + r * planes.row_pitch, scales + r * planes.scale_pitch);
}

}  // namespace tokenmark::gpu
