#include "core/statistics/ratio.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tokenmark {
namespace {

TEST(IntervalOfRatio, is_welchs_interval_of_the_logarithms) {
  // By hand: means 0.01 and 0, variances of the means 1e-4/3 each, 4 degrees, t = 2.776445.
  const auto interval = interval_of_ratio({std::exp(0.0), std::exp(0.01), std::exp(0.02)}, {std::exp(-0.01), 1, std::exp(0.01)});
  ASSERT_TRUE(interval);
  const double half = 2.776445 * std::sqrt(2e-4 / 3);
  EXPECT_NEAR(std::log(interval->low), 0.01 - half, 1e-6);
  EXPECT_NEAR(std::log(interval->high), 0.01 + half, 1e-6);
}

TEST(IntervalOfRatio, is_absent_with_two_repeats_or_a_value_that_has_no_logarithm) {
  EXPECT_FALSE(interval_of_ratio({1, 2}, {1, 2, 3}));
  EXPECT_FALSE(interval_of_ratio({1, 2, 3}, {1, 0, 3}));
  EXPECT_FALSE(interval_of_ratio({1, 2, INFINITY}, {1, 2, 3}));
}

TEST(IntervalOfRatio, of_equal_repeats_is_the_ratio_itself) {
  const auto interval = interval_of_ratio({2, 2, 2}, {1, 1, 1});
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 2, 1e-12);
  EXPECT_NEAR(interval->high, 2, 1e-12);
}

}  // namespace
}  // namespace tokenmark
