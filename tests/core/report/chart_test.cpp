#include "core/report/chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/economics/own_prices.h"

#include "tests/core/report/rows.h"

namespace tokenmark {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

FrontierQuery with_y(AxisFigure y) { return {.x = AxisFigure::interactivity, .y = y}; }

// Concurrency 1, 4, 16 on a frontier and one dominated point.
std::vector<RunRow> one_series(const std::string& name = "A", RunId first = 1, double factor = 1) {
  return {done_run(first, name, 1, 100, 100 * factor), done_run(first + 1, name, 4, 60, 240 * factor),
          done_run(first + 2, name, 16, 20, 320 * factor), done_run(first + 3, name, 32, 15, 310 * factor)};
}

TEST(Axes, every_key_is_found_again_and_unknown_ones_are_named) {
  for (int i = 0; i < static_cast<int>(axis_meanings().size()); ++i) {
    const AxisMeaning& axis = meaning(static_cast<AxisFigure>(i));
    EXPECT_EQ(static_cast<int>(axis.figure), i);
    EXPECT_EQ(*axis_from_key(axis.key), axis.figure);
    EXPECT_FALSE(axis.definition.empty());
  }
  EXPECT_THAT(axis_from_key("speed").error().message, HasSubstr("interactivity"));
}

// Three precisions of one model, each with its score: faster and worse.
std::vector<RunRow> precisions() {
  std::vector<RunRow> rows;
  const std::tuple<const char*, double, double> made[] = {{"bf16", 100, 0.80}, {"q8_0", 180, 0.79}, {"q4_0", 300, 0.70}, {"q2", 290, 0.50}};
  for (const auto& [precision, speed, score] : made) {
    rows.push_back(done_run(static_cast<RunId>(rows.size()) + 1, std::string("m · ") + precision, 4, 50, speed));
    rows.back().quality = {{"text", "perplexity", 10 - score, {}, 10}, {"gpqa", "accuracy", score, {}, 10}, {"math", "accuracy", 1 - score, {}, 10}};
  }
  return rows;
}

TEST(FrontierChart, speed_against_quality_is_one_series_over_models_and_precisions) {
  const auto chart = frontier_chart(precisions(), {.x = AxisFigure::quality, .task = "gpqa"});
  ASSERT_TRUE(chart) << chart.error().message;
  ASSERT_EQ(chart->series.size(), 1u);
  const ChartSeries& series = chart->series[0];
  EXPECT_EQ(series.name, "h200");
  ASSERT_EQ(series.points.size(), 4u);
  EXPECT_FALSE(series.points[0].optimal);  // 0.50 at 290
  EXPECT_TRUE(series.points[1].optimal && series.points[2].optimal && series.points[3].optimal);
  EXPECT_EQ(series.points[3].x, 0.80);
  EXPECT_EQ(series.points[3].y, 100);
  const auto lower_is_better = frontier_chart(precisions(), {.x = AxisFigure::perplexity});
  ASSERT_TRUE(lower_is_better);
  EXPECT_EQ(lower_is_better->series[0].points[0].x, 9.2);
  EXPECT_TRUE(lower_is_better->series[0].points[0].optimal);
  EXPECT_FALSE(lower_is_better->series[0].points[3].optimal);
}

TEST(FrontierChart, of_too_many_series_those_with_the_newest_runs_are_drawn_in_their_order) {
  std::vector<RunRow> runs;
  for (int i = 0; i < 10; ++i)
    for (const RunRow& row : one_series(fmt::format("series {}", i), 1 + 10 * i)) runs.push_back(row);
  runs.push_back(done_run(500, "series 2", 64, 12, 300));   // an old series that was measured again
  FrontierQuery query;
  query.most_series = 3;
  const auto chart = frontier_chart(runs, query);
  ASSERT_TRUE(chart);
  ASSERT_EQ(chart->series.size(), 3u);
  EXPECT_EQ(chart->series[0].name, "series 2");
  EXPECT_EQ(chart->series[1].name, "series 8");
  EXPECT_EQ(chart->series[2].name, "series 9");
  EXPECT_THAT(chart->notes, testing::Contains(HasSubstr("7 series left out: these are the 3 with the newest runs")));
  query.most_series = 10;
  EXPECT_EQ(frontier_chart(runs, query)->series.size(), 10u);
}

TEST(FrontierChart, marks_the_optimal_points_and_draws_a_curve_through_them) {
  const auto chart = frontier_chart(one_series(), {});
  ASSERT_TRUE(chart);
  ASSERT_EQ(chart->series.size(), 1u);
  const ChartSeries& series = chart->series[0];
  ASSERT_EQ(series.points.size(), 4u);
  EXPECT_FALSE(series.points[0].optimal);  // 15 tok/s/user, 310: beaten by 20, 320
  EXPECT_TRUE(series.points[1].optimal && series.points[2].optimal && series.points[3].optimal);
  EXPECT_EQ(series.curve.front(), (XY{20, 320}));
  EXPECT_EQ(series.curve.back(), (XY{100, 100}));
  EXPECT_TRUE(series.band.empty());
  EXPECT_EQ(chart->subtitle, "llama-3.2-1b · 128 in, 128 out tokens");
}

TEST(FrontierChart, makes_one_point_of_repeats_their_median_with_their_range) {
  const auto chart = frontier_chart({done_run(7, "A", 1, 10, 300, 2), done_run(5, "A", 1, 12, 100, 0), done_run(6, "A", 1, 11, 110, 1)}, {});
  ASSERT_TRUE(chart);
  ASSERT_EQ(chart->series[0].points.size(), 1u);
  const ChartPoint& point = chart->series[0].points[0];
  EXPECT_EQ(point.x, 11);
  EXPECT_EQ(point.y, 110);
  EXPECT_EQ(point.y_range->low, 100);
  EXPECT_EQ(point.y_range->high, 300);
  EXPECT_EQ(point.x_range->low, 10);
  EXPECT_THAT(point.runs, ElementsAre(5, 6, 7));
}

TEST(FrontierChart, of_two_repeats_takes_the_middle) {
  const auto chart = frontier_chart({done_run(1, "A", 1, 10, 300), done_run(2, "A", 1, 20, 100, 1)}, {});
  EXPECT_EQ(chart->series[0].points[0].x, 15);
  EXPECT_EQ(chart->series[0].points[0].y, 200);
}

TEST(FrontierChart, gives_the_spread_of_whole_frontiers_over_the_repeats) {
  std::vector<RunRow> runs;
  for (int repeat = 0; repeat < 3; ++repeat)
    for (RunRow run : one_series("A", 1 + 10 * repeat, 1 + 0.1 * repeat)) {
      run.repeat = repeat;
      runs.push_back(run);
    }
  const auto chart = frontier_chart(runs, {});
  const auto range = range_at(*chart, chart->series[0], 60);
  ASSERT_TRUE(range);
  EXPECT_DOUBLE_EQ(range->low, 240);
  EXPECT_DOUBLE_EQ(range->high, 288);
  EXPECT_EQ(chart->series[0].band.size(), chart->series[0].curve.size());
  runs.pop_back();  // the dominated point of the last repeat: no matter
  EXPECT_TRUE(range_at(*frontier_chart(runs, {}), chart->series[0], 60));
  runs.resize(5);   // only one point still has two runs
  const auto few = frontier_chart(runs, {});
  EXPECT_FALSE(range_at(*few, few->series[0], 60));
}

TEST(FrontierChart, derives_cost_from_throughput_and_does_not_interpolate_it) {
  const auto throughput = frontier_chart(one_series(), {}), cost = frontier_chart(one_series(), with_y(AxisFigure::dollars_per_mtok));
  ASSERT_TRUE(cost);
  EXPECT_EQ(cost->price_set, "InferenceX 2026-07");
  EXPECT_EQ(cost->tier, "hyperscaler");
  EXPECT_EQ(cost->price_date, "2026-07");
  EXPECT_EQ(prices_text(*cost), "InferenceX 2026-07, hyperscaler");
  EXPECT_EQ(prices_text(*throughput), "");
  for (const double x : {20.0, 33.0, 60.0, 81.5}) {
    const double tok_s = *value_at(*throughput, throughput->series[0], x);
    EXPECT_NEAR(*value_at(*cost, cost->series[0], x), 1.22 / (tok_s * 3600) * 1e6, 1e-12);
  }
  const ChartPoint& slowest = cost->series[0].points.back();  // 100 tok/s/gpu at 1.22 $/h
  EXPECT_NEAR(slowest.y, 3.3888888889, 1e-9);
  EXPECT_TRUE(slowest.optimal);
  EXPECT_THAT(cost->sources, Contains(HasSubstr("SemiAnalysis")));
}

TEST(FrontierChart, uses_the_price_set_and_tier_asked_for) {
  FrontierQuery query = with_y(AxisFigure::tokens_per_dollar);
  query.price_set = "InferenceMAX 2025-08";
  query.tier = "rental_3y";
  const auto chart = frontier_chart(one_series(), query);
  EXPECT_NEAR(chart->series[0].points.back().y, 100 * 3600 / 1.6, 1e-6);
  const auto power = frontier_chart(one_series(), with_y(AxisFigure::tok_s_per_mw));
  EXPECT_NEAR(power->series[0].points.back().y, 100 * 1000 / 1.37, 1e-6);
  query.tier = "spot";
  EXPECT_FALSE(frontier_chart(one_series(), query));
}

TEST(FrontierChart, leaves_out_hardware_without_a_price_and_says_so) {
  std::vector<RunRow> runs = one_series();
  for (RunRow& run : runs) run.hardware = "cpu";
  const auto chart = frontier_chart(runs, with_y(AxisFigure::dollars_per_mtok));
  ASSERT_TRUE(chart);
  EXPECT_TRUE(chart->series.empty());
  EXPECT_THAT(chart->notes, ElementsAre("4 runs left out: price set 'InferenceX 2026-07' has no price for 'cpu'"));
  EXPECT_THAT(chart->unpriced, ElementsAre("cpu"));

  std::vector<RunRow> two = runs;   // series: one note for both
  for (RunRow& run : runs) {
    run.id += 100;
    run.framework = "another 1.0";
    two.push_back(run);
  }
  EXPECT_THAT(frontier_chart(two, with_y(AxisFigure::dollars_per_mtok))->notes,
              ElementsAre("8 runs left out: price set 'InferenceX 2026-07' has no price for 'cpu'"));
}

TEST(FrontierChart, prices_hardware_of_the_users_own_and_says_whose_the_price_is) {
  use_own_prices({{}, {{"cpu", 0.5, {{"hyperscaler", 0.9}}, true}}, "", ""});
  std::vector<RunRow> runs = one_series();
  for (RunRow& run : runs) run.hardware = "cpu";
  const auto chart = frontier_chart(runs, with_y(AxisFigure::dollars_per_mtok));
  FrontierQuery other_tier = with_y(AxisFigure::dollars_per_mtok);
  other_tier.tier = "rental_3y";
  const auto without = frontier_chart(runs, other_tier);
  use_own_prices({});
  ASSERT_EQ(chart->series.size(), 1u);
  EXPECT_NEAR(chart->series[0].points.back().y, 0.9 / (100 * 3600) * 1e6, 1e-9);
  EXPECT_TRUE(chart->unpriced.empty());
  EXPECT_THAT(chart->notes, Contains(HasSubstr("of cpu are your own")));
  EXPECT_TRUE(without->series.empty());
  EXPECT_TRUE(without->unpriced.empty()) << "it has a price, in another tier: nothing to ask for";
}

TEST(FrontierChart, says_what_was_left_out_and_why) {
  std::vector<RunRow> runs = one_series();
  runs[0].state = RunState::failed;
  runs[1].state = RunState::running;
  runs[2].total_tok_s_gpu.reset();
  runs[2].gpus = 0;
  runs[3].interactivity = std::numeric_limits<double>::infinity();
  const auto chart = frontier_chart(runs, {});
  EXPECT_TRUE(chart->series.empty());
  EXPECT_THAT(chart->notes, testing::UnorderedElementsAre(
                                HasSubstr("failed"), "1 run left out: no total_tok_s_gpu (number of accelerators unknown)",
                                HasSubstr("not finite")));
}

TEST(FrontierChart, a_log_axis_drops_what_is_not_positive_and_says_so) {
  std::vector<RunRow> runs = one_series();
  runs[0].total_tok_s_gpu = 0;
  EXPECT_EQ(frontier_chart(runs, {})->series[0].points.size(), 4u);
  const auto log = frontier_chart(runs, {.log_y = true});
  EXPECT_EQ(log->series[0].points.size(), 3u);
  EXPECT_THAT(log->notes, ElementsAre(HasSubstr("not above 0")));
}

TEST(FrontierChart, different_token_lengths_never_share_a_series) {
  std::vector<RunRow> runs = one_series();
  runs[3].input = 1024;
  const auto chart = frontier_chart(runs, {});
  ASSERT_EQ(chart->series.size(), 2u);
  EXPECT_EQ(chart->series[0].name, "A (128 in, 128 out)");
  EXPECT_EQ(chart->series[1].name, "A (1024 in, 128 out)");
}

TEST(FrontierChart, a_newer_series_comes_last) {
  std::vector<RunRow> runs = one_series("B", 50);
  for (const RunRow& run : one_series("C", 10)) runs.push_back(run);
  EXPECT_EQ(frontier_chart(runs, {})->series[0].name, "C");
  for (const RunRow& run : one_series("A", 100)) runs.push_back(run);
  EXPECT_EQ(frontier_chart(runs, {})->series[2].name, "A");
}

TEST(FrontierChart, against_latency_lower_is_better) {
  const auto chart = frontier_chart(one_series(), {.x = AxisFigure::ttft});
  const auto& points = chart->series[0].points;
  EXPECT_DOUBLE_EQ(points[0].x, 0.1);
  EXPECT_TRUE(points[0].optimal && points[1].optimal && points[2].optimal);
  EXPECT_FALSE(points[3].optimal);  // the longest wait and less throughput
}

TEST(FrontierChart, against_concurrency_marks_the_best_of_every_concurrency) {
  std::vector<RunRow> runs = one_series();
  runs.push_back(done_run(9, "A", 4, 50, 999));
  runs.back().configuration_key = "other";
  const auto chart = frontier_chart(runs, {.x = AxisFigure::concurrency});
  ASSERT_EQ(chart->series[0].knots.size(), 4u);
  EXPECT_EQ(chart->series[0].knots[1], (XY{4, 999}));
}

TEST(FrontierChart, refuses_axes_that_make_no_sense) {
  EXPECT_FALSE(frontier_chart({}, {.x = AxisFigure::dollars_per_mtok}));
  EXPECT_FALSE(frontier_chart({}, with_y(AxisFigure::concurrency)));
  EXPECT_FALSE(frontier_chart({}, with_y(AxisFigure::interactivity)));
  EXPECT_TRUE(frontier_chart({}, {}));
}

TEST(ValueAt, is_absent_outside_the_measured_range) {
  const auto chart = frontier_chart(one_series(), {});
  EXPECT_FALSE(value_at(*chart, chart->series[0], 19.9));  // the dominated point at 15 does not widen it
  EXPECT_FALSE(value_at(*chart, chart->series[0], 100.1));
  EXPECT_EQ(value_at(*chart, chart->series[0], 60), 240);
}

TEST(ChartCsv, carries_runs_definitions_and_prices) {
  const std::string csv = chart_csv(*frontier_chart(one_series(), with_y(AxisFigure::dollars_per_mtok)));
  EXPECT_THAT(csv, HasSubstr("# price set: InferenceX 2026-07, of 2026-07, tier: hyperscaler\n"));
  EXPECT_THAT(csv, HasSubstr("# definitions: tokenmark-1\n"));
  EXPECT_THAT(csv, HasSubstr("# y: dollars_per_mtok [$/Mtok] = "));
  EXPECT_THAT(csv, HasSubstr("series,point,concurrency,interactivity,interactivity_low,interactivity_high,dollars_per_mtok,"));
  EXPECT_THAT(csv, HasSubstr("A,\"1 GPU, concurrency 1\",1,100,,,3.38888"));
}

TEST(ChartCsv, hostile_names_stay_one_cell_on_one_line) {
  std::vector<RunRow> runs = {done_run(1, "=cmd|'/c calc'!A1, \"x\"\n# y: fake", 1, 1, 1)};
  const std::string csv = chart_csv(*frontier_chart(runs, {}));
  EXPECT_THAT(csv, HasSubstr("\n\"'=cmd|'/c calc'!A1, \"\"x\"\" # y: fake\",\"1 GPU"));
  EXPECT_THAT(csv, Not(HasSubstr("\n# y: fake")));
}

// Power falls where throughput falls, as a real device's does.
std::vector<RunRow> metered() {
  std::vector<RunRow> rows;
  for (int i = 0; i < 3; ++i) {
    rows.push_back(done_run(i + 1, "A", 1 << i, 60 - 20 * i, 100.0 + 100 * i));
    rows.back().power_w_gpu = 300 + 150 * i;
    rows.back().joules_per_total_token = *rows.back().power_w_gpu / *rows.back().total_tok_s_gpu;
  }
  return rows;
}

TEST(Energy, is_read_from_power_and_throughput_and_not_interpolated_itself) {
  const auto chart = frontier_chart(metered(), with_y(AxisFigure::joules_per_total_token));
  ASSERT_TRUE(chart) << chart.error().message;
  const ChartSeries& series = chart->series[0];
  ASSERT_EQ(series.points.size(), 3u);
  EXPECT_DOUBLE_EQ(series.points[0].y, 2.0);   // 600 W ÷ 300 tok/s
  ASSERT_EQ(series.power_knots.size(), 3u);
  const double x = 50, throughput = *MonotoneCurve(series.knots).at(x), power = *MonotoneCurve(series.power_knots).at(x);
  EXPECT_DOUBLE_EQ(*value_at(*chart, series, x), power / throughput);
  EXPECT_NE(*value_at(*chart, series, x), (series.points[1].y + series.points[2].y) / 2);
}

TEST(Energy, without_a_metered_power_is_left_out_and_provisioned_energy_needs_none) {
  std::vector<RunRow> rows = metered();
  rows[0].power_w_gpu.reset();
  const auto chart = frontier_chart(rows, with_y(AxisFigure::joules_per_total_token));
  EXPECT_EQ(chart->series[0].points.size(), 2u);
  EXPECT_THAT(chart->notes, Contains("1 run left out: no power of an accelerator measured"));
  const auto provisioned = frontier_chart(rows, with_y(AxisFigure::provisioned_joules_per_token));
  const double kw = *find_price_set("")->kw("h200");
  EXPECT_DOUBLE_EQ(provisioned->series[0].points[0].y, 1000 * kw / 300);
}

TEST(Load, an_offered_rate_is_an_axis_and_closed_loops_are_left_out) {
  std::vector<RunRow> rows = {done_run(1, "A", 1, 50, 100), done_run(2, "A", 2, 40, 150), done_run(3, "A", 4, 30, 200)};
  rows[0].request_rate = 1;
  rows[1].request_rate = 2;
  for (RunRow& row : rows) row.ttft_p99_s = 0.5;
  const auto chart = frontier_chart(rows, {.x = AxisFigure::request_rate, .y = AxisFigure::ttft_p99});
  ASSERT_TRUE(chart);
  EXPECT_EQ(chart->series[0].points.size(), 2u);
  EXPECT_THAT(chart->notes, Contains("1 run left out: no request_rate measured"));
}

}  // namespace
}  // namespace tokenmark
