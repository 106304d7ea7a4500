#include "plugins/hip/images.h"

// hip_images.inc names the architectures that were compiled.
#define TOKENMARK_HIP_IMAGES(architecture)                       \
  extern "C" const void* const tokenmark_hip_##architecture[];   \
  extern "C" const void* const tokenmark_hip_##architecture##_end[];
#include <hip_images.inc>
#undef TOKENMARK_HIP_IMAGES

namespace tokenmark::gpu {

std::span<const void* const> hip_images([[maybe_unused]] const std::string& architecture) {
#define TOKENMARK_HIP_IMAGES(name) \
  if (architecture == #name) return {tokenmark_hip_##name, tokenmark_hip_##name##_end};
#include <hip_images.inc>
  return {};
}

}  // namespace tokenmark::gpu
