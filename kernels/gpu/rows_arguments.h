// What the kernels of rows.h take. A row is a token of the step; `width` values of it.
#pragma once

#include "kernels/gpu/matrix.h"

namespace tokenmark::gpu {

// residual[row] = the embedding of tokens[row]; a token of −1 stands for last_sampled[sequence_of_token[row]].
struct EmbedArguments {
  Matrix embedding;
  const std::int32_t* tokens = nullptr;
  const std::int32_t* sequence_of_token = nullptr;  // the sequence's id
  const std::int32_t* last_sampled = nullptr;       // [sequence ids]
  float* residual = nullptr;                        // [rows][width]
};  // a block a row

// out[row] = BF16(x[row] / rms(x[row]) · weight), rms over width with epsilon under the root.
struct RmsNormArguments {
  const float* x = nullptr;        // [rows][width]
  const float* weight = nullptr;   // [width]
  std::uint16_t* out = nullptr;    // [rows][out_pitch]
  std::uint32_t width = 0;
  std::uint32_t out_pitch = 0;     // values
  float epsilon = 0;
  const std::int32_t* rows = nullptr;  // which rows of x, or null: 0, 1, 2 …
};  // a block a row

// out[row] = x[rows[row]]; -1: a padding row, which becomes 0.
struct GatherRowsArguments {
  const float* x = nullptr;            // [..][width]
  const std::int32_t* rows = nullptr;
  float* out = nullptr;                // [rows][width]
  std::uint32_t width = 0;
};  // a block a row

// What the MTP layer begins with, in BF16: the normed embedding, then the normed hidden state of the token before, which
// passes the norm that ends the model (or the layer) first.
struct MergeNormsArguments {
  const float* embedded = nullptr;     // [rows][width]
  const float* hidden = nullptr;       // [rows][width]
  const float* embedding_norm = nullptr;
  const float* last_norm = nullptr;
  const float* hidden_norm = nullptr;
  std::uint16_t* out = nullptr;        // [rows][2 width]
  std::uint32_t width = 0;
  float epsilon = 0;
};  // a block a row

}  // namespace tokenmark::gpu
