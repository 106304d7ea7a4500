#include "plugins/gpu/all_reduce.h"

#include <fmt/format.h>

namespace tokenmark::gpu {
namespace {

constexpr std::size_t kHeader = (kMeetings * kReduceBlocks * kMostRanks + kReduceBlocks) * sizeof(std::uint32_t);
constexpr std::uint64_t kOnceBytes = 256 << 10;  // that a rank reads at most when it reads everything of all others

std::uint64_t pieces(std::uint64_t values) { return (values + 3) / 4; }  // of floats: in BF16 they are half as many

}  // namespace

std::size_t exchange_bytes(std::uint64_t values) { return kHeader + 4 * pieces(values) * 16; }

Result<AllReduceKernels> AllReduceKernels::make(const Gpu& gpu, std::uint32_t rank, const std::vector<void*>& regions, std::uint64_t most_values, bool bf16,
                                                const std::uint32_t* stopped) {
  if (regions.size() < 2 || regions.size() > kMostRanks || rank >= regions.size())
    return fail(ErrorKind::invalid_input, "rank {} of {} GPUs: sums are over 2 to {} of them", rank, regions.size(), kMostRanks);
  if (gpu.facts().compute_units < kReduceBlocks && gpu.facts().architecture != "emulated")
    return fail(ErrorKind::invalid_input, "{} has {} compute units; sums over GPUs need {} that run at the same time", gpu.facts().name, gpu.facts().compute_units, kReduceBlocks);
  AllReduceKernels kernels;
  for (std::size_t r = 0; r < regions.size(); ++r) kernels.args_.regions[r] = static_cast<unsigned char*>(regions[r]);
  kernels.args_.stopped = stopped;
  kernels.args_.rank = rank;
  kernels.args_.ranks = static_cast<std::uint32_t>(regions.size());
  kernels.args_.pieces = pieces(most_values);
  kernels.bf16_ = bf16;
  return kernels;
}

bool AllReduceKernels::in_two_steps(std::uint64_t n) const { return args_.ranks > 2 && n * (bf16_ ? 2 : 4) * (args_.ranks - 1) > kOnceBytes; }

Status AllReduceKernels::add(Gpu& gpu, const float* values, float* out, std::uint64_t n, std::uint32_t stages) const {
  AllReduceArguments args = args_;
  args.stages = stages;
  return launch_sum(gpu, args, values, out, n);
}

Status AllReduceKernels::replace(Gpu& gpu, float* values, std::uint64_t n, std::uint32_t stages) const {
  AllReduceArguments args = args_;
  args.stages = stages;
  args.replaces = 1;
  return launch_sum(gpu, args, values, values, n);
}

Status AllReduceKernels::launch_sum(Gpu& gpu, AllReduceArguments args, const float* values, float* out, std::uint64_t n) const {
  if (n % 8 != 0 || pieces(n) > args_.pieces)
    return fail(ErrorKind::invalid_input, "a sum over GPUs of {} values: it must be a multiple of 8, and at most {}", n, args_.pieces * 4);
  args.values = values;
  args.out = out;
  args.n = n;
  return launch(gpu, fmt::format("all_reduce_{}_{}", in_two_steps(n) ? "twice" : "once", bf16_ ? "bf16" : "f32"), {kReduceBlocks}, 0, args);
}

}  // namespace tokenmark::gpu
