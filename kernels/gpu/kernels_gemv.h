// Products of few rows by name: gemv_FORMAT_ROWS.
#pragma once

#include "kernels/gpu/gemv.h"

namespace TM_GPU_NAMESPACE {

#define TM_GEMV(format)                              \
  TM_KERNEL(gemv_##format##_1, Gemv<WeightFormat::format, 1>) \
  TM_KERNEL(gemv_##format##_2, Gemv<WeightFormat::format, 2>) \
  TM_KERNEL(gemv_##format##_4, Gemv<WeightFormat::format, 4>) \
  TM_KERNEL(gemv_##format##_8, Gemv<WeightFormat::format, 8>)

TM_GEMV(f32)
TM_GEMV(f16)
TM_GEMV(bf16)
TM_GEMV(q8_0)
TM_GEMV(q4_0)
TM_GEMV(mxfp4)
TM_GEMV(fp8)
TM_KERNEL(prepare_rows, PrepareRows)

}  // namespace TM_GPU_NAMESPACE
