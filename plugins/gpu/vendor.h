// The devices of one vendor: what a plugin for GPUs adds to the common executor.
#pragma once

#include <string>
#include <vector>

#include "plugins/gpu/gpu.h"
#include "plugins/gpu/sum_library.h"

namespace tokenmark::gpu {

struct VendorDevice {
  GpuFacts facts;
  double peak_memory_gb_s = 0, peak_bf16_tflop_s = 0;   // 0: unknown
  std::string unusable;                                 // why this one cannot be used; empty: it can
};

class Vendor {
 public:
  virtual ~Vendor() = default;
  // An error: no driver, or one that cannot be used.
  virtual Result<std::vector<VendorDevice>> devices() = 0;
  virtual Result<std::unique_ptr<Gpu>> open(std::size_t device) = 0;
  // Lets the device's kernels use the other's memory, both opened; false: they cannot.
  virtual Result<bool> let_see(std::size_t device, std::size_t other) = 0;
  // For sums over several devices; an error says why there is none.
  virtual Result<SumLibrary> sum_library() = 0;
};

// "CUDA 13.0, module 580.65.06"; the kernel module's version where it tells one.
std::string driver_text(const char* title, int major, int minor, const char* module);

}  // namespace tokenmark::gpu
