// Tokens from logits on a GPU (kernels/cpu/sampling.h says what sampling means). Launched on the Gpu's stream, nothing
// waits; the grid depends on the number of samples alone.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "kernels/gpu/sampling_arguments.h"
#include "plugins/gpu/gpu.h"

namespace tokenmark::gpu {

// What args.scratch points to, for `samples` at a time.
std::size_t sampling_scratch_bytes(std::uint32_t samples, std::uint32_t vocabulary);
Status sample(Gpu& gpu, const SampleArguments& args, std::uint32_t samples);

}  // namespace tokenmark::gpu
