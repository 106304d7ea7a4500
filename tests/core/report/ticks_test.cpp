#include "core/report/ticks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace tokenmark {
namespace {

TEST(AxisScale, holds_every_value_and_has_a_readable_number_of_ticks) {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> exponent(-6, 8);
  for (int round = 0; round < 2000; ++round) {
    std::vector<double> values(1 + random() % 5);
    for (double& value : values) value = std::pow(10.0, exponent(random));
    for (const bool log : {false, true}) {
      const AxisScale scale = axis_scale(values, log);
      for (const double value : values) {
        ASSERT_GE(scale.share(value), -1e-9);
        ASSERT_LE(scale.share(value), 1 + 1e-9);
      }
      ASSERT_GE(scale.ticks.size(), 1u) << "log " << log << " " << values[0];
      ASSERT_LE(scale.ticks.size(), 13u);
      ASSERT_TRUE(std::is_sorted(scale.ticks.begin(), scale.ticks.end()));
      ASSERT_NE(tick_text(scale.ticks.back(), scale), "");
    }
  }
}

TEST(AxisScale, of_equal_few_or_extreme_values_is_still_a_scale) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const auto& values : std::vector<std::vector<double>>{{}, {0}, {5}, {5, 5}, {-3, -3}, {inf, NAN}, {1e300}, {-1, 0, 1}})
    for (const bool log : {false, true}) {
      const AxisScale scale = axis_scale(values, log);
      EXPECT_LT(scale.low, scale.high);
      EXPECT_FALSE(scale.ticks.empty());
    }
}

TEST(AxisScale, begins_at_zero_where_the_values_reach_far_down) {
  EXPECT_EQ(axis_scale({40, 100}, false).low, 0);
  EXPECT_GT(axis_scale({90, 100}, false).low, 0);
}

TEST(Numbers, are_read_by_people) {
  const AxisScale small = axis_scale({0, 0.9}, false), large = axis_scale({0, 3.1e6}, false);
  EXPECT_EQ(tick_text(0.2, small), "0.2");
  EXPECT_EQ(tick_text(500'000, large), "0.5M");
  EXPECT_EQ(tick_text(0, large), "0");
  EXPECT_EQ(number_text(0.0344432), "0.03444");
  EXPECT_EQ(number_text(260.6199), "260.6");
  EXPECT_EQ(number_text(4259.76), "4260");
  EXPECT_EQ(number_text(-1.5), "-1.5");
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(std::numeric_limits<double>::infinity()), "∞");
  EXPECT_EQ(number_text(2.5e-7), "2.500e-07");
}

}  // namespace
}  // namespace tokenmark
