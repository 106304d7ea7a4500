// A model's weights in this device's memory: copied into huge pages where there is room for that, used where the file
// is mapped otherwise. What `matrices` point at lives as long as this object and, for mapped ones, the source.
#pragma once

#include <string>
#include <vector>

#include "kernels/cpu/kernels.h"
#include "plugins/cpu/memory.h"
#include "plugins/cpu/thread_pool.h"
#include "plugins/executor/llama_weights.h"

namespace tokenmark::cpu_plugin {

using Vector = const float*;
using LlamaWeights = executor::LlamaWeights<cpu::Matrix, Vector>;

struct Weights {
  LlamaWeights llama;
  std::vector<Memory> memory;
};

Result<Weights> load_weights(const tm_model& model, const tm_weight_source& source, ThreadPool& pool);

// Bytes of all weights, each checked to be there and of the right shape.
Result<std::uint64_t> weight_bytes(const tm_model& model, const tm_weight_source& source);

}  // namespace tokenmark::cpu_plugin
