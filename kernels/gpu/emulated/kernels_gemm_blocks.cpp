#include "kernels/gpu/kernels_gemm_blocks.h"
