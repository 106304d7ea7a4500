// Matrix products on AMD's matrix cores, whose instruction (mfma.h) says which lane holds what.
#pragma once

#include "kernels/gpu/mfma.h"

namespace TM_GPU_NAMESPACE {

TM_DEVICE void publish_tiles() {}

template <int M, int N, int kThreads>
class TileProduct {
  static_assert(M % 16 == 0 && N % 16 == 0);
  static constexpr int kWarps = kThreads / kWave;
  static constexpr int kWarpsN = warps_over_columns(M, N, kWarps), kWarpsM = kWarps / kWarpsN;
  static_assert(kWarpsN > 0, "the tile has fewer blocks of 16 by 16 than the block has warps");
  static constexpr int kTilesM = M / 16 / kWarpsM, kTilesN = N / 16 / kWarpsN;
  using Four = MfmaFactors;
  using Sums = MfmaSums;

 public:
  TM_DEVICE void clear() {
    TM_UNROLL
    for (auto& row : sums_)
      TM_UNROLL
      for (Sums& tile : row) tile = Sums{0, 0, 0, 0};
  }

  template <int K>
  TM_DEVICE void add_nk(const Tile<M, K>& a, const Tile<N, K>& b, int k) {
    multiply_steps(a, k, [&](int column, int i) { return four(b, column + lane() % 16, i + lane() / 16 * 4); });
  }
  template <int K>
  TM_DEVICE void add_kn(const Tile<M, K>& a, const Tile<K, N>& b, int k) {
    multiply_steps(a, k, [&](int column, int i) {
      Four right;
      TM_UNROLL
      for (int j = 0; j < 4; ++j) right[j] = static_cast<short>(b.values()[Tile<K, N>::place(i + lane() / 16 * 4 + j, column + lane() % 16)]);
      return right;
    });
  }

  template <class F>
  TM_DEVICE void each(F&& f) {
    TM_UNROLL
    for (int m = 0; m < kTilesM; ++m)
      TM_UNROLL
      for (int n = 0; n < kTilesN; ++n)
        TM_UNROLL
        for (int i = 0; i < 4; ++i) {
          float sum = sums_[m][n][i];
          f(first_row(m) + lane() / 16 * 4 + i, first_column(n) + lane() % 16, sum);
          sums_[m][n][i] = sum;
        }
  }

 private:
  TM_DEVICE static int first_row(int m) { return (warp() / kWarpsN * kTilesM + m) * 16; }
  TM_DEVICE static int first_column(int n) { return (warp() % kWarpsN * kTilesN + n) * 16; }
  // `load_right` gives this lane's factors of the 16 columns from `column` on, k values i … i + 15.
  template <int K, class LoadRight>
  TM_DEVICE void multiply_steps(const Tile<M, K>& a, int k, LoadRight&& load_right) {
    TM_UNROLL_BY(4)
    for (int i = 0; i < K; i += 16) {
      if (i >= k) break;
      Four left[kTilesM];
      TM_UNROLL
      for (int m = 0; m < kTilesM; ++m) left[m] = four(a, first_row(m) + lane() % 16, i + lane() / 16 * 4);
      TM_UNROLL
      for (int n = 0; n < kTilesN; ++n) {
        const Four right = load_right(first_column(n), i);
        TM_UNROLL
        for (int m = 0; m < kTilesM; ++m) sums_[m][n] = multiply_16x16(left[m], right, sums_[m][n]);
      }
    }
  }
  template <int R, int C>
  TM_DEVICE static Four four(const Tile<R, C>& tile, int row, int column) {
    return *reinterpret_cast<const Four*>(tile.values().pointer() + Tile<R, C>::place(row, column));
  }

  Sums sums_[kTilesM][kTilesN];
};

}  // namespace TM_GPU_NAMESPACE
