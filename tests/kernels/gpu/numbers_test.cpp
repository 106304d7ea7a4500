#include "kernels/gpu/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "kernels/gpu/pack.h"

namespace tokenmark::gpu {
namespace {

bool same(float a, float b) { return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b)); }

TEST(GpuNumbers, every_small_float_is_what_the_format_says) {
  for (std::uint32_t bits = 0; bits < 256; ++bits) {
    EXPECT_TRUE(same(from_e4m3(bits), e4m3_to_float(static_cast<std::uint8_t>(bits)))) << bits;
    EXPECT_TRUE(same(from_e8m0(bits), e8m0_to_float(static_cast<std::uint8_t>(bits)))) << bits;
    EXPECT_TRUE(same(from_e2m1(bits), e2m1_to_float(bits & 15))) << bits;
  }
}

// Minus zero and NaN, which devices with FNUZ numbers do not have.
TEST(GpuNumbers, packed_e4m3_means_the_same_to_every_gpu) {
  std::mt19937 random(6);
  std::vector<std::byte> row(3 * sizeof(BlockFp8));
  for (std::size_t b = 0; b < 3; ++b) {
    BlockFp8 block{0.5f, {}};
    for (auto& q : block.q) do
        q = static_cast<std::uint8_t>(random());
      while ((q & 0x7f) == 0x7f);
    block.q[5] = 0x80;
    if (b == 1) block.q[9] = 0xff;
    std::memcpy(&row[b * sizeof block], &block, sizeof block);
  }
  const Planes planes = planes_of(Format::fp8, 1, 384);
  std::vector<std::byte> values(planes.values), scales(planes.scales);
  pack_rows(Format::fp8, row.data(), 1, 384, values.data(), scales.data());
  std::vector<float> expected(384);
  dequantize_row(Format::fp8, row.data(), 384, expected.data());
  for (std::size_t i = 0; i < 384; ++i) {
    float scale;
    std::memcpy(&scale, &scales[i / 128 * 4], 4);
    const auto bits = static_cast<std::uint8_t>(values[i]);
    const float ocp = scale * e4m3_to_float(bits), fnuz = 2 * scale * e4m3fnuz_to_float(bits);
    if (i / 128 == 1) EXPECT_TRUE(std::isnan(ocp) && std::isnan(fnuz)) << i;
    else EXPECT_TRUE(ocp == expected[i] && fnuz == expected[i]) << i;
  }
}

TEST(GpuNumbers, rounding_is_that_of_the_formats) {
  std::mt19937 random(5);
  for (int i = 0; i < 200'000; ++i) {
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    const float near = std::ldexp(static_cast<float>(random() % 4096) / 256 * (i % 2 ? -1.0f : 1.0f), static_cast<int>(random() % 20) - 12);
    for (const float x : {value, near}) {
      ASSERT_EQ(to_bf16(x), float_to_bf16(x)) << x;
      if (std::isnan(x)) ASSERT_TRUE(std::isnan(from_e4m3(to_e4m3(x))));
      else ASSERT_EQ(to_e4m3(x), float_to_e4m3(x)) << x;
    }
  }
}

}  // namespace
}  // namespace tokenmark::gpu
