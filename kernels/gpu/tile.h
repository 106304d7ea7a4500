// Matrix products at the level of a block. Tiles lie in shared memory as BF16; all threads of the block multiply them
// together and hold the result, each some of its values. How (matrix instructions of which shape, which thread holds what)
// is the device's: tile_mma.h, tile_mfma.h, or scalar products in the emulation. Kernels see this:
//
//   Tile<R, C>                    R rows of C values, C a multiple of 16
//   TileProduct<M, N, kThreads>   M × N sums in float over the threads of a block of kThreads; M and N multiples of 16
//     clear()
//     add_nk<K>(a, b, k)          += a bᵀ over the first k columns (a multiple of 16) of a [M][K] and b [N][K]
//     add_kn(a, b, k)             += a b, a [M][K], b [K][N] over the first k columns of a
//     each(f)                     f(row, column, float&) for this thread's values
//   publish_tiles()               after this thread's last writing to tiles, before the sync_block: units that read shared memory
//                                 beside the threads (Hopper's) see it
// Tiles must be complete (publish_tiles, sync_block) before a product reads them, and the product over (sync_block) before they are
// written again. A product may be read and changed by each() at once: its values are the thread's own.
//
// Layout of a tile: panels of 64 columns, in a panel a row of 128 bytes after the other, and of a row the 16-byte chunks in
// the order chunk ^ (row % 8): rows' equal chunks lie in different banks, and it is what Hopper's 128-byte swizzle makes.
#pragma once

#include "kernels/gpu/device.h"
#include "kernels/gpu/numbers.h"

namespace TM_GPU_NAMESPACE {

template <int R, int C>
class Tile {
 public:
  static constexpr int kRows = R, kColumns = C, kPanels = (C + 63) / 64;
  static constexpr std::uint32_t kValues = static_cast<std::uint32_t>(R) * kPanels * 64;  // that take() needs, of 2 bytes

  Tile() = default;
  TM_DEVICE explicit Tile(Shared<std::uint16_t> values) : values_(values) {}
  TM_DEVICE static Tile take(SharedMemory& memory) { return Tile(memory.take<std::uint16_t>(kValues)); }

  // Where value (row, column) is.
  TM_DEVICE static constexpr int place(int row, int column) {
    const int panel = column / 64, chunk = column % 64 / 8;
    return (panel * R + row) * 64 + (chunk ^ row % 8) * 8 + column % 8;
  }
  TM_DEVICE void store(int row, int column, float value) const { values_[place(row, column)] = to_bf16(value); }
  // Eight values from `column` on, a multiple of 8.
  TM_DEVICE void store8(int row, int column, const Bytes16& values) const { values_.store16(place(row, column), values); }
  TM_DEVICE void copy8_async(int row, int column, const void* from) const { copy16_async(values_, place(row, column), from); }
  TM_DEVICE float load(int row, int column) const { return from_bf16(values_[place(row, column)]); }
  TM_DEVICE Shared<std::uint16_t> values() const { return values_; }

 private:
  Shared<std::uint16_t> values_;
};

}  // namespace TM_GPU_NAMESPACE

// Warps of a product side by side over its columns, the others over its rows: so that what they read together is least.
constexpr int warps_over_columns(int m, int n, int warps) {
  int best = 0;
  for (int over_n = 1; over_n <= warps; ++over_n) {
    const int over_m = warps / over_n;
    if (over_n * over_m != warps || n / 16 % over_n != 0 || m / 16 % over_m != 0) continue;
    if (best == 0 || m / over_m + n / over_n < m / (warps / best) + n / best) best = over_n;
  }
  return best;
}

// ---- the device's ---------------------------------------------------------------------------------------------------

#if defined(__CUDACC__)
#include "kernels/gpu/tile_mma.h"
#include "kernels/gpu/tile_wgmma.h"
#elif defined(__HIP__)
#include "kernels/gpu/tile_mfma.h"
#else
#include "kernels/gpu/emulated/tile_emulated.h"
#endif
