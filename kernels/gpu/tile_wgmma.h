// Matrix products on Hopper's matrix units: wgmma.mma_async m64nNk16, which reads both tiles from shared memory (sm_90a; PTX
// ISA, "Asynchronous Warpgroup Level Matrix Multiply-Accumulate Instructions"). Each four warps take 64 rows, or where there
// are fewer such strips than fours of warps a part of the columns too. Where threads or rows do not divide so, warps multiply
// for themselves (tile_mma.h).
//
// A tile's panel is the canonical layout of 128-byte swizzling, whose pattern of 8 rows begins at multiples of 1024 bytes:
// tiles must begin there (tile.h). A descriptor names where a matrix begins and how far 8 rows are from the next 8 (1024
// bytes); where the second matrix' rows run along k, how far a panel of 64 columns is from the next as well.
#pragma once

namespace TM_GPU_NAMESPACE {

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)

// What threads wrote to shared memory is seen by the matrix units.
TM_DEVICE void publish_tiles() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

// sums += a b; `turned`: rows of b run along k.
template <int n, bool turned>
struct Wgmma;

template <bool turned>
struct Wgmma<8, turned> {
  TM_DEVICE static void multiply(float* d, std::uint64_t a, std::uint64_t b) {
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 "
        "{%0, %1, %2, %3}, "
        "%4, %5, 1, 1, 1, 0, %6;"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "l"(a), "l"(b), "n"(turned ? 1 : 0));
  }
};

template <bool turned>
struct Wgmma<16, turned> {
  TM_DEVICE static void multiply(float* d, std::uint64_t a, std::uint64_t b) {
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 "
        "{%0, %1, %2, %3, %4, %5, %6, %7}, "
        "%8, %9, 1, 1, 1, 0, %10;"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7])
        : "l"(a), "l"(b), "n"(turned ? 1 : 0));
  }
};

template <bool turned>
struct Wgmma<32, turned> {
  TM_DEVICE static void multiply(float* d, std::uint64_t a, std::uint64_t b) {
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n32k16.f32.bf16.bf16 "
        "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15}, "
        "%16, %17, 1, 1, 1, 0, %18;"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7]),
          "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]), "+f"(d[14]), "+f"(d[15])
        : "l"(a), "l"(b), "n"(turned ? 1 : 0));
  }
};

template <bool turned>
struct Wgmma<64, turned> {
  TM_DEVICE static void multiply(float* d, std::uint64_t a, std::uint64_t b) {
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 "
        "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15,"
        " %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, "
        "%32, %33, 1, 1, 1, 0, %34;"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7]),
          "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]), "+f"(d[14]), "+f"(d[15]),
          "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19]), "+f"(d[20]), "+f"(d[21]), "+f"(d[22]), "+f"(d[23]),
          "+f"(d[24]), "+f"(d[25]), "+f"(d[26]), "+f"(d[27]), "+f"(d[28]), "+f"(d[29]), "+f"(d[30]), "+f"(d[31])
        : "l"(a), "l"(b), "n"(turned ? 1 : 0));
  }
};

template <bool turned>
struct Wgmma<128, turned> {
  TM_DEVICE static void multiply(float* d, std::uint64_t a, std::uint64_t b) {
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 "
        "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15,"
        " %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31,"
        " %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47,"
        " %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
        "%64, %65, 1, 1, 1, 0, %66;"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7]),
          "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]), "+f"(d[14]), "+f"(d[15]),
          "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19]), "+f"(d[20]), "+f"(d[21]), "+f"(d[22]), "+f"(d[23]),
          "+f"(d[24]), "+f"(d[25]), "+f"(d[26]), "+f"(d[27]), "+f"(d[28]), "+f"(d[29]), "+f"(d[30]), "+f"(d[31]),
          "+f"(d[32]), "+f"(d[33]), "+f"(d[34]), "+f"(d[35]), "+f"(d[36]), "+f"(d[37]), "+f"(d[38]), "+f"(d[39]),
          "+f"(d[40]), "+f"(d[41]), "+f"(d[42]), "+f"(d[43]), "+f"(d[44]), "+f"(d[45]), "+f"(d[46]), "+f"(d[47]),
          "+f"(d[48]), "+f"(d[49]), "+f"(d[50]), "+f"(d[51]), "+f"(d[52]), "+f"(d[53]), "+f"(d[54]), "+f"(d[55]),
          "+f"(d[56]), "+f"(d[57]), "+f"(d[58]), "+f"(d[59]), "+f"(d[60]), "+f"(d[61]), "+f"(d[62]), "+f"(d[63])
        : "l"(a), "l"(b), "n"(turned ? 1 : 0));
  }
};

template <int M, int N, int kThreads>
class GroupProduct {
  static constexpr int kGroups = kThreads / 128, kGroupsM = M / 64 < kGroups ? M / 64 : kGroups, kGroupsN = kGroups / kGroupsM;
  static constexpr int kStrips = M / 64 / kGroupsM, kColumns = N / kGroupsN;  // of a group
  // Columns of an instruction.
  static constexpr int kChunk = kColumns % 128 == 0 ? 128 : kColumns % 64 == 0 ? 64 : kColumns % 32 == 0 ? 32 : kColumns % 16 == 0 ? 16 : 8;
  static constexpr int kChunks = kColumns / kChunk;

 public:
  static constexpr bool kFits = M % 64 == 0 && kThreads % 128 == 0 && (M / 64) % kGroupsM == 0 && kGroupsM * kGroupsN == kGroups && N % (8 * kGroupsN) == 0;

  TM_DEVICE void clear() {
    TM_UNROLL
    for (auto& strip : sums_)
      TM_UNROLL
      for (auto& chunk : strip)
        TM_UNROLL
        for (float& sum : chunk) sum = 0;
  }

  template <int K>
  TM_DEVICE void add_nk(const Tile<M, K>& a, const Tile<N, K>& b, int k) {
    multiply<false>(a, k, [&](int column, int i) { return descriptor(b.values(), (i / 64 * N + column) * 64 + i % 64, 1); });
  }
  template <int K>
  TM_DEVICE void add_kn(const Tile<M, K>& a, const Tile<K, N>& b, int k) {
    multiply<true>(a, k, [&](int column, int i) { return descriptor(b.values(), (column / 64 * K + i) * 64 + column % 64, K * 128); });
  }

  // Of 64 by N a warp holds 16 rows, a thread two of them 8 apart and of every 8 columns two.
  template <class F>
  TM_DEVICE void each(F&& f) {
    TM_UNROLL
    for (int s = 0; s < kStrips; ++s)
      TM_UNROLL
      for (int c = 0; c < kChunks; ++c)
        TM_UNROLL
        for (int i = 0; i < kChunk / 2; ++i) {
          const int row = first_row(s) + warp() % 4 * 16 + lane() / 4 + i / 2 % 2 * 8;
          f(row, first_column(c) + i / 4 * 8 + lane() % 4 * 2 + i % 2, sums_[s][c][i]);
        }
  }

 private:
  TM_DEVICE static int group() { return warp() / 4; }
  TM_DEVICE static int first_row(int s) { return (group() / kGroupsN * kStrips + s) * 64; }
  TM_DEVICE static int first_column(int c) { return group() % kGroupsN * kColumns + c * kChunk; }

  // From value `place` of a tile on. `leading`: bytes from a panel to the next, where they matter.
  TM_DEVICE static std::uint64_t descriptor(Shared<std::uint16_t> values, int place, int leading) {
    const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(values.pointer() + place));
    return (address & 0x3ffffu) >> 4 | std::uint64_t{(static_cast<std::uint32_t>(leading) & 0x3ffffu) >> 4} << 16 | std::uint64_t{1024 >> 4} << 32 |
           std::uint64_t{1} << 62;
  }

  template <bool turned, int K, class B>
  TM_DEVICE void multiply(const Tile<M, K>& a, int k, B&& b) {
    publish_tiles();  // of writers that did not
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
    TM_UNROLL
    for (int i = 0; i < K; i += 16) {
      if (i >= k) break;
      TM_UNROLL
      for (int c = 0; c < kChunks; ++c) {
        const std::uint64_t right = b(first_column(c), i);
        TM_UNROLL
        for (int s = 0; s < kStrips; ++s)
          Wgmma<kChunk, turned>::multiply(sums_[s][c], descriptor(a.values(), (i / 64 * M + first_row(s)) * 64 + i % 64, 1), right);
      }
    }
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
    asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
  }

  float sums_[kStrips][kChunks][kChunk / 2];
};

template <bool fits, int M, int N, int kThreads>
struct ProductOf {
  using Type = WarpProduct<M, N, kThreads>;
};
template <int M, int N, int kThreads>
struct ProductOf<true, M, N, kThreads> {
  using Type = GroupProduct<M, N, kThreads>;
};
template <int M, int N, int kThreads>
constexpr bool fits_groups() {
  if constexpr (M % 64 == 0 && kThreads % 128 == 0) return GroupProduct<M, N, kThreads>::kFits;
  return false;
}
template <int M, int N, int kThreads>
using TileProduct = typename ProductOf<fits_groups<M, N, kThreads>(), M, N, kThreads>::Type;

#else

TM_DEVICE void publish_tiles() {}
template <int M, int N, int kThreads>
using TileProduct = WarpProduct<M, N, kThreads>;

#endif

}  // namespace TM_GPU_NAMESPACE
