#include "core/report/distributions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/metrics/figures.h"
#include "tests/core/report/logs.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

// TTFT 10, 20, 30 ms, one failed, one warm-up.
EventLog small_log() {
  return log_of({{0, 0, {100, 101}, 101, RequestError::none, true},
                 {200, 202, {212, 214, 220}, 220},
                 {200, 200, {220, 221}, 221},
                 {230, 230, {260}, 260},
                 {240, 241, {}, 300, RequestError::timeout}});
}

// In milliseconds; -1: a failed request.
std::vector<double> samples_ms(const EventLog& log, LatencyFigure figure, std::optional<std::uint16_t> of_class = {}) {
  std::vector<double> samples = latency_samples(log, figure, of_class);
  for (double& value : samples) value = std::isinf(value) ? -1 : std::round(value * 1e9) / 1e6;
  return samples;
}

// Latencies with a long tail; `failed` at the end.
EventLog tailed_log(std::size_t requests, std::size_t failed = 0) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(3, 1);
  std::vector<LoggedRequest> list;
  for (std::size_t i = 0; i < requests; ++i) {
    const double start = static_cast<double>(i), first = start + latency(random);
    list.push_back({start, start, {first, first + 1}, first + 1, i + failed >= requests ? RequestError::closed : RequestError::none});
  }
  return log_of(list);
}

TEST(LatencySamples, follow_the_definitions_and_leave_warmups_out) {
  const EventLog log = small_log();
  EXPECT_EQ(samples_ms(log, LatencyFigure::ttft), (std::vector<double>{10, 20, 30, -1}));
  EXPECT_EQ(samples_ms(log, LatencyFigure::e2e), (std::vector<double>{18, 21, 30, -1}));
  EXPECT_EQ(samples_ms(log, LatencyFigure::tpot), (std::vector<double>{4, 1, -1}));
  EXPECT_EQ(samples_ms(log, LatencyFigure::itl), (std::vector<double>{2, 6, 1, -1}));
  EXPECT_EQ(samples_ms(log, LatencyFigure::send_lag), (std::vector<double>{2, 0, 0, 1}));
}

TEST(LatencySamples, have_the_percentiles_of_the_stored_figures) {
  const EventLog log = tailed_log(500, 3);
  const Figures figures = compute_figures(log, {}, 1);
  const std::pair<LatencyFigure, const Distribution*> all[] = {{LatencyFigure::ttft, &figures.ttft_s}, {LatencyFigure::tpot, &figures.tpot_s},
      {LatencyFigure::itl, &figures.itl_s}, {LatencyFigure::e2e, &figures.e2e_s}, {LatencyFigure::send_lag, &figures.send_lag_s}};
  for (const auto& [figure, stored] : all) {
    const Distribution own = distribution_of(latency_samples(log, figure));
    EXPECT_EQ(own.p50.value, stored->p50.value) << meaning(figure).key;
    EXPECT_EQ(own.p99.value, stored->p99.value) << meaning(figure).key;
    EXPECT_EQ(own.samples, stored->samples) << meaning(figure).key;
    EXPECT_EQ(own.mean, stored->mean) << meaning(figure).key;
  }
}

TEST(Distributions, the_curve_is_exact_and_ends_below_one_by_the_failures) {
  const DistributionChart chart = distribution_chart({logged(small_log())}, {});
  ASSERT_EQ(chart.series.size(), 1u);
  const DistributionSeries& series = chart.series[0];
  EXPECT_EQ(series.samples, 4u);
  EXPECT_EQ(series.failed, 1u);
  ASSERT_EQ(series.cumulative.size(), 3u);
  EXPECT_NEAR(series.cumulative[0].x, 0.010, 1e-12);
  EXPECT_DOUBLE_EQ(series.cumulative[0].y, 0.25);
  EXPECT_DOUBLE_EQ(series.cumulative[2].y, 0.75);
  EXPECT_DOUBLE_EQ(share_at(series, 0.009), 0);
  EXPECT_DOUBLE_EQ(share_at(series, 0.025), 0.5);
  EXPECT_DOUBLE_EQ(share_at(series, 1), 0.75);
  ASSERT_FALSE(chart.notes.empty());
  EXPECT_THAT(chart.notes[0], HasSubstr("1 of 4"));
  EXPECT_THAT(chart.notes[0], HasSubstr("75 %"));
}

TEST(Distributions, equal_samples_are_one_step_and_one_bin) {
  std::vector<LoggedRequest> requests(5, {0, 0, {10}, 10});
  const DistributionChart chart = distribution_chart({logged(log_of(requests))}, {});
  ASSERT_EQ(chart.series[0].cumulative.size(), 1u);
  EXPECT_DOUBLE_EQ(chart.series[0].cumulative[0].y, 1);
  ASSERT_EQ(chart.bin_edges.size(), 2u);
  EXPECT_DOUBLE_EQ(chart.series[0].bin_shares[0], 1);
}

TEST(Distributions, thinning_keeps_the_extremes_and_the_tail_and_moves_no_share_by_a_thousandth) {
  const EventLog log = tailed_log(50'000);
  std::vector<double> sorted = latency_samples(log, LatencyFigure::ttft);
  std::sort(sorted.begin(), sorted.end());
  const DistributionSeries series = distribution_chart({logged(log)}, {}).series.at(0);
  EXPECT_LT(series.cumulative.size(), 2500u);
  EXPECT_DOUBLE_EQ(series.cumulative.front().x, sorted.front());
  for (std::size_t back = 0; back < 64; ++back)
    EXPECT_DOUBLE_EQ(series.cumulative[series.cumulative.size() - 1 - back].x, sorted[sorted.size() - 1 - back]) << back;
  double worst = 0;
  for (std::size_t i = 0; i < sorted.size(); i += 7)
    worst = std::max(worst, std::abs(share_at(series, sorted[i]) - static_cast<double>(i + 1) / static_cast<double>(sorted.size())));
  EXPECT_LE(worst, 1.1e-3);
}

TEST(Distributions, bins_hold_every_sample_once_in_even_steps_of_the_axis) {
  for (const bool log_x : {false, true}) {
    const DistributionChart chart = distribution_chart({logged(tailed_log(5000, 50), 1), logged(tailed_log(300), 2)},
                                                       {.histogram = true, .log_x = log_x});
    ASSERT_GE(chart.bin_edges.size(), 9u);
    EXPECT_LE(chart.bin_edges.size(), 161u);
    const auto at = [&](std::size_t i) { return log_x ? std::log(chart.bin_edges[i]) : chart.bin_edges[i]; };
    const double step = at(1) - at(0);
    for (std::size_t i = 1; i < chart.bin_edges.size(); ++i) EXPECT_NEAR(at(i) - at(i - 1), step, step * 1e-6);
    double sum = 0;
    for (const double share : chart.series[0].bin_shares) sum += share;
    EXPECT_NEAR(sum, 0.99, 1e-12) << "the failed ones are in no bin";
  }
}

TEST(Distributions, percentiles_come_with_intervals_or_the_reason_they_do_not) {
  const DistributionSeries many = distribution_chart({logged(tailed_log(5000))}, {}).series.at(0);
  ASSERT_EQ(many.markers.size(), 4u);
  EXPECT_DOUBLE_EQ(many.markers[2].p, 0.99);
  ASSERT_TRUE(many.markers[2].interval);
  EXPECT_LE(many.markers[2].interval->low, many.markers[2].value);
  EXPECT_GE(many.markers[2].interval->high, many.markers[2].value);
  EXPECT_NEAR(share_at(many, many.markers[2].value), 0.99, 2e-3);
  const DistributionChart few = distribution_chart({logged(tailed_log(20))}, {});
  EXPECT_EQ(few.series[0].markers.size(), 2u);
  EXPECT_THAT(few.notes, testing::Contains(HasSubstr("p99 needs 100 samples")));
}

TEST(Distributions, every_traffic_class_has_its_series_beside_the_whole) {
  const EventLog log = log_of({{0, 0, {10}, 10, {}, false, 0}, {0, 0, {20}, 20, {}, false, 1}, {0, 0, {30}, 30, {}, false, 1}}, {"chat", "batch"});
  const DistributionChart chart = distribution_chart({logged(log)}, {});
  ASSERT_EQ(chart.series.size(), 3u);
  EXPECT_EQ(chart.series[0].samples, 3u);
  EXPECT_EQ(chart.series[1].traffic_class, "chat");
  EXPECT_EQ(chart.series[1].samples, 1u);
  EXPECT_EQ(chart.series[2].samples, 2u);
  EXPECT_THAT(chart.series[2].name, HasSubstr("batch"));
}

TEST(Distributions, limits_are_lines_once_a_value_and_only_of_the_figure) {
  Limits limits;
  limits.ttft_s = 0.02;
  const std::vector<LoggedRun> runs{logged(small_log(), 3, limits), logged(small_log(), 4, limits), logged(small_log(), 5)};
  const DistributionChart chart = distribution_chart(runs, {});
  ASSERT_EQ(chart.limits.size(), 1u);
  EXPECT_DOUBLE_EQ(chart.limits[0].value, 0.02);
  EXPECT_EQ(chart.limits[0].label, "limit of runs 3, 4");
  EXPECT_TRUE(distribution_chart(runs, {.figure = LatencyFigure::e2e}).limits.empty());
}

TEST(Distributions, what_has_no_place_on_a_logarithmic_axis_is_said) {
  const DistributionChart chart = distribution_chart({logged(small_log())}, {.figure = LatencyFigure::send_lag, .log_x = true});
  EXPECT_THAT(chart.notes, testing::Contains(HasSubstr("2 samples are 0 or less")));
  for (const double edge : chart.bin_edges) EXPECT_GT(edge, 0);
}

TEST(Distributions, nothing_measured_is_a_note_and_no_figure) {
  const DistributionChart chart = distribution_chart({logged(log_of({}))}, {});
  ASSERT_EQ(chart.series.size(), 1u);
  EXPECT_TRUE(chart.series[0].cumulative.empty());
  EXPECT_THAT(chart.notes, testing::Contains(HasSubstr("no TTFT was measured")));
  EXPECT_TRUE(distribution_chart({}, {}).series.empty());
}

TEST(Distributions, csv_has_a_row_a_step_bin_and_percentile_and_no_name_breaks_out) {
  LoggedRun run = logged(small_log());
  LoggedRun other = logged(small_log(), 2);
  run.row.series = "=evil\",\n\"x";
  const std::string csv = distribution_csv(distribution_chart({run, other}, {}));
  std::istringstream lines(csv);
  int steps = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    steps += line.find(",cumulative,") != std::string::npos;
    EXPECT_TRUE(line.starts_with("series,") || line.starts_with("\"Run ") || line.starts_with("Run ")) << line;
  }
  EXPECT_EQ(steps, 6);
  EXPECT_THAT(csv, HasSubstr("definitions: tokenmark-1"));
}

}  // namespace
}  // namespace tokenmark
