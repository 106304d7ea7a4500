// Levels and their changes: by hand, and how often changes are found in simulated series that have some or none.
#include "core/statistics/change_points.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>

#include "core/statistics/random.h"

namespace tokenmark {
namespace {

// Standard normal numbers (G. Box, M. Muller, 1958).
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : seed_(seed) {}
  double uniform() { return unit(random_at(seed_, 7, next_++)); }
  double normal() {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  std::uint64_t seed_, next_ = 0;
};

std::vector<double> series(Noise& noise, std::size_t n, double deviation, const std::function<double(std::size_t)>& level) {
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(level(i) * std::exp(deviation * noise.normal()));
  return values;
}
double steady(std::size_t) { return 100; }

// The share of `count` series with a change of which `right` is true.
double share(int count, const std::function<std::vector<double>(Noise&)>& make, const std::function<bool(const Levels&)>& right) {
  int found = 0;
  for (int i = 0; i < count; ++i) {
    Noise noise(static_cast<std::uint64_t>(i) + 1);
    const auto levels = find_levels(make(noise));
    EXPECT_TRUE(levels);
    found += right(*levels);
  }
  return static_cast<double>(found) / count;
}
bool any(const Levels& levels) { return !levels.changes.empty(); }

TEST(ChangePoints, a_clean_step_is_found_at_its_place_with_its_size) {
  const auto found = find_levels({100, 100, 100, 100, 100, 90, 90, 90, 90, 90});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->changes.size(), 1u);
  const ChangePoint& change = found->changes[0];
  EXPECT_EQ(change.at, 5u);
  EXPECT_NEAR(change.change, -0.1, 1e-12);
  EXPECT_NEAR(change.interval.low, -0.1, 1e-6);
  EXPECT_NEAR(change.interval.high, -0.1, 1e-6);
  // Of the 252 ways to lay five low values among ten, two have such a step.
  EXPECT_NEAR(change.p, 2.0 / 252, 0.006);
  ASSERT_EQ(found->levels.size(), 2u);
  EXPECT_NEAR(found->levels[0].value, 100, 1e-9);
  EXPECT_NEAR(found->levels[1].value, 90, 1e-9);
  EXPECT_EQ(found->levels[1].from, 5u);
  EXPECT_EQ(found->levels[1].to, 10u);
}

// Logarithms 0, 2, 0, 2 … and 10, 12 …: means 1 and 11, squares 1 of each of ten values, 8 degrees of freedom, t = 2.306.
TEST(ChangePoints, the_interval_is_students_over_the_scatter_of_all_levels) {
  std::vector<double> values;
  for (const double log : {0, 2, 0, 2, 1, 10, 12, 10, 12, 11}) values.push_back(std::exp(log / 100.0));
  const auto found = find_levels(values);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->changes.size(), 1u);
  const double half = 2.3060041 * std::sqrt(8.0 / 8 * (1.0 / 5 + 1.0 / 5)) / 100;
  EXPECT_NEAR(found->changes[0].change, std::expm1(0.1), 1e-9);
  EXPECT_NEAR(found->changes[0].interval.low, std::expm1(0.1 - half), 1e-6);
  EXPECT_NEAR(found->changes[0].interval.high, std::expm1(0.1 + half), 1e-6);
}

TEST(ChangePoints, equal_values_and_short_series_have_one_level) {
  for (const std::size_t n : {1u, 2u, 7u, 8u, 50u}) {
    const auto found = find_levels(std::vector<double>(n, 3.5));
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->changes.empty()) << n;
    ASSERT_EQ(found->levels.size(), 1u);
    EXPECT_NEAR(found->levels[0].value, 3.5, 1e-12);
    EXPECT_EQ(found->levels[0].to, n);
  }
  EXPECT_TRUE(find_levels({1, 1, 1, 2, 2, 2, 2})->changes.empty()) << "seven values are too few";
  EXPECT_TRUE(find_levels({})->levels.empty());
}

TEST(ChangePoints, the_last_value_alone_is_no_level) {
  std::vector<double> values(30, 100);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += static_cast<double>(i % 3);
  values.back() = 50;
  EXPECT_TRUE(find_levels(values)->changes.empty());
}

TEST(ChangePoints, what_has_no_logarithm_gives_no_answer) {
  for (const double bad : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")})
    EXPECT_FALSE(find_levels({1, 2, bad, 4}));
}

TEST(ChangePoints, the_same_series_gives_the_same_answer_and_scale_does_not_matter) {
  Noise noise(5);
  const auto values = series(noise, 20, 0.03, [](std::size_t i) { return i < 9 ? 1.0 : 1.08; });
  std::vector<double> larger;
  for (const double v : values) larger.push_back(v * 4096);
  const auto a = find_levels(values), b = find_levels(values), c = find_levels(larger);
  ASSERT_EQ(a->changes.size(), 1u);
  EXPECT_EQ(a->changes[0].p, b->changes[0].p);
  EXPECT_EQ(a->changes[0].at, c->changes[0].at);
  EXPECT_NEAR(a->changes[0].change, c->changes[0].change, 1e-12);
}

TEST(ChangePoints, a_rise_that_is_taken_back_is_found_as_two_changes) {
  const double both = share(200, [](Noise& noise) {
    return series(noise, 21, 0.02, [](std::size_t i) { return i < 7 || i >= 14 ? 100.0 : 110.0; });
  }, [](const Levels& levels) { return levels.changes.size() == 2 && levels.changes[0].change > 0 && levels.changes[1].change < 0; });
  RecordProperty("found", std::to_string(both));
  std::printf("bump of 10 %% in 2 %% noise: %.3f\n", both);
  EXPECT_GT(both, 0.85);
}

TEST(ChangePoints, without_a_change_few_alarms_whatever_the_noise_looks_like) {
  for (const std::size_t n : {8u, 12u, 20u, 50u}) {
    const double alarms = share(1000, [n](Noise& noise) { return series(noise, n, 0.03, steady); }, any);
    std::printf("no change, n = %zu: %.3f\n", n, alarms);
    EXPECT_LT(alarms, 0.065) << n;
  }
  // One value in ten is five times as far off; and noise to one side alone.
  const double outliers = share(1000, [](Noise& noise) {
    std::vector<double> values;
    for (int i = 0; i < 20; ++i) values.push_back(100 * std::exp(0.03 * noise.normal() * (noise.uniform() < 0.1 ? 5 : 1)));
    return values;
  }, any);
  const double skewed = share(1000, [](Noise& noise) {
    std::vector<double> values;
    for (int i = 0; i < 20; ++i) values.push_back(100 * std::exp(0.03 * std::log(noise.uniform())));
    return values;
  }, any);
  std::printf("no change, outliers: %.3f, skewed: %.3f\n", outliers, skewed);
  EXPECT_LT(outliers, 0.065);
  EXPECT_LT(skewed, 0.065);
}

TEST(ChangePoints, steps_are_found_by_their_size) {
  for (const auto& [n, at, step, least] : {std::tuple{20u, 10u, 0.10, 0.92}, {20u, 10u, 0.05, 0.55}, {20u, 10u, 0.03, 0.1}, {20u, 17u, 0.10, 0.9},
                                           {20u, 18u, 0.10, 0.5}, {12u, 6u, 0.10, 0.9}, {8u, 4u, 0.10, 0.5}, {50u, 25u, 0.03, 0.45}}) {
    int one = 0, near = 0, covered = 0;
    for (int i = 0; i < 400; ++i) {
      Noise noise(static_cast<std::uint64_t>(i) + 1000);
      const auto found = find_levels(series(noise, n, 0.03, [&](std::size_t k) { return k < at ? 100 : 100 * (1 - step); }));
      ASSERT_TRUE(found);
      if (found->changes.size() != 1) continue;
      const ChangePoint& change = found->changes[0];
      ++one;
      near += change.at + 1 >= at && change.at <= at + 1;
      covered += change.interval.low <= -step && -step <= change.interval.high;
    }
    std::printf("n = %u, step of %.0f %% at %u: found %.3f, of them within one place %.3f, interval covers %.3f\n", n, 100 * step, at, one / 400.0,
                one == 0 ? 0.0 : static_cast<double>(near) / one, one == 0 ? 0.0 : static_cast<double>(covered) / one);
    EXPECT_GT(one / 400.0, least) << n << " " << at << " " << step;
  }
}

TEST(ChangePoints, values_that_follow_their_neighbours_raise_alarms_as_the_header_says) {
  const double alarms = share(1000, [](Noise& noise) {
    std::vector<double> values;
    double off = noise.normal();
    for (int i = 0; i < 20; ++i) {
      values.push_back(100 * std::exp(0.03 * off));
      off = 0.5 * off + std::sqrt(0.75) * noise.normal();
    }
    return values;
  }, any);
  std::printf("autocorrelation 0.5: %.3f\n", alarms);
  EXPECT_GT(alarms, 0.15);
  EXPECT_LT(alarms, 0.5);
}

}  // namespace
}  // namespace tokenmark
