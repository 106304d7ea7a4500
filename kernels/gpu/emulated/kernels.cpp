#include "kernels/gpu/kernels.h"
