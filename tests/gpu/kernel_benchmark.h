// How near the kernels of a forward pass come to what the GPU reaches at best, each for itself: matrix products, experts,
// attention and sampling, as the models that are measured need them.
#pragma once

#include <string>
#include <vector>

#include "tests/gpu/timing.h"

namespace tokenmark::gpu {

struct KernelResult {
  std::string kernel, format, what;  // "product", "bf16", "gate and up, 28672 × 4096"
  std::uint32_t rows = 0;            // tokens
  double bytes = 0, operations = 0;  // at least, of one piece of work
  Timing timing;
};

struct BenchmarkSizes {
  bool tiny = false;                  // for an emulated GPU
  std::uint64_t rotated_bytes = 512u << 20;  // of copies of what is read, in turn: more than any cache holds
  TimingOptions timing;
};

// Each result is told to `note` as it comes.
Result<std::vector<KernelResult>> benchmark_kernels(Gpu& gpu, const BenchmarkSizes& sizes, const std::function<void(const KernelResult&)>& note);

}  // namespace tokenmark::gpu
