// Matrix products on NVIDIA's matrix units: mma.sync m16n8k16 with BF16 inputs and float sums (sm_80 and later; PTX ISA,
// "Matrix Fragments for mma.m16n8k16"). Each warp takes a part of the rows and of the columns, fragments come by
// ldmatrix.
#pragma once

#include "kernels/gpu/mma.h"

namespace TM_GPU_NAMESPACE {

template <int M, int N, int kThreads>
class WarpProduct {
  static_assert(M % 16 == 0 && N % 16 == 0);
  static constexpr int kWarps = kThreads / kWave;
  static constexpr int kWarpsN = warps_over_columns(M, N, kWarps), kWarpsM = kWarps / kWarpsN;
  static_assert(kWarpsN > 0, "the tile has fewer blocks of 16 by 16 than the block has warps");
  static constexpr int kTilesM = M / 16 / kWarpsM, kTilesN = N / 16 / kWarpsN;  // of 16 × 16, for each warp

 public:
  TM_DEVICE void clear() {
    TM_UNROLL
    for (auto& row : sums_)
      TM_UNROLL
      for (auto& tile : row)
        TM_UNROLL
        for (float& sum : tile) sum = 0;
  }

  // Of b: rows 0–7 and 8–15, columns 0–7 and 8–15 of each, the halves of the two products of eight columns.
  template <int K>
  TM_DEVICE void add_nk(const Tile<M, K>& a, const Tile<N, K>& b, int k) {
    multiply_steps(a, k, [&](int column, int i, std::uint32_t* right) {
      load_matrices(b.values(), Tile<N, K>::place(column + lane() % 8 + lane() / 16 * 8, i + lane() / 8 % 2 * 8), right);
    });
  }
  template <int K>
  TM_DEVICE void add_kn(const Tile<M, K>& a, const Tile<K, N>& b, int k) {
    multiply_steps(a, k, [&](int column, int i, std::uint32_t* right) {
      load_matrices_turned(b.values(), Tile<K, N>::place(i + lane() % 16, column + lane() / 16 * 8), right);
    });
  }

  template <class F>
  TM_DEVICE void each(F&& f) {
    TM_UNROLL
    for (int m = 0; m < kTilesM; ++m)
      TM_UNROLL
      for (int n = 0; n < kTilesN; ++n)
        TM_UNROLL
        for (int i = 0; i < 8; ++i) {
          const int row = first_row(m) + lane() / 4 + i / 2 % 2 * 8;
          const int column = first_column(n) + i / 4 * 8 + lane() % 4 * 2 + i % 2;
          f(row, column, sums_[m][n][i]);
        }
  }

 private:
  TM_DEVICE static int first_row(int m) { return (warp() / kWarpsN * kTilesM + m) * 16; }
  TM_DEVICE static int first_column(int n) { return (warp() % kWarpsN * kTilesN + n) * 16; }

  // `load_right` brings the factors of 16 columns from `column` on, k values i … i + 15.
  template <int K, class LoadRight>
  TM_DEVICE void multiply_steps(const Tile<M, K>& a, int k, LoadRight&& load_right) {
    TM_UNROLL_BY(4)
    for (int i = 0; i < K; i += 16) {
      if (i >= k) break;
      std::uint32_t left[kTilesM][4];
      TM_UNROLL
      for (int m = 0; m < kTilesM; ++m) load_a(a, first_row(m), i, left[m]);
      TM_UNROLL
      for (int n = 0; n < kTilesN; ++n) {
        std::uint32_t right[4];
        load_right(first_column(n), i, right);
        TM_UNROLL
        for (int m = 0; m < kTilesM; ++m) multiply_16x16(sums_[m][n], left[m], right);
      }
    }
  }
  // Rows 0–7 and 8–15, then the same of the next eight columns.
  template <int K>
  TM_DEVICE static void load_a(const Tile<M, K>& a, int row, int column, std::uint32_t* out) {
    load_matrices(a.values(), Tile<M, K>::place(row + lane() % 16, column + lane() / 16 * 8), out);
  }

  float sums_[kTilesM][kTilesN][8];  // columns 0–7, then 8–15 of a tile
};

}  // namespace TM_GPU_NAMESPACE
