// Kernels on rows of the residual stream: embeddings and norms.
#pragma once

#include "kernels/gpu/dequantize.h"
#include "kernels/gpu/rows_arguments.h"

namespace TM_GPU_NAMESPACE {

struct Embed {
  using Args = EmbedArguments;
  static constexpr int kThreads = 128;

  TM_DEVICE static void run(const Args& args) {
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

  TM_DEVICE static void run(const Args& args) {
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

}  // namespace TM_GPU_NAMESPACE
