#include "core/metrics/steady.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/metrics/figures.h"
#include "tests/core/metrics/log_builder.h"

namespace tokenmark {
namespace {

// A closed loop of `places`: every request has a TTFT and a token each `tpot` ms. `latency(k, start)` gives the TTFT of the
// k-th request sent at `start`.
template <class Latency>
EventLog closed_loop(int places, int requests, int tokens, double tpot, Latency&& latency) {
  LogBuilder builder;
  std::vector<double> free_at(static_cast<std::size_t>(places), 0.0);
  for (int k = 0; k < requests; ++k) {
    double& place = *std::min_element(free_at.begin(), free_at.end());
    const double start = place;
    double time = start + latency(k, start);
    std::vector<std::pair<double, std::int32_t>> messages;
    for (int t = 0; t < tokens; ++t, time += tpot) messages.emplace_back(time, 1);
    place = messages.back().first + 0.01;
    builder.add({start, start, place - 0.005}, messages);
  }
  return builder.log;
}

TEST(Mser5, cuts_the_transient_and_nothing_of_a_steady_series) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> noise(0, 1);
  std::vector<double> steady(500), transient(500);
  for (std::size_t i = 0; i < steady.size(); ++i) {
    steady[i] = 10 + noise(random);
    transient[i] = steady[i] + (i < 100 ? 20 - static_cast<double>(i) / 5 : 0);
  }
  EXPECT_LE(mser5(steady), 50u);
  EXPECT_GE(mser5(transient), 80u);
  EXPECT_LE(mser5(transient), 150u);
  EXPECT_EQ(mser5({1, 2, 3}), 0u);
}

// By hand: batches of 5 with means 9, 1, 1, 1. Without a cut: mean 3, squares 36+4+4+4 = 48, ÷ 16 = 3. After one: 0.
TEST(Mser5, is_the_squared_standard_error_of_what_is_left) {
  std::vector<double> series(20, 1.0);
  for (std::size_t i = 0; i < 5; ++i) series[i] = 9;
  EXPECT_EQ(mser5(series), 5u);
}

TEST(Steady, ramp_up_and_drain_are_cut_off) {
  std::mt19937_64 random(3);
  // The first 40 requests meet a cold server: 200 ms instead of about 20.
  const EventLog log = closed_loop(8, 400, 50, 5, [&](int k, double) { return (k < 40 ? 200 : 20) + static_cast<double>(random() % 10); });
  const SteadyWindow window = find_steady_window(LogReading(log));
  ASSERT_TRUE(window.settled) << window.reason;
  EXPECT_GE(window.from, log.requests.send_start[40]);
  EXPECT_LE(window.from, log.requests.send_start[120]);
  EXPECT_EQ(window.to, log.requests.send_start.back());
}

TEST(Steady, figures_of_the_window_are_those_of_the_plateau) {
  std::mt19937_64 random(4);
  const EventLog log = closed_loop(8, 600, 50, 5, [&](int k, double) { return (k < 40 ? 500 : 20) + static_cast<double>(random() % 10); });
  const Figures f = compute_figures(log, {}, 1);
  ASSERT_TRUE(f.steady.settled) << f.steady.reason;
  // A place makes 50 tokens in 24.5 + 49·5 + 0.01 ms.
  const double plateau = 8 * 50 / 0.26951;
  EXPECT_NEAR(*f.steady.figures.output_tok_s, plateau, 0.01 * plateau);
  EXPECT_LT(*f.output_tok_s, 0.95 * plateau);
  EXPECT_NEAR(*f.steady.figures.ttft_s.mean, 0.0245, 0.0005);
  EXPECT_GT(*f.ttft_s.mean, 0.05);
  EXPECT_NEAR(*f.steady.figures.in_flight, 8, 0.05);
  EXPECT_NEAR(*f.steady.figures.littles_law, 1, 0.02);
  EXPECT_NEAR(f.steady.figures.duration_s, f.steady.to_s - f.steady.from_s, 1e-12);
}

TEST(Steady, an_open_loop_beyond_capacity_never_settles) {
  LogBuilder builder;  // 100 a second arrive, 80 a second are served: the queue grows
  for (int k = 0; k < 500; ++k) {
    const double arrival = k * 10, served = k * 12.5 + 5;
    builder.add({arrival, arrival, served + 10}, {{served, 1}, {served + 10, 1}});
  }
  const SteadyFigures steady = compute_figures(builder.log, {}, 1).steady;
  EXPECT_FALSE(steady.settled);
  EXPECT_NE(steady.reason.find("never settled: the number of requests in flight still changed"), std::string::npos) << steady.reason;
}

TEST(Steady, too_short_runs_and_single_bursts_say_so) {
  const auto latency = [](int, double) { return 10.0; };
  EXPECT_EQ(find_steady_window(LogReading(closed_loop(4, 39, 5, 5, latency))).reason,
            "39 requests completed; a steady state can be told from 40 on");
  EXPECT_EQ(find_steady_window(LogReading(closed_loop(64, 64, 5, 5, latency))).reason,
            "all requests were sent at once: the run is ramp-up and drain alone");
  EXPECT_EQ(compute_figures({}, {}, 1).steady.reason, "no request was sent and ended");
}

// A steady server with noise in everything, as a queue: rarely may it be said to be unsettled.
TEST(Steady, a_steady_run_is_seldom_called_unsettled) {
  int unsettled = 0;
  for (int round = 0; round < 200; ++round) {
    std::mt19937_64 random(static_cast<std::uint64_t>(round));
    std::exponential_distribution<double> gap(1 / 10.0), service(1 / 6.0);
    LogBuilder builder;
    double arrival = 0, busy_until = 0;
    for (int k = 0; k < 500; ++k) {
      arrival += gap(random);
      busy_until = std::max(busy_until, arrival) + service(random);
      builder.add({arrival, arrival, busy_until}, {{busy_until - 0.5, 1}, {busy_until, 1}});
    }
    unsettled += !find_steady_window(LogReading(builder.log)).settled;
  }
  EXPECT_LE(unsettled, 20);
}

}  // namespace
}  // namespace tokenmark
