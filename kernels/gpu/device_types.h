// Types that kernels, the emulation and the host that launches them share.
#pragma once

#include <cstdint>

namespace tokenmark::gpu {

struct Index3 {
  std::uint32_t x = 0, y = 0, z = 0;
};

// Blocks of a launch.
struct Grid {
  std::uint32_t x = 1, y = 1, z = 1;
};

struct alignas(16) Bytes16 {
  std::uint32_t word[4];
};

}  // namespace tokenmark::gpu
