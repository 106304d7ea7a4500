#include "core/report/comparison_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/report/report_document.h"
#include "tests/core/report/rows.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

// Three repeats that differ by 1 %, at 60, 40 and 20 tok/s/user.
void add_series(std::vector<RunRow>& rows, const std::string& name, double factor, int repeats = 3) {
  for (int c = 0; c < 3; ++c)
    for (int r = 0; r < repeats; ++r)
      rows.push_back(done_run(static_cast<RunId>(rows.size()) + 1, name, 1 << (2 * c), 60 - 20 * c, (100 + 100 * c) * factor * (1 + 0.01 * (r - 1)), r));
}

std::vector<RunRow> three_series() {
  std::vector<RunRow> rows;
  add_series(rows, "base", 1);
  add_series(rows, "faster", 1.2);
  add_series(rows, "same", 1.002);
  return rows;
}

const ComparisonRow* row(const ComparisonTable& table, const std::string& series, AxisFigure figure) {
  for (const ComparisonRow& r : table.rows)
    if (r.series == series && r.figure.key == meaning(figure).key) return &r;
  return nullptr;
}

TEST(ComparisonTable, tells_a_real_change_from_noise_and_sorts_by_effect) {
  const auto table = comparison_table(three_series(), {.at = 40});
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->baseline, "base");
  const ComparisonRow* faster = row(*table, "faster", AxisFigure::total_tok_s_gpu);
  ASSERT_TRUE(faster);
  EXPECT_NEAR(*faster->value, 240, 1e-9);
  EXPECT_NEAR(*faster->change, 0.2, 1e-9);
  EXPECT_EQ(faster->verdict, ChangeVerdict::better);
  EXPECT_GT(faster->interval->low, 0.15);
  EXPECT_LT(faster->interval->high, 0.25);
  EXPECT_EQ(row(*table, "same", AxisFigure::total_tok_s_gpu)->verdict, ChangeVerdict::noise);
  EXPECT_EQ(table->rows.front().series, "faster");
  EXPECT_EQ(table->rows.back().series, "same");
  const auto significant = comparison_table(three_series(), {.at = 40, .only_significant = true});
  EXPECT_FALSE(significant->rows.empty());
  for (const ComparisonRow& r : significant->rows) EXPECT_EQ(r.series, "faster");
}

TEST(ComparisonTable, a_lower_cost_is_better_and_prices_are_named) {
  const auto table = comparison_table(three_series(), {.at = 40, .baseline = "same"});
  ASSERT_TRUE(table);
  EXPECT_EQ(table->baseline, "same");
  const ComparisonRow* cost = row(*table, "faster", AxisFigure::dollars_per_mtok);
  ASSERT_TRUE(cost);
  EXPECT_LT(*cost->change, 0);
  EXPECT_EQ(cost->verdict, ChangeVerdict::better);
  EXPECT_FALSE(table->price_set.empty());
}

TEST(ComparisonTable, at_equal_cost_the_interactivity_that_it_buys_is_compared) {
  const std::vector<RunRow> rows = three_series();
  const auto cost = frontier_chart(rows, {.y = AxisFigure::dollars_per_mtok});
  const double dollars = *value_at(*cost, cost->series[0], 40);
  const auto table = comparison_table(rows, {.equal = EqualIn::cost, .at = dollars});
  ASSERT_TRUE(table) << table.error().message;
  const ComparisonRow* faster = row(*table, "faster", AxisFigure::interactivity);
  ASSERT_TRUE(faster);
  EXPECT_NEAR(*faster->baseline, 40, 1e-6);
  EXPECT_GT(*faster->value, 40);
  EXPECT_NEAR(*value_at(*cost, cost->series[1], *faster->value), dollars, 1e-9);
}

TEST(ComparisonTable, says_why_there_is_no_verdict) {
  std::vector<RunRow> rows;
  add_series(rows, "base", 1, 2);
  add_series(rows, "other", 2, 1);
  rows.push_back(done_run(100, "far", 1, 500, 10));
  const auto table = comparison_table(rows, {.at = 40});
  ASSERT_TRUE(table);
  EXPECT_THAT(row(*table, "other", AxisFigure::total_tok_s_gpu)->why, HasSubstr("no interval without repeats"));
  EXPECT_THAT(row(*table, "far", AxisFigure::total_tok_s_gpu)->why, HasSubstr("outside its measured range"));
  EXPECT_FALSE(row(*table, "far", AxisFigure::total_tok_s_gpu)->change);
}

TEST(ComparisonTable, a_baseline_that_is_not_there_is_said_and_bad_numbers_are_refused) {
  const auto table = comparison_table(three_series(), {.at = 40, .baseline = "gone"});
  EXPECT_EQ(table->baseline, "base");
  EXPECT_THAT(table->notes.front(), HasSubstr("'gone'"));
  EXPECT_FALSE(comparison_table(three_series(), {.at = -1}));
  EXPECT_TRUE(comparison_table({}, {})->rows.empty());
  EXPECT_FALSE(equal_from_key("speed"));
}

TEST(ComparisonTable, as_text_keeps_hostile_names_in_their_cells) {
  std::vector<RunRow> rows;
  add_series(rows, "base", 1);
  add_series(rows, "a|b\tc\n=1+1", 1.5);
  const ComparisonTable table = *comparison_table(rows, {.at = 40});
  EXPECT_THAT(comparison_markdown(table), HasSubstr("a\\|b"));
  const std::string tsv = comparison_tsv(table);
  const std::string line = tsv.substr(tsv.find('\n') + 1, tsv.find('\n', tsv.find('\n') + 1) - tsv.find('\n') - 1);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\t'), 6) << line;
  EXPECT_THAT(comparison_csv(table), HasSubstr("# change = value / baseline - 1"));
  EXPECT_EQ(to_json(table)["rows"].size(), table.rows.size());
}

// Two series of straight frontiers: B has twice the throughput of A at any interactivity they share.
std::vector<RunRow> two_series(int repeats = 1) {
  std::vector<RunRow> rows;
  for (int repeat = 0; repeat < repeats; ++repeat)
    for (const auto& [name, factor] : {std::pair("A", 1.0), std::pair("B", 2.0)})
      for (int i = 0; i < 3; ++i) {
        RunRow row = done_run(static_cast<RunId>(rows.size()) + 1, name, 1 << i, 100 - 30 * i,
                              factor * (1000 + 1000 * i) * (1 + 0.01 * repeat), repeat);
        row.e2e_p50_s = 1 + i;
        rows.push_back(row);
      }
  return rows;
}

TEST(ComparisonTable, without_a_place_it_is_the_middle_of_what_the_baseline_shares_with_most) {
  std::vector<RunRow> rows = two_series();
  EXPECT_DOUBLE_EQ(comparison_table(rows, {})->at, 70);                      // both reach from 40 to 100
  rows.push_back(done_run(20, "C", 1, 160, 500));
  rows.push_back(done_run(21, "C", 2, 80, 900));
  EXPECT_DOUBLE_EQ(comparison_table(rows, {})->at, 90);                      // C from 80 on: all three share 80 to 100
  rows.push_back(done_run(22, "far", 1, 1000, 5));
  EXPECT_DOUBLE_EQ(comparison_table(rows, {})->at, 90);
  EXPECT_DOUBLE_EQ(comparison_table(rows, {.baseline = "far"})->at, 1000);   // it shares nothing: its own middle
}

TEST(ComparisonTable, the_baseline_can_be_named_by_one_of_its_runs) {
  const auto table = comparison_table(two_series(), {.at = 70, .baseline_run = 5});
  EXPECT_EQ(table->baseline, "B");
  EXPECT_NEAR(*row(*table, "A", AxisFigure::total_tok_s_gpu)->change, -0.5, 1e-12);
  EXPECT_NEAR(*row(*table, "A", AxisFigure::dollars_per_mtok)->change, 1, 1e-12);
  const auto gone = comparison_table(two_series(), {.at = 70, .baseline_run = 77});
  EXPECT_EQ(gone->baseline, "A");
  EXPECT_THAT(gone->notes.front(), HasSubstr("run 77"));
}

TEST(ComparisonTable, an_equal_latency_is_held_as_well) {
  EXPECT_NEAR(
      *row(*comparison_table(two_series(), {.equal = EqualIn::e2e, .at = 2}), "B", AxisFigure::total_tok_s_gpu)->value, 4000,
      1e-9);
}

// A at 70 tok/s/user has 2000 tok/s/gpu: what that costs, B reaches at 2000 tok/s/gpu, which is at 100 tok/s/user.
TEST(ComparisonTable, at_an_equal_cost_a_value_lies_where_the_throughput_costs_so_much) {
  const double cost = *row(*comparison_table(two_series(), {.at = 70}), "B", AxisFigure::dollars_per_mtok)->baseline;
  const auto table = comparison_table(two_series(), {.equal = EqualIn::cost, .at = cost});
  EXPECT_NEAR(*row(*table, "B", AxisFigure::interactivity)->baseline, 70, 1e-6);
  EXPECT_NEAR(*row(*table, "B", AxisFigure::interactivity)->value, 100, 1e-6);
  const auto outside = comparison_table(two_series(), {.equal = EqualIn::cost, .at = cost * 100});
  EXPECT_FALSE(outside->rows[0].value);
  EXPECT_EQ(outside->rows[0].why, "outside its measured range");
}

TEST(ComparisonTable, a_chart_is_compared_at_one_x_with_the_first_series_that_reaches_it) {
  std::vector<RunRow> rows = {done_run(90, "far", 1, 500, 10), done_run(91, "far", 2, 400, 20)};
  for (const RunRow& run : two_series(3)) rows.push_back(run);
  const Chart chart = *frontier_chart(rows, {});
  EXPECT_EQ(baseline_of(chart, {}, 0, 70)->name, "A");
  const auto compared = compared_at(chart, 70, baseline_of(chart, {}, 0, 70));
  ASSERT_EQ(compared.size(), 2u);
  EXPECT_NEAR(*std::find_if(compared.begin(), compared.end(), [](const auto& r) { return r.series == "B"; })->change, 1,
              1e-12);
  EXPECT_TRUE(compared_at(chart, 5000, baseline_of(chart, {}, 0, 5000)).empty());
  EXPECT_EQ(baseline_of(chart, "nobody"), nullptr);
}

TEST(ReportComparison, is_left_out_for_one_series_or_where_nothing_is_shared_and_no_place_is_asked_for) {
  std::vector<RunRow> rows = two_series();
  rows.resize(3);
  EXPECT_FALSE(*report_comparison(rows, {}));
  rows.push_back(done_run(9, "far", 1, 1000, 5));
  rows.push_back(done_run(10, "far", 2, 900, 9));
  EXPECT_FALSE(*report_comparison(rows, {}));
  EXPECT_TRUE(*report_comparison(rows, {.compare_at = 50})) << "a value that was asked for is shown, absent or not";
}

// Repeats of 1, 1.01 and 1.02 on both sides: logarithms deviate by 0.0099 each, error 0.0081, t of 4 degrees 2.776: ± 2.27
// %.
TEST(ReportComparison, the_summary_says_the_change_its_interval_and_when_it_is_no_difference) {
  Report report;
  report.comparison = *report_comparison(two_series(3), {});
  const nlohmann::json document = report_document(report);
  const std::string said = document["sections"][0].dump();
  EXPECT_THAT(said, HasSubstr("At an interactivity of 70 tok/s/user, the throughput per GPU of B is 4040 tok/s/gpu, +100.0 "
                              "% against A (95 %: +95.5 % to +104.6 %)."));
  std::vector<RunRow> same = two_series(3);
  for (RunRow& row : same)
    if (row.series == "B") row.total_tok_s_gpu = *row.total_tok_s_gpu / 2;
  report.comparison = *report_comparison(same, {});
  EXPECT_THAT(report_document(report)["sections"][0].dump(), HasSubstr("; this shows no difference"));
  EXPECT_THAT(report_document(report).dump(), HasSubstr("\"dim\":true"));
}

}  // namespace
}  // namespace tokenmark
