#include "core/statistics/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace tokenmark {
namespace {

std::vector<double> exponential_samples(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> out(n);
  for (double& x : out) x = -std::log((static_cast<double>(random() >> 11) + 0.5) / 9007199254740992.0);
  return out;
}

std::vector<double> count_up_to(std::size_t n) {
  std::vector<double> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<double>(i + 1);
  return out;
}

TEST(Percentiles, interpolate_linearly_between_order_statistics) {
  const Distribution d = distribution_of({40, 10, 30, 20});
  EXPECT_DOUBLE_EQ(*d.p50.value, 25);  // rank 1.5
  EXPECT_DOUBLE_EQ(*distribution_of(count_up_to(11)).p90.value, 10);
  EXPECT_DOUBLE_EQ(*distribution_of(count_up_to(12)).p90.value, 10.9);
  EXPECT_DOUBLE_EQ(*distribution_of(count_up_to(100)).p99.value, 99.01);
  EXPECT_DOUBLE_EQ(*distribution_of(count_up_to(1000)).p999.value, 999.001);
}

TEST(Percentiles, too_few_samples_withhold_a_percentile_with_the_reason) {
  const Distribution d = distribution_of(count_up_to(99));
  EXPECT_TRUE(d.p90.value);
  EXPECT_FALSE(d.p99.value);
  EXPECT_EQ(d.p99.why_absent, "p99 needs 100 samples, there are 99");
  EXPECT_EQ(d.p999.why_absent, "p99.9 needs 1000 samples, there are 99");
  EXPECT_EQ(distribution_of(count_up_to(9)).p90.why_absent, "p90 needs 10 samples, there are 9");
  EXPECT_EQ(distribution_of({}).p50.why_absent, "p50 needs 1 sample, there are none");
  EXPECT_TRUE(distribution_of(count_up_to(100)).p99.value);
  EXPECT_TRUE(distribution_of(count_up_to(1000)).p999.value);
}

TEST(Percentiles, a_failure_is_infinite_in_percentiles_and_left_out_of_means) {
  const Distribution d = distribution_of({1, INFINITY, 3});
  EXPECT_EQ(d.samples, 2u);
  EXPECT_DOUBLE_EQ(*d.mean, 2);
  EXPECT_DOUBLE_EQ(*d.deviation, std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(*d.minimum, 1);
  EXPECT_DOUBLE_EQ(*d.maximum, 3);
  EXPECT_DOUBLE_EQ(*d.p50.value, 3);
  EXPECT_TRUE(std::isinf(*distribution_of({1, INFINITY}).p50.value));
  EXPECT_TRUE(std::isinf(*distribution_of({INFINITY, INFINITY, INFINITY}).p50.value));
  EXPECT_FALSE(distribution_of({INFINITY}).mean);
}

TEST(Percentiles, an_interval_is_given_only_where_the_sample_can_hold_it) {
  for (const auto& [n, p] : {std::pair{6, 0.5}, std::pair{36, 0.9}, std::pair{368, 0.99}, std::pair{3688, 0.999}}) {
    const auto first = exponential_samples(static_cast<std::size_t>(n), 3);
    EXPECT_TRUE(Percentiles(first).at(p).interval) << n;
    EXPECT_FALSE(Percentiles({first.begin(), first.end() - 1}).at(p).interval) << n - 1;
  }
}

TEST(Percentiles, interval_encloses_the_value_and_grows_with_the_percentile_and_not_with_samples) {
  const Percentiles few(exponential_samples(400, 1)), many(exponential_samples(40'000, 2));
  for (const double p : {0.5, 0.9, 0.99}) {
    const Percentile a = few.at(p), b = many.at(p);
    EXPECT_LE(a.interval->low, *a.value);
    EXPECT_GE(a.interval->high, *a.value);
    EXPECT_LT(b.interval->high - b.interval->low, a.interval->high - a.interval->low);
  }
}

// Coverage on independent samples: about 95 of 100 intervals hold the true value (bounds of six deviations).
TEST(Percentiles, intervals_hold_the_true_value_about_as_often_as_they_say) {
  int held = 0;
  const int rounds = 200;
  for (int round = 0; round < rounds; ++round) {
    const Percentile median = Percentiles(exponential_samples(200, 1000 + static_cast<std::uint64_t>(round))).at(0.5);
    held += median.interval->low <= std::log(2.0) && std::log(2.0) <= median.interval->high;
  }
  EXPECT_GE(held, rounds * 85 / 100);
  EXPECT_LT(held, rounds);
}

// Samples that keep their neighbour's level say less than independent ones: blocks notice, single draws would not.
TEST(Percentiles, correlated_samples_get_wider_intervals_than_independent_ones) {
  const std::vector<double> levels = exponential_samples(200, 5);
  std::vector<double> runs;
  for (const double level : levels) runs.insert(runs.end(), 20, level);
  std::vector<double> shuffled = runs;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937_64(9));
  const Interval correlated = *Percentiles(runs).at(0.5).interval, independent = *Percentiles(shuffled).at(0.5).interval;
  EXPECT_GT(correlated.high - correlated.low, 2 * (independent.high - independent.low));
}

// Against the plain way: make every resample and sort it. Of the p99 few samples are above, so it is drawn there too.
TEST(Percentiles, an_interval_is_that_of_resampling) {
  const std::vector<double> samples = exponential_samples(500, 11);
  const Percentiles percentiles(samples);
  std::mt19937_64 random(1);
  const std::size_t block = 8, rounds = 4000;  // 500^(1/3) rounded
  std::vector<std::vector<double>> draws(rounds);
  for (std::vector<double>& draw : draws) {
    while (draw.size() < samples.size()) {
      const auto start = static_cast<std::ptrdiff_t>(random() % (samples.size() - block + 1));
      draw.insert(draw.end(), samples.begin() + start, samples.begin() + start + static_cast<std::ptrdiff_t>(block));
    }
    std::sort(draw.begin(), draw.end());
  }
  for (const double p : {0.25, 0.5, 0.9, 0.99}) {
    const auto share_up_to = [&](double x) {
      std::size_t reaching = 0;
      for (const std::vector<double>& draw : draws)
        reaching += draw[static_cast<std::size_t>(std::ceil(p * static_cast<double>(draw.size()))) - 1] <= x;
      return static_cast<double>(reaching) / static_cast<double>(rounds);
    };
    const Interval found = *percentiles.at(p).interval;
    EXPECT_NEAR(share_up_to(found.low), 0.03, 0.025) << p;   // each order statistic has a share of its own
    EXPECT_NEAR(share_up_to(found.high), 0.98, 0.02) << p;
  }
}

// Many independent samples: the interval is that of the binomial distribution.
TEST(Percentiles, many_independent_samples_have_the_binomial_interval) {
  std::vector<double> samples = exponential_samples(50'000, 12);
  for (const double p : {0.5, 0.99, 0.999}) {
    const Interval found = *Percentiles(samples).at(p).interval;
    const OrderInterval order = binomial_order_interval(samples.size(), p);
    std::vector<double> sorted = samples;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_NEAR((found.high - found.low) / (sorted[*order.upper - 1] - sorted[*order.lower - 1]), 1, 0.15) << p;
  }
}

TEST(Percentiles, are_monotone_scale_with_the_unit_and_ignore_order) {
  for (const std::size_t n : {10u, 100u, 999u, 5000u}) {
    std::vector<double> samples = exponential_samples(n, n), scaled = samples;
    for (double& x : scaled) x *= 1024;  // a power of two: exact
    const Percentiles a(samples), b(scaled);
    double previous = 0;
    for (const double p : {0.5, 0.9, 0.99, 0.999}) {
      const Percentile x = a.at(p), y = b.at(p);
      ASSERT_EQ(x.value.has_value(), y.value.has_value());
      if (!x.value) continue;
      EXPECT_GE(*x.value, previous);
      previous = *x.value;
      EXPECT_DOUBLE_EQ(*x.value * 1024, *y.value);
      if (x.interval) {
        EXPECT_DOUBLE_EQ(x.interval->high * 1024, y.interval->high);
      }
    }
    std::reverse(samples.begin(), samples.end());
    EXPECT_EQ(*Percentiles(samples).at(0.9).value, *a.at(0.9).value);
  }
}

TEST(Percentiles, failures_reach_into_the_interval) {
  std::vector<double> samples = exponential_samples(400, 4);
  for (std::size_t i = 0; i < samples.size(); i += 100) samples[i] = INFINITY;
  const Percentile p99 = Percentiles(samples).at(0.99);
  ASSERT_TRUE(p99.interval);
  EXPECT_TRUE(std::isinf(p99.interval->high));
  EXPECT_FALSE(std::isinf(p99.interval->low));
}

TEST(BinomialOrderInterval, upper_end_of_p99_is_absent_below_368_samples) {
  EXPECT_FALSE(binomial_order_interval(367, 0.99).upper);
  EXPECT_EQ(binomial_order_interval(368, 0.99).upper, 368u);
  EXPECT_TRUE(binomial_order_interval(367, 0.99).lower);
}

TEST(BinomialOrderInterval, medians_of_known_size_have_the_ranks_of_the_tables) {
  // Two-sided 95 % sign-test intervals: n = 6 → (1, 6), n = 10 → (2, 9), n = 20 → (6, 15), n = 100 → (40, 61).
  for (const auto& [n, lower, upper] : {std::tuple{6, 1, 6}, std::tuple{10, 2, 9}, std::tuple{20, 6, 15}, std::tuple{100, 40, 61}}) {
    const OrderInterval interval = binomial_order_interval(static_cast<std::size_t>(n), 0.5);
    EXPECT_EQ(interval.lower, static_cast<std::size_t>(lower)) << n;
    EXPECT_EQ(interval.upper, static_cast<std::size_t>(upper)) << n;
  }
  EXPECT_FALSE(binomial_order_interval(5, 0.5).lower);
  EXPECT_FALSE(binomial_order_interval(0, 0.5).lower);
}

TEST(IntervalOfMean, is_students_from_three_repeats_on) {
  EXPECT_FALSE(interval_of_mean({1, 2}));
  const Interval interval = *interval_of_mean({9, 10, 11});
  // With 2 degrees of freedom the quantile has a closed form: t(p) = (2p − 1)·√(2/(4p(1 − p))) = 4.3027 at 0.975.
  const double half = 0.95 * std::sqrt(2 / (1 - 0.95 * 0.95)) / std::sqrt(3.0);  // · s / √n, s = 1
  EXPECT_NEAR(interval.low, 10 - half, 1e-12);
  EXPECT_NEAR(interval.high, 10 + half, 1e-12);
  EXPECT_FALSE(interval_of_mean({1, 2, INFINITY}));
}

TEST(MedianOf, is_the_middle_or_the_mean_of_the_two) {
  EXPECT_FALSE(median_of({}));
  EXPECT_EQ(*median_of({3, 1, 2}), 2);
  EXPECT_EQ(*median_of({4, 1, 2, 3}), 2.5);
}

}  // namespace
}  // namespace tokenmark
