#include "tests/kernels/gpu/planted_kernels.h"
