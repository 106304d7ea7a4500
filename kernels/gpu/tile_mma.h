// Matrix products on NVIDIA's matrix units: mma.sync m16n8k16 with BF16 inputs and float sums (sm_80 and later; PTX ISA,
// "Matrix Fragments for mma.m16n8k16"). Each warp takes
// a part of the rows and of the columns, fragments come by ldmatrix.
#pragma once

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

  template <int K>
  TM_DEVICE void add_nk(const Tile<M, K>& a, const Tile<N, K>& b, int k) {
    TM_UNROLL_BY(4)
    for (int i = 0; i < K; i += 16) {
      if (i >= k) break;
      std::uint32_t left[kTilesM][4];
      TM_UNROLL
      for (int m = 0; m < kTilesM; ++m) load_a(a, first_row(m), i, left[m]);
      TM_UNROLL
      for (int n = 0; n < kTilesN; ++n) {
        // Rows 0–7 and 8–15 of b, columns 0–7 and 8–15 of each: the two 8-column products' halves.
        std::uint32_t right[4];
        const int row = first_column(n) + lane() % 8 + lane() / 16 * 8;
        load_matrices(b.values(), Tile<N, K>::place(row, i + lane() / 8 % 2 * 8), right);
        TM_UNROLL
        for (int m = 0; m < kTilesM; ++m) multiply(sums_[m][n], left[m], right);
      }
    }
  }

  template <int K>
  TM_DEVICE void add_kn(const Tile<M, K>& a, const Tile<K, N>& b, int k) {
    TM_UNROLL_BY(4)
    for (int i = 0; i < K; i += 16) {
      if (i >= k) break;
      std::uint32_t left[kTilesM][4];
      TM_UNROLL
      for (int m = 0; m < kTilesM; ++m) load_a(a, first_row(m), i, left[m]);
      TM_UNROLL
      for (int n = 0; n < kTilesN; ++n) {
        std::uint32_t right[4];
        const int row = i + lane() % 16;
        load_matrices_turned(b.values(), Tile<K, N>::place(row, first_column(n) + lane() / 16 * 8), right);
        TM_UNROLL
        for (int m = 0; m < kTilesM; ++m) multiply(sums_[m][n], left[m], right);
      }
    }
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

  TM_DEVICE static std::uint32_t address(Shared<std::uint16_t> values, int place) {
    return static_cast<std::uint32_t>(__cvta_generic_to_shared(values.pointer() + place));
  }
  TM_DEVICE static void load_matrices(Shared<std::uint16_t> values, int place, std::uint32_t* out) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(address(values, place)));
  }
  TM_DEVICE static void load_matrices_turned(Shared<std::uint16_t> values, int place, std::uint32_t* out) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(address(values, place)));
  }
  // Rows 0–7 and 8–15, then the same of the next eight columns.
  template <int K>
  TM_DEVICE static void load_a(const Tile<M, K>& a, int row, int column, std::uint32_t* out) {
    load_matrices(a.values(), Tile<M, K>::place(row + lane() % 16, column + lane() / 16 * 8), out);
  }
  // `right`: k 0–7 and 8–15 for columns 0–7, then for columns 8–15.
  TM_DEVICE static void multiply(float* sums, const std::uint32_t* left, const std::uint32_t* right) {
    TM_UNROLL
    for (int half = 0; half < 2; ++half) {
      float* c = sums + 4 * half;
      asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                   : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                   : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(right[2 * half]), "r"(right[2 * half + 1]));
    }
  }

  float sums_[kTilesM][kTilesN][8];  // columns 0–7, then 8–15 of a tile
};

}  // namespace TM_GPU_NAMESPACE
