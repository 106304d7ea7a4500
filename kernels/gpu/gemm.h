// Matrix products of more rows of x: a block makes a tile of the result, rows of the matrix by rows of x, step by step of 64
// columns; steps ahead are on their way while one is multiplied. Few tiles are cut along the columns: the block of a tile
// that comes last adds up what the others left, in their order, so that the result is always the same.
#pragma once

#include "kernels/gpu/gemm_tiles.h"

namespace TM_GPU_NAMESPACE {

template <WeightFormat format, int R>
struct Gemm {
  using Args = ProductArguments;
  static constexpr int W = static_cast<int>(tile_weights(R)), kThreads = static_cast<int>(tile_threads(R));
  static constexpr int kBlocks = R == 128 ? 1 : 2;
  static constexpr bool kWaits = true;
  static constexpr int kStages = static_cast<int>(tile_stages(kWave, R));
  using Weights = WeightTiles<format, W, kThreads, kStages>;
  using Input = InputTiles<R, kThreads, kStages>;
  static constexpr int kSums = W * R;
  static constexpr std::uint32_t kShared = gemm_shared_bytes(static_cast<std::uint32_t>(format), kWave, R);
  static_assert(Weights::kBytes + Input::kBytes <= kShared && kSums * 4 <= kShared);

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    const bool is_split = args.split > 1;
    const WorkItem item = item_of_block(args, R, is_split ? 0 : block_index().z);
    if (item.rows == 0) return;
    SharedMemory memory;
    const auto all = memory.take<std::uint16_t>(kShared / 2);
    TileProduct<W, R, kThreads> product;
    product.clear();
    multiply(args, item, is_split ? block_index().z : 0, all, product);
    sync_block();  // the tiles give way to the sums
    const auto sums = all.template as<float>();
    product.each([&](int w, int row, float& sum) { sums[place(row, w)] = sum; });
    sync_block();
    if (is_split && !is_last(args, sums)) return;
    finish(args, item, sums);
  }

 private:
  // Row `row` of x and w of the matrix' tile; lanes that hold different rows reach different banks.
  TM_DEVICE static int place(int row, int w) { return row * W + (w ^ row / 2 % 4 * 8); }

  // Of all rows of the matrices, tile by tile: which part, its first row there, and how many a tile takes.
  struct Strip {
    std::uint32_t part, first;
  };
  TM_DEVICE static Strip strip_of(const Args& args) {
    std::uint32_t tile = block_index().x;
    if (args.epilogue == Epilogue::activate) return {0, tile * (W / 2)};
    std::uint32_t part = 0;
    for (; part + 1 < args.n_parts; ++part) {
      const std::uint32_t tiles = (args.parts[part].weight.rows + W - 1) / W;
      if (tile < tiles) break;
      tile -= tiles;
    }
    return {part, tile * W};
  }

  TM_DEVICE static void multiply(const Args& args, const WorkItem& item, std::uint32_t part, Shared<std::uint16_t> all, TileProduct<W, R, kThreads>& product) {
    Weights weights(all);
    Input input(all + Weights::kBytes / 2);
    const Strip strip = strip_of(args);
    weights.begin(args.columns, [&](int i, const std::uint8_t*& values, const std::uint8_t*& scales) {
      const bool both = args.epilogue == Epilogue::activate, second = both && i >= W / 2;
      const Matrix& m = args.parts[both ? (second ? 1 : 0) : strip.part].weight;
      const std::uint32_t row = strip.first + static_cast<std::uint32_t>(second ? i - W / 2 : i);
      const std::uint64_t r = std::uint64_t{item.matrix} * m.rows + row;
      const bool there = row < m.rows;
      values = there ? static_cast<const std::uint8_t*>(m.values) + r * m.row_pitch : nullptr;
      scales = there ? static_cast<const std::uint8_t*>(m.scales) + r * m.scale_pitch : nullptr;
    });
    input.begin(args, item);

    const std::uint32_t steps = (args.columns + kTileColumns - 1) / kTileColumns;
    const std::uint32_t begin = steps * part / args.split, end = steps * (part + 1) / args.split;
    const auto ask = [&](std::uint32_t step) {
      const int slot = static_cast<int>((step - begin) % kStages);
      if (step < end) {
        weights.ask(step, slot);
        input.ask(step, slot);
      }
      commit_copies();
    };
    for (std::uint32_t s = 0; s + 1 < kStages; ++s) ask(begin + s);
    weights.load_scales(begin);
    for (std::uint32_t step = begin; step < end; ++step) {
      const int slot = static_cast<int>((step - begin) % kStages);
      wait_copies<kStages - 2>();
      weights.convert(step, slot);
      publish_tiles();
      sync_block();  // the step's tiles are complete, and nobody reads those of the step before any more
      ask(step + kStages - 1);
      if (step + 1 < end) weights.load_scales(step + 1);
      product.add_nk(weights.tile(step, slot), input.tile(slot), kTileColumns);
    }
  }

  // Leaves the sums for the tile's last block to come. That one gets all blocks' sums, by the order of their columns.
  TM_DEVICE static bool is_last(const Args& args, Shared<float> sums) {
    const std::uint32_t tile = block_index().y * grid_blocks().x + block_index().x;
    float* partial = args.partial + std::uint64_t{tile} * args.split * kSums;
    for (int i = static_cast<int>(thread_index()); i < kSums; i += kThreads) partial[block_index().z * kSums + i] = sums[i];
    fence_device();
    sync_block();
    if (thread_index() == 0) sums.template as<std::uint32_t>()[0] = atomic_add(args.arrived + tile, 1u);
    sync_block();
    const std::uint32_t before = sums.template as<std::uint32_t>()[0];
    if (before + 1 < args.split) return false;
    fence_device();
    sync_block();
    if (thread_index() == 0) args.arrived[tile] = 0;
    for (int i = static_cast<int>(thread_index()); i < kSums; i += kThreads) {
      float sum = 0;
      for (std::uint32_t part = 0; part < args.split; ++part) sum += partial[part * kSums + i];
      sums[i] = sum;
    }
    sync_block();
    return true;
  }

  TM_DEVICE static void finish(const Args& args, const WorkItem& item, Shared<float> sums) {
    const Strip strip = strip_of(args);
    const bool both = args.epilogue == Epilogue::activate;
    const int width = both ? W / 2 : W;
    const std::uint32_t rows = args.parts[strip.part].weight.rows;
    for (int i = static_cast<int>(thread_index()); i < width * static_cast<int>(item.rows); i += kThreads) {
      const int row = i / width, w = i % width;
      const std::uint32_t r = strip.first + static_cast<std::uint32_t>(w), to = item.first + static_cast<std::uint32_t>(row);
      if (r >= rows) continue;
      if (both) finish_activated(args, item.matrix, to, r, sums[place(row, w)], sums[place(row, w + W / 2)]);
      else finish_value(args, args.parts[strip.part], item.matrix, to, r, sums[place(row, w)]);
    }
  }
};

}  // namespace TM_GPU_NAMESPACE

// The kernels of a format.
#define TM_GEMM(format)                                \
  TM_KERNEL(gemm_##format##_16, Gemm<WeightFormat::format, 16>) \
  TM_KERNEL(gemm_##format##_32, Gemm<WeightFormat::format, 32>) \
  TM_KERNEL(gemm_##format##_64, Gemm<WeightFormat::format, 64>) \
  TM_KERNEL(gemm_##format##_128, Gemm<WeightFormat::format, 128>)
