#include "kernels/gpu/attention_kernels.h"
