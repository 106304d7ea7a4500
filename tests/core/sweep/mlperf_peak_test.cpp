#include "core/sweep/mlperf_peak.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <queue>
#include <random>

#include "core/metrics/mlperf_early_stopping.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

// A server of `workers` in virtual time: Poisson arrivals, exponential service, one queue (M/M/c).
struct Server {
  int workers = 4;
  double service_s = 0.1, limit_s = 1;
  std::uint64_t seed = 1;

  PeakOutcome measured(const PeakProbe& probe) const {
    std::mt19937_64 random(seed);
    std::exponential_distribution<> gap(probe.qps), service(1 / service_s);
    std::priority_queue<double, std::vector<double>, std::greater<>> free_at;
    for (int i = 0; i < workers; ++i) free_at.push(0);
    std::int64_t queries = 0, over = 0;
    double at = 0, last = 0;
    for (; at < probe.duration_s; at += gap(random)) {
      const double begin = std::max(at, free_at.top());
      free_at.pop();
      const double end = begin + service(random);
      free_at.push(end);
      last = std::max(last, end);
      ++queries;
      if (end - at <= limit_s) continue;
      if (++over > probe.over_allowed) return {false, false, at};
    }
    return {100 * over <= queries, queries >= mlperf_passing_queries(over, 0.99) + over, last};
  }
};

// The highest rate, in steps of 0.4 %, up to which all runs of full length are valid.
double true_peak(const Server& server, double full_s) {
  double peak = 0;
  const double capacity = server.workers / server.service_s;
  for (double qps = 0.6 * capacity; qps < 1.1 * capacity; qps *= 1.004) {
    const PeakProbe probe{qps, full_s, true, mlperf_overlatency_allowed(static_cast<std::int64_t>(qps * full_s), 0.99).value_or(0)};
    if (!server.measured(probe).valid) break;
    peak = qps;
  }
  return peak;
}

TEST(MlperfPeak, is_found_within_a_few_percent_and_ends_in_a_valid_run_of_full_length) {
  double worst = 0, longest = 0;
  std::int64_t most_full = 0;
  for (const std::uint64_t seed : {1, 2, 3}) {
    Server server;
    server.seed = seed;
    const double truth = true_peak(server, 600);
    for (const double first : {0.5, 40.0, 3000.0}) {
      SCOPED_TRACE(fmt::format("seed {} from {}", seed, first));
      PeakOptions options;
      options.first_qps = first;
      const Result<PeakResult> peak = find_mlperf_peak(options, [&](const PeakProbe& probe) -> Result<PeakOutcome> { return server.measured(probe); });
      ASSERT_TRUE(peak) << peak.error().message;
      const PeakStep& last = peak->steps.back();
      EXPECT_TRUE(last.outcome.valid);
      EXPECT_TRUE(last.probe.full);
      EXPECT_EQ(last.probe.duration_s, 600);
      EXPECT_EQ(last.probe.qps, peak->qps);
      EXPECT_TRUE(server.measured(last.probe).valid);
      EXPECT_NEAR(peak->qps, truth, 0.05 * truth);
      const auto full = std::count_if(peak->steps.begin(), peak->steps.end(), [](const PeakStep& s) { return s.probe.full; });
      EXPECT_LE(full, 4);
      worst = std::max(worst, std::abs(peak->qps / truth - 1));
      longest = std::max(longest, peak->measured_s);
      most_full = std::max<std::int64_t>(most_full, full);
    }
  }
  std::printf("worst error %.1f %%, at most %d runs of full length, at most %.1f full lengths in all (LoadGen: 16)\n", worst * 100,
              static_cast<int>(most_full), longest / 600);
  EXPECT_LT(longest, 6 * 600);
}

TEST(MlperfPeak, a_server_that_meets_no_limit_at_any_rate_is_told) {
  Server server;
  server.limit_s = 0.001;
  const auto peak = find_mlperf_peak({.first_qps = 10}, [&](const PeakProbe& probe) -> Result<PeakOutcome> { return server.measured(probe); });
  ASSERT_FALSE(peak);
  EXPECT_THAT(peak.error().message, HasSubstr("no run is VALID even at"));
}

TEST(MlperfPeak, a_server_without_end_is_told) {
  const auto peak = find_mlperf_peak({.first_qps = 10}, [](const PeakProbe& probe) -> Result<PeakOutcome> { return PeakOutcome{true, true, probe.duration_s}; });
  ASSERT_FALSE(peak);
  EXPECT_THAT(peak.error().message, HasSubstr("begin with a higher rate"));
}

TEST(MlperfPeak, an_error_of_a_run_ends_the_search) {
  int calls = 0;
  const auto peak = find_mlperf_peak({.first_qps = 10}, [&](const PeakProbe&) -> Result<PeakOutcome> {
    if (++calls == 3) return fail(ErrorKind::unavailable, "host down");
    return PeakOutcome{true, true, 1};
  });
  ASSERT_FALSE(peak);
  EXPECT_EQ(peak.error().message, "host down");
  EXPECT_EQ(calls, 3);
  EXPECT_FALSE(find_mlperf_peak({.first_qps = 0}, nullptr));
}

// Runs of full length alternate between valid and not: the search still ends, with a named error at worst.
TEST(MlperfPeak, a_server_that_never_holds_for_the_full_length_ends_the_search) {
  const auto peak = find_mlperf_peak({.first_qps = 10, .most_probes = 40}, [](const PeakProbe& probe) -> Result<PeakOutcome> {
    return PeakOutcome{probe.qps < 100, false, probe.duration_s};
  });
  ASSERT_FALSE(peak);
  EXPECT_THAT(peak.error().message, HasSubstr("40 runs were made"));
}

}  // namespace
}  // namespace tokenmark
