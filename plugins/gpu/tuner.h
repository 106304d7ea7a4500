// Measures which kernels are fastest for a model on a GPU (kernels/gpu/tuning): for each shape of a product, and for
// attention and experts, at the numbers of rows that steps have, the rule's choice against others. The weights are random
// bits of the model's shapes, made on the device; as many copies as no cache holds. A choice replaces the rule's only if it
// is faster by more than what times scatter. Used from the Gpu's thread; takes memory of the device while it runs.
#pragma once

#include <functional>
#include <string>

#include "kernels/gpu/tuning/table_text.h"
#include "plugins/api/plugin.h"
#include "plugins/gpu/gpu.h"

namespace tokenmark::gpu {

struct TuningRequest {
  double seconds = 120;                         // at most, about: what was not measured by then has the rule
  std::function<double()> now;                  // seconds on a clock
  std::function<Status(double share, const std::string& what)> progress;  // an error ends it; may be empty
};

struct Tuned {
  TuningTable table;
  std::uint32_t left_out = 0;                   // choices for which there was no time, or no memory
};

// What a table of this device is headed with.
TuningHead tuning_head(const GpuFacts& facts);

// `source`: only what it finds is used. `options`: how large steps are, and the cache's format.
Result<Tuned> tune(Gpu& gpu, const tm_model& model, const tm_weight_source& source, const tm_executor_options& options, const TuningRequest& request);

}  // namespace tokenmark::gpu
