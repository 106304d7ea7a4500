// A warp's attention (strip.h) with mma.sync m16n8k16 (PTX ISA, "Matrix Fragments for mma.m16n8k16"): of 16 × 16 sums lane l
// holds rows l / 4 and l / 4 + 8, columns 2 (l % 4) and the next, in both halves of eight columns; packed in pairs these are
// the factors of a product over the columns.
#pragma once

#include "kernels/gpu/mma.h"

namespace TM_GPU_NAMESPACE {

template <int kTiles, int kKeys, int kValueDim>
class Strip {
 public:
  static constexpr int kSlots = 2 * kTiles;
  TM_DEVICE static int row(int slot) { return slot / 2 * 16 + lane() / 4 + slot % 2 * 8; }

  TM_DEVICE void clear() {
    TM_UNROLL
    for (int m = 0; m < kTiles; ++m)
      TM_UNROLL
      for (int n = 0; n < kValueDim / 16; ++n) clear8(sums_[m][n]);
  }
  template <int kRows, int kDim>
  TM_DEVICE void score(const Tile<kRows, kDim>& queries, int first, const Tile<kKeys, kDim>& keys) {
    TM_UNROLL
    for (int m = 0; m < kTiles; ++m)
      TM_UNROLL
      for (int n = 0; n < kKeys / 16; ++n) clear8(scores_[m][n]);
    TM_UNROLL_BY(1)
    for (int k = 0; k < kDim; k += 16) {
      std::uint32_t left[kTiles][4];
      TM_UNROLL
      for (int m = 0; m < kTiles; ++m) load_matrices(queries.values(), queries.place(first + 16 * m + lane() % 16, k + lane() / 16 * 8), left[m]);
      TM_UNROLL
      for (int n = 0; n < kKeys / 16; ++n) {
        std::uint32_t right[4];
        load_matrices(keys.values(), keys.place(16 * n + lane() % 8 + lane() / 16 * 8, k + lane() / 8 % 2 * 8), right);
        TM_UNROLL
        for (int m = 0; m < kTiles; ++m) multiply_16x16(scores_[m][n], left[m], right);
      }
    }
  }
  template <class F>
  TM_DEVICE void each_score(F&& f) {
    each(scores_, f);
  }
  TM_DEVICE static float maximum(float v) { return maximum_lanes<4>(v); }
  TM_DEVICE static float sum(float v) { return sum_lanes<4>(v); }
  TM_DEVICE void scale(const float* factors) {
    each(sums_, [&](int slot, int, float& value) { value *= factors[slot]; });
  }
  TM_DEVICE void add(const Tile<kKeys, kValueDim>& values) {
    TM_UNROLL
    for (int k = 0; k < kKeys / 16; ++k) {
      std::uint32_t left[kTiles][4];
      TM_UNROLL
      for (int m = 0; m < kTiles; ++m)
        TM_UNROLL
        for (int i = 0; i < 4; ++i) left[m][i] = pack_bf16(scores_[m][k][2 * i], scores_[m][k][2 * i + 1]);
      TM_UNROLL
      for (int n = 0; n < kValueDim / 16; ++n) {
        std::uint32_t right[4];
        load_matrices_turned(values.values(), values.place(16 * k + lane() % 16, 16 * n + lane() / 16 * 8), right);
        TM_UNROLL
        for (int m = 0; m < kTiles; ++m) multiply_16x16(sums_[m][n], left[m], right);
      }
    }
  }
  template <class F>
  TM_DEVICE void each_sum(F&& f) {
    each(sums_, f);
  }

 private:
  TM_DEVICE static void clear8(float* sums) {
    TM_UNROLL
    for (int i = 0; i < 8; ++i) sums[i] = 0;
  }
  template <int n, class F>
  TM_DEVICE static void each(float (&sums)[kTiles][n][8], F&& f) {
    TM_UNROLL
    for (int m = 0; m < kTiles; ++m)
      TM_UNROLL
      for (int t = 0; t < n; ++t)
        TM_UNROLL
        for (int i = 0; i < 8; ++i) f(2 * m + i / 2 % 2, 16 * t + i / 4 * 8 + lane() % 4 * 2 + i % 2, sums[m][t][i]);
  }

  float scores_[kTiles][kKeys / 16][8], sums_[kTiles][kValueDim / 16][8];
};

}  // namespace TM_GPU_NAMESPACE
