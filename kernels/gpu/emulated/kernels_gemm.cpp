#include "kernels/gpu/kernels_gemm.h"
