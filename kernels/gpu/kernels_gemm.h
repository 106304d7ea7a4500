// Products of many rows by name: gemm_FORMAT_ROWS, rows of x in a tile.
#pragma once

#include "kernels/gpu/gemm.h"

namespace TM_GPU_NAMESPACE {

#define TM_GEMM(format)                                \
  TM_KERNEL(gemm_##format##_16, Gemm<WeightFormat::format, 16>) \
  TM_KERNEL(gemm_##format##_32, Gemm<WeightFormat::format, 32>) \
  TM_KERNEL(gemm_##format##_64, Gemm<WeightFormat::format, 64>) \
  TM_KERNEL(gemm_##format##_128, Gemm<WeightFormat::format, 128>)

TM_GEMM(f32)
TM_GEMM(f16)
TM_GEMM(bf16)
TM_GEMM(q8_0)
TM_GEMM(q4_0)
TM_GEMM(mxfp4)
TM_GEMM(fp8)

}  // namespace TM_GPU_NAMESPACE
