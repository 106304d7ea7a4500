// Kernels of the products of tiles alone, for tests: every shape and number of threads that kernels use, against the same in
// double. Matrices are BF16, a row after the other.
#pragma once

#include "kernels/gpu/tile.h"
#include "kernels/gpu/tile_arguments.h"

namespace TM_GPU_NAMESPACE {

template <int M, int N, int K, int kThreadsOfBlock, bool turned>
struct TileCase {
  using Args = TileCaseArguments;
  static constexpr int kThreads = kThreadsOfBlock;

  template <int R, int C>
  TM_DEVICE static void fill(const Tile<R, C>& tile, const std::uint16_t* from) {
    for (int i = static_cast<int>(thread_index()) * 8; i < R * C; i += kThreads * 8) tile.copy8_async(i / C, i % C, from + i);
    commit_copies();
  }

  TM_DEVICE static void run(const Args& args) {
    SharedMemory memory;
    const auto a = Tile<M, K>::take(memory);
    TileProduct<M, N, kThreads> product;
    product.clear();
    fill(a, args.a);
    // Twice over half of k each is once over all.
    if constexpr (turned) {
      const auto b = Tile<K, N>::take(memory);
      fill(b, args.b);
      finish_tiles();
      product.add_kn(a, b, args.k);
      product.add_kn(a, b, args.k);
    } else {
      const auto b = Tile<N, K>::take(memory);
      fill(b, args.b);
      finish_tiles();
      product.add_nk(a, b, args.k);
      product.add_nk(a, b, args.k);
    }
    product.each([&](int row, int column, float& sum) {
      args.out[row * N + column] = sum;
      sum = 0;
    });
    // each() has changed the sums.
    product.each([&](int row, int column, float& sum) { args.out[row * N + column] += sum; });
  }

 private:
  TM_DEVICE static void finish_tiles() {
    wait_copies<0>();
    publish_tiles();
    sync_block();
  }
};

#define TM_TILES(m, n, k, threads)                                                          \
  TM_KERNEL(tiles_nk_##m##_##n##_##k##_##threads, TileCase<m, n, k, threads, false>) \
  TM_KERNEL(tiles_kn_##m##_##n##_##k##_##threads, TileCase<m, n, k, threads, true>)

TM_TILES(16, 32, 16, 64)
TM_TILES(16, 64, 128, 128)
TM_TILES(16, 128, 64, 128)
TM_TILES(32, 32, 64, 128)
TM_TILES(32, 64, 192, 128)
TM_TILES(64, 16, 64, 128)
TM_TILES(64, 32, 64, 128)
TM_TILES(64, 64, 128, 128)
TM_TILES(64, 128, 64, 256)
TM_TILES(128, 64, 64, 256)
TM_TILES(128, 128, 64, 256)

}  // namespace TM_GPU_NAMESPACE
