// What a plugin's table drives: a model on a GPU, or split over the GPUs of a group (slices.h), with a thread and an Executor
// for each rank. All ranks run the same steps; tokens are sampled by each from the same logits, so that none waits for
// another but in sums (rank_sums.h), and the first brings results back. Where a rank fails, sums stop for all, and the device
// takes no more steps: every later one is refused with the first failure. Used from one thread at a time.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "plugins/gpu/executor.h"
#include "plugins/gpu/gpu_device.h"

namespace tokenmark::gpu {

// A thread for each rank but the first, whose work is the caller's.
class RankThreads {
 public:
  explicit RankThreads(std::size_t ranks);
  ~RankThreads();
  // `work` for all ranks at the same time; returns when all have ended. It must not throw.
  void run(const std::function<void(std::size_t rank)>& work);

 private:
  void serve(std::size_t rank);

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void(std::size_t)>* work_ = nullptr;
  std::uint64_t round_ = 0;
  std::size_t under_way_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

class GroupExecutor {
 public:
  static Result<std::unique_ptr<GroupExecutor>> create(Device& device, const tm_model& model, const tm_weight_source& source,
                                                       const tm_executor_options& options);
  // Of all GPUs together.
  static Result<std::uint64_t> memory_needed(Device& device, const tm_model& model, const tm_weight_source& source,
                                             const tm_executor_options& options);
  ~GroupExecutor();

  // As Executor's.
  Status warm(std::span<const std::uint32_t> step_tokens);
  Status step(const tm_step& step, tm_step_result& result);
  Status wait();

 private:
  explicit GroupExecutor(Device& device) : device_(device), ranks_(device.gpus.size()), threads_(device.gpus.size()) {}
  Status launch_on_all(const std::function<Status(Executor& rank)>& work);

  Device& device_;
  std::vector<std::unique_ptr<Executor>> ranks_;
  RankThreads threads_;
};

}  // namespace tokenmark::gpu
