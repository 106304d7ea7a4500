// Charts of every kind from their definitions, and the part of their data that a view shows.
#include "core/report/defined_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/core/report/logs.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;
using testing::Not;

class DefinedChartTest : public testing::Test {
 protected:
  DefinedChartTest() {
    for (const char* name : {"A", "B"})
      for (int i = 0; i < 3; ++i)
        rows_.push_back(done_run(static_cast<RunId>(rows_.size()) + 1, name, 1 << i, 60 - 20 * i, 100 + 50 * i));
    std::vector<LoggedRequest> requests;
    for (int i = 0; i < 40; ++i)
      requests.push_back({i * 10.0, i * 10.0, {i * 10.0 + 5 + i, i * 10.0 + 9 + i}, i * 10.0 + 9 + i});
    log_ = std::make_shared<const EventLog>(log_of(requests));
  }
  Result<DefinedChart> make(const ChartDefinition& d, const ChartUse& use = {}) {
    const RowView view(rows_);
    const auto log = [this](const RunRow& row) -> Result<LoggedRun> {
      if (row.id > 4) return fail(ErrorKind::unavailable, "run {} has no event log", row.id);
      return LoggedRun{row, {}, log_};
    };
    return make_defined_chart(d, {view, log, [] { return Result<Environments>(Environments()); }}, use);
  }
  static int rows(const std::string& csv, const std::string& with) {
    int count = 0;
    std::size_t begin = 0;
    for (std::size_t end; (end = csv.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const std::string line = csv.substr(begin, end - begin);
      count += line[0] != '#' && line.find(with) != std::string::npos;
    }
    return count;
  }

  std::vector<RunRow> rows_;
  std::shared_ptr<const EventLog> log_;
};

TEST_F(DefinedChartTest, every_kind_is_made_and_has_data_and_a_document) {
  for (const ChartDefinition& d : std::vector<ChartDefinition>{{.kind = "frontier"},
                                                               {.kind = "distributions", .runs = {1, 2}},
                                                               {.kind = "timeline", .runs = {1}},
                                                               {.kind = "trend"},
                                                               {.kind = "compare"}}) {
    const auto made = make(d);
    ASSERT_TRUE(made) << d.kind << ": " << made.error().message;
    EXPECT_GT(chart_csv(*made, d, DataPart::seen).size(), 100u) << d.kind;
    EXPECT_TRUE(nlohmann::json::parse(chart_json(*made), nullptr, false).is_object()) << d.kind;
  }
}

TEST_F(DefinedChartTest, a_title_is_its_own_and_runs_without_a_log_are_noted) {
  const ChartDefinition d{.kind = "distributions", .title = "Mine", .runs = {1, 5, 77}};
  const auto made = make(d);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(std::get<DistributionChart>(*made).title, "Mine");
  EXPECT_THAT(notes_of(*made), testing::IsSupersetOf({"run 5 has no event log", "run 77 is not in the store"}));
  EXPECT_FALSE(make({.kind = "timeline", .runs = {5}})) << "nothing is left";
  const auto unnamed = make({.kind = "timeline"});
  ASSERT_FALSE(unnamed);
  EXPECT_THAT(unnamed.error().message, HasSubstr("names none"));
}

TEST_F(DefinedChartTest, the_data_that_is_seen_is_without_hidden_series_and_cut_to_the_view) {
  ChartDefinition d{.kind = "frontier", .hidden = {"B"}, .view = ViewRange{30, 70, 90, 170}};
  const auto made = make(d);
  ASSERT_TRUE(made);
  EXPECT_EQ(rows(chart_csv(*made, d, DataPart::seen), "A,"), 2);
  EXPECT_EQ(rows(chart_csv(*made, d, DataPart::seen), "B,"), 0);
  EXPECT_EQ(rows(chart_csv(*made, d, DataPart::all), "A,"), 3);
  EXPECT_EQ(rows(chart_csv(*made, d, DataPart::all), "B,"), 3);
}

TEST_F(DefinedChartTest, a_timelines_data_is_every_request_of_the_view_or_of_the_run) {
  ChartDefinition d{.kind = "timeline", .runs = {2}, .view = ViewRange{0.1, 0.2, -1, 100}};
  const auto seen = make(d, {true, DataPart::seen});
  const auto all = make(d, {true, DataPart::all});
  ASSERT_TRUE(seen && all);
  EXPECT_EQ(rows(chart_csv(*all, d, DataPart::all), "request,"), 41) << "forty and the head";
  const int some = rows(chart_csv(*seen, d, DataPart::seen), "request,");
  EXPECT_GT(some, 8);
  EXPECT_LT(some, 25);
}

TEST_F(DefinedChartTest, a_distribution_is_cut_by_its_times) {
  ChartDefinition d{.kind = "distributions", .runs = {1}};
  const auto made = make(d);
  ASSERT_TRUE(made);
  const DistributionChart& chart = std::get<DistributionChart>(*made);
  const double middle = (chart.bin_edges.front() + chart.bin_edges.back()) / 2;
  const DistributionChart cut = cut_to(chart, {middle, 1e9, 0, 1});
  ASSERT_EQ(cut.bin_edges.size(), cut.series[0].bin_shares.size() + 1);
  EXPECT_LT(cut.bin_edges.size(), chart.bin_edges.size());
  EXPECT_LE(cut.bin_edges.front(), middle);
  EXPECT_EQ(cut.bin_edges.back(), chart.bin_edges.back());
  EXPECT_EQ(cut.series[0].bin_shares.back(), chart.series[0].bin_shares.back());
  for (const XY& step : cut.series[0].cumulative) EXPECT_GE(step.x, middle);
  EXPECT_FALSE(cut.series[0].cumulative.empty());
}

TEST(CutTo, a_trend_keeps_the_states_and_changes_that_are_seen) {
  Trend trend{.states = {{"a", "", ""}, {"b", "", ""}, {"c", "", ""}}};
  TrendSeries series{.name = "A"};
  for (std::size_t i = 0; i < 3; ++i) series.points.push_back({.state = i, .value = 10.0 + static_cast<double>(i)});
  series.changes = {{0, 1, 0.1, {0, 1}, 0.01, true, {}}, {1, 2, 0.1, {0, 1}, 0.01, true, {}}};
  trend.series = {series};
  const Trend cut = cut_to(trend, {1.5, 2.5, 0, 100});
  ASSERT_EQ(cut.series[0].points.size(), 1u);
  EXPECT_EQ(cut.series[0].points[0].state, 2u);
  EXPECT_EQ(cut.series[0].changes.size(), 1u);
  EXPECT_EQ(cut.states.size(), 3u) << "points name states by number";
}

TEST(CutTo, a_timelines_grid_and_curves_end_with_the_view) {
  Timeline timeline;
  timeline.grid = TimelineGrid{.time = {0, 10},
                               .first_slot = 0,
                               .slots_per_row = 2,
                               .rows = 2,
                               .columns = 2,
                               .cells = {{.late = 1}, {.late = 1}, {.late = 1}, {.late = 1}}};
  timeline.bins = {{.time = {0, 4}}, {.time = {4, 8}}, {.time = {8, 10}}};
  timeline.power_w = {{1, 10}, {6, 20}, {9, 30}};
  const Timeline cut = cut_to(timeline, {5.5, 7, 0, 1});
  EXPECT_EQ(cut.grid->cells[0].late, 0) << "of the time before";
  EXPECT_EQ(cut.grid->cells[1].late, 1);
  EXPECT_EQ(cut.grid->cells[3].late, 0) << "of other slots";
  EXPECT_EQ(cut.bins.size(), 1u);
  EXPECT_EQ(cut.power_w.size(), 1u);
}

}  // namespace
}  // namespace tokenmark
