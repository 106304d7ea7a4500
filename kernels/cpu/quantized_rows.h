// A product of quantised weights row by row, each row for up to four tokens at once, over the including
// translation unit's quantized_row<Block, kTokens>(row, blocks, inputs, out, out_stride).
#pragma once

#include "kernels/cpu/quantized_input.h"

namespace tokenmark::cpu {
namespace {

template <class Block>
void quantized_row_for(std::uint64_t tokens, const std::byte* row, std::uint64_t blocks,
                       const QuantizedInput* inputs, float* out, std::uint64_t out_stride) {
  switch (tokens) {
    case 1:
      return quantized_row<Block, 1>(row, blocks, inputs, out, out_stride);
    case 2:
      return quantized_row<Block, 2>(row, blocks, inputs, out, out_stride);
    case 3:
      return quantized_row<Block, 3>(row, blocks, inputs, out, out_stride);
    default:
      return quantized_row<Block, 4>(row, blocks, inputs, out, out_stride);
  }
}

// Tokens [token_begin, token_end).
template <class Block>
void quantized_rows(const Matrix& w, const void* prepared, std::uint64_t token_begin, std::uint64_t token_end,
                    std::uint64_t row_begin, std::uint64_t row_end, float* out, std::uint64_t out_stride) {
  constexpr std::uint64_t kTokensInCache = 64;  // inputs that stay near while the rows go by
  const std::uint64_t blocks = w.columns / 32;
  for (std::uint64_t first = token_begin; first < token_end; first += kTokensInCache) {
    const std::uint64_t end = token_end - first < kTokensInCache ? token_end : first + kTokensInCache;
    for (std::uint64_t r = row_begin; r < row_end; ++r) {
      const auto* row = static_cast<const std::byte*>(w.values) + r * blocks * sizeof(Block);
      for (std::uint64_t t = first; t < end; t += 4) {
        const std::uint64_t count = end - t < 4 ? end - t : 4;
        QuantizedInput inputs[4];
        for (std::uint64_t i = 0; i < count; ++i) inputs[i] = QuantizedInput(prepared, w.columns, t + i);
        quantized_row_for<Block>(count, row, blocks, inputs, out + t * out_stride + r, out_stride);
      }
    }
  }
}

}  // namespace
}  // namespace tokenmark::cpu
