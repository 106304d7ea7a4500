// Reports of runs that really lie in a store.
#include "core/report/report_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/report/samples.h"
#include "tests/core/report/report_html.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

class StoredRuns : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("tokenmark-report-test-{}", getpid());
    auto opened = Store::open(folder_ / "runs.db");
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void add(int concurrency, int repeat, double interactivity, double tok_s) {
    NewRun run;
    run.point.target = EngineTarget{.model = "shape:smollm2-135m:q8_0"};
    run.point.load.concurrency = concurrency;
    run.point.repeat = repeat;
    run.series = "smollm2-135m · CPU";
    run.model = "smollm2-135m";
    run.device = run.hardware = "cpu";
    run.gpus = 1;
    const auto id = store_->begin_run(run);
    ASSERT_TRUE(id) << id.error().message;
    Figures figures;
    figures.completed = 10;
    figures.total_tok_s = figures.total_tok_s_gpu = figures.output_tok_s = tok_s;
    figures.interactivity_p50.value = interactivity;
    figures.client_verdict = "The client had time to spare.";
    const auto finished = store_->finish_run(*id, figures, {{"cpu", {{"model", "Test CPU 9000"}}}}, nullptr);
    ASSERT_TRUE(finished) << finished.error().message;
  }

  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoredRuns, repeats_become_one_point_and_details_come_from_the_store) {
  for (const int repeat : {0, 1, 2}) {
    add(1, repeat, 50 + repeat, 60);
    add(4, repeat, 30 + repeat, 150 + repeat);
  }
  const auto report = make_report(store_.get(), *store_->runs(), {});
  ASSERT_TRUE(report) << report.error().message;
  const Chart& chart = std::get<Chart>(report->charts.front().chart);
  ASSERT_EQ(chart.series.size(), 1u);
  ASSERT_EQ(chart.series[0].points.size(), 2u);
  EXPECT_EQ(chart.series[0].points[0].x, 31);
  EXPECT_EQ(chart.series[0].points[0].y, 151);
  const std::string html = report_html(*report);
  for (const char* part : {"Test CPU 9000", "The client had time to spare.", "shape:smollm2-135m:q8_0", "load.concurrency"})
    EXPECT_THAT(html, HasSubstr(part));
  for (const ReportPicture& picture : report->charts)
    if (const auto* frontier = std::get_if<Chart>(&picture.chart)) {
      EXPECT_FALSE(meaning(frontier->y).priced) << "a CPU has no price";
    }
}

TEST_F(StoredRuns, a_run_that_is_not_there_is_an_error) {
  RunRow row;
  row.id = 77;
  row.state = RunState::done;
  EXPECT_FALSE(make_report(store_.get(), {row}, {}));
  EXPECT_FALSE(make_report(nullptr, {row}, {}));
}

TEST_F(StoredRuns, samples_and_measured_runs_share_a_chart_and_are_compared) {
  add(1, 0, 100, 500);
  add(4, 0, 80, 900);
  std::vector<RunRow> rows = *store_->runs();
  const auto samples = sample_runs();
  rows.insert(rows.end(), samples->begin(), samples->end());
  const auto report = make_report(store_.get(), rows, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(std::get<Chart>(report->charts.front().chart).series.size(), 2u);
  ASSERT_TRUE(report->comparison);
  EXPECT_EQ(report->comparison->at, 90);
}

// What somebody saw: cost on a logarithmic axis with one of two series hidden, only the frontier, and a part of it.
TEST_F(StoredRuns, a_chart_is_shown_as_it_was_seen_and_alone_where_no_others_are_asked_for) {
  const auto samples = sample_runs();
  ChartDefinition seen;
  seen.kind = "cost";
  seen.title = "Mine";
  seen.query = {.x = AxisFigure::interactivity, .y = AxisFigure::dollars_per_mtok, .tier = "rental_3y", .log_y = true};
  seen.only_optimal = true;
  seen.view = ViewRange{100, 200, 0.01, 10};
  const auto report = make_report(nullptr, *samples, {.seen = {seen}});
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->charts.size(), 1u);
  const Chart& chart = std::get<Chart>(report->charts[0].chart);
  EXPECT_EQ(chart.title, "Mine");
  EXPECT_EQ(chart.tier, "rental_3y");
  EXPECT_TRUE(chart.log_y);
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points) EXPECT_TRUE(point.optimal);
  const nlohmann::json document = report_document(*report);
  EXPECT_THAT(document.dump(), HasSubstr("Cost, as it was seen"));
  EXPECT_THAT(document.dump(), HasSubstr("\"view\":[100.0,200.0,0.01,10.0]"));

  const auto both = make_report(nullptr, *samples, {.seen = {seen}, .charts = std::vector{ReportChart::frontier}});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->charts.size(), 2u);
  EXPECT_FALSE(both->charts[1].as_seen);
  for (const ChartSeries& series : chart.series) seen.hidden.push_back(series.name);
  const auto nothing = make_report(nullptr, *samples, {.seen = {seen}});
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->charts.empty());
  EXPECT_THAT(nothing->notes.front(), HasSubstr("'Mine' shows none"));
}

}  // namespace
}  // namespace tokenmark
