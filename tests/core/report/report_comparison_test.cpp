// Series at an equal interactivity, latency and cost, against a baseline, with what the repeats say of the ratio.
#include "core/report/report_comparison.h"

#include <gtest/gtest.h>

#include "core/report/report_document.h"
#include "tests/core/report/rows.h"

namespace tokenmark {
namespace {

// Two series of straight frontiers: B has twice the throughput of A at any interactivity they share.
std::vector<RunRow> two_series(int repeats = 1) {
  std::vector<RunRow> rows;
  for (int repeat = 0; repeat < repeats; ++repeat)
    for (const auto& [name, factor] : {std::pair("A", 1.0), std::pair("B", 2.0)})
      for (int i = 0; i < 3; ++i) {
        RunRow row = done_run(static_cast<RunId>(rows.size()) + 1, name, 1 << i, 100 - 30 * i, factor * (1000 + 1000 * i) * (1 + 0.01 * repeat), repeat);
        row.e2e_p50_s = 1 + i;
        rows.push_back(row);
      }
  return rows;
}

const ReportComparison& of(const Result<std::optional<ReportComparison>>& made) {
  EXPECT_TRUE(made && *made);
  return **made;
}

TEST(ReportComparison, ratios_stand_at_the_middle_of_what_the_series_share) {
  const auto made = compare_series(two_series(), {});
  const ReportComparison& comparison = of(made);
  EXPECT_DOUBLE_EQ(comparison.at, 70);
  ASSERT_EQ(comparison.series.size(), 2u);
  EXPECT_EQ(comparison.baseline, 0u);
  EXPECT_FALSE(comparison.series[0].values[0].ratio);
  EXPECT_NEAR(*comparison.series[0].values[0].value, 2000, 1e-9);
  EXPECT_NEAR(*comparison.series[1].values[0].ratio, 2, 1e-12);
  EXPECT_FALSE(comparison.series[1].values[0].ratio_range) << "one measurement has no spread";
  ASSERT_EQ(comparison.figures[1], AxisFigure::dollars_per_mtok);
  EXPECT_NEAR(*comparison.series[1].values[1].ratio, 0.5, 1e-12);
}

TEST(ReportComparison, the_baseline_is_the_series_of_the_run_that_was_named) {
  const auto made = compare_series(two_series(), {.baseline = 5});
  EXPECT_EQ(of(made).baseline, 1u);
  EXPECT_NEAR(*of(made).series[0].values[0].ratio, 0.5, 1e-12);
}

TEST(ReportComparison, repeats_give_the_ratio_an_interval) {
  const auto made = compare_series(two_series(3), {});
  const ComparedValue& value = of(made).series[1].values[0];
  ASSERT_TRUE(value.ratio_range);
  EXPECT_NEAR(value.ratio_range->low, 2 / 1.02, 1e-9);
  EXPECT_NEAR(value.ratio_range->high, 2 * 1.02, 1e-9);
}

TEST(ReportComparison, an_equal_latency_is_held_as_well) {
  const auto made = compare_series(two_series(), {.by = CompareBy::e2e, .at = 2});
  EXPECT_NEAR(*of(made).series[1].values[0].value, 4000, 1e-9);
}

// A at 70 tok/s/user has 2000 tok/s/gpu: what that costs, B reaches at 2000 tok/s/gpu, which is at 100 tok/s/user.
TEST(ReportComparison, at_an_equal_cost_the_interactivity_is_read_where_the_throughput_costs_so_much) {
  const auto costs = compare_series(two_series(), {.at = 70});
  const double cost = *of(costs).series[0].values[1].value;
  const auto made = compare_series(two_series(), {.by = CompareBy::cost, .at = cost});
  EXPECT_EQ(of(made).figures, std::vector<AxisFigure>{AxisFigure::interactivity});
  EXPECT_NEAR(*of(made).series[0].values[0].value, 70, 1e-6);
  EXPECT_NEAR(*of(made).series[1].values[0].value, 100, 1e-6);
  const auto outside = compare_series(two_series(), {.by = CompareBy::cost, .at = cost * 100});
  EXPECT_FALSE(of(outside).series[0].values[0].value);
  EXPECT_EQ(of(outside).series[0].values[0].why_absent, "outside its measured range");
}

TEST(ReportComparison, one_series_or_none_in_common_is_no_comparison) {
  std::vector<RunRow> rows = two_series();
  rows.resize(3);
  EXPECT_FALSE(*compare_series(rows, {}));
  rows.push_back(done_run(9, "far", 1, 1000, 5));
  rows.push_back(done_run(10, "far", 2, 900, 9));
  EXPECT_FALSE(*compare_series(rows, {}));
  EXPECT_TRUE(*compare_series(rows, {.at = 50})) << "a value that was asked for is shown, absent or not";
}

TEST(ReportComparison, the_summary_says_the_ratio_its_interval_and_when_it_is_no_difference) {
  Report report;
  report.comparison = *compare_series(two_series(3), {});
  const std::string said = report_document(report)["sections"][0].dump();
  EXPECT_NE(said.find("At an interactivity of 70 tok/s/user, B has 2 times the throughput per GPU of A (1.961 … 2.04 over the repeats)."), std::string::npos) << said;
  std::vector<RunRow> same = two_series(3);
  for (RunRow& row : same)
    if (row.series == "B") row.total_tok_s_gpu = *row.total_tok_s_gpu / 2;
  report.comparison = *compare_series(same, {});
  EXPECT_NE(report_document(report)["sections"][0].dump().find("so this shows no difference"), std::string::npos);
}

}  // namespace
}  // namespace tokenmark
