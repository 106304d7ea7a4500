// What a device can do at best, for others to be measured against: memory read as fast as it goes, matrix units fed from
// shared memory alone.
#pragma once

#include "kernels/gpu/ceilings_arguments.h"
#include "kernels/gpu/tile.h"

namespace TM_GPU_NAMESPACE {

struct ReadMemory {
  using Args = ReadMemoryArguments;
  static constexpr int kThreads = 256;
  static constexpr int kAtOnce = 8;   // loads under way in each thread

  TM_DEVICE static void run(const Args& args) {
    const auto* from = static_cast<const Bytes16*>(args.from);
    std::uint32_t all = 0;
    const std::uint64_t step = std::uint64_t{grid_blocks().x} * kThreads;
    std::uint64_t i = std::uint64_t{block_index().x} * kThreads + thread_index();
    for (; i + (kAtOnce - 1) * step < args.pieces; i += kAtOnce * step) {
      Bytes16 pieces[kAtOnce];
      for (int k = 0; k < kAtOnce; ++k) pieces[k] = load16_once(from + i + k * step);
      for (const Bytes16& piece : pieces) all ^= piece.word[0] ^ piece.word[1] ^ piece.word[2] ^ piece.word[3];
    }
    for (; i < args.pieces; i += step) all ^= load16_once(from + i).word[0];
    for (int width = kWave / 2; width > 0; width /= 2) all ^= shuffle_xor(all, width);
    if (lane() == 0) atomic_add(args.out + block_index().x, all);
  }
};

struct MultiplyTiles {
  using Args = MultiplyTilesArguments;
  static constexpr int kThreads = 256, kSize = 128, kDepth = 64;

  TM_DEVICE static void run(const Args& args) {
    SharedMemory memory;
    const auto a = Tile<kSize, kDepth>::take(memory);
    const auto b = Tile<kSize, kDepth>::take(memory);
    for (int i = static_cast<int>(thread_index()); i < kSize * kDepth; i += kThreads) {
      a.store(i / kDepth, i % kDepth, static_cast<float>(i % 7) - 3);
      b.store(i / kDepth, i % kDepth, static_cast<float>(i % 5) - 2);
    }
    sync_block();
    TileProduct<kSize, kSize, kThreads> product;
    product.clear();
    for (std::uint32_t round = 0; round < args.rounds; ++round) product.add_nk(a, b, kDepth);
    float sum = 0;
    product.each([&](int, int, float& value) { sum += value; });
    sum = sum_lanes(sum);
    if (lane() == 0) atomic_add(args.out + block_index().x, sum);
  }
};

}  // namespace TM_GPU_NAMESPACE
