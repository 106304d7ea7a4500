// What a GPU reaches at best, measured now, each three times and the best taken: reading memory far larger than its caches,
// and products of BF16 tiles that lie in shared memory.
#pragma once

#include "plugins/gpu/gpu_device.h"

namespace tokenmark::gpu {

struct CeilingSizes {
  std::size_t read_bytes = std::size_t{2} << 30;
  std::uint32_t rounds = 4096;
};

Result<tm_ceilings> measure_ceilings(Device& device, const CeilingSizes& sizes = {});

}  // namespace tokenmark::gpu
