#include "core/workload/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace tokenmark {
namespace {

Load open_loop(const std::string& arrivals, double rate, std::int32_t requests, double duration_s = 0) {
  Load load;
  load.arrivals = arrivals;
  load.rate = rate;
  load.requests = requests;
  load.duration_s = duration_s;
  return load;
}

std::vector<double> seconds(const Load& load, std::uint64_t seed = 1) {
  const auto times = arrival_times(load, seed);
  EXPECT_TRUE(times) << (times ? "" : times.error().message);
  std::vector<double> out;
  if (times)
    for (const std::int64_t ns : *times) out.push_back(static_cast<double>(ns) * 1e-9);
  return out;
}

std::vector<double> gaps(const std::vector<double>& times) {
  std::vector<double> out;
  double before = 0;
  for (const double t : times) out.push_back(t - std::exchange(before, t));
  return out;
}

// √n · the Kolmogorov-Smirnov distance; 2.5 is exceeded with probability 7e-6, and the seeds are fixed.
double distance(std::vector<double> sample, const std::function<double(double)>& distribution) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double most = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double f = distribution(sample[i]), k = static_cast<double>(i);
    most = std::max({most, std::abs(f - k / n), std::abs(f - (k + 1) / n)});
  }
  return most * std::sqrt(n);
}

std::string why(const Load& load) {
  const Status status = check_arrivals(load);
  EXPECT_FALSE(status);
  return status ? "" : status.error().message;
}

TEST(Arrivals, constant_ones_are_exact_and_do_not_drift) {
  const auto times = *arrival_times(open_loop("constant", 3, 3'000'001), 1);
  EXPECT_EQ(times[0], 0);
  EXPECT_EQ(times[1], 333'333'333);
  EXPECT_EQ(times[3'000'000], 1'000'000'000'000'000);
  EXPECT_EQ(arrival_times(open_loop("constant", 5, 0, 30), 1)->size(), 150u);
}

TEST(Arrivals, poisson_gaps_are_exponential_and_independent) {
  const auto list = gaps(seconds(open_loop("poisson", 40, 100'000)));
  EXPECT_LT(distance(list, [](double x) { return 1 - std::exp(-40 * x); }), 2.5);
  double product = 0;
  for (std::size_t i = 1; i < list.size(); ++i) product += (40 * list[i] - 1) * (40 * list[i - 1] - 1);
  EXPECT_NEAR(product / 100'000, 0, 6 / std::sqrt(100'000));
}

TEST(Arrivals, gamma_gaps_have_mean_1_over_rate_and_variance_by_burstiness) {
  for (const double b : {0.25, 0.5, 2.0, 10.0}) {
    Load load = open_loop("gamma", 20, 100'000);
    load.burstiness = b;
    const auto list = gaps(seconds(load));
    double mean = 0, square = 0;
    for (const double gap : list) mean += gap / 100'000;
    for (const double gap : list) square += (gap - mean) * (gap - mean) / 100'000;
    EXPECT_NEAR(mean * 20, 1, 6 / std::sqrt(b * 100'000)) << b;
    EXPECT_NEAR(square * 400 * b, 1, 6 * std::sqrt((2 + 6 / b) / 100'000)) << b;
  }
  // Shape 2: the distribution function is 1 - e^(-y)(1 + y), y = 2·rate·x.
  Load load = open_loop("gamma", 20, 100'000);
  load.burstiness = 2;
  EXPECT_LT(distance(gaps(seconds(load)), [](double x) { return 1 - std::exp(-40 * x) * (1 + 40 * x); }), 2.5);
  load.burstiness = 1;
  EXPECT_EQ(*arrival_times(load, 1), *arrival_times(open_loop("poisson", 20, 100'000), 1));
}

TEST(Arrivals, bursts_come_together_and_keep_the_rate) {
  Load load = open_loop("poisson", 50, 80'000);
  load.burst = 8;
  const auto times = seconds(load);
  std::vector<double> events;
  for (std::size_t i = 0; i < times.size(); i += 8) {
    EXPECT_EQ(times[i], times[i + 7]);
    events.push_back(times[i]);
  }
  EXPECT_LT(distance(gaps(events), [](double x) { return 1 - std::exp(-50.0 / 8 * x); }), 2.5);
  load.requests = 11;  // the last burst is cut
  EXPECT_EQ(seconds(load).size(), 11u);
}

TEST(Arrivals, constant_arrivals_of_a_ramp_are_where_the_integrated_rate_is_a_whole_number) {
  for (const auto& [from, to] : {std::pair{2.0, 20.0}, {20.0, 2.0}, {0.0, 10.0}, {10.0, 0.0}, {5.0, 5.0}}) {
    Load load = open_loop("constant", from, 0, 100);
    load.ramp = "linear";
    load.rate_end = to;
    const auto times = seconds(load);
    EXPECT_EQ(times.size(), static_cast<std::size_t>(50 * (from + to)));
    for (std::size_t k = 0; k < times.size(); ++k)
      EXPECT_NEAR(from * times[k] + (to - from) * times[k] * times[k] / 200, static_cast<double>(k), 1e-6);
  }
  for (const auto& [from, to] : {std::pair{1.0, 64.0}, {64.0, 1.0}, {8.0, 8.0}, {8.0, 8.0000001}}) {
    Load load = open_loop("constant", from, 0, 50);
    load.ramp = "exponential";
    load.rate_end = to;
    const double growth = std::log(to / from) / 50;
    const auto times = seconds(load);
    ASSERT_GT(times.size(), 300u);
    for (std::size_t k = 0; k < times.size(); ++k)
      EXPECT_NEAR(growth == 0 ? from * times[k] : from * std::expm1(growth * times[k]) / growth, static_cast<double>(k), 2e-6);
  }
}

TEST(Arrivals, poisson_ramps_are_uniform_in_integrated_rate) {
  for (const std::string ramp : {"linear", "exponential"}) {
    Load load = open_loop("poisson", 10, 0, 200);
    load.ramp = ramp;
    load.rate_end = 1000;
    const double growth = std::log(100.0) / 200;
    const auto integrated = [&](double t) {
      return ramp == "linear" ? 10 * t + 990 * t * t / 400 : 10 * std::expm1(growth * t) / growth;
    };
    const auto times = seconds(load);
    EXPECT_NEAR(static_cast<double>(times.size()), integrated(200), 6 * std::sqrt(integrated(200)));
    EXPECT_LT(distance(times, [&](double t) { return integrated(t) / integrated(200); }), 2.5);
  }
}

TEST(Arrivals, stages_follow_each_other_and_may_pause) {
  Load load = open_loop("constant", 0, 0);
  load.stages = "5:30,0:10,10:30";
  const auto times = seconds(load);
  EXPECT_EQ(times.size(), 450u);
  EXPECT_NEAR(times[149], 29.8, 1e-9);
  EXPECT_NEAR(times[150], 40, 1e-9);
  EXPECT_NEAR(times[449], 69.9, 1e-9);
  EXPECT_EQ(schedule_s(load), 70.0);
  load.duration_s = 20;
  EXPECT_EQ(seconds(load).size(), 100u);
  load.arrivals = "poisson";
  load.duration_s = 0;
  load.stages = "100:50,400:50";
  const auto random = seconds(load);
  EXPECT_LT(distance(random, [](double t) { return (t < 50 ? 100 * t : 5000 + 400 * (t - 50)) / 25'000; }), 2.5);
}

TEST(Arrivals, a_longer_list_begins_with_the_shorter_one_and_the_seed_changes_it) {
  const auto few = *arrival_times(open_loop("gamma", 4, 100), 9), many = *arrival_times(open_loop("gamma", 4, 0, 1000), 9);
  ASSERT_GT(many.size(), few.size());
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
  EXPECT_NE(few, *arrival_times(open_loop("gamma", 4, 100), 10));
  // Pinned: the same on every machine.
  const auto pinned = *arrival_times(open_loop("poisson", 1, 3), 0);
  EXPECT_EQ(pinned, (std::vector<std::int64_t>{227'910'300, 231'995'827, 672'154'019}));
}

TEST(Arrivals, what_cannot_be_is_named) {
  EXPECT_NE(why(open_loop("poisson", 0, 10)).find("load.rate is 0"), std::string::npos);
  EXPECT_NE(why(open_loop("poisson", 5, 0)).find("load.requests or load.duration_s"), std::string::npos);
  EXPECT_NE(why(open_loop("constant", 1e6, 0, 1e6)).find("at most 10000000"), std::string::npos);
  Load load = open_loop("constant", 5, 10);
  load.ramp = "linear";
  EXPECT_NE(why(load).find("load.duration_s is 0"), std::string::npos);
  load.ramp = "exponential";
  load.duration_s = 10;
  EXPECT_NE(why(load).find("both must be above 0"), std::string::npos);
  load.ramp = "";
  load.rate_end = 7;
  EXPECT_NE(why(load).find("load.rate_end is 7"), std::string::npos);
  load = open_loop("constant", 5, 10);
  load.burstiness = 0.5;
  EXPECT_NE(why(load).find("only gamma"), std::string::npos);
  load = open_loop("closed", 5, 10);
  EXPECT_NE(why(load).find("load.rate belongs to an open loop"), std::string::npos);
  load = open_loop("trace", 0, 10);
  load.stages = "1:1";
  EXPECT_NE(why(load).find("load.time_scale"), std::string::npos);
  EXPECT_FALSE(arrival_times(open_loop("constant", 1e-6, 100), 1));
  for (const char* stages : {"", "5", "5:", ":5", "5:0", "-1:5", "5:5,", "5:5;6:6", "nan:5", "5:inf", "0:5", "1e9:5", "5:5:5"}) {
    load = open_loop("constant", 0, 10);
    load.stages = stages;
    EXPECT_FALSE(check_arrivals(load)) << stages;
  }
}

}  // namespace
}  // namespace tokenmark
