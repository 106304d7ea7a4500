// Whole steps of the models that are measured, by the executor that serves them: decoding with several sequences at once,
// launched one step ahead as the engine does, and prompts in one step. Times are the host's.
#pragma once

#include <string>
#include <vector>

#include "plugins/gpu/gpu_device.h"
#include "tests/gpu/shapes.h"
#include "tests/gpu/timing.h"

namespace tokenmark::gpu {

struct DecodeResult {
  std::uint32_t batch = 0, context = 0, steps = 0;  // sequences; tokens before the first step; steps of a repeat
  double bytes = 0;                                 // of weights and cache that a step reads, at least
  Timing step;
};
struct PrefillResult {
  std::uint32_t tokens = 0;
  double operations = 0;
  Timing step;
};
struct ModelResult {
  std::string model;   // "shape:llama-3.1-8b:bf16"
  std::string format, kv_format;
  std::uint64_t weight_bytes = 0;
  double load_s = 0;   // making the weights, bringing them to the device
  std::vector<DecodeResult> decode;
  std::vector<PrefillResult> prefill;
};

// `note` gets a line as each is measured.
Result<ModelResult> benchmark_model(Device& device, const MeasuredModel& model, bool tiny, const std::function<void(const std::string&)>& note);

}  // namespace tokenmark::gpu
