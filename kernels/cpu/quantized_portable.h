// Products of quantised weights in plain C++.
#pragma once

#include <cstddef>

namespace tokenmark::cpu {
namespace {
std::uint64_t input_place(Format, std::uint64_t block, int half) {
  return 32 * block + 16 * static_cast<unsigned>(half);
}
int input_bias(Format) {
  return 0;
}
}  // namespace
}  // namespace tokenmark::cpu

#include "kernels/cpu/quantized_input.h"

namespace tokenmark::cpu {
namespace {

float unpack(const BlockQ8_0& block, std::int16_t* weights) {
  for (int i = 0; i < 32; ++i) weights[i] = block.q[i];
  return half_to_float(block.d);
}

float unpack(const BlockQ4_0& block, std::int16_t* weights) {
  for (int i = 0; i < 16; ++i) {
    weights[i] = static_cast<std::int16_t>((block.q[i] & 15) - 8);
    weights[i + 16] = static_cast<std::int16_t>((block.q[i] >> 4) - 8);
  }
  return half_to_float(block.d);
}

template <class Block, int kTokens>
void quantized_row(const std::byte* row, std::uint64_t blocks, const QuantizedInput* inputs, float* out,
                   std::uint64_t out_stride) {
  float sums[kTokens] = {};
  for (std::uint64_t b = 0; b < blocks; ++b) {
    Block block;
    std::memcpy(&block, row + b * sizeof(Block), sizeof(Block));
    std::int16_t weights[32];
    const float scale = unpack(block, weights);
    for (int t = 0; t < kTokens; ++t) {
      std::int16_t x[32];  // both sides in 16 bits: compilers turn the loop into pairwise multiply-adds
      for (unsigned i = 0; i < 32; ++i) x[i] = inputs[t].bytes[32 * b + i];
      std::int32_t dot = 0;
      for (int i = 0; i < 32; ++i) dot += std::int32_t{weights[i]} * std::int32_t{x[i]};
      sums[t] += static_cast<float>(dot) * (scale * inputs[t].scales[b]);
    }
  }
  for (int t = 0; t < kTokens; ++t) out[static_cast<unsigned>(t) * out_stride] = sums[t];
}

}  // namespace
}  // namespace tokenmark::cpu

#include "kernels/cpu/quantized_rows.h"

namespace tokenmark::cpu {
namespace {

template <class Block>
void matmul_quantized(const Matrix& w, const void* prepared, std::uint64_t tokens, std::uint64_t row_begin,
                      std::uint64_t row_end, float* out, std::uint64_t out_stride) {
  quantized_rows<Block>(w, prepared, 0, tokens, row_begin, row_end, out, out_stride);
}

}  // namespace
}  // namespace tokenmark::cpu
