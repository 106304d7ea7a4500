#include "kernels/gpu/tile_kernels.h"
