#include <fmt/format.h>

#include "plugins/gpu/all_reduce.h"
#include "tests/kernels/gpu/case.h"
#include "tests/kernels/gpu/weights.h"

namespace tokenmark::gpu {
namespace {

// Ranks as regions of one GPU's memory, which come to each stage of a sum one after another.
Status sums_are_the_ranks(Gpu& gpu, std::uint32_t ranks, std::uint64_t most, const std::vector<std::uint64_t>& sizes, bool bf16) {
  std::vector<DeviceArray<std::byte>> regions(ranks);
  std::vector<void*> places;
  for (auto& region : regions) {
    TOKENMARK_TRY(region, DeviceArray<std::byte>::make(gpu, exchange_bytes(most)));
    TOKENMARK_CHECK(gpu.fill(region.get(), 0, region.bytes()));
    places.push_back(region.get());
  }
  for (std::size_t call = 0; call < sizes.size(); ++call) {
    const std::uint64_t n = sizes[call];
    std::vector<float> expected = random_floats(n, 50 + call);
    std::vector<DeviceArray<float>> values(ranks), outs(ranks);
    for (auto& out : outs) {
      TOKENMARK_TRY(out, DeviceArray<float>::of(gpu, expected));
    }
    for (std::uint32_t r = 0; r < ranks; ++r) {
      const std::vector<float> of_rank = random_floats(n, 100 * call + r);
      TOKENMARK_TRY(values[r], DeviceArray<float>::of(gpu, of_rank));
      for (std::uint64_t i = 0; i < n; ++i) expected[i] += of_rank[i];
    }
    for (const std::uint32_t stage : {1u, 2u, 4u})
      for (std::uint32_t r = 0; r < ranks; ++r) {
        TOKENMARK_TRY(const auto kernels, AllReduceKernels::make(gpu, r, places, most, bf16));
        if (stage == 4 && !kernels.in_two_steps(n)) continue;
        TOKENMARK_CHECK(kernels.add(gpu, values[r].get(), outs[r].get(), n, stage));
      }
    // And in place, where the ranks' values are no longer needed.
    for (const std::uint32_t stage : {1u, 2u, 4u})
      for (std::uint32_t r = 0; r < ranks; ++r) {
        TOKENMARK_TRY(const auto kernels, AllReduceKernels::make(gpu, r, places, most, bf16));
        if (stage == 4 && !kernels.in_two_steps(n)) continue;
        TOKENMARK_CHECK(kernels.replace(gpu, values[r].get(), n, stage));
      }
    std::vector<float> sums = expected;
    const std::vector<float> before = random_floats(n, 50 + call);
    for (std::uint64_t i = 0; i < n; ++i) sums[i] -= before[i];
    for (std::uint32_t r = 0; r < ranks; ++r) {
      TOKENMARK_TRY(const auto found, values[r].values());
      TOKENMARK_CHECK(check_near(fmt::format("sum {} of rank {}, in place", call, r), found, sums, bf16 ? 1.0 / 100 : 1e-5, bf16 ? 0.05 : 1e-5));
    }
    TOKENMARK_TRY(const auto first, outs[0].values());
    for (std::uint32_t r = 0; r < ranks; ++r) {
      TOKENMARK_TRY(const auto found, outs[r].values());
      if (found != first) return fail(ErrorKind::internal, "sum {}: rank {} has other values than rank 0", call, r);
      TOKENMARK_CHECK(check_near(fmt::format("sum {} of rank {}", call, r), found, expected, bf16 ? 1.0 / 100 : 1e-5, bf16 ? 0.05 : 1e-5));
    }
  }
  return {};
}

// Values to BF16, and added to others: those before and behind stay as they are.
Status narrow_and_add(Gpu& gpu, std::uint64_t n) {
  const std::vector<float> values = random_floats(n, 1), before = random_floats(n + 8, 2);
  std::vector<float> expected = before;
  for (std::uint64_t i = 0; i < n; ++i) expected[i] += values[i];
  TOKENMARK_TRY(const auto in, DeviceArray<float>::of(gpu, values));
  TOKENMARK_TRY(const auto out, DeviceArray<float>::of(gpu, before));
  TOKENMARK_TRY(const auto narrow, DeviceArray<std::uint16_t>::make(gpu, n));
  const Grid blocks{static_cast<std::uint32_t>((n + 2047) / 2048)};
  TOKENMARK_CHECK(launch(gpu, "narrow", blocks, 0, NarrowArguments{in.get(), narrow.get(), n}));
  TOKENMARK_CHECK(launch(gpu, "add_narrow", blocks, 0, AddNarrowArguments{narrow.get(), out.get(), n}));
  TOKENMARK_TRY(const auto found, out.values());
  return check_near("what was added to", found, expected, 0, 1.0 / 128);
}

}  // namespace

std::vector<Case> all_reduce_cases() {
  std::vector<Case> cases;
  for (const std::uint64_t n : {8, 2048, 5000})
    cases.push_back({"narrow", "bf16", fmt::format("{} values", n), [n](Gpu& gpu) { return narrow_and_add(gpu, n); }});
  for (const bool bf16 : {false, true})
    for (const std::uint32_t ranks : {2u, 3u, 8u}) {
      const auto add = [&](const char* what, std::uint64_t most, std::vector<std::uint64_t> sizes) {
        cases.push_back({"all_reduce", bf16 ? "bf16" : "f32", fmt::format("{} ranks, {}", ranks, what), [=](Gpu& gpu) { return sums_are_the_ranks(gpu, ranks, most, sizes, bf16); }});
      };
      if (ranks < 8) add("few values, one sum after another", 4096, {8, 4096, 1000, 16});
      add("many values", 150000, {150000});
    }
  return cases;
}

}  // namespace tokenmark::gpu
