// The memory of a step on a GPU: what operations hand on to each other. Made once for the largest step, so that nothing is
// allocated while steps run.
#pragma once

#include "plugins/executor/model_check.h"
#include "plugins/gpu/gpu.h"
#include "plugins/gpu/step_arrays.h"

namespace tokenmark::gpu {

// Numbers of values.
struct ActivationSizes {
  // `shares`: the model is one of several ranks'.
  ActivationSizes(const tm_model& model, const tm_executor_options& options, bool shares);
  std::uint64_t bytes() const;

  std::uint64_t residual = 0;      // float, twice
  std::uint64_t projected = 0;     // float: queries, keys, values of a token; of latent attention the latent and the queries
  std::uint64_t low_rank = 0;      // float: latent attention's narrow queries
  std::uint64_t absorbed = 0;      // float: queries in the latent's space
  std::uint64_t queries = 0;       // BF16, as attention takes them
  std::uint64_t gathered = 0;      // BF16: what heads gather of latents
  std::uint64_t attended = 0;      // BF16; of latent attention float
  std::uint64_t hidden = 0;        // BF16
  std::uint64_t merged = 0;        // BF16: the MTP layer's input
  std::uint64_t previous = 0;      // float: hidden states of the tokens before
  std::uint64_t logits = 0;        // float
  std::uint64_t partial = 0;       // float and BF16: what this rank adds to the residual
  std::uint64_t samples = 0;
  bool latent = false;
  std::uint64_t sequence_ids = 0;  // those that there may be, and one spare
};

struct Activations {
  static Result<Activations> allocate(Gpu& gpu, const ActivationSizes& sizes);

  DeviceArray<float> residual, other_residual, projected, low_rank, absorbed, previous, logits, partial, latent_attended;
  DeviceArray<std::uint16_t> queries, gathered, attended, hidden, merged, narrow;
  DeviceArray<std::int32_t> sampled, last_sampled;
};

}  // namespace tokenmark::gpu
