// Products of few rows by name: gemv_FORMAT_ROWS. Matrices in blocks with scales.
#pragma once

#include "kernels/gpu/gemv.h"

namespace TM_GPU_NAMESPACE {

TM_GEMV(q8_0)
TM_GEMV(q4_0)
TM_GEMV(mxfp4)
TM_GEMV(fp8)

}  // namespace TM_GPU_NAMESPACE
