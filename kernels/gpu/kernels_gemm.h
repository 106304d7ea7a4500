// Products of many rows by name: gemm_FORMAT_ROWS, rows of x in a tile. Matrices of floats.
#pragma once

#include "kernels/gpu/gemm.h"

namespace TM_GPU_NAMESPACE {

TM_GEMM(f32)
TM_GEMM(f16)
TM_GEMM(bf16)

}  // namespace TM_GPU_NAMESPACE
