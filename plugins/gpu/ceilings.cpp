#include "plugins/gpu/ceilings.h"

#include <algorithm>
#include <functional>

#include "kernels/gpu/ceilings_arguments.h"

namespace tokenmark::gpu {
namespace {

constexpr int kRepeats = 3;
constexpr std::uint32_t kReadBlocksAUnit = 8, kTileBlocksAUnit = 2;
constexpr std::uint32_t kTileBytes = 2 * 128 * 64 * 2;
constexpr double kTileOperations = 2.0 * 128 * 128 * 64;

Result<double> least_seconds(Gpu& gpu, const std::function<Status()>& work) {
  double least = 0;
  TOKENMARK_CHECK(work());  // once to get going
  for (int i = 0; i < kRepeats; ++i) {
    TOKENMARK_TRY(const auto begin, gpu.record());
    TOKENMARK_CHECK(work());
    TOKENMARK_TRY(const auto end, gpu.record());
    TOKENMARK_CHECK(gpu.wait(*end));
    TOKENMARK_TRY(const double seconds, gpu.seconds_between(*begin, *end));
    least = least == 0 ? seconds : std::min(least, seconds);
  }
  return least;
}

Result<tm_ceilings> measure_one(Gpu& gpu, const CeilingSizes& sizes) {
  const std::uint32_t units = std::max(gpu.facts().compute_units, 1u);
  const std::uint32_t read_blocks = units * kReadBlocksAUnit, tile_blocks = units * kTileBlocksAUnit;
  TOKENMARK_TRY(const auto memory, DeviceArray<std::byte>::make(gpu, sizes.read_bytes));
  TOKENMARK_TRY(const auto words, DeviceArray<std::uint32_t>::make(gpu, read_blocks));
  TOKENMARK_TRY(const auto sums, DeviceArray<float>::make(gpu, tile_blocks));
  TOKENMARK_CHECK(gpu.fill(memory.get(), 1, memory.bytes()));
  TOKENMARK_CHECK(gpu.fill(words.get(), 0, words.bytes()));
  TOKENMARK_CHECK(gpu.fill(sums.get(), 0, sums.bytes()));
  TOKENMARK_TRY(const double read_s, least_seconds(gpu, [&] {
    return launch(gpu, "read_memory", {read_blocks}, 0, ReadMemoryArguments{memory.get(), sizes.read_bytes / 16, words.get()});
  }));
  TOKENMARK_TRY(const double tiles_s, least_seconds(gpu, [&] {
    return launch(gpu, "multiply_tiles", {tile_blocks}, kTileBytes, MultiplyTilesArguments{sizes.rounds, sums.get()});
  }));
  tm_ceilings ceilings{};
  ceilings.size = sizeof ceilings;
  ceilings.version = TM_ABI_VERSION;
  if (read_s > 0) ceilings.memory_gb_s = static_cast<double>(sizes.read_bytes) / read_s / 1e9;
  if (tiles_s > 0) ceilings.matrix_bf16_gflop_s = kTileOperations * sizes.rounds * tile_blocks / tiles_s / 1e9;
  return ceilings;
}

}  // namespace

// Of GPUs that compute together all they reach together.
Result<tm_ceilings> measure_ceilings(Device& device, const CeilingSizes& sizes) {
  const std::lock_guard lock(device.busy);
  tm_ceilings all{};
  for (const auto& gpu : device.gpus) {
    TOKENMARK_TRY(const tm_ceilings one, measure_one(*gpu, sizes));
    all.size = one.size;
    all.version = one.version;
    all.memory_gb_s += one.memory_gb_s;
    all.matrix_bf16_gflop_s += one.matrix_bf16_gflop_s;
  }
  return all;
}

}  // namespace tokenmark::gpu
