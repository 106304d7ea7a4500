#include "core/workload/lengths.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/statistics/random.h"

namespace tokenmark {
namespace {

Workload semantics(const std::string& lengths, double ratio, double deviation = 0) {
  Workload workload;
  workload.lengths = lengths;
  workload.range_ratio = ratio;
  workload.deviation = deviation;
  return workload;
}

std::map<std::int32_t, int> drawn(const Workload& workload, std::int32_t length, int n = 100'000) {
  std::map<std::int32_t, int> counts;
  for (int i = 0; i < n; ++i) ++counts[drawn_length(workload, length, random_at(3, 1, static_cast<std::uint64_t>(i)))];
  return counts;
}

void expect_uniform(const Workload& workload, std::int32_t length, std::int32_t low, std::int32_t high) {
  const auto counts = drawn(workload, length);
  EXPECT_EQ(counts.begin()->first, low) << workload.lengths;
  EXPECT_EQ(counts.rbegin()->first, high) << workload.lengths;
  const double expected = 100'000.0 / (high - low + 1);
  double chi = 0;
  for (const auto& [value, count] : counts) chi += (count - expected) * (count - expected) / expected;
  const double freedom = high - low;
  EXPECT_LT(chi, freedom + 6 * std::sqrt(2 * freedom) + 20) << workload.lengths;
}

TEST(Lengths, ranges_are_the_peers_own) {
  expect_uniform(semantics("inferencex", 0.8), 101, 80, 101);
  expect_uniform(semantics("inferencex", 0), 10, 1, 10);
  expect_uniform(semantics("sglang", 0.33), 10, 3, 10);
  expect_uniform(semantics("sglang", 0), 10, 1, 10);
  expect_uniform(semantics("vllm", 0.25), 101, 75, 127);  // floor(75.75), ceil(126.25)
  expect_uniform(semantics("vllm", 0.99), 10, 1, 20);     // never below 1
  EXPECT_EQ(drawn(semantics("vllm", 0), 77).size(), 1u);
  EXPECT_EQ(drawn(semantics("inferencex", 1), 77).begin()->first, 77);
}

TEST(Lengths, lognormal_has_the_mean_and_deviation_that_were_asked) {
  for (const double deviation : {0.2, 1.0}) {
    double mean = 0, square = 0;
    const auto counts = drawn(semantics("lognormal", 1, deviation), 2000);
    for (const auto& [value, count] : counts) mean += 1e-5 * value * count;
    for (const auto& [value, count] : counts) square += 1e-5 * (value - mean) * (value - mean) * count;
    EXPECT_NEAR(mean / 2000, 1, 6 * deviation / std::sqrt(100'000));
    EXPECT_NEAR(std::sqrt(square) / 2000 / deviation, 1, 0.08);
    // The median is mean/√(1 + deviation²).
    int below = 0;
    for (const auto& [value, count] : counts)
      if (value < 2000 / std::sqrt(1 + deviation * deviation)) below += count;
    EXPECT_NEAR(below * 1e-5, 0.5, 0.01);
  }
}

TEST(Lengths, what_cannot_be_is_named) {
  EXPECT_NE(check_lengths(semantics("vllm", 1)).error().message.find("range_ratio is 1"), std::string::npos);
  EXPECT_NE(check_lengths(semantics("lognormal", 1)).error().message.find("deviation is 0"), std::string::npos);
  EXPECT_NE(check_lengths(semantics("sglang", 1, 0.5)).error().message.find("only lognormal"), std::string::npos);
  EXPECT_TRUE(check_lengths(semantics("inferencex", 0.8)));
}

}  // namespace
}  // namespace tokenmark
