// A warp's attention (strip.h) on AMD's matrix cores (mfma.h), everything turned. Scoresᵀ = keys ·
// queriesᵀ: lane l has query l % 16 and keys 4 (l / 16) … + 3, which is how the second factor of sumsᵀ = valuesᵀ · weightsᵀ
// is to lie. A lane's scores and sums are all of one query.
#pragma once

#include "kernels/gpu/mfma.h"

namespace TM_GPU_NAMESPACE {

template <int kTiles, int kKeys, int kValueDim>
class Strip {
  using Four = MfmaFactors;
  using Sums = MfmaSums;

 public:
  static constexpr int kSlots = kTiles;
  TM_DEVICE static int row(int slot) { return slot * 16 + lane() % 16; }

  TM_DEVICE void clear() {
    TM_UNROLL
    for (int m = 0; m < kTiles; ++m)
      TM_UNROLL
      for (int n = 0; n < kValueDim / 16; ++n) sums_[m][n] = Sums{0, 0, 0, 0};
  }
  template <int kRows, int kDim>
  TM_DEVICE void score(const Tile<kRows, kDim>& queries, int first, const Tile<kKeys, kDim>& keys) {
    TM_UNROLL
    for (int m = 0; m < kTiles; ++m)
      TM_UNROLL
      for (int n = 0; n < kKeys / 16; ++n) scores_[m][n] = Sums{0, 0, 0, 0};
    TM_UNROLL_BY(1)
    for (int k = 0; k < kDim; k += 16) {
      Four right[kTiles];
      TM_UNROLL
      for (int m = 0; m < kTiles; ++m) right[m] = four(queries, first + 16 * m + lane() % 16, k + lane() / 16 * 4);
      TM_UNROLL
      for (int n = 0; n < kKeys / 16; ++n) {
        const Four left = four(keys, 16 * n + lane() % 16, k + lane() / 16 * 4);
        TM_UNROLL
        for (int m = 0; m < kTiles; ++m) scores_[m][n] = multiply_16x16(left, right[m], scores_[m][n]);
      }
    }
  }
  template <class F>
  TM_DEVICE void each_score(F&& f) {
    each(scores_, f);
  }
  // The lanes l % 16, l % 16 + 16 …
  TM_DEVICE static float maximum(float v) {
    v = Maximum<float>{}(v, shuffle_xor(v, 16));
    return Maximum<float>{}(v, shuffle_xor(v, 32));
  }
  TM_DEVICE static float sum(float v) {
    v += shuffle_xor(v, 16);
    return v + shuffle_xor(v, 32);
  }
  TM_DEVICE void scale(const float* factors) {
    TM_UNROLL
    for (int m = 0; m < kTiles; ++m)
      TM_UNROLL
      for (int n = 0; n < kValueDim / 16; ++n) sums_[m][n] *= factors[m];
  }
  TM_DEVICE void add(const Tile<kKeys, kValueDim>& values) {
    TM_UNROLL
    for (int k = 0; k < kKeys / 16; ++k) {
      Four right[kTiles];
      TM_UNROLL
      for (int m = 0; m < kTiles; ++m)
        TM_UNROLL
        for (int i = 0; i < 4; ++i) right[m][i] = static_cast<short>(to_bf16(scores_[m][k][i]));
      TM_UNROLL
      for (int n = 0; n < kValueDim / 16; ++n) {
        Four left;
        TM_UNROLL
        for (int i = 0; i < 4; ++i) left[i] = static_cast<short>(values.values()[values.place(16 * k + lane() / 16 * 4 + i, 16 * n + lane() % 16)]);
        TM_UNROLL
        for (int m = 0; m < kTiles; ++m) sums_[m][n] = multiply_16x16(left, right[m], sums_[m][n]);
      }
    }
  }
  template <class F>
  TM_DEVICE void each_sum(F&& f) {
    each(sums_, f);
  }

 private:
  template <int n, class F>
  TM_DEVICE static void each(Sums (&sums)[kTiles][n], F&& f) {
    TM_UNROLL
    for (int m = 0; m < kTiles; ++m)
      TM_UNROLL
      for (int t = 0; t < n; ++t)
        TM_UNROLL
        for (int i = 0; i < 4; ++i) {
          float value = sums[m][t][i];
          f(m, 16 * t + lane() / 16 * 4 + i, value);
          sums[m][t][i] = value;
        }
  }
  template <int R, int C>
  TM_DEVICE static Four four(const Tile<R, C>& tile, int row, int column) {
    return *reinterpret_cast<const Four*>(tile.values().pointer() + Tile<R, C>::place(row, column));
  }

  Sums scores_[kTiles][kKeys / 16], sums_[kTiles][kValueDim / 16];
};

}  // namespace TM_GPU_NAMESPACE
