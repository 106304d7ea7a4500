// A model on a GPU, or a rank's part of one: its weights and cache there, steps that are launched and not waited for. Decoding steps run as captured
// graphs, one for each number of sequences (rounded up to a bucket, the rest padding) and width of the block tables.
// Used from one thread at a time.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plugins/gpu/forward.h"
#include "plugins/gpu/step_arrays.h"
#include "plugins/gpu/weights.h"

namespace tokenmark::gpu {

constexpr std::uint32_t kStepsInFlight = 2;  // that have been launched and not been waited for

struct Part {
  Share share;
  std::uint64_t output_rows = 0;  // of the output matrix
};

class Executor {
 public:
  // Keeps a reference to the Gpu. `part`: which part of the model `model` and `source` are; the first rank brings results back.
  static Result<std::unique_ptr<Executor>> create(Gpu& gpu, const tm_model& model, const tm_weight_source& source,
                                                  const tm_executor_options& options, const Part& part);
  static Result<std::uint64_t> memory_needed(Gpu& gpu, const tm_model& model, const tm_weight_source& source,
                                             const tm_executor_options& options, const Part& part);
  ~Executor();

  // Captures the graphs of decoding steps with so many tokens.
  Status warm(std::span<const std::uint32_t> step_tokens);
  // Can this step be launched now? Changes nothing.
  Status check(const tm_step& step, const tm_step_result& result) const;
  // Returns when the step, which `check` has let pass, is launched.
  Status step(const tm_step& step, tm_step_result& result);
  // Until the oldest step is done and its result written.
  Status wait();

 private:
  struct InFlight {
    std::byte* arrays = nullptr;      // pinned
    std::int32_t* tokens = nullptr;   // pinned
    std::unique_ptr<Event> done;
    tm_step_result* result = nullptr;
    std::uint32_t samples = 0;
  };

  Executor(Gpu& gpu, const tm_model& model, const tm_executor_options& options, const Part& part);
  Status allocate(const CacheLayout& layout);
  Status check_known_tokens(const tm_step& step) const;
  Result<const Graph*> graph_for(const StepCounts& counts);
  Status run_padding(const StepCounts& counts);
  Status run_forward(const StepCounts& counts, const WantedBack& wanted);

  Gpu& gpu_;
  Part part_;
  std::string architecture_;
  tm_model model_;
  tm_executor_options options_;
  LoadedWeights weights_;
  DeviceArray<std::byte> cache_;
  DeviceArray<std::byte> arrays_;              // the step's
  std::size_t array_bytes_ = 0;
  std::unique_ptr<Forward> forward_;
  std::map<StepCounts, std::unique_ptr<Graph>> graphs_;
  InFlight in_flight_[kStepsInFlight];
  std::uint32_t first_ = 0, under_way_ = 0;    // of in_flight_
  std::vector<bool> was_sampled_;              // by sequence id: there is a last token
};

}  // namespace tokenmark::gpu
