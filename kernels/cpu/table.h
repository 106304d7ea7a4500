// The table of kernels, made of the including translation unit's Vector, quantised products and products of floats.
#pragma once

#include "kernels/cpu/attention.h"
#include "kernels/cpu/kv_write.h"
#include "kernels/cpu/tables.h"

namespace tokenmark::cpu {
namespace {

bool is_quantized(Format format) {
  return format == Format::q8_0 || format == Format::q4_0;
}

std::size_t panel_bytes(Format format, std::uint64_t columns) {
  return is_float_format(format) ? float_panel_bytes(format, columns) : kPanelRows * row_bytes(format, columns);
}

void pack_panel(Format format, const void* source, std::uint64_t rows, std::uint64_t columns, void* panel) {
  if (is_float_format(format)) return pack_float_panel(format, source, rows, columns, panel);
  if (columns != 0) std::memcpy(panel, source, rows * row_bytes(format, columns));
}

void unpack_row(const Matrix& w, std::uint64_t row, float* out) {
  if (is_float_format(w.format)) return unpack_float_row(w, row, out);
  dequantize_row(w.format, static_cast<const std::byte*>(w.values) + row * row_bytes(w.format, w.columns), w.columns, out);
}

// The float formats' kinds are small, the others' are above.
int prepared_kind(Format format) {
  return is_quantized(format) ? 100 + static_cast<int>(format) : float_kind(format);
}

std::size_t prepared_bytes(Format format, std::uint64_t columns) {
  return is_quantized(format) ? quantized_bytes(columns) : float_prepared_bytes(format, columns);
}

void prepare(Format format, const float* x, std::uint64_t columns, void* prepared) {
  if (columns == 0) return;
  is_quantized(format) ? prepare_quantized(format, x, columns, prepared) : prepare_floats(format, x, columns, prepared);
}

// Row by row through floats: correct for every format, and slow.
void matmul_by_rows(const Matrix& w, const float* x, std::uint64_t x_stride, std::uint32_t tokens,
                    std::uint64_t row_begin, std::uint64_t row_end, float* out, std::uint64_t out_stride, float* row) {
  for (std::uint64_t r = row_begin; r < row_end; ++r) {
    unpack_row(w, r, row);
    for (std::uint64_t t = 0; t < tokens; ++t) {
      Vector sum = Vector::all(0);
      for_vectors(w.columns, [&](std::uint64_t c, auto lanes) {
        sum = Vector::fma(Vector::load(row + c, lanes), Vector::load(x + t * x_stride + c, lanes), sum);
      });
      out[t * out_stride + r] = Vector::sum(sum);
    }
  }
}

std::size_t matmul_scratch(Format format, std::uint64_t columns) {
  if (is_float_format(format)) return float_scratch(format, columns);
  return (columns * sizeof(float) + 63) / 64 * 64;
}

void matmul(const Matrix& w, const void* prepared, std::uint32_t tokens, std::uint64_t row_begin,
            std::uint64_t row_end, float* out, std::uint64_t out_stride, void* scratch) {
  if (is_float_format(w.format))
    return matmul_floats(w, prepared, tokens, row_begin, row_end, out, out_stride, scratch);
  switch (w.format) {
    case Format::q8_0:
      return matmul_quantized<BlockQ8_0>(w, prepared, tokens, row_begin, row_end, out, out_stride);
    case Format::q4_0:
      return matmul_quantized<BlockQ4_0>(w, prepared, tokens, row_begin, row_end, out, out_stride);
    default:
      return matmul_by_rows(w, static_cast<const float*>(prepared), prepared_bytes(w.format, w.columns) / sizeof(float),
                            tokens, row_begin, row_end, out, out_stride, static_cast<float*>(scratch));
  }
}

constexpr Kernels make_table(Isa isa) {
  return {.isa = isa,
          .panel_bytes = panel_bytes,
          .pack_panel = pack_panel,
          .unpack_row = unpack_row,
          .prepared_kind = prepared_kind,
          .prepared_bytes = prepared_bytes,
          .prepare = prepare,
          .matmul = matmul,
          .matmul_scratch = matmul_scratch,
          .rms_norm = rms_norm,
          .add = add,
          .silu_multiply = silu_multiply,
          .swiglu_clamped = swiglu_clamped,
          .add_scaled = add_scaled,
          .softmax = softmax,
          .rope = rope,
          .argmax = argmax,
          .kv_write = kv_write,
          .attention = attention,
          .attention_scratch = attention_scratch,
          .merge_attention = merge_attention};
}

}  // namespace
}  // namespace tokenmark::cpu
