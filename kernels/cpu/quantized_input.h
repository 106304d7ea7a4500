// The prepared input of quantised weights: signed bytes in blocks of 32 with a float scale each.
// Expects of the including translation unit, beside Vector:
//   input_place(format, block, half)  where in the bytes the 16 values of a block's half lie;
//   input_bias(format)                what its unpacked weights have too much each, so that they are not
//   negative; a
//                                     block's offset is -bias times the sum of its bytes.
// Arrays are padded with zeros to whole groups of 16 blocks, so that the products need no case for the end.
#pragma once

#include <cstring>

#include "kernels/cpu/rows.h"

namespace tokenmark::cpu {
namespace {

constexpr std::uint64_t padded_blocks(std::uint64_t columns) {
  return (columns / 32 + 15) / 16 * 16;
}

constexpr std::size_t quantized_bytes(std::uint64_t columns) {
  return padded_blocks(columns) * (32 + 4 + 4);
}

struct QuantizedInput {
  std::int8_t* bytes;
  float* scales;
  std::int32_t* offsets;

  QuantizedInput() = default;
  QuantizedInput(const void* prepared, std::uint64_t columns, std::uint64_t token) {
    const std::uint64_t blocks = padded_blocks(columns);
    bytes = static_cast<std::int8_t*>(const_cast<void*>(prepared)) + token * quantized_bytes(columns);
    scales = reinterpret_cast<float*>(bytes + blocks * 32);
    offsets = reinterpret_cast<std::int32_t*>(scales + blocks);
  }
};

// Rounds 32 floats to bytes; returns the scale.
float quantize_block(const float* x, std::int8_t* bytes) {
  Vector greatest = Vector::all(0);
  for (int i = 0; i < 32; i += Vector::kLanes)
    greatest = Vector::max(Vector::abs(Vector::load(x + i)), greatest);
  const float scale = Vector::greatest(greatest) / 127;
  const Vector inverse =
      Vector::all(scale > 0x1p-126f ? 1 / scale : 0);  // else the inverse would be infinite
  for (int i = 0; i < 32; i += Vector::kLanes) Vector::store_bytes(bytes + i, Vector::load(x + i) * inverse);
  return scale;
}

void prepare_quantized(Format format, const float* x, std::uint64_t columns, void* prepared) {
  const QuantizedInput input(prepared, columns, 0);
  std::memset(prepared, 0, quantized_bytes(columns));
  for (std::uint64_t b = 0; b < columns / 32; ++b) {
    std::int8_t bytes[32];
    input.scales[b] = quantize_block(x + 32 * b, bytes);
    std::int32_t sum = 0;
    for (int i = 0; i < 32; ++i) sum += bytes[i];
    input.offsets[b] = -input_bias(format) * sum;
    for (int half = 0; half < 2; ++half)
      std::memcpy(input.bytes + input_place(format, b, half), bytes + 16 * half, 16);
  }
}

}  // namespace
}  // namespace tokenmark::cpu
