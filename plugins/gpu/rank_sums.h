// Sums over the GPUs of a group, each of which is a rank: few values by the project's own kernels through memory that all
// see, many by the vendor's library. All ranks ask for the same sums in the same order, each from its own thread on its own
// Gpu's stream; nothing is waited for or allocated, and everything may be captured, once each kind of sum has been made
// uncaptured (libraries connect GPUs at the first).
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "plugins/gpu/all_reduce.h"
#include "plugins/gpu/sum_library.h"

namespace tokenmark::gpu {

// How the GPUs of a group can reach each other.
struct GroupLinks {
  bool see_each_other = false;
  Result<SumLibrary> library;
  std::vector<int> devices;      // the driver's numbers
  std::vector<std::string> ids;  // for messages: "cuda:0"
};

class RankSums {
 public:
  // Keeps references to the Gpus, which outlive it. An error where there is neither way, or where the library is there and
  // fails.
  static Result<std::unique_ptr<RankSums>> make(const std::vector<Gpu*>& gpus, GroupLinks links);
  ~RankSums();

  std::uint32_t ranks() const { return static_cast<std::uint32_t>(gpus_.size()); }
  const std::vector<std::string>& ids() const { return links_.ids; }

  // out[i] += the sum over ranks of values[i]; n a multiple of 8. Many values travel as BF16, through `narrow` [n].
  Status add(std::uint32_t rank, const float* values, std::uint16_t* narrow, float* out, std::uint64_t n);
  // values[i] = the sum over ranks in float: exact, where all but one rank's values are 0.
  Status replace(std::uint32_t rank, float* values, std::uint64_t n);

  // From any thread, for good: sums wait for nobody any more, and are wrong. The first reason is kept.
  void stop(const std::string& why);
  std::string stopped() const;  // why; empty: they were not

 private:
  RankSums(const std::vector<Gpu*>& gpus, GroupLinks links) : gpus_(gpus), links_(std::move(links)) {}
  Status share_regions();
  Status open_library();
  bool by_library(std::uint64_t n) const;
  Status sum_by_library(std::uint32_t rank, void* values, std::uint64_t n, int type);
  Status done(int code, const char* what) const;

  const std::vector<Gpu*> gpus_;
  const GroupLinks links_;
  std::uint32_t* stopped_ = nullptr;        // pinned
  std::vector<void*> regions_;              // of each rank
  std::vector<AllReduceKernels> kernels_;   // of each rank, where GPUs see each other
  std::vector<void*> communicators_;        // of each rank, where there is a library
  mutable std::mutex stopping_;
  std::string why_stopped_;
};

}  // namespace tokenmark::gpu
