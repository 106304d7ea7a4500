// A model on the CPU device: weights, cache, and the steps over them.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "plugins/cpu/device.h"
#include "plugins/cpu/forward.h"

namespace tokenmark::cpu_plugin {

class Executor {
 public:
  static Result<std::unique_ptr<Executor>> create(Device& device, const tm_model& model, const tm_weight_source& source,
                                                  const tm_executor_options& options);
  static Result<std::uint64_t> memory_needed(Device& device, const tm_model& model, const tm_weight_source& source,
                                             const tm_executor_options& options);

  // Done when it returns. A step that is refused changes nothing.
  Status step(const tm_step& step, tm_step_result& result);
  Status wait() { return {}; }
  Status warm(std::span<const std::uint32_t>) { return {}; }  // nothing is made ahead

 private:
  Executor(Device& device, const tm_model& model, const tm_executor_options& options);
  Result<std::vector<cpu::KvCache>> allocate_caches();
  Status resolve_tokens(const tm_step& step);
  void remember_samples(const tm_step& step, const tm_step_result& result);

  Device& device_;
  std::string architecture_;
  tm_model model_;
  tm_executor_options options_;
  LoadedWeights weights_;
  Memory cache_;
  std::unique_ptr<Forward> forward_;
  std::vector<std::int32_t> tokens_;        // of the step, -1 replaced
  std::vector<std::int32_t> last_sampled_;  // for each sequence id, -1: none
};

}  // namespace tokenmark::cpu_plugin
