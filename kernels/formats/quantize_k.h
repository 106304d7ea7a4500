// The K formats' blocks from floats. Scales (and minima) are searched for the least square error: several steps are
// tried, each is improved by a least-squares fit, and the super-block's coarse scales are then chosen with their real
// rounding in view.
#pragma once

#include "kernels/formats/format.h"

namespace tokenmark {

void quantize(const float* values, BlockQ4_K& block);
void quantize(const float* values, BlockQ5_K& block);
void quantize(const float* values, BlockQ6_K& block);

}  // namespace tokenmark
