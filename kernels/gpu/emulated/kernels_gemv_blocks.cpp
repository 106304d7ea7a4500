#include "kernels/gpu/kernels_gemv_blocks.h"
