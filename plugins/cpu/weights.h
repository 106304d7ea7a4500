// A model's weights in this device's memory, packed into the order in which its kernels multiply with them. The packed
// form is all that is kept: the source's rows are read in chunks by all threads, so that nobody holds a model twice.
// An embedding that is only looked up is used where the file is mapped; the source must live as long as this.
#pragma once

#include <vector>

#include "kernels/cpu/kernels.h"
#include "plugins/cpu/memory.h"
#include "plugins/cpu/thread_pool.h"
#include "plugins/executor/weights.h"

namespace tokenmark::cpu_plugin {

// One matrix or several of a shape (experts, heads), `stride` bytes apart.
struct Weight {
  cpu::Matrix matrix;
  std::uint32_t depth = 0;
  std::uint64_t stride = 0;
  bool packed = true;  // false: rows as in the file, for looking up

  cpu::Matrix at(std::uint32_t i) const {
    cpu::Matrix one = matrix;
    one.values = static_cast<const std::byte*>(matrix.values) + i * stride;
    return one;
  }
};

using Vector = const float*;
using Linear = executor::Linear<Weight, Vector>;
using Attention = executor::Attention<Weight, Vector>;
using LatentAttention = executor::LatentAttention<Weight, Vector>;
using Dense = executor::Dense<Weight>;
using Experts = executor::Experts<Weight, Vector>;
using Layer = executor::Layer<Weight, Vector>;
using MtpLayer = executor::MtpLayer<Weight, Vector>;
using ModelWeights = executor::Weights<Weight, Vector>;

// What is to be loaded: each tensor checked to be there and of the right shape, nothing read. The handles have shapes and
// formats, and no values.
struct PlannedWeights {
  ModelWeights shapes;
  std::uint64_t bytes = 0;  // that they take here
};
Result<PlannedWeights> plan_weights(const cpu::Kernels& kernels, const tm_model& model, const tm_weight_source& source);

struct LoadedWeights {
  ModelWeights model;
  Memory memory;
};
Result<LoadedWeights> load_weights(const cpu::Kernels& kernels, ThreadPool& pool, const tm_model& model,
                                   const tm_weight_source& source, std::uint64_t planned_bytes);

}  // namespace tokenmark::cpu_plugin
