// The products of the float formats on instruction sets without dot products of BF16: all inputs stay floats.
#pragma once

#include "kernels/cpu/kernels.h"

namespace tokenmark::cpu {
namespace {
constexpr bool kPairedColumns = false;
}
}  // namespace tokenmark::cpu

#include "kernels/cpu/matmul_floats.h"

namespace tokenmark::cpu {
namespace {

int float_kind(Format) { return 0; }
std::size_t float_prepared_bytes(Format, std::uint64_t columns) { return float_input_bytes(columns); }
void prepare_floats(Format, const float* x, std::uint64_t columns, void* prepared) {
  prepare_float_input(x, columns, prepared);
}
std::size_t float_scratch(Format, std::uint64_t) { return 0; }

void matmul_floats(const Matrix& w, const void* prepared, std::uint64_t tokens, std::uint64_t row_begin,
                   std::uint64_t row_end, float* out, std::uint64_t out_stride, void*) {
  const auto multiply = [&]<class Step>() {
    multiply_floats<Step>(w, static_cast<const std::byte*>(prepared), float_input_bytes(w.columns), tokens, row_begin,
                          row_end, out, out_stride);
  };
  switch (w.format) {
    case Format::f32: return multiply.template operator()<StepF32>();
    case Format::f16: return multiply.template operator()<StepF16>();
    case Format::bf16: return multiply.template operator()<StepBf16>();
    default: return multiply.template operator()<StepFp8>();
  }
}

}  // namespace
}  // namespace tokenmark::cpu
