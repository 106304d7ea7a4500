#include "core/report/chart_definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/report/svg.h"
#include "tests/core/report/rows.h"

namespace tokenmark {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

ChartDefinition full_definition() {
  ChartDefinition d;
  d.kind = "latency";
  d.title = "Mine \"quoted\"";
  d.query = {.x = AxisFigure::ttft, .y = AxisFigure::total_tok_s_gpu, .price_set = "p", .tier = "t", .log_x = true, .task = "gpqa"};
  d.query.limits = {.ttft_s = 2.0, .tpot_s = 0.05};
  d.filter = "llama h200";
  d.runs = {3, -4, 5};
  d.samples = false;
  d.hidden = {"A", "Ä · b"};
  d.only_optimal = true;
  d.view = ViewRange{0.1, 2, 5, 100};
  d.line = 0.5;
  d.cursor_a = 0.25;
  d.cursor_b = 1.5;
  d.baseline = "A";
  return d;
}

std::vector<ChartDefinition> of_other_kinds() {
  ChartDefinition distributions{
      .kind = "distributions", .runs = {3, 4}, .hidden = {"Run 3"}, .view = ViewRange{0.1, 2, 0, 1}, .cursor_a = 0.2};
  distributions.distribution = {.figure = LatencyFigure::itl, .histogram = true, .log_x = true};
  ChartDefinition timeline{
      .kind = "timeline", .title = "One run", .runs = {7}, .view = ViewRange{1, 2, -0.5, 12}, .line = 1.5};
  ChartDefinition trend{.kind = "trend", .filter = "llama", .samples = false, .cursor_a = 1, .cursor_b = 3, .baseline = "A"};
  trend.trend = {.figure = AxisFigure::dollars_per_mtok,
                 .x = AxisFigure::ttft,
                 .at = 0.3,
                 .by = TrendBy::commit,
                 .price_set = "p",
                 .tier = "t",
                 .task = "g"};
  ChartDefinition compare{.kind = "compare", .runs = {1, 2}, .samples = false};
  compare.comparison = {.equal = EqualIn::cost,
                        .at = 0.5,
                        .baseline = "A",
                        .baseline_run = 2,
                        .price_set = "p",
                        .tier = "t",
                        .only_significant = true};
  compare.of_runs = true;
  return {distributions,     timeline,           trend, compare, {.kind = "distributions"}, {.kind = "timeline"},
          {.kind = "trend"}, {.kind = "compare"}};
}

TEST(ChartDefinition, comes_back_from_its_text_as_it_was) {
  std::vector<ChartDefinition> all = of_other_kinds();
  all.push_back(ChartDefinition());
  all.push_back(full_definition());
  for (const ChartDefinition& d : all) {
    const auto read = parse_chart_definition(chart_definition_text(d));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, d);
  }
}

TEST(ChartDefinition, of_a_hostile_file_is_refused_with_what_is_wrong) {
  const std::pair<const char*, const char*> bad[] = {
      {"", "not JSON"},
      {"[]", "an object"},
      {R"({"kind": "frontier", "x": "interactivity", "y": "total_tok_s_gpu"})", "tokenmark_chart"},
      {R"({"tokenmark_chart": 2, "kind": "frontier", "x": "interactivity", "y": "total_tok_s_gpu"})", "version 2"},
      {R"({"tokenmark_chart": 1, "kind": "pie", "x": "interactivity", "y": "total_tok_s_gpu"})", "'pie'"},
      {R"({"tokenmark_chart": 1, "kind": "cost", "x": "interactivity", "y": "total_tok_s_gpu"})", "no y axis"},
      {R"({"tokenmark_chart": 1, "kind": "cost", "x": "speed", "y": "dollars_per_mtok"})", "'speed'"},
      {R"({"tokenmark_chart": 1, "kind": "frontier", "x": "interactivity", "y": "total_tok_s_gpu", "colour": 1})", "unknown key 'colour'"},
      {R"({"tokenmark_chart": 1, "kind": "frontier", "x": "interactivity", "y": "total_tok_s_gpu", "view": [1, 0, 0, 1]})", "view"},
      {R"({"tokenmark_chart": 1, "kind": "frontier", "x": "interactivity", "y": "total_tok_s_gpu", "log_x": true, "view": [-1, 1, 0, 1]})", "logarithmic"},
      {R"({"tokenmark_chart": 1, "kind": "frontier", "x": "interactivity", "y": "total_tok_s_gpu", "view": [0, 1e999, 0, 1]})", ""},
      {R"({"tokenmark_chart": 1, "kind": "load", "x": "concurrency", "y": "ttft", "limit_ttft_s": 0})", "above 0"},
      {R"({"tokenmark_chart": 1, "kind": "frontier", "x": "interactivity", "y": "total_tok_s_gpu", "runs": ["1"]})", "runs[0]"},
      {R"({"tokenmark_chart": 1, "kind": "distributions"})", "'figure' is missing"},
      {R"({"tokenmark_chart": 1, "kind": "distributions", "figure": "speed"})", "speed"},
      {R"({"tokenmark_chart": 1, "kind": "distributions", "figure": "ttft", "x": "ttft"})", "unknown key 'x'"},
      {R"({"tokenmark_chart": 1, "kind": "distributions", "figure": "ttft", "filter": "llama"})", "unknown key 'filter'"},
      {R"({"tokenmark_chart": 1, "kind": "distributions", "figure": "ttft", "log_x": true, "view": [0, 1, 0, 1]})", "logarithmic"},
      {R"({"tokenmark_chart": 1, "kind": "timeline", "runs": [1, 2]})", "one run"},
      {R"({"tokenmark_chart": 1, "kind": "timeline", "only_optimal": true})", "unknown key 'only_optimal'"},
      {R"({"tokenmark_chart": 1, "kind": "trend", "figure": "ttft", "x": "interactivity", "by": "phase"})", "phase"},
      {R"({"tokenmark_chart": 1, "kind": "trend", "figure": "ttft", "x": "interactivity", "at": -1})", "above 0"},
      {R"({"tokenmark_chart": 1, "kind": "compare", "equal": "speed"})", "speed"},
      {R"({"tokenmark_chart": 1, "kind": "compare", "equal": "cost", "hidden": ["A"]})", "unknown key 'hidden'"},
  };
  for (const auto& [text, why] : bad) {
    const auto read = parse_chart_definition(text);
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, HasSubstr(why)) << text;
  }
  EXPECT_FALSE(parse_chart_definition(std::string(2 << 20, ' ')));
}

TEST(ChartDefinition, every_kind_begins_with_axes_that_can_be_drawn) {
  for (const ChartKind& kind : chart_kinds())
    for (const AxisFigure x : kind.x)
      for (const AxisFigure y : kind.y) {
        ChartDefinition d{.kind = std::string(kind.key)};
        d.query.x = x;
        d.query.y = y;
        const auto chart = make_chart(d, {done_run(1, "A", 1, 10, 100)});
        EXPECT_TRUE(chart) << kind.key << ' ' << chart.error().message;
      }
}

std::vector<RunRow> two_series() {
  std::vector<RunRow> rows;
  for (const char* name : {"A", "B"})
    for (int i = 0; i < 3; ++i) rows.push_back(done_run(static_cast<RunId>(rows.size()) + 1, name, 1 << i, 60 - 20 * i, 100 + 50 * i));
  rows.push_back(done_run(-1, "S", 1, 50, 80));
  rows.back().source = "sample: x";
  return rows;
}

TEST(MakeChart, refuses_a_kind_without_two_axes) {
  const auto chart = make_chart({.kind = "trend"}, two_series());
  ASSERT_FALSE(chart);
  EXPECT_THAT(chart.error().message, HasSubstr("'trend'"));
}

TEST(MakeChart, takes_the_runs_that_the_definition_names) {
  ChartDefinition d;
  EXPECT_EQ(make_chart(d, two_series())->series.size(), 3u);
  d.samples = false;
  EXPECT_EQ(make_chart(d, two_series())->series.size(), 2u);
  d.runs = {1, 2};
  d.title = "Mine";
  const auto chart = make_chart(d, two_series());
  ASSERT_EQ(chart->series.size(), 1u);
  EXPECT_EQ(chart->series[0].points.size(), 2u);
  EXPECT_EQ(chart->title, "Mine");
  d.runs.clear();
  d.filter = "LLAMA nothing";
  EXPECT_TRUE(make_chart(d, two_series())->series.empty());
  d.filter = "LLAMA h200";
  EXPECT_EQ(make_chart(d, two_series())->series.size(), 2u);
}

TEST(MakeChart, a_file_shows_neither_hidden_series_nor_points_below_the_frontier) {
  std::vector<RunRow> rows = two_series();
  rows.push_back(done_run(9, "A", 64, 15, 10));
  ChartDefinition d;
  d.hidden = {"B"};
  d.only_optimal = true;
  const Chart shown = shown_part(*make_chart(d, rows), d);
  ASSERT_EQ(shown.series.size(), 2u);
  for (const ChartSeries& series : shown.series) {
    EXPECT_NE(series.name, "B");
    for (const ChartPoint& point : series.points) EXPECT_TRUE(point.optimal);
  }
}

TEST(MakeChart, a_picture_of_a_view_has_its_ticks_and_leaves_out_what_lies_beside_it) {
  ChartDefinition d;
  d.view = ViewRange{30, 50, 120, 180};
  const Chart chart = *make_chart(d, two_series());
  const std::string whole = chart_svg(chart, {}), part = chart_svg(chart, {.view = d.view});
  const auto count = [](const std::string& text, const char* what) {
    std::size_t n = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
    return n;
  };
  EXPECT_GT(count(whole, "<title>"), count(part, "<title>"));
  EXPECT_THAT(part, HasSubstr(">40<"));
  EXPECT_THAT(part, Not(HasSubstr(">60<")));
}

TEST(Load, the_limit_is_a_line_and_each_series_says_how_much_it_carries_within) {
  std::vector<RunRow> rows;
  for (const int concurrency : {1, 2, 4, 8}) rows.push_back(done_run(concurrency, "A", concurrency, 50, 100));   // TTFT 0.1 s each
  rows.push_back(done_run(20, "B", 1, 50, 100));
  rows.push_back(done_run(21, "B", 2, 50, 100));
  FrontierQuery query{.x = AxisFigure::concurrency, .y = AxisFigure::ttft};
  query.limits.ttft_s = 0.6;
  const auto chart = frontier_chart(rows, query);
  ASSERT_TRUE(chart);
  EXPECT_EQ(chart->limit_y, 0.6);
  EXPECT_FALSE(chart->limit_x);
  EXPECT_THAT(chart->notes, Contains("A: within 0.6 s up to 6 requests"));
  EXPECT_THAT(chart->notes, Contains("B: within 0.6 s at every measured load, up to 2 requests"));
  EXPECT_THAT(chart_svg(*chart), HasSubstr("class=\"limit\""));
}

TEST(SeriesNamed, a_baseline_is_found_where_the_chart_adds_the_lengths_to_its_name) {
  Chart chart;
  chart.series = {{.name = "AB"}, {.name = "A (128 in, 128 out)"}};
  EXPECT_EQ(series_named(chart, "A"), 1u);
  EXPECT_EQ(series_named(chart, "AB"), 0u);
  EXPECT_FALSE(series_named(chart, "C"));
  EXPECT_FALSE(series_named(chart, ""));
}

}  // namespace
}  // namespace tokenmark
