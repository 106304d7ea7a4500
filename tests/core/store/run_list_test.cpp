#include "core/store/run_list.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace tokenmark {
namespace {

using testing::ElementsAre;
using testing::Pair;

RowPtr row(RunId id, const char* model, std::optional<double> interactivity = {}, std::vector<std::string> tags = {}) {
  RunRow row;
  row.id = id;
  row.model = row.series = model;
  row.interactivity = interactivity;
  row.state = RunState::done;
  row.source = id < 0 ? "sample: somewhere" : "measured";
  row.started = fmt::format("2026-05-{:02}T10:00:00Z", std::abs(id) % 28 + 1);
  row.tags = std::move(tags);
  return std::make_shared<const RunRow>(std::move(row));
}

std::vector<RunId> ids(const RunSelection& selection) {
  std::vector<RunId> out;
  for (const RunRow& row : selection.rows) out.push_back(row.id);
  return out;
}

RunFilter filter(const std::string& text) { return *parse_run_filter(text); }

TEST(RunList, sorts_by_any_column_and_puts_absent_figures_last_either_way) {
  RunList list;
  list.add({row(1, "b", 3), row(2, "a"), row(3, "c", 1), row(4, "a", 2), row(5, "b", 3)});
  EXPECT_THAT(ids(list.select({}, {RunColumn::interactivity, false})), ElementsAre(3, 4, 5, 1, 2));
  EXPECT_THAT(ids(list.select({}, {RunColumn::interactivity, true})), ElementsAre(5, 1, 4, 3, 2));
  EXPECT_THAT(ids(list.select({}, {RunColumn::model, false})), ElementsAre(4, 2, 5, 1, 3));
  EXPECT_THAT(ids(list.select({}, {RunColumn::started, true})), ElementsAre(5, 4, 3, 2, 1));
  EXPECT_THAT(ids(list.select({}, {RunColumn::id, false})), ElementsAre(1, 2, 3, 4, 5));
  for (int column = 0; column < static_cast<int>(RunColumn::count); ++column)
    for (const bool descending : {false, true})
      EXPECT_EQ(list.select({}, {static_cast<RunColumn>(column), descending}).rows.size(), 5u) << column;
}

TEST(RunList, changed_rows_take_their_place_and_gone_ones_leave) {
  RunList list;
  list.update({.rows = {row(1, "a"), row(2, "b"), row(3, "c")}, .everything = true});
  list.add({row(-1, "a sample")});
  list.update({.rows = {row(2, "new name"), row(4, "d")}, .gone = {1, 99}});
  EXPECT_THAT(ids(list.select({}, {RunColumn::id, false})), ElementsAre(-1, 2, 3, 4));
  EXPECT_THAT(ids(list.select(filter("model:new"), {})), ElementsAre(2));
  EXPECT_THAT(ids(list.select({}, {RunColumn::id, false}, RunKey::word, false)), ElementsAre(2, 3, 4));
  list.update({.rows = {row(4, "d")}, .everything = true});   // the samples stay
  EXPECT_THAT(ids(list.select({}, {RunColumn::id, false})), ElementsAre(-1, 4));
}

TEST(RunList, chooses_the_same_runs_as_the_filter_alone) {
  RunList list;
  std::vector<RowPtr> rows;
  const char* models[] = {"llama", "mistral", "qwen"};
  for (int i = 1; i <= 300; ++i)
    rows.push_back(row(i, models[i % 3], i % 7 ? std::optional(i * 1.0) : std::nullopt,
                       i % 4 ? std::vector<std::string>() : std::vector<std::string>{"nightly"}));
  list.add(rows);
  for (const char* text : {"llama", "tag:nightly", "-tag:nightly mistral", "#12", "on:2026-05-07", "run:..40 qwen", "model=llama,qwen"}) {
    std::vector<RunId> expected;
    for (const RowPtr& one : rows)
      if (matches(filter(text), *one)) expected.push_back(one->id);
    EXPECT_GT(expected.size(), 0u) << text;
    EXPECT_EQ(ids(list.select(filter(text), {RunColumn::id, false})), expected) << text;
  }
}

TEST(RunList, groups_are_in_the_order_of_their_first_runs_and_a_run_is_in_those_of_all_its_tags) {
  RunList list;
  list.add({row(1, "a", 1, {"x"}), row(2, "b", 2, {"x", "y"}), row(3, "a", 3)});
  const RunSelection by_model = list.select({}, {RunColumn::id, true}, RunKey::model);
  ASSERT_EQ(by_model.groups.size(), 2u);
  EXPECT_EQ(by_model.groups[0].title, "a");
  EXPECT_THAT(by_model.groups[0].rows, ElementsAre(0, 2));
  EXPECT_THAT(by_model.groups[1].rows, ElementsAre(1));
  const RunSelection by_tag = list.select({}, {RunColumn::id, true}, RunKey::tag);
  ASSERT_EQ(by_tag.groups.size(), 3u);
  EXPECT_EQ(by_tag.groups[0].title, "");
  EXPECT_EQ(by_tag.groups[1].title, "x");
  EXPECT_THAT(by_tag.groups[1].rows, ElementsAre(1, 2));
  EXPECT_THAT(by_tag.groups[2].rows, ElementsAre(1));
}

TEST(RunList, counts_the_values_that_there_are) {
  RunList list;
  list.add({row(1, "a", 1, {"x"}), row(2, "b", 2, {"x", "y"}), row(3, "a", 3)});
  EXPECT_THAT(list.value_counts(RunKey::model, {}), ElementsAre(Pair("a", 2), Pair("b", 1)));
  EXPECT_THAT(list.value_counts(RunKey::tag, {}), ElementsAre(Pair("x", 2), Pair("y", 1)));
  EXPECT_THAT(list.value_counts(RunKey::tag, filter("model=a")), ElementsAre(Pair("x", 1)));
}

}  // namespace
}  // namespace tokenmark
