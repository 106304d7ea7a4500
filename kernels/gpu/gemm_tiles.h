// How the tiles of gemm.h come to shared memory: BF16 is copied in the background, other formats' bytes too, and each thread
// brings what it copied itself to BF16 when its step comes.
#pragma once

#include "kernels/gpu/gemv_pieces.h"
#include "kernels/gpu/tile.h"

namespace TM_GPU_NAMESPACE {

// The tile of W rows of a matrix.
template <WeightFormat format, int W, int kThreads, int kStages>
class WeightTiles {
 public:
  using Step = Tile<W, kTileColumns>;
  static constexpr bool kCopied = format == WeightFormat::bf16;
  static constexpr int kBits = static_cast<int>(value_bits(static_cast<std::uint32_t>(format)));
  static constexpr int kPieceBytes = format == WeightFormat::f32 ? 32 : 16, kPieceValues = kPieceBytes * 8 / kBits;
  static constexpr int kPieces = kTileColumns / kPieceValues;       // of a row in a step
  static constexpr int kMine = W * kPieces / kThreads;              // of a thread
  static constexpr int kRawValues = kCopied ? 0 : W * kPieces * kPieceBytes / 2;  // of a step, of 2 bytes
  static constexpr int kBytes = kCopied ? kStages * W * kTileColumns * 2 : kStages * kRawValues * 2 + 2 * W * kTileColumns * 2;
  static_assert(kThreads % kPieces == 0 && kMine * kThreads == W * kPieces);

  TM_DEVICE explicit WeightTiles(Shared<std::uint16_t> memory) : tiles_(memory), raw_(memory + (kCopied ? 0 : 2 * W * kTileColumns)) {}

  // `row(i, values, scales)` gives the i-th row's begin, values null where there is none. `bytes`: of a row's values.
  template <class Row>
  TM_DEVICE void begin(std::uint32_t columns, Row&& row) {
    bytes_ = (columns * kBits / 8 + 15) / 16 * 16;
    TM_UNROLL
    for (int j = 0; j < kMine; ++j) row(my_row(j), values_[j], scale_rows_[j]);
  }

  // Asks for a step's bytes; they go to place `slot`.
  TM_DEVICE void ask(std::uint32_t step, int slot) {
    const std::uint32_t at = (step * kPieces + my_piece()) * kPieceBytes;
    TM_UNROLL
    for (int j = 0; j < kMine; ++j) {
      if constexpr (kCopied) {
        const Step tile = copied(slot);
        if (values_[j] && at < bytes_) tile.copy8_async(my_row(j), static_cast<int>(my_piece()) * 8, values_[j] + at);
        else tile.store8(my_row(j), static_cast<int>(my_piece()) * 8, Bytes16{});
      } else {
        TM_UNROLL
        for (int half = 0; half < kPieceBytes / 16; ++half) {
          if (values_[j] && at + 16 * half < bytes_) copy16_async(raw_, raw_place(slot, j, half), values_[j] + at + 16 * half);
          else raw_.store16(raw_place(slot, j, half), Bytes16{});
        }
      }
    }
  }
  TM_DEVICE void load_scales(std::uint32_t step) {
    if constexpr (!Pieces<format>::kScaled) return;
    const std::uint32_t piece = step * kPieces + my_piece();
    TM_UNROLL
    for (int j = 0; j < kMine; ++j) scales_[j] = values_[j] && piece * kPieceBytes < bytes_ ? Pieces<format>::load_scale(scale_rows_[j], piece) : 0;
  }

  // What this thread copied becomes its part of the step's tile.
  TM_DEVICE void convert(std::uint32_t step, int slot) {
    if constexpr (kCopied) return;
    const Step tile = converted(step);
    TM_UNROLL
    for (int j = 0; j < kMine; ++j) {
      float values[kPieceValues];
      TM_UNROLL
      for (int half = 0; half < kPieceBytes / 16; ++half)
        Pieces<format>::to_numbers(raw_.load16(raw_place(slot, j, half)), Pieces<format>::scale(scales_[j]), values + half * (kPieceValues / (kPieceBytes / 16)));
      TM_UNROLL
      for (int c = 0; c < kPieceValues / 8; ++c)
        tile.store8(my_row(j), static_cast<int>(my_piece()) * kPieceValues + 8 * c, pack8_bf16(values + 8 * c));
    }
  }
  TM_DEVICE Step tile(std::uint32_t step, int slot) const { return kCopied ? copied(slot) : converted(step); }

 private:
  TM_DEVICE static std::uint32_t my_piece() { return thread_index() % kPieces; }
  TM_DEVICE static int my_row(int j) { return static_cast<int>(thread_index()) / kPieces + j * (kThreads / kPieces); }
  TM_DEVICE static std::int64_t raw_place(int slot, int j, int half) {
    return slot * kRawValues + ((half * kMine + j) * kThreads + static_cast<int>(thread_index())) * 8;
  }
  TM_DEVICE Step copied(int slot) const { return Step(tiles_ + slot * static_cast<int>(Step::kValues)); }
  TM_DEVICE Step converted(std::uint32_t step) const { return Step(tiles_ + step % 2 * Step::kValues); }

  Shared<std::uint16_t> tiles_, raw_;
  const std::uint8_t* values_[kMine];
  const std::uint8_t* scale_rows_[kMine];
  std::uint32_t scales_[kMine] = {};
  std::uint32_t bytes_ = 0;
};

// The tile of R rows of x, BF16.
template <int R, int kThreads, int kStages>
class InputTiles {
 public:
  using Step = Tile<R, kTileColumns>;
  static constexpr int kBytes = kStages * R * kTileColumns * 2, kMine = R * 8 / kThreads;

  TM_DEVICE explicit InputTiles(Shared<std::uint16_t> memory) : tiles_(memory) {}

  TM_DEVICE void begin(const ProductArguments& args, const WorkItem& item) {
    columns_ = args.columns;
    TM_UNROLL
    for (int j = 0; j < kMine; ++j) {
      const auto row = static_cast<std::uint32_t>(my_row(j));
      const std::int64_t source = row < item.rows ? source_row(args.in, item.first + row) : -1;
      rows_[j] = source < 0 ? nullptr : args.in.bf16 + item.matrix * args.in.depth_stride + static_cast<std::uint64_t>(source) * args.in.pitch;
    }
  }
  TM_DEVICE void ask(std::uint32_t step, int slot) {
    const std::uint32_t column = step * kTileColumns + my_chunk() * 8;
    const Step to = tile(slot);
    TM_UNROLL
    for (int j = 0; j < kMine; ++j) {
      const int c = static_cast<int>(my_chunk()) * 8;
      if (rows_[j] && column + 8 <= columns_ && is_aligned16(rows_[j])) to.copy8_async(my_row(j), c, rows_[j] + column);
      else to.store8(my_row(j), c, rows_[j] ? load8_bf16(rows_[j], column, columns_) : Bytes16{});
    }
  }
  TM_DEVICE Step tile(int slot) const { return Step(tiles_ + slot * static_cast<int>(Step::kValues)); }

 private:
  TM_DEVICE static std::uint32_t my_chunk() { return thread_index() % 8; }
  TM_DEVICE static int my_row(int j) { return static_cast<int>(thread_index()) / 8 + j * (kThreads / 8); }

  Shared<std::uint16_t> tiles_;
  const std::uint16_t* rows_[kMine];
  std::uint32_t columns_ = 0;
};

}  // namespace TM_GPU_NAMESPACE
