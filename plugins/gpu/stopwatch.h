// How long launches take on a GPU: a captured graph of several of one kind, timed by events. Used from the Gpu's thread;
// waits for the device.
#pragma once

#include <functional>
#include <memory>

#include "plugins/gpu/gpu.h"

namespace tokenmark::gpu {

// Of several repeats.
struct Measured {
  double median_s = 0;   // of one launch
  double spread_s = 0;   // of the middle half of the repeats
};

// Is `second` faster than `first` by more than what they scatter?
bool clearly_faster(const Measured& second, const Measured& first);

class Stopwatch {
 public:
  explicit Stopwatch(Gpu& gpu) : gpu_(&gpu) {}

  // Launches the i-th of several; they may differ in what they read, so that no cache has it.
  using Launch = std::function<Status(std::uint32_t i)>;
  // A graph ready to be timed; what it launches is as it was when it was made.
  struct Work {
    std::unique_ptr<Graph> graph;
    std::uint32_t launches = 0;
  };
  Result<Work> prepare(const Launch& launch);
  Result<Measured> measure(const Work& work, int repeats = 5);
  // Whether `second` is clearly faster: both run in turn, so that clocks and temperatures are the same, and twice over, since
  // many choices are asked about and one of them will be lucky once.
  struct Verdict {
    bool faster = false;
    Measured first, second;  // of the last time
  };
  Result<Verdict> compare(const Work& first, const Work& second);

 private:
  Result<double> run(const Work& work);

  Gpu* gpu_;
};

}  // namespace tokenmark::gpu
