// Rows of x in a block's shared memory for gemv.h: floats, BF16, or 16-bit integers with a scale for each 32 values, which
// multiply with the integers of q8_0, q4_0 and mxfp4 exactly (a float's error against the block's largest value is 2^-16,
// BF16's against its own 2^-9).
//
// A row is chunks of 16 bytes, chunk c at c ^ (c / 8 % 8): the lanes of a quarter of a warp that read chunks 1, 2 or 4 apart
// then hit different banks.
#pragma once

#include "kernels/gpu/product_input.h"

namespace TM_GPU_NAMESPACE {

enum class RowKind { floats, bf16, integers };

constexpr RowKind row_kind(WeightFormat format) {
  return format == WeightFormat::f32 ? RowKind::floats : is_integer(static_cast<std::uint32_t>(format)) ? RowKind::integers : RowKind::bf16;
}

template <WeightFormat format, int R>
class GemvRows {
 public:
  static constexpr RowKind kKind = row_kind(format);
  static constexpr int kPerChunk = kKind == RowKind::floats ? 4 : 8;

  TM_DEVICE GemvRows(SharedMemory& memory, std::uint32_t chunk) : row_words_(chunk / kPerChunk * 4), blocks_(chunk / 32) {
    words_ = memory.take<std::uint32_t>(R * row_words_);
    if constexpr (kKind != RowKind::integers) return;
    scales_ = memory.take<float>(R * blocks_);
    sums_ = memory.take<int>(R * blocks_);
  }

  // Columns begin … end of the rows of an item; what is not there is 0. `factors`: of the rows' norms. The block's barriers
  // around it are the caller's.
  TM_DEVICE void fill(const ProductArguments& args, const WorkItem& item, std::uint32_t begin, std::uint32_t end, Shared<float> factors) {
    const std::uint32_t eights = (end - begin + 31) / 32 * 4;  // of all 32 of the last block
    TM_UNROLL
    for (int row = 0; row < R; ++row) {
      const std::int64_t source = static_cast<std::uint32_t>(row) < item.rows ? source_row(args.in, item.first + static_cast<std::uint32_t>(row)) : -1;
      const float factor = args.in.norm && source >= 0 ? static_cast<float>(factors[row]) : 1;
      // All lanes go as often as the first one: four neighbours make a block together.
      for (std::uint32_t base = 0; base < eights; base += block_threads()) {
        const std::uint32_t eight = base + thread_index();
        float values[8] = {};
        if (source >= 0 && eight < eights) load8_input(args.in, item.matrix, source, begin + eight * 8, args.columns, factor, values);
        store8(row, eight, values, eight < eights);
      }
    }
  }

  TM_DEVICE Bytes16 chunk(int row, std::uint32_t c) const { return words_.load16(place(row, c)); }
  TM_DEVICE float scale(int row, std::uint32_t block) const { return scales_[row * blocks_ + block]; }
  TM_DEVICE int sum(int row, std::uint32_t block) const { return sums_[row * blocks_ + block]; }

 private:
  TM_DEVICE std::int64_t place(int row, std::uint32_t c) const { return row * row_words_ + (c ^ (c / 8 % 8)) * 4; }

  TM_DEVICE void store8(int row, std::uint32_t eight, const float* values, bool there) {
    if constexpr (kKind == RowKind::bf16) {
      if (there) words_.store16(place(row, eight), pack8_bf16(values));
    } else if constexpr (kKind == RowKind::floats) {
      if (!there) return;
      TM_UNROLL
      for (std::uint32_t half = 0; half < 2; ++half) {
        Bytes16 four;
        TM_UNROLL
        for (int i = 0; i < 4; ++i) four.word[i] = float_to_bits(values[4 * half + static_cast<std::uint32_t>(i)]);
        words_.store16(place(row, 2 * eight + half), four);
      }
    } else {
      store8_integers(row, eight, values, there);
    }
  }

  TM_DEVICE void store8_integers(int row, std::uint32_t eight, const float* values, bool there) {
    float largest = 0;
    TM_UNROLL
    for (int i = 0; i < 8; ++i) {
      const float magnitude = values[i] < 0 ? -values[i] : values[i];
      largest = magnitude > largest ? magnitude : largest;
    }
    largest = maximum_lanes<4>(largest);
    const float to_integer = largest > 0 ? 32767 / largest : 0;
    Bytes16 own;
    int sum = 0;
    TM_UNROLL
    for (int i = 0; i < 8; i += 2) {
      const int first = rounded(values[i] * to_integer), second = rounded(values[i + 1] * to_integer);
      sum += first + second;
      own.word[i / 2] = (static_cast<std::uint32_t>(first) & 0xffffu) | static_cast<std::uint32_t>(second) << 16;
    }
    sum = sum_lanes<4>(sum);
    std::uint32_t to = eight;
    if constexpr (format == WeightFormat::mxfp4) to = weave(eight, own);
    if (!there) return;
    words_.store16(place(row, to), own);
    if (eight % 4 != 0) return;
    scales_[row * blocks_ + eight / 4] = largest / 32767;
    sums_[row * blocks_ + eight / 4] = sum;
  }

  // Nearest integer of |x| < 2^22, by where the fraction falls off.
  TM_DEVICE static int rounded(float x) { return static_cast<int>(float_to_bits(x + 12582912.0f)) - 0x4b400000; }

  // Values i and i + 16 of a block next to each other, as nibbles are in a byte: of a lane's eight and of the eight two lanes
  // further each keeps half. Gives where they belong.
  TM_DEVICE static std::uint32_t weave(std::uint32_t eight, Bytes16& own) {
    const bool low = eight % 4 < 2;
    Bytes16 other;
    TM_UNROLL
    for (int i = 0; i < 4; ++i) other.word[i] = shuffle_xor(own.word[i], 2);
    Bytes16 woven;
    TM_UNROLL
    for (int i = 0; i < 2; ++i) {
      const std::uint32_t first = low ? own.word[i] : other.word[2 + i], second = low ? other.word[i] : own.word[2 + i];
      woven.word[2 * i] = (first & 0xffffu) | second << 16;
      woven.word[2 * i + 1] = first >> 16 | (second & 0xffff0000u);
    }
    own = woven;
    return eight / 4 * 4 + eight % 2 * 2 + (low ? 0 : 1);
  }

  Shared<std::uint32_t> words_;
  Shared<float> scales_;
  Shared<int> sums_;
  std::uint32_t row_words_, blocks_;
};

}  // namespace TM_GPU_NAMESPACE
