// Products of many rows by name: gemm_FORMAT_ROWS, rows of x in a tile. Matrices in blocks with scales.
#pragma once

#include "kernels/gpu/gemm.h"

namespace TM_GPU_NAMESPACE {

TM_GEMM(q8_0)
TM_GEMM(q4_0)
TM_GEMM(mxfp4)
TM_GEMM(fp8)

}  // namespace TM_GPU_NAMESPACE
