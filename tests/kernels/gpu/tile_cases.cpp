// Products of tiles alone: which thread holds what is the device's own, so each shape is looked at value by value.
#include "kernels/gpu/tile_arguments.h"

#include "tests/kernels/gpu/case.h"
#include "tests/kernels/gpu/weights.h"

namespace tokenmark::gpu {
namespace {

struct TileShape {
  int m, n, k, threads;
};

Status tiles_are_multiplied(Gpu& gpu, TileShape s, bool turned, int k) {
  const auto m = static_cast<std::size_t>(s.m), n = static_cast<std::size_t>(s.n), columns = static_cast<std::size_t>(s.k);
  const std::vector<float> a = rounded_to_bf16(random_floats(m * columns, 1)), b = rounded_to_bf16(random_floats(n * columns, 2));
  TOKENMARK_TRY(const auto a_there, DeviceArray<std::uint16_t>::of(gpu, to_bf16_bits(a)));
  TOKENMARK_TRY(const auto b_there, DeviceArray<std::uint16_t>::of(gpu, to_bf16_bits(b)));
  TOKENMARK_TRY(const auto out, DeviceArray<float>::make(gpu, m * n));
  const auto bytes = static_cast<std::uint32_t>((m + n) * (columns + 63) / 64 * 128 + (turned ? (n + 63) / 64 * columns * 128 : 0));
  TOKENMARK_CHECK(launch(gpu, fmt::format("tiles_{}_{}_{}_{}_{}", turned ? "kn" : "nk", s.m, s.n, s.k, s.threads), {1}, bytes,
                         TileCaseArguments{a_there.get(), b_there.get(), out.get(), k}));
  std::vector<float> expected;
  for (std::size_t row = 0; row < m; ++row)
    for (std::size_t column = 0; column < n; ++column) {
      double sum = 0;
      for (std::size_t i = 0; i < static_cast<std::size_t>(k); ++i) sum += 2.0 * a[row * columns + i] * (turned ? b[i * n + column] : b[column * columns + i]);
      expected.push_back(static_cast<float>(sum));
    }
  TOKENMARK_TRY(const auto found, out.values());
  return check_near("product", found, expected, 1e-5, 1e-4);
}

}  // namespace

std::vector<Case> tile_cases() {
  std::vector<Case> cases;
  for (const TileShape s : {TileShape{16, 32, 16, 64}, {16, 64, 128, 128}, {16, 128, 64, 128}, {32, 32, 64, 128}, {32, 64, 192, 128}, {64, 16, 64, 128}, {64, 32, 64, 128},
                            {64, 64, 128, 128}, {64, 128, 64, 256}, {128, 64, 64, 256}, {128, 128, 64, 256}})
    for (const bool turned : {false, true})
      for (const int k : {s.k, s.k / 2 / 16 * 16})
        if (k > 0)
          cases.push_back({turned ? "tiles_kn" : "tiles_nk", "bf16", fmt::format("{} by {} over {} of {}, {} threads", s.m, s.n, k, s.k, s.threads),
                           [=](Gpu& gpu) { return tiles_are_multiplied(gpu, s, turned, k); }});
  return cases;
}

}  // namespace tokenmark::gpu
