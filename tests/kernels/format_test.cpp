#include "kernels/formats/format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace tokenmark {
namespace {

constexpr Format kAll[] = {Format::f32, Format::f16, Format::bf16, Format::q8_0, Format::q4_0};

// The value of a half straight from its definition.
double half_value(std::uint16_t half) {
  const int exponent = half >> 10 & 31, fraction = half & 1023;
  const double magnitude =
      exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  return half & 0x8000 ? -magnitude : magnitude;
}

TEST(Format, every_half_reads_as_its_definition_and_writes_back) {
  for (std::uint32_t i = 0; i < 65536; ++i) {
    const auto half = static_cast<std::uint16_t>(i);
    const float value = half_to_float(half);
    if ((half & 0x7c00) != 0x7c00) {
      ASSERT_EQ(value, half_value(half)) << i;
      ASSERT_EQ(std::signbit(value), (half & 0x8000) != 0) << i;
      ASSERT_EQ(float_to_half(value), half);
    } else if (half & 0x3ff) {
      ASSERT_TRUE(std::isnan(value)) << i;
      ASSERT_TRUE(std::isnan(half_to_float(float_to_half(value)))) << i;
    } else {
      ASSERT_TRUE(std::isinf(value)) << i;
      ASSERT_EQ(float_to_half(value), half);
    }
  }
}

TEST(Format, a_float_becomes_the_nearest_half_and_the_even_one_in_the_middle) {
  for (std::uint32_t i = 0; i < 0x7bff; ++i) {
    const auto lower = static_cast<std::uint16_t>(i), upper = static_cast<std::uint16_t>(i + 1);
    const auto middle =
        static_cast<float>((half_value(lower) + half_value(upper)) / 2);  // exact: one bit more
    ASSERT_EQ(float_to_half(middle), i % 2 == 0 ? lower : upper) << i;
    ASSERT_EQ(float_to_half(std::nextafter(middle, 0.0f)), lower) << i;
    ASSERT_EQ(float_to_half(std::nextafter(middle, 1e9f)), upper) << i;
    ASSERT_EQ(float_to_half(-middle), 0x8000 | (i % 2 == 0 ? lower : upper)) << i;
  }
}

TEST(Format, what_is_too_large_for_a_half_becomes_infinite_from_65520_on) {
  EXPECT_EQ(float_to_half(65504), 0x7bff);
  EXPECT_EQ(float_to_half(std::nextafter(65520.0f, 0.0f)), 0x7bff);
  EXPECT_EQ(float_to_half(65520), 0x7c00);
  EXPECT_EQ(float_to_half(-1e30f), 0xfc00);
  EXPECT_EQ(float_to_half(std::numeric_limits<float>::infinity()), 0x7c00);
  EXPECT_EQ(float_to_half(std::numeric_limits<float>::denorm_min()), 0);
}

TEST(Format, every_bf16_writes_back_and_floats_between_go_to_the_nearest) {
  for (std::uint32_t i = 0; i < 65536; ++i) {
    const auto bf16 = static_cast<std::uint16_t>(i);
    const float value = bf16_to_float(bf16);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(bf16_to_float(float_to_bf16(value)))) << i;
      continue;
    }
    ASSERT_EQ(float_to_bf16(value), bf16);
    if (std::isinf(value)) continue;
    const auto with_rest = [&](std::uint32_t rest) {
      return float_to_bf16(std::bit_cast<float>(i << 16 | rest));
    };
    ASSERT_EQ(with_rest(0x7fff), i);
    ASSERT_EQ(with_rest(0x8000), i % 2 == 0 ? i : i + 1);
    ASSERT_EQ(with_rest(0x8001), i + 1);
  }
  // A NaN whose payload lies in the lower bits alone must not become infinity.
  EXPECT_TRUE(std::isnan(bf16_to_float(float_to_bf16(std::bit_cast<float>(0x7f800001u)))));
}

TEST(Format, names_and_numbers_find_their_format) {
  for (Format format : kAll) {
    EXPECT_EQ(format_from_name(format_name(format)), format);
    EXPECT_EQ(format_from_number(static_cast<std::uint32_t>(format)), format);
  }
  EXPECT_EQ(format_from_name("Q4_0"), Format::q4_0);
  EXPECT_FALSE(format_from_name("q4_1"));
  EXPECT_FALSE(format_from_name(""));
  EXPECT_FALSE(format_from_number(3));
  EXPECT_EQ(row_bytes(Format::q4_0, 64), 36u);
  EXPECT_EQ(row_bytes(Format::q8_0, 64), 68u);
  EXPECT_EQ(row_bytes(Format::bf16, 64), 128u);
  EXPECT_EQ(row_bytes(Format::f32, 0), 0u);
}

TEST(Format, q8_0_rounds_half_away_from_zero_on_a_scale_of_the_greatest_over_127) {
  float values[32] = {};
  values[0] = 127;
  values[1] = -0.5f;
  values[2] = 2.5f;
  values[3] = -126.4f;
  BlockQ8_0 block;
  quantize_row(Format::q8_0, values, 32, &block);
  EXPECT_EQ(half_to_float(block.d), 1);
  EXPECT_EQ(block.q[0], 127);
  EXPECT_EQ(block.q[1], -1);
  EXPECT_EQ(block.q[2], 3);
  EXPECT_EQ(block.q[3], -126);
  EXPECT_EQ(block.q[31], 0);
}

TEST(Format, q4_0_gives_the_value_farthest_from_zero_minus_eight_and_stores_halves_of_the_block_together) {
  float values[32] = {};
  values[0] = -8;  // scale 1
  values[1] = 7;
  values[2] = 8;  // as far from zero as the first, which decides; becomes at most 15 - 8
  values[3] = 0.49f;
  values[4] = 0.5f;
  values[16] = -1;
  BlockQ4_0 block;
  quantize_row(Format::q4_0, values, 32, &block);
  EXPECT_EQ(half_to_float(block.d), 1);
  EXPECT_EQ(block.q[0] & 15, 0);
  EXPECT_EQ(block.q[0] >> 4, 7);
  EXPECT_EQ(block.q[1] & 15, 15);
  EXPECT_EQ(block.q[2] & 15, 15);
  EXPECT_EQ(block.q[3] & 15, 8);
  EXPECT_EQ(block.q[4] & 15, 9);
  values[0] = 8;  // now positive: the scale turns negative
  quantize_row(Format::q4_0, values, 32, &block);
  EXPECT_EQ(half_to_float(block.d), -1);
  EXPECT_EQ(block.q[0] & 15, 0);
  EXPECT_EQ(block.q[1] & 15, 1);
}

TEST(Format, a_block_of_zeros_stays_zero) {
  const float zeros[32] = {};
  for (Format format : kAll) {
    std::vector<std::byte> row(row_bytes(format, 32), std::byte{0xaa});
    float back[32];
    quantize_row(format, zeros, 32, row.data());
    dequantize_row(format, row.data(), 32, back);
    for (float value : back) ASSERT_EQ(value, 0) << format_name(format);
  }
}

TEST(Format, a_row_comes_back_within_half_a_step_of_its_format) {
  std::mt19937 generator(7);
  std::normal_distribution<float> normal;
  for (int round = 0; round < 200; ++round) {
    std::vector<float> values(96), back(96);
    for (float& value : values) value = normal(generator);
    for (Format format : kAll) {
      std::vector<std::byte> row(row_bytes(format, values.size()));
      quantize_row(format, values.data(), values.size(), row.data());
      dequantize_row(format, row.data(), values.size(), back.data());
      for (std::size_t i = 0; i < values.size(); ++i) {
        const auto block = values.begin() + static_cast<std::ptrdiff_t>(i / 32 * 32);
        const float greatest = std::abs(
            *std::max_element(block, block + 32, [](float a, float b) { return std::abs(a) < std::abs(b); }));
        float bound = 0;
        if (format == Format::f16) bound = std::abs(values[i]) * 0x1p-11f + 0x1p-25f;
        if (format == Format::bf16) bound = std::abs(values[i]) * 0x1p-8f;
        // The scale is a half, off by 2^-11 of itself. Q4_0's other end reaches 7, half a step short of 8
        // rounded down.
        if (format == Format::q8_0) bound = greatest * (0.5f / 127 + 0x1p-11f) * 1.0001f;
        if (format == Format::q4_0) bound = greatest * (1.0f / 8 + 0x1p-11f) * 1.0001f;
        ASSERT_LE(std::abs(back[i] - values[i]), bound) << format_name(format) << " " << values[i];
      }
    }
  }
}

}  // namespace
}  // namespace tokenmark
