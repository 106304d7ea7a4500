// Rows of x as matrix products read them (products_arguments.h).
#pragma once

#include "kernels/gpu/dequantize.h"
#include "kernels/gpu/products_arguments.h"

namespace TM_GPU_NAMESPACE {

// A group of rows that one block multiplies with one matrix; no rows: there is nothing to do.
TM_DEVICE WorkItem item_of_block(const ProductArguments& args, std::uint32_t rows_a_block, std::uint32_t matrix) {
  const std::uint32_t y = block_index().y;
  if (args.items) return y < *args.n_items ? args.items[y] : WorkItem{};
  const std::uint32_t first = y * rows_a_block, left = first < args.rows ? args.rows - first : 0;
  return {matrix, first, left < rows_a_block ? left : rows_a_block};
}

// Row `row` of the rows that are multiplied, −1: zeros.
TM_DEVICE std::int64_t source_row(const ProductInput& in, std::uint32_t row) {
  return in.row_list ? in.row_list[row] : static_cast<std::int64_t>(row);
}

TM_DEVICE bool is_aligned16(const void* p) { return reinterpret_cast<std::uint64_t>(p) % 16 == 0; }

// Values column … column + 7 of a row, 0 beyond `columns`; not normed.
TM_DEVICE void load8_floats(const float* row, std::uint32_t column, std::uint32_t columns, float* out) {
  if (column + 8 <= columns && is_aligned16(row + column)) {
    for (int half = 0; half < 2; ++half) {
      const Bytes16 four = load16(row + column + 4 * half);
      for (int i = 0; i < 4; ++i) out[4 * half + i] = bits_to_float(four.word[i]);
    }
    return;
  }
  for (std::uint32_t i = 0; i < 8; ++i) out[i] = column + i < columns ? row[column + i] : 0;
}
TM_DEVICE Bytes16 load8_bf16(const std::uint16_t* row, std::uint32_t column, std::uint32_t columns) {
  if (column + 8 <= columns && is_aligned16(row + column)) return load16(row + column);
  Bytes16 out = {};
  for (std::uint32_t i = 0; i < 8; ++i)
    if (column + i < columns) out.word[i / 2] |= std::uint32_t{row[column + i]} << 16 * (i % 2);
  return out;
}
TM_DEVICE void unpack8_bf16(const Bytes16& packed, float* out) {
  for (int i = 0; i < 4; ++i) {
    out[2 * i] = bits_to_float(packed.word[i] << 16);
    out[2 * i + 1] = bits_to_float(packed.word[i] & 0xffff0000u);
  }
}

// The same of a product's input, times `factor` and the norm's weight where there is a norm.
TM_DEVICE void load8_input(const ProductInput& in, std::uint32_t matrix, std::int64_t row, std::uint32_t column, std::uint32_t columns,
                           float factor, float* out) {
  const std::uint64_t at = matrix * in.depth_stride + static_cast<std::uint64_t>(row) * in.pitch;
  if (!in.floats) return unpack8_bf16(load8_bf16(in.bf16 + at, column, columns), out);
  load8_floats(in.floats + at, column, columns, out);
  if (!in.norm) return;
  float weights[8];
  load8_floats(in.norm, column, columns, weights);
  for (int i = 0; i < 8; ++i) out[i] *= factor * weights[i];
}

// 1 / rms of a row of floats; every thread of the block gets it. `scratch`: warps() values.
TM_DEVICE float norm_factor(const ProductInput& in, std::uint32_t matrix, std::int64_t row, std::uint32_t columns, Shared<float> scratch) {
  const float* x = in.floats + matrix * in.depth_stride + static_cast<std::uint64_t>(row) * in.pitch;
  float squares = 0, eight[8];
  for (std::uint32_t column = thread_index() * 8; column < columns; column += block_threads() * 8) {
    load8_floats(x, column, columns, eight);
    for (const float value : eight) squares += value * value;
  }
  squares = reduce_block(squares, scratch, Sum<float>{});
  return reciprocal_root(squares / static_cast<float>(columns) + in.epsilon);
}

struct PrepareRows {
  using Args = PrepareArguments;
  static constexpr int kThreads = 256;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    SharedMemory memory;
    const auto scratch = memory.take<float>(kThreads / kWave);
    const std::uint32_t matrix = block_index().y;
    const std::int64_t row = source_row(args.in, block_index().x);
    const float factor = args.in.norm && row >= 0 ? norm_factor(args.in, matrix, row, args.columns, scratch) : 1;
    std::uint16_t* out = args.out + matrix * args.out_depth_stride + block_index().x * args.out_pitch;
    float eight[8] = {};
    for (std::uint32_t column = thread_index() * 8; column < args.columns; column += block_threads() * 8) {
      if (row >= 0) load8_input(args.in, matrix, row, column, args.columns, factor, eight);
      if (column + 8 <= args.columns && is_aligned16(out + column)) {
        store16(out + column, pack8_bf16(eight));
        continue;
      }
      for (std::uint32_t i = 0; i < 8 && column + i < args.columns; ++i) out[column + i] = to_bf16(eight[i]);
    }
  }
};

// ---- epilogues ------------------------------------------------------------------------------------------------------

// tm_activation: SiLU(gate) · up, or clamped: g sigmoid(1.702 g) (u + 1) (plugins/api/plugin.h).
TM_DEVICE float activated(const ProductArguments& args, float gate, float up) {
  if (args.activation == 0) return gate / (1 + exponential(-gate)) * up;
  const float g = gate < args.limit ? gate : args.limit;
  const float u = up < -args.limit ? -args.limit : up > args.limit ? args.limit : up;
  return g / (1 + exponential(-1.702f * g)) * (u + 1);
}

TM_DEVICE float bias_of(const ProductOutput& part, std::uint32_t matrix, std::uint32_t r) {
  return part.bias ? part.bias[std::uint64_t{matrix} * part.weight.rows + r] : 0;
}

TM_DEVICE void finish_value(const ProductArguments& args, const ProductOutput& part, std::uint32_t matrix, std::uint32_t row, std::uint32_t r,
                            float sum) {
  float* out = part.out + matrix * args.out_depth_stride + row * part.pitch + r;
  const float value = sum + bias_of(part, matrix, r);
  *out = args.epilogue == Epilogue::add ? *out + value : value;
}

TM_DEVICE void finish_activated(const ProductArguments& args, std::uint32_t matrix, std::uint32_t row, std::uint32_t r, float gate, float up) {
  args.hidden[row * args.hidden_pitch + r] =
      to_bf16(activated(args, gate + bias_of(args.parts[0], matrix, r), up + bias_of(args.parts[1], matrix, r)));
}

}  // namespace TM_GPU_NAMESPACE
