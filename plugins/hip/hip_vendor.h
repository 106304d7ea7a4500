// AMD's GPUs by way of the HIP runtime, libamdhip64.so of ROCm 7, 6 or 5, opened at run time. What a device is comes from the
// kernel driver's topology in sysfs, matched by PCI id: HIP's own structure of it changes between releases. The kernels are
// those linked in for its architecture, or are compiled when it is first opened (kernel_compiler.h).
#pragma once

#include <filesystem>
#include <memory>

#include "plugins/gpu/vendor.h"
#include "plugins/hip/kernel_cache.h"
#include "plugins/hip/topology.h"

namespace tokenmark::gpu {

// `topology`: the driver's nodes. `cache`: for kernels that are compiled here.
std::unique_ptr<Vendor> make_hip_vendor(std::filesystem::path topology = driver_topology(), std::filesystem::path cache = user_kernel_cache());

}  // namespace tokenmark::gpu
