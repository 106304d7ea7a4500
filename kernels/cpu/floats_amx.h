// The products of the float formats with AMX: BF16 and FP8 with inputs rounded to BF16, F32 and F16 with floats.
#pragma once

#include "kernels/cpu/amx_bf16.h"
#include "kernels/cpu/matmul_bf16.h"

namespace tokenmark::cpu {
namespace {

// Inputs of so many tokens and columns stay in the second-level cache, beside two panels' weights.
constexpr std::uint64_t kAmxTokens = 256, kAmxColumns = 2048;

std::size_t float_scratch(Format, std::uint64_t) { return 0; }

// For any number of tokens, so that a token's results do not depend on the others.
void matmul_bf16_tiles(const Matrix& w, const std::byte* x, std::uint64_t tokens, std::uint64_t row_begin,
                       std::uint64_t row_end, float* out, std::uint64_t out_stride) {
  const std::uint64_t columns = padded_columns(w.columns), panel_bytes = float_panel_bytes(w.format, w.columns);
  const std::uint64_t x_stride = bf16_input_bytes(w.columns);
  if (columns == 0 || tokens == 0) return zero_rows(tokens, row_begin, row_end, out, out_stride);
  Tiles tiles;
  const std::uint64_t range = tokens <= 2 * kTileTokensAmx ? columns : kAmxColumns;
  for (std::uint64_t t = 0; t < tokens; t += kAmxTokens)
    for (std::uint64_t begin = 0; begin < columns; begin += range) {
      const std::uint64_t steps = (columns - begin < range ? columns - begin : range) / 32;
      const std::uint64_t count = tokens - t < kAmxTokens ? tokens - t : kAmxTokens;
      for (std::uint64_t r = row_begin; r < row_end; r += 2 * kPanelRows) {
        const std::byte* first = static_cast<const std::byte*>(w.values) + r / kPanelRows * panel_bytes + begin * 32;
        const std::uint64_t left = row_end - r;
        const int panels = left > kPanelRows ? 2 : 1;
        const std::uint64_t rows = left >= 2 * kPanelRows ? kPanelRows : left - static_cast<unsigned>(panels - 1) * kPanelRows;
        bf16_panels(tiles, panels, first, first + panel_bytes, steps, begin == 0, rows, x + t * x_stride + begin * 2,
                    x_stride, count, out + t * out_stride + r, out_stride);
      }
    }
}

void matmul_floats(const Matrix& w, const void* prepared, std::uint64_t tokens, std::uint64_t row_begin,
                   std::uint64_t row_end, float* out, std::uint64_t out_stride, void*) {
  if (w.format == Format::bf16)
    return matmul_bf16_tiles(w, static_cast<const std::byte*>(prepared), tokens, row_begin, row_end, out, out_stride);
  multiply_vectors(w, prepared, tokens, row_begin, row_end, out, out_stride);
}

}  // namespace
}  // namespace tokenmark::cpu
