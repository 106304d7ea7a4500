// The kernels' code objects by architecture ("gfx90a"), compiled by clang and linked into the plugin. Empty: none for it.
#pragma once

#include <span>
#include <string>

namespace tokenmark::gpu {

std::span<const void* const> hip_images(const std::string& architecture);

}  // namespace tokenmark::gpu
