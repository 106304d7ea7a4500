// Sums over GPUs that are mapped into each other's memory (kernels/gpu/all_reduce.h).
// Every rank launches the same sums in the same order, each on its own Gpu's stream; a sum waits on the device until all
// ranks have come to it. Launches are the same every time, so that they can be captured.
#pragma once

#include <array>
#include <cstddef>

#include "base/result.h"
#include "kernels/gpu/all_reduce_arguments.h"
#include "plugins/gpu/gpu.h"

namespace tokenmark::gpu {

// Bytes that every rank sets aside (Gpu::fill with 0 before the first sum) for sums of up to `values`.
std::size_t exchange_bytes(std::uint64_t values);

class AllReduceKernels {
 public:
  AllReduceKernels() = default;
  // `regions`: exchange regions of all ranks as this rank's GPU addresses them. `bf16`: values travel as BF16. `stopped`: in
  // pinned memory, or null; once it is not 0, nobody is waited for any more and sums are wrong.
  static Result<AllReduceKernels> make(const Gpu& gpu, std::uint32_t rank, const std::vector<void*>& regions, std::uint64_t most_values, bool bf16,
                                       const std::uint32_t* stopped = nullptr);

  // out[i] += the sum over ranks of values[i]; n a multiple of 8. `stages`: all, but in tests.
  Status add(Gpu& gpu, const float* values, float* out, std::uint64_t n, std::uint32_t stages = 7) const;
  // values[i] = the sum.
  Status replace(Gpu& gpu, float* values, std::uint64_t n, std::uint32_t stages = 7) const;
  bool in_two_steps(std::uint64_t n) const;

 private:
  Status launch_sum(Gpu& gpu, AllReduceArguments args, const float* values, float* out, std::uint64_t n) const;

  AllReduceArguments args_;
  bool bf16_ = false;
};

}  // namespace tokenmark::gpu
