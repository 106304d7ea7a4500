// The GPU of kernels/gpu/emulated as a Gpu, for tests: everything is done at once, a graph is a list of calls.
#pragma once

#include <functional>

#include "plugins/gpu/gpu.h"

namespace tokenmark::gpu {

// `wave`: 32 or 64, whose kernels must be linked into the program. `seed`: of the order of threads and blocks; it goes on
// with every launch.
std::unique_ptr<Gpu> make_emulated_gpu(int wave, std::uint64_t seed = 1);

// What Gpu::stream of one is: for stand-ins of vendors' libraries, whose work belongs into graphs too.
class EmulatedStream {
 public:
  virtual ~EmulatedStream() = default;
  virtual Status perform(std::function<Status()> call) = 0;
};

}  // namespace tokenmark::gpu
