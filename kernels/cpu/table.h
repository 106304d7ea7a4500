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

void matmul(const Matrix& w, const void* prepared, std::uint32_t tokens, std::uint64_t row_begin,
            std::uint64_t row_end, float* out, std::uint64_t out_stride) {
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
  }
}

constexpr Kernels make_table(Isa isa) {
  return {.isa = isa,
          .prepared_bytes = prepared_bytes,
          .prepare = prepare,
          .matmul = matmul,
          .rms_norm = rms_norm,
          .add = add,
          .silu_multiply = silu_multiply,
          .softmax = softmax,
          .rope = rope,
          .argmax = argmax,
          .kv_write = kv_write,
          .attention = attention};
}

}  // namespace
}  // namespace tokenmark::cpu
