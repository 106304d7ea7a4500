// The products of the float formats with AVX512-BF16: BF16 and FP8 with inputs rounded to BF16, F32 and F16 with floats.
#pragma once

#include "kernels/cpu/matmul_bf16.h"

namespace tokenmark::cpu {
namespace {

int float_kind(Format format) { return takes_bf16(format) ? 1 : 0; }
std::size_t float_prepared_bytes(Format format, std::uint64_t columns) {
  return takes_bf16(format) ? bf16_input_bytes(columns) : float_input_bytes(columns);
}
void prepare_floats(Format format, const float* x, std::uint64_t columns, void* prepared) {
  takes_bf16(format) ? prepare_bf16_input(x, columns, prepared) : prepare_float_input(x, columns, prepared);
}

std::size_t float_scratch(Format, std::uint64_t) { return 0; }
void matmul_floats(const Matrix& w, const void* prepared, std::uint64_t tokens, std::uint64_t row_begin,
                   std::uint64_t row_end, float* out, std::uint64_t out_stride, void*) {
  multiply_vectors(w, prepared, float_prepared_bytes(w.format, w.columns), tokens, row_begin, row_end, out, out_stride);
}

}  // namespace
}  // namespace tokenmark::cpu
