// The kernels' code objects, compiled by nvcc and linked into the plugin (images.S).
#pragma once

#include <span>

namespace tokenmark::gpu {

std::span<const void* const> cuda_images();

}  // namespace tokenmark::gpu
