#include "kernels/gpu/kernels_gemv.h"
