#include "core/quality/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Dataset dataset(std::vector<std::map<std::string, Cell>> rows) {
  Dataset made{"file.jsonl", {}, {}, {}};
  for (auto& cells : rows) {
    for (const auto& [name, cell] : cells)
      if (std::find(made.columns.begin(), made.columns.end(), name) == made.columns.end()) made.columns.push_back(name);
    made.rows.push_back({static_cast<std::int64_t>(made.rows.size()) + 1, std::move(cells)});
  }
  return made;
}

Cell text(const std::string& t) { return {{t}, false}; }

QualityTask task(const json& j) {
  auto made = task_from_json(j);
  EXPECT_TRUE(made) << made.error().message;
  return made.value_or(QualityTask{});
}

TEST(QualityTask, json_and_back_is_the_same) {
  const auto t = task({{"kind", "multiple_choice"}, {"file", "g.csv"}, {"choices", {"a", "b"}}, {"limit", 5}, {"chat", false}});
  EXPECT_EQ(*task_from_json(to_json(t)), t);
  EXPECT_EQ(t.name, "multiple_choice");
}

TEST(QualityTask, wrong_keys_and_values_are_named) {
  const auto error = [](const json& j) { return task_from_json(j).error().message; };
  EXPECT_THAT(error({{"kind", "exact"}, {"file", "f"}, {"max_token", 3}}), HasSubstr("quality.max_token is not a known key"));
  EXPECT_THAT(error({{"kind", "best"}, {"file", "f"}}), HasSubstr("quality.kind is 'best'"));
  EXPECT_THAT(error({{"kind", "exact"}}), HasSubstr("quality.file is missing"));
  EXPECT_THAT(error({{"kind", "exact"}, {"file", "f"}, {"limit", "ten"}}), HasSubstr("quality.limit must be a whole number"));
  EXPECT_THAT(error({{"kind", "exact"}, {"file", "f"}, {"concurrency", 0}}), HasSubstr("quality.concurrency is 0"));
  EXPECT_THAT(error({{"kind", "multiple_choice"}, {"file", "f"}}), HasSubstr("quality.choices is missing"));
  EXPECT_THAT(error(json::array()), HasSubstr("map"));
}

TEST(QualityTask, choices_are_shuffled_by_seed_and_the_right_letter_follows) {
  auto t = task({{"kind", "multiple_choice"}, {"file", "f"}, {"answer", "right"}, {"choices", {"w1", "w2", "w3"}}, {"prompt", "{question}|{choices}|{w1}"}});
  std::map<std::string, Cell> row = {{"question", text("Q")}, {"right", text("R")}, {"w1", text("x")}, {"w2", text("y")}, {"w3", text("z")}};
  const auto data = dataset(std::vector<std::map<std::string, Cell>>(40, row));
  const auto items = make_items(t, data);
  ASSERT_TRUE(items) << items.error().message;
  std::map<std::string, int> places;
  for (const auto& item : *items) {
    EXPECT_THAT(item.prompt, HasSubstr(item.expected + ") R"));
    EXPECT_THAT(item.prompt, HasSubstr("|x"));
    EXPECT_EQ(item.last_letter, 'D');
    ++places[item.expected];
  }
  EXPECT_EQ(places.size(), 4u);  // not always at one place
  EXPECT_EQ((*make_items(t, data))[7].prompt, (*items)[7].prompt);
}

TEST(QualityTask, the_right_choice_may_be_given_as_letter_index_or_text) {
  const auto t = task({{"kind", "multiple_choice"}, {"file", "f"}, {"choices", "options"}});
  for (const char* answer : {"b", "B", "1", "two"}) {
    const auto items = make_items(t, dataset({{{"question", text("Q")}, {"options", {{"one", "two"}, true}}, {"answer", text(answer)}}}));
    ASSERT_TRUE(items) << items.error().message;
    EXPECT_THAT((*items)[0].prompt, HasSubstr((*items)[0].expected + ") two"));
  }
  const auto wrong = make_items(t, dataset({{{"question", text("Q")}, {"options", {{"one", "two"}, true}}, {"answer", text("C")}}}));
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("f:1: the answer 'C' is none of the 2 choices"));
}

TEST(QualityTask, a_missing_column_is_named_with_those_there_are) {
  const auto t = task({{"kind", "exact"}, {"file", "f"}, {"answer", "solution"}});
  const auto items = make_items(t, dataset({{{"question", text("Q")}, {"answer", text("1")}}}));
  ASSERT_FALSE(items);
  EXPECT_THAT(items.error().message, HasSubstr("no column 'solution'; there are: answer, question"));
}

TEST(QualityTask, a_whole_solution_is_reduced_to_its_answer) {
  const auto t = task({{"kind", "exact"}, {"file", "f"}});
  const auto items = make_items(t, dataset({{{"question", text("Q")}, {"answer", text("6*7=42\n#### 42")}},
                                            {{"question", text("Q")}, {"answer", text("so \\boxed{\\frac12}")}}}));
  ASSERT_TRUE(items);
  EXPECT_EQ((*items)[0].expected, "42");
  EXPECT_EQ(score_item(t, (*items)[1], "it is 0.5 or \\boxed{0.5}").score, 1);
  EXPECT_EQ(score_item(t, (*items)[1], "it is 2").score, 0);
  EXPECT_THAT((*items)[0].prompt, HasSubstr("\\boxed{}"));
}

TEST(QualityTask, failed_requests_count_as_wrong_and_the_interval_is_wilsons) {
  const auto t = task({{"kind", "exact"}, {"file", "f"}});
  std::vector<ItemScore> scores(8);
  for (int i = 0; i < 7; ++i) scores[static_cast<std::size_t>(i)].score = 1;
  const auto result = summarise(t, scores, 2);
  ASSERT_EQ(result.figures.size(), 1u);
  EXPECT_DOUBLE_EQ(result.figures[0].value, 0.7);
  EXPECT_EQ(result.figures[0].items, 10);
  // Wilson 1927 for 7 of 10 at 95 %: 0.39678 to 0.89221.
  EXPECT_NEAR(result.figures[0].interval->low, 0.39678, 1e-5);
  EXPECT_NEAR(result.figures[0].interval->high, 0.89221, 1e-5);
  const auto back = quality_result_from_json(to_json(result));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->figures, result.figures);
  EXPECT_EQ(back->failed, 2);
}

}  // namespace
}  // namespace tokenmark
