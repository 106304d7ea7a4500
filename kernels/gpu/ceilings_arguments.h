// What the kernels that measure a device's ceilings take.
#pragma once

#include "kernels/gpu/device_types.h"

namespace tokenmark::gpu {

// Reads `pieces` times 16 bytes once. `out`: a word for each block, so that nothing is left out.
struct ReadMemoryArguments {
  const void* from = nullptr;
  std::uint64_t pieces = 0;
  std::uint32_t* out = nullptr;
};

// Multiplies two tiles of 128 × 64 and 64 × 128 BF16 values in every block, `rounds` times.
struct MultiplyTilesArguments {
  std::uint32_t rounds = 0;
  float* out = nullptr;   // [blocks]
};

}  // namespace tokenmark::gpu
