// Products of few rows by name: gemv_FORMAT_ROWS. Matrices of floats.
#pragma once

#include "kernels/gpu/gemv.h"

namespace TM_GPU_NAMESPACE {

TM_GEMV(f32)
TM_GEMV(f16)
TM_GEMV(bf16)
TM_KERNEL(prepare_rows, PrepareRows)

}  // namespace TM_GPU_NAMESPACE
