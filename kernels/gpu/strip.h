// Attention of one warp: 16 · kTiles queries (a strip of a query tile's rows) against kKeys keys, and the kValueDim sums that
// their values add up to. Scores become weights and weights are multiplied with values where they are, in registers: the
// layout in which a matrix instruction gives its sums is the one in which the next takes its factors.
//
//   Strip<kTiles, kKeys, kValueDim>
//     kSlots                       rows of which this lane holds something; row(slot) is which
//     clear()                      sums = 0
//     score(queries, first, keys)  scores = queries [first …] · keysᵀ over all columns of the tiles
//     each_score(f)                f(slot, key, float&) for this lane's scores, which become weights so
//     maximum(v) sum(v)            of a slot's row, over the lanes that hold something of it
//     scale(factors)               sums of row(slot) *= factors[slot]
//     add(values)                  sums += weights (rounded to BF16) · values [kKeys][kValueDim]
//     each_sum(f)                  f(slot, column, float) for this lane's sums
#pragma once

#include "kernels/gpu/tile.h"

#if defined(__CUDACC__)
#include "kernels/gpu/strip_mma.h"
#elif defined(__HIP__)
#include "kernels/gpu/strip_mfma.h"
#else
#include "kernels/gpu/emulated/strip_emulated.h"
#endif
