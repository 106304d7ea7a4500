// What the kernels of tile_kernels.h take.
#pragma once

#include <cstdint>

namespace tokenmark::gpu {

// out [M][N] = 2 a b over the first k: a [M][K], b [N][K] (its rows are columns) or [K][N] (turned).
struct TileCaseArguments {
  const std::uint16_t* a = nullptr;
  const std::uint16_t* b = nullptr;
  float* out = nullptr;
  std::int32_t k = 0;
};  // a block

}  // namespace tokenmark::gpu
