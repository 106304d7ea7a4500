// Matrix products of 1 to 8 rows of x: the products of decoding, whose time is that of reading the matrix once. A warp
// streams two rows of the matrix (neighbours, or the gate's and the up's), several pieces of each on their way at a time;
// x lies in shared memory. Blocks take pair after pair (as many blocks as the machine holds at once), so x is made once a
// block, its norm included; the first pieces are asked for before, and before the kernel ahead has ended.
#pragma once

#include "kernels/gpu/gemv_pieces.h"
#include "kernels/gpu/heads.h"

namespace TM_GPU_NAMESPACE {

template <WeightFormat format, int R>
struct Gemv {
  using Args = ProductArguments;
  static constexpr int kThreads = kGemvThreads;
  static constexpr bool kWaits = true;
  static constexpr int kBlocks = gemv_blocks(R);
  using Format = Pieces<format>;
  static constexpr int kAhead = R == 8 && Format::kValues == 32 ? 3 : 4;  // pieces of each row on their way at a time

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    const WorkItem planned = args.items ? WorkItem{} : item_of_block(args, R, block_index().z);
    const std::uint32_t pairs_a_block = static_cast<std::uint32_t>(warps()) / args.split, step = grid_blocks().x * pairs_a_block;
    const std::uint32_t first = block_index().x * pairs_a_block, of_block = static_cast<std::uint32_t>(warp()) / args.split;
    if (planned.rows > 0) prefetch_pair(args, planned.matrix, first + of_block);
    wait_for_previous();
    const WorkItem item = args.items ? item_of_block(args, R, 0) : planned;
    if (item.rows == 0) return;

    SharedMemory memory;
    GemvRows<format, R> x(memory, args.chunk);
    const auto factors = memory.take<float>(R);
    const auto scratch = memory.take<float>(kThreads / kWave);
    const auto partial = memory.take<float>(kThreads / kWave * 2 * R);
    find_factors(args, item, factors, scratch);
    const std::uint32_t pairs = count_pairs(args);
    for (std::uint32_t base = first; base < pairs; base += step) {
      const std::uint32_t pair = base + of_block;
      float sums[R][2] = {};
      for (std::uint32_t begin = 0; begin < args.columns; begin += args.chunk) {
        const std::uint32_t left = args.columns - begin, end = begin + (left < args.chunk ? left : args.chunk);
        if (base == first || args.chunk < args.columns) {
          sync_block();
          x.fill(args, item, begin, end, factors);
          sync_block();
        }
        if (pair < pairs) add_pair(args, rows_of(args, item.matrix, pair), begin, end, x, sums);
      }
      TM_UNROLL
      for (auto& of_row : sums)
        TM_UNROLL
        for (float& sum : of_row) sum = sum_lanes(sum);
      if (args.split > 1) gather(args.split, partial, sums);
      if (pair >= pairs || static_cast<std::uint32_t>(warp()) % args.split != 0) continue;
      finish(args, item, pair, sums);
      if (args.heads_arrived) finish_head(args, item, place_of(args, pair));
    }
  }

 private:
  struct Rows {
    const std::uint8_t* values[2];
    const std::uint8_t* scales[2];
  };
  // Which part a pair belongs to, and its two rows there; the second may be beyond the last.
  struct Place {
    std::uint32_t part, row;
  };

  TM_DEVICE static std::uint32_t count_pairs(const Args& args) {
    if (args.epilogue == Epilogue::activate) return args.parts[0].weight.rows;
    std::uint32_t pairs = 0;
    for (std::uint32_t p = 0; p < args.n_parts; ++p) pairs += (args.parts[p].weight.rows + 1) / 2;
    return pairs;
  }
  TM_DEVICE static Place place_of(const Args& args, std::uint32_t pair) {
    std::uint32_t part = 0;
    for (; part + 1 < args.n_parts; ++part) {
      const std::uint32_t pairs = (args.parts[part].weight.rows + 1) / 2;
      if (pair < pairs) break;
      pair -= pairs;
    }
    return {part, 2 * pair};
  }
  TM_DEVICE static Rows rows_of(const Args& args, std::uint32_t matrix, std::uint32_t pair) {
    Rows rows;
    const bool both = args.epilogue == Epilogue::activate;
    const Place place = both ? Place{0, pair} : place_of(args, pair);
    TM_UNROLL
    for (std::uint32_t m = 0; m < 2; ++m) {
      const Matrix& weight = args.parts[both ? m : place.part].weight;
      std::uint32_t row = both ? pair : place.row + m;
      if (row >= weight.rows) row = place.row;
      const std::uint64_t r = std::uint64_t{matrix} * weight.rows + row;
      rows.values[m] = static_cast<const std::uint8_t*>(weight.values) + r * weight.row_pitch;
      rows.scales[m] = static_cast<const std::uint8_t*>(weight.scales) + r * weight.scale_pitch;
    }
    return rows;
  }

  // What the first round of add_pair reads, a line of 128 bytes for each lane.
  TM_DEVICE static void prefetch_pair(const Args& args, std::uint32_t matrix, std::uint32_t pair) {
    if (pair >= count_pairs(args)) return;
    const Rows rows = rows_of(args, matrix, pair);
    constexpr int kLines = kAhead * kWave * 16 / 128;  // of a row
    const std::uint32_t part = static_cast<std::uint32_t>(warp()) % args.split, bytes = (args.columns + Format::kValues - 1) / Format::kValues * 16;
    for (int line = lane(); line < 2 * kLines; line += kWave) {
      const std::uint32_t of_row = static_cast<std::uint32_t>(line % kLines) * 128;
      const std::uint32_t at = of_row / (kWave * 16) * (kWave * 16 * args.split) + part * (kWave * 16) + of_row % (kWave * 16);
      if (at < bytes) prefetch((line < kLines ? rows.values[0] : rows.values[1]) + at);
    }
  }

  TM_DEVICE static void find_factors(const Args& args, const WorkItem& item, Shared<float> factors, Shared<float> scratch) {
    if (!args.in.norm) return;
    for (std::uint32_t row = 0; row < item.rows; ++row) {
      const std::int64_t source = source_row(args.in, item.first + row);
      if (source < 0) continue;
      const float factor = norm_factor(args.in, item.matrix, source, args.columns, scratch);
      if (thread_index() == 0) factors[row] = factor;
    }
  }

  // Columns begin … end of two rows.
  TM_DEVICE static void add_pair(const Args& args, const Rows& rows, std::uint32_t begin, std::uint32_t end, const GemvRows<format, R>& x, float (*sums)[2]) {
    const std::uint32_t first = begin / Format::kValues, last = (end + Format::kValues - 1) / Format::kValues;
    const std::uint32_t stride = kWave * args.split;
    const std::uint32_t mine = static_cast<std::uint32_t>(warp()) % args.split * kWave + static_cast<std::uint32_t>(lane());
    for (std::uint32_t piece = first + mine; piece < last; piece += stride * kAhead) {
      // All are asked for before the first is used; beyond the last one it is the last again.
      Bytes16 pieces[kAhead][2];
      std::uint32_t bits[kAhead][2];
      TM_UNROLL
      for (int i = 0; i < kAhead; ++i) {
        const std::uint32_t there = piece + static_cast<std::uint32_t>(i) * stride, p = there < last ? there : last - 1;
        TM_UNROLL
        for (int m = 0; m < 2; ++m) {
          pieces[i][m] = load16_once(rows.values[m] + std::uint64_t{p} * 16);
          bits[i][m] = Format::load_scale(rows.scales[m], p);
        }
      }
      TM_UNROLL
      for (int i = 0; i < kAhead; ++i) {
        const std::uint32_t p = piece + static_cast<std::uint32_t>(i) * stride;
        if (p >= last) break;
        const float scales[2] = {Format::scale(bits[i][0]), Format::scale(bits[i][1])};
        Format::multiply(pieces[i], scales, x, p - first, sums);
      }
    }
  }

  // The sums of the warps that share a pair, in their order; the first one gets them.
  TM_DEVICE static void gather(std::uint32_t split, Shared<float> partial, float (*sums)[2]) {
    constexpr int kSums = 2 * R;
    const int mine = warp();
    sync_block();  // the pair before has been read
    if (lane() == 0)
      TM_UNROLL
      for (int i = 0; i < kSums; ++i) partial[mine * kSums + i] = sums[i / 2][i % 2];
    sync_block();
    if (static_cast<std::uint32_t>(mine) % split != 0) return;
    for (int w = 1; w < static_cast<int>(split); ++w)
      TM_UNROLL
      for (int i = 0; i < kSums; ++i) sums[i / 2][i % 2] += partial[(mine + w) * kSums + i];
  }

  TM_DEVICE static void finish(const Args& args, const WorkItem& item, std::uint32_t pair, const float (*sums)[2]) {
    const bool both = args.epilogue == Epilogue::activate;
    const Place place = both ? Place{0, pair} : place_of(args, pair);
    TM_UNROLL
    for (std::uint32_t i = 0; i < 2 * R; ++i) {  // a lane for each value
      const std::uint32_t row = i / 2, m = i % 2;
      if (static_cast<std::uint32_t>(lane()) != i || row >= item.rows) continue;
      if (both) {
        if (m == 0) finish_activated(args, item.matrix, item.first + row, pair, sums[row][0], sums[row][1]);
      } else if (place.row + m < args.parts[place.part].weight.rows) {
        finish_value(args, args.parts[place.part], item.matrix, item.first + row, place.row + m, sums[row][m]);
      }
    }
  }

  // The warp that brings a head's last pair of rows stores the head.
  TM_DEVICE static void finish_head(const Args& args, const WorkItem& item, const Place& place) {
    const std::uint32_t kv_heads = args.heads.cache.kv_heads;
    const std::uint32_t dim = place.part == 1 ? args.heads.cache.value_dim : args.heads.cache.key_dim;
    const std::uint32_t head = place.part * kv_heads + place.row / dim;  // of keys, values, queries
    std::uint32_t* arrived = args.heads_arrived + block_index().y * (2 * kv_heads + args.heads.heads) + head;
    fence_device();
    sync_warp();
    std::uint32_t before = 0;
    if (lane() == 0) before = atomic_add(arrived, 1u);
    if (shuffle(before, 0) + 1 < dim / 2) return;
    fence_device();
    if (lane() == 0) *arrived = 0;
    store_head(args.heads, item.first, item.rows, head);
  }
};

}  // namespace TM_GPU_NAMESPACE

// The kernels of a format.
#define TM_GEMV(format)                              \
  TM_KERNEL(gemv_##format##_1, Gemv<WeightFormat::format, 1>) \
  TM_KERNEL(gemv_##format##_2, Gemv<WeightFormat::format, 2>) \
  TM_KERNEL(gemv_##format##_4, Gemv<WeightFormat::format, 4>) \
  TM_KERNEL(gemv_##format##_8, Gemv<WeightFormat::format, 8>)
