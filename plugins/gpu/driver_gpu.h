// A Gpu by way of a vendor's driver. The kernels come from code objects (modules) that the plugin brings along.
#pragma once

#include <functional>
#include <span>

#include "plugins/gpu/driver_functions.h"
#include "plugins/gpu/gpu.h"

namespace tokenmark::gpu {

struct Driver {
  DriverFunctions functions;
  unsigned shared_memory_kind = 0;                        // of memory_allocate_kind, for memory that GPUs share
  std::string name;                                       // for messages: "CUDA"
  std::function<std::string(int code)> error_text;        // what the driver calls this code
  std::function<int()> activate;                          // makes the device this thread's
  std::function<void()> close;                            // after everything else was released
  std::string kernels;                                    // what there are kernels for, to be told where they do not load
};

// `images`: code objects for this device's architecture; they must outlive the Gpu.
Result<std::unique_ptr<Gpu>> make_driver_gpu(Driver driver, GpuFacts facts, std::span<const void* const> images);

}  // namespace tokenmark::gpu
