#include "plugins/gpu/sampling.h"

namespace tokenmark::gpu {
namespace {

// What the kernel takes (kernels/gpu/sampling.h).
constexpr std::uint32_t kWarps = 16, kCandidates = 4096;
constexpr std::uint32_t kSharedBytes = 4 * (kWarps * 8 + 8 + kWarps * 2 + 2 * kCandidates) + 64;

std::uint32_t chunks(std::uint32_t vocabulary) { return (vocabulary + kSamplingChunk - 1) / kSamplingChunk; }

}  // namespace

std::size_t sampling_scratch_bytes(std::uint32_t samples, std::uint32_t vocabulary) { return std::size_t{samples} * chunks(vocabulary) * sizeof(Likeliest); }

Status sample(Gpu& gpu, const SampleArguments& args, std::uint32_t samples) {
  if (samples == 0) return {};
  TOKENMARK_CHECK(launch(gpu, "likeliest", {chunks(args.vocabulary), samples}, 256, args));
  return launch(gpu, "sample", {samples}, kSharedBytes, args);
}

}  // namespace tokenmark::gpu
