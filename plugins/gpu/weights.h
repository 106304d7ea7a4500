// A model's weights in a GPU's memory. They are pulled from their source in pieces by a few threads, packed into the GPU's
// planes (kernels/gpu/pack.h) in pinned memory, and copied while the next pieces are made.
#pragma once

#include <vector>

#include "kernels/gpu/matrix.h"
#include "plugins/executor/weights.h"
#include "plugins/gpu/gpu.h"

namespace tokenmark::gpu {

using Vector = const float*;  // null: there is none
using Weights = executor::Weights<Matrix, Vector>;
using Layer = executor::Layer<Matrix, Vector>;
using Attention = executor::Attention<Matrix, Vector>;
using LatentAttention = executor::LatentAttention<Matrix, Vector>;
using Dense = executor::Dense<Matrix>;
using Experts = executor::Experts<Matrix, Vector>;
using MtpLayer = executor::MtpLayer<Matrix, Vector>;
using Linear = executor::Linear<Matrix, Vector>;

struct LoadedWeights {
  Weights model;
  std::vector<DeviceArray<std::byte>> memory;   // of all tensors
};

// Bytes of device memory. `model` must have passed check_model. `output_rows`: of the output matrix, all of the vocabulary or
// a rank's part.
Result<std::uint64_t> weight_bytes(const tm_model& model, const tm_weight_source& source, std::uint64_t output_rows);
// The matrices without pointers to anything; there are no vectors.
Result<Weights> weight_shapes(const tm_model& model, const tm_weight_source& source);
Result<LoadedWeights> load_weights(Gpu& gpu, const tm_model& model, const tm_weight_source& source, std::uint64_t output_rows);

}  // namespace tokenmark::gpu
