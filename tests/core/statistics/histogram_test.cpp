#include "core/statistics/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/statistics/statistics.h"

namespace tokenmark {
namespace {

// Latencies of many shapes: all of one size, spread over decades, two humps, few and many.
std::vector<std::vector<double>> series() {
  std::mt19937_64 random(1);
  std::vector<std::vector<double>> out = {{0.25}, {1e-6, 3}, {0, 0, 1}, std::vector<double>(1000, 0.0123)};
  for (const std::size_t n : {7u, 100u, 5000u, 200'000u}) {
    std::lognormal_distribution<double> spread(-3, 2), narrow(-5, 0.01);
    std::vector<double> wide, humps;
    for (std::size_t i = 0; i < n; ++i) wide.push_back(spread(random));
    for (std::size_t i = 0; i < n; ++i) humps.push_back(narrow(random) * (random() % 10 == 0 ? 300 : 1));
    out.push_back(wide);
    out.push_back(humps);
  }
  return out;
}

TEST(LatencyHistogram, every_quantile_is_within_a_thousandth_of_the_exact_one) {
  for (const auto& values : series()) {
    LatencyHistogram histogram;
    for (const double x : values) histogram.add(x);
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    for (int k = 0; k <= 1000; ++k) {
      const double exact = interpolated(sorted, k / 1000.0);
      ASSERT_NEAR(*histogram.quantile(k / 1000.0), exact, 0.001 * exact) << values.size() << " values, " << k;
    }
  }
}

TEST(LatencyHistogram, values_at_the_edges_of_buckets_are_within_a_thousandth_too) {
  for (int octave = LatencyHistogram::kLowestOctave; octave < LatencyHistogram::kHighestOctave; ++octave)
    for (int part = 0; part < 512; part += 73)
      for (const double edge : {std::ldexp(1 + part / 512.0, octave), std::nextafter(std::ldexp(1 + (part + 1) / 512.0, octave), 0)}) {
        LatencyHistogram histogram;
        histogram.add(edge);
        ASSERT_NEAR(*histogram.quantile(0.5), edge, 0.001 * edge);
      }
}

TEST(LatencyHistogram, merged_histograms_are_the_histogram_of_all_values) {
  LatencyHistogram all, merged;
  for (const auto& values : series()) {
    LatencyHistogram one;
    for (const double x : values) {
      all.add(x);
      one.add(x);
    }
    merged.merge(one);
  }
  EXPECT_EQ(merged, all);
  EXPECT_EQ(merged.count(), all.count());
}

TEST(LatencyHistogram, failures_are_infinite_and_nothing_has_no_quantile) {
  LatencyHistogram histogram;
  EXPECT_FALSE(histogram.quantile(0.5));
  for (const double x : {0.5, -1.0, std::ldexp(1.0, -31), double{INFINITY}, std::nan("")}) histogram.add(x);
  EXPECT_EQ(histogram.count(), 5u);
  EXPECT_EQ(*histogram.quantile(0), 0);
  EXPECT_EQ(*histogram.quantile(0.25), 0);
  EXPECT_NEAR(*histogram.quantile(0.5), 0.5, 0.0005);
  EXPECT_TRUE(std::isinf(*histogram.quantile(0.6)));
  EXPECT_TRUE(std::isinf(*histogram.quantile(1)));
}

}  // namespace
}  // namespace tokenmark
