#include "kernels/gpu/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

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
