// Kernels on rows of the residual stream: embeddings and norms.
#pragma once

#include "kernels/gpu/dequantize.h"
#include "kernels/gpu/rows_arguments.h"

namespace TM_GPU_NAMESPACE {

struct Embed {
  using Args = EmbedArguments;
  static constexpr int kThreads = 128;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    const std::uint32_t row = block_index().x, width = args.embedding.columns;
    std::int32_t token = args.tokens[row];
    if (token < 0) token = args.last_sampled[args.sequence_of_token[row]];
    float* out = args.residual + std::uint64_t{row} * width;
    float values[8];
    for (std::uint32_t column = thread_index() * 8; column < width; column += block_threads() * 8) {
      load8(args.embedding, 0, static_cast<std::uint32_t>(token), column, values);
      for (std::uint32_t i = 0; i < 8 && column + i < width; ++i) out[column + i] = values[i];
    }
  }
};

struct RmsNorm {
  using Args = RmsNormArguments;
  static constexpr int kThreads = 256;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    SharedMemory memory;
    const auto scratch = memory.take<float>(kThreads / kWave);
    const std::uint32_t row = block_index().x;
    const float* x = args.x + std::uint64_t(args.rows ? args.rows[row] : static_cast<std::int32_t>(row)) * args.width;
    float squares = 0;
    for (std::uint32_t i = thread_index(); i < args.width; i += block_threads()) squares += x[i] * x[i];
    squares = reduce_block(squares, scratch, Sum<float>{});
    const float factor = reciprocal_root(squares / static_cast<float>(args.width) + args.epsilon);
    std::uint16_t* out = args.out + std::uint64_t{row} * args.out_pitch;
    for (std::uint32_t i = thread_index(); i < args.width; i += block_threads()) out[i] = to_bf16(x[i] * factor * args.weight[i]);
  }
};

struct GatherRows {
  using Args = GatherRowsArguments;
  static constexpr int kThreads = 256;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    const std::int32_t from = args.rows[block_index().x];
    float* out = args.out + std::uint64_t{block_index().x} * args.width;
    const float* x = args.x + std::int64_t{from} * args.width;
    for (std::uint32_t i = thread_index(); i < args.width; i += block_threads()) out[i] = from < 0 ? 0 : x[i];
  }
};

struct MergeNorms {
  using Args = MergeNormsArguments;
  static constexpr int kThreads = 256;
  static constexpr bool kWaits = true;

  TM_DEVICE static void run(const Args& args) {
    let_next_begin();
    wait_for_previous();
    SharedMemory memory;
    const auto scratch = memory.take<float>(kThreads / kWave);
    const std::uint64_t row = block_index().x;
    const float* embedded = args.embedded + row * args.width;
    const float* hidden = args.hidden + row * args.width;
    std::uint16_t* out = args.out + row * 2 * args.width;
    const float n = static_cast<float>(args.width);
    float embedded_squares = 0, hidden_squares = 0;
    for (std::uint32_t i = thread_index(); i < args.width; i += block_threads()) {
      embedded_squares += embedded[i] * embedded[i];
      hidden_squares += hidden[i] * hidden[i];
    }
    const float embedded_factor = reciprocal_root(reduce_block(embedded_squares, scratch, Sum<float>{}) / n + args.epsilon);
    const float hidden_factor = reciprocal_root(reduce_block(hidden_squares, scratch, Sum<float>{}) / n + args.epsilon);
    float normed_squares = 0;
    for (std::uint32_t i = thread_index(); i < args.width; i += block_threads()) {
      const float normed = hidden[i] * hidden_factor * args.last_norm[i];
      normed_squares += normed * normed;
    }
    const float normed_factor = hidden_factor * reciprocal_root(reduce_block(normed_squares, scratch, Sum<float>{}) / n + args.epsilon);
    for (std::uint32_t i = thread_index(); i < args.width; i += block_threads()) {
      out[i] = to_bf16(embedded[i] * embedded_factor * args.embedding_norm[i]);
      out[args.width + i] = to_bf16(hidden[i] * normed_factor * args.last_norm[i] * args.hidden_norm[i]);
    }
  }
};

}  // namespace TM_GPU_NAMESPACE
