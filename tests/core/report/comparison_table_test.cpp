#include "core/report/comparison_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

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
    if (r.series == series && r.figure == figure) return &r;
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

}  // namespace
}  // namespace tokenmark
