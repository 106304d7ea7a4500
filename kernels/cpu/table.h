// The table of kernels, made of the including translation unit's Vector and quantised products.
#pragma once

#include "kernels/cpu/attention.h"
#include "kernels/cpu/matmul_floats.h"
#include "kernels/cpu/tables.h"

namespace tokenmark::cpu {
namespace {

bool is_quantized(Format format) {
  return format == Format::q8_0 || format == Format::q4_0;
}

std::size_t panel_bytes(Format format, std::uint64_t columns) {
  return kPanelRows * row_bytes(format, columns);
}

void pack_panel(Format format, const void* source, std::uint64_t rows, std::uint64_t columns, void* panel) {
  if (columns != 0) std::memcpy(panel, source, rows * row_bytes(format, columns));
}

void unpack_row(const Matrix& w, std::uint64_t row, float* out) {
  dequantize_row(w.format, static_cast<const std::byte*>(w.values) + row * row_bytes(w.format, w.columns), w.columns, out);
}

int prepared_kind(Format format) {
  return is_quantized(format) ? static_cast<int>(format) : 0;
}

std::size_t prepared_bytes(Format format, std::uint64_t columns) {
  return is_quantized(format) ? quantized_bytes(columns) : (columns * sizeof(float) + 63) / 64 * 64;
}

void prepare(Format format, const float* x, std::uint64_t columns, void* prepared) {
  if (columns == 0) return;
  if (is_quantized(format))
    prepare_quantized(format, x, columns, prepared);
  else
    std::memcpy(prepared, x, columns * sizeof(float));
}

// Row by row through floats: correct for every format, and slow.
void matmul_by_rows(const Matrix& w, const float* x, std::uint64_t x_stride, std::uint32_t tokens,
                    std::uint64_t row_begin, std::uint64_t row_end, float* out, std::uint64_t out_stride, float* row) {
  for (std::uint64_t r = row_begin; r < row_end; ++r) {
    unpack_row(w, r, row);
    const Matrix one{Format::f32, 1, w.columns, row};
    matmul_floats<WeightsF32>(one, x, x_stride, tokens, 0, 1, out + r, out_stride);
  }
}

std::size_t matmul_scratch(Format, std::uint64_t columns) {
  return (columns * sizeof(float) + 63) / 64 * 64;
}

void matmul(const Matrix& w, const void* prepared, std::uint32_t tokens, std::uint64_t row_begin,
            std::uint64_t row_end, float* out, std::uint64_t out_stride, void* scratch) {
  const auto* floats = static_cast<const float*>(prepared);
  const std::uint64_t stride = prepared_bytes(w.format, w.columns) / sizeof(float);
  switch (w.format) {
    case Format::f32:
      return matmul_floats<WeightsF32>(w, floats, stride, tokens, row_begin, row_end, out, out_stride);
    case Format::f16:
      return matmul_floats<WeightsF16>(w, floats, stride, tokens, row_begin, row_end, out, out_stride);
    case Format::bf16:
      return matmul_floats<WeightsBf16>(w, floats, stride, tokens, row_begin, row_end, out, out_stride);
    case Format::q8_0:
      return matmul_quantized<BlockQ8_0>(w, prepared, tokens, row_begin, row_end, out, out_stride);
    case Format::q4_0:
      return matmul_quantized<BlockQ4_0>(w, prepared, tokens, row_begin, row_end, out, out_stride);
    default:
      return matmul_by_rows(w, floats, stride, tokens, row_begin, row_end, out, out_stride, static_cast<float*>(scratch));
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
