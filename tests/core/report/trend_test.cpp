// Histories of software from stored runs: series and states, values on each state's frontier, changes, what differs.
#include "core/report/trend.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/report/run_chart_json.h"
#include "core/report/software.h"
#include "core/statistics/random.h"
#include "tests/core/report/rows.h"

namespace tokenmark {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TrendTest : public testing::Test {
 protected:
  // A frontier of three points whose throughput at interactivity 30 is `value`: (20, value + 100), (30, value), (40, value - 100).
  void add(const std::string& version, int day, double value, int repeat = 0, const std::string& environment = {}) {
    for (const int i : {0, 1, 2}) {
      RunRow run = done_run(++id_, "llama · q4_0 · h200 · vllm " + version, i + 1, 20 + 10.0 * i, value + 100 - 100.0 * i, repeat);
      run.framework = "vllm " + version;
      run.started = fmt::format("2026-0{}-{:02}T10:00:00Z", 1 + day / 28, 1 + day % 28);
      run.configuration_key = fmt::format("c{}", i);
      if (!environment.empty()) environments_[run.id] = std::make_shared<const std::string>(environment);
      runs_.push_back(run);
    }
  }
  Trend made(const TrendQuery& query = {.at = 30}) {
    auto result = trend(runs_, environments_, query);
    EXPECT_TRUE(result) << result.error().message;
    return result ? *result : Trend();
  }
  std::vector<std::string> names(const Trend& t) {
    std::vector<std::string> found;
    for (const TrendState& state : t.states) found.push_back(state.name);
    return found;
  }

  RunId id_ = 0;
  std::vector<RunRow> runs_;
  Environments environments_;
};

TEST_F(TrendTest, versions_of_one_configuration_are_one_series_in_the_order_of_their_first_measurement) {
  add("0.10.0", 9, 700);
  add("0.9.0", 3, 500);
  add("0.9.1", 5, 600);
  add("0.9.0", 20, 510);   // measured again later: its place stays
  const Trend t = made();
  EXPECT_THAT(names(t), ElementsAre("0.9.0", "0.9.1", "0.10.0"));
  ASSERT_EQ(t.series.size(), 1u);
  EXPECT_EQ(t.series[0].name, "llama · q4_0 · h200 · vllm");
  ASSERT_EQ(t.series[0].points.size(), 3u);
  EXPECT_NEAR(*t.series[0].points[0].value, 505, 1e-9) << "the median of 500 and 510";
  EXPECT_NEAR(*t.series[0].points[1].value, 600, 1e-9);
  EXPECT_EQ(t.series[0].points[0].runs.size(), 6u);
  EXPECT_EQ(t.states[0].first, "2026-01-04T10:00:00Z");
  EXPECT_EQ(t.states[0].last, "2026-01-21T10:00:00Z");
  EXPECT_EQ(t.title, "Throughput per GPU at interactivity 30 tok/s/user");
  EXPECT_THAT(t.notes, testing::Contains(HasSubstr("fewer than 8 states")));
  EXPECT_TRUE(t.series[0].changes.empty());
  ASSERT_EQ(t.series[0].levels.size(), 1u);
}

TEST_F(TrendTest, of_too_many_series_those_with_the_newest_runs_are_kept) {
  add("0.9.0", 3, 500);
  for (const char* name : {"older", "newest", "newer"}) {
    add("0.9.0", std::string_view(name) == "older" ? 5 : std::string_view(name) == "newer" ? 8 : 9, 600);
    for (std::size_t i = runs_.size() - 3; i < runs_.size(); ++i) runs_[i].series = std::string(name) + " · vllm 0.9.0";
  }
  const Trend t = made({.at = 30, .most_series = 2});
  ASSERT_EQ(t.series.size(), 2u);
  EXPECT_THAT(names(t), ElementsAre("0.9.0"));
  for (const TrendSeries& series : t.series) EXPECT_THAT(series.name, testing::StartsWith("new"));
  EXPECT_THAT(t.notes, testing::Contains(HasSubstr("2 series left out")));
  EXPECT_EQ(made({.at = 30, .most_series = 4}).series.size(), 4u);
}

TEST_F(TrendTest, repeats_give_a_range) {
  for (const int repeat : {0, 1, 2}) add("1.0", 1, 500 + 10 * repeat, repeat);
  const Trend t = made();
  const TrendPoint& point = t.series.at(0).points.at(0);
  EXPECT_NEAR(*point.value, 510, 1e-9);
  ASSERT_TRUE(point.range);
  EXPECT_NEAR(point.range->low, 500, 1e-9);
  EXPECT_NEAR(point.range->high, 520, 1e-9);
}

TEST_F(TrendTest, a_state_that_does_not_reach_x_has_no_value_and_is_noted) {
  add("1.0", 1, 500);
  add("1.1", 2, 520);
  for (RunRow& run : runs_)
    if (run.framework == "vllm 1.1") run.interactivity = *run.interactivity / 10;
  const Trend t = made();
  ASSERT_EQ(t.series.at(0).points.size(), 2u);
  EXPECT_FALSE(t.series[0].points[1].value);
  EXPECT_THAT(t.notes, testing::Contains(HasSubstr("1 of 2 states not measured at interactivity = 30")));
}

TEST_F(TrendTest, a_step_is_found_named_and_said_with_what_differs) {
  for (int i = 0; i < 20; ++i)
    add(fmt::format("1.{}", i), i, (i < 12 ? 1000 : 900) * (1 + 0.004 * (i % 3 - 1)), 0,
        i < 12 ? R"({"driver": "550.1", "cpu": {"threads": 8}, "kernel": "6.1"})" : R"({"driver": "560.2", "cpu": {"threads": 8}, "kernel": "6.1"})");
  const Trend t = made();
  ASSERT_EQ(t.series.at(0).changes.size(), 1u);
  const TrendChange& change = t.series[0].changes[0];
  EXPECT_EQ(t.states[change.before].name, "1.11");
  EXPECT_EQ(t.states[change.after].name, "1.12");
  EXPECT_NEAR(change.change, -0.1, 0.005);
  EXPECT_FALSE(change.better);
  EXPECT_LT(change.interval.high, -0.09);
  EXPECT_LE(change.p, 0.002);
  ASSERT_EQ(change.differs.size(), 2u);
  EXPECT_EQ(change.differs[0].key, "driver");
  EXPECT_EQ(change.differs[0].before, "550.1");
  EXPECT_EQ(change.differs[0].after, "560.2");
  EXPECT_EQ(change.differs[1].key, "framework");
  ASSERT_EQ(t.series[0].levels.size(), 2u);
  EXPECT_EQ(t.series[0].levels[0].to, 11u);
  const std::string sentence = change_sentence(t, change);
  for (const char* part : {"From 1.12 on (before: 1.11)", "throughput per GPU", "lower", "worse", "driver: 550.1 → 560.2"}) EXPECT_THAT(sentence, HasSubstr(part));
}

TEST_F(TrendTest, lower_cost_and_lower_latency_are_better) {
  for (int i = 0; i < 12; ++i) add(fmt::format("1.{}", i), i, i < 6 ? 1000 : 2000);
  const Trend cost = made({.figure = AxisFigure::dollars_per_mtok, .at = 30});
  ASSERT_EQ(cost.series.at(0).changes.size(), 1u);
  EXPECT_NEAR(cost.series[0].changes[0].change, -0.5, 0.02);
  EXPECT_TRUE(cost.series[0].changes[0].better);
  EXPECT_FALSE(cost.price_set.empty());
}

TEST_F(TrendTest, commits_drivers_images_and_days_are_read_from_what_was_stored) {
  add("1.0", 1, 500, 0, R"({"tokenmark": {"commit": "mine"}, "server": {"git_commit": "abc"}, "gpu": {"driver_version": "550"}})");
  add("1.0", 2, 500, 0, R"({"import": {"said": {"image": "vllm:v1"}}, "server": {"git_commit": "def"}})");
  EXPECT_THAT(names(made({.at = 30, .by = TrendBy::commit})), ElementsAre("abc", "def"));
  EXPECT_THAT(names(made({.at = 30, .by = TrendBy::date})), ElementsAre("2026-01-02", "2026-01-03"));
  const Trend driver = made({.at = 30, .by = TrendBy::driver});
  EXPECT_THAT(names(driver), ElementsAre("550", "2026-01-03"));
  EXPECT_THAT(driver.notes, testing::Contains(HasSubstr("3 runs named no driver")));
  EXPECT_THAT(names(made({.at = 30, .by = TrendBy::image})), ElementsAre("2026-01-02", "vllm:v1"));
  for (RunRow& run : runs_) run.framework = "tokenmark 1.0";
  EXPECT_THAT(names(made({.at = 30, .by = TrendBy::commit})), ElementsAre("mine", "2026-01-03")) << "of the embedded engine: this program's own";
}

TEST_F(TrendTest, runs_without_state_and_day_are_left_out_with_a_note) {
  add("1.0", 1, 500);
  for (RunRow& run : runs_) run.framework = "", run.started = "yesterday";
  const Trend t = made();
  EXPECT_TRUE(t.states.empty());
  EXPECT_TRUE(t.series.empty());
  EXPECT_THAT(t.notes, testing::Contains(HasSubstr("3 runs left out: no version and no date")));
}

TEST_F(TrendTest, without_an_x_the_middle_of_what_most_states_reach_is_taken) {
  add("1.0", 1, 500);
  add("1.1", 2, 500);
  add("1.2", 3, 500);
  for (RunRow& run : runs_)
    if (run.framework == "vllm 1.2") run.interactivity = *run.interactivity + 1000;
  EXPECT_DOUBLE_EQ(made({}).at, 30);
  const Trend concurrency = made({.x = AxisFigure::concurrency});
  EXPECT_DOUBLE_EQ(concurrency.at, 2);
  EXPECT_NEAR(*concurrency.series.at(0).points.at(0).value, 500, 1e-9);
  runs_.clear();
  EXPECT_TRUE(made({}).series.empty());
}

TEST_F(TrendTest, wrong_questions_are_named) {
  add("1.0", 1, 500);
  EXPECT_THAT(trend(runs_, {}, {.figure = AxisFigure::concurrency, .at = 1}).error().message, HasSubstr("concurrency"));
  EXPECT_THAT(trend(runs_, {}, {.x = AxisFigure::total_tok_s_gpu, .at = 1}).error().message, HasSubstr("total_tok_s_gpu"));
  EXPECT_FALSE(trend(runs_, {}, {.at = std::nan("")}));
  EXPECT_FALSE(trend(runs_, {}, {.figure = AxisFigure::dollars_per_mtok, .at = 1, .price_set = "none"}));
  EXPECT_THAT(trend_by_from_key("phase").error().message, HasSubstr("version, commit"));
}

TEST_F(TrendTest, two_frameworks_have_states_of_their_own) {
  add("1.0", 1, 500);
  add("1.0", 2, 600);
  for (std::size_t i = 3; i < 6; ++i) {
    runs_[i].framework = "sglang 1.0";
    runs_[i].series = "llama · q4_0 · h200 · sglang 1.0";
  }
  EXPECT_THAT(names(made()), ElementsAre("vllm 1.0", "sglang 1.0"));
  EXPECT_EQ(made().series.size(), 2u);
}

TEST_F(TrendTest, hostile_environments_are_no_facts_and_noted) {
  add("1.0", 1, 500, 0, "{\"a\": ");
  add("1.1", 2, 500, 0, "[1, 2]");
  add("1.2", 3, 500, 0, std::string(200'000, '['));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  add("1.3", 4, 500, 0, deep + "1" + std::string(100'000, '}'));
  add("1.4", 5, 500, 0, R"({"driver": ["a", {"b": null}], "": "", "x": "\ud800", "y": "line\nbreak", "image": 1e999})");
  add("1.5", 6, 500, 0, "{\"long\": \"" + std::string(100'000, 'x') + "\", \"bytes\": \"\xff\xfe\"}");
  const Trend t = made();
  EXPECT_EQ(t.series.at(0).points.size(), 6u);
  EXPECT_THAT(t.notes, testing::Contains(HasSubstr("cannot be read")));
  for (const TrendPoint& point : t.series[0].points)
    for (const FactChange& fact : point.differs) {
      EXPECT_LT(fact.after.size(), 1300u);
      EXPECT_EQ(fact.after.find('\n'), std::string::npos);
    }
  EXPECT_FALSE(trend_csv(t).empty());
  EXPECT_TRUE(parse_any_chart(chart_json_text(t)));
}

TEST_F(TrendTest, csv_and_json_hold_all_of_it) {
  for (int i = 0; i < 12; ++i)
    add(fmt::format("1.{}", i), i, i < 6 ? 1000 : 1200, 0, fmt::format(R"({{"image": "=img,{}", "a\"b": 1}})", i < 6 ? 1 : 2));
  const Trend t = made();
  ASSERT_EQ(t.series.at(0).changes.size(), 1u);
  const std::string csv = trend_csv(t);
  for (const char* part : {"# value: total_tok_s_gpu", "point,llama", "level,llama", "change,llama", "image,\"'=img,1\",\"'=img,2\""}) EXPECT_THAT(csv, HasSubstr(part));
  const auto again = parse_any_chart(chart_json_text(t));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(chart_json_text(std::get<Trend>(*again)), chart_json_text(t));
}

TEST_F(TrendTest, json_that_names_states_that_are_not_there_is_refused) {
  for (int i = 0; i < 12; ++i) add(fmt::format("1.{}", i), i, i < 6 ? 1000 : 1200);
  std::string text = chart_json_text(made());
  const std::string from = "\"state\":11", to = "\"state\":12";
  ASSERT_NE(text.find(from), std::string::npos);
  text.replace(text.find(from), from.size(), to);
  const auto read = parse_any_chart(text);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("12"));
  EXPECT_FALSE(parse_any_chart(R"({"kind": "trend"})"));
}

TEST(Software, frameworks_are_split_from_their_versions) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"vllm 0.8.3", "vllm", "0.8.3"},   {"sglang:v0.5.2-cu126", "sglang", "0.5.2-cu126"}, {"tokenmark 1.0.0-rc1", "tokenmark", "1.0.0-rc1"},
      {"dynamo-trt", "dynamo-trt", ""},  {"TensorRT 10.2.0", "TensorRT", "10.2.0"},        {"trt-llm 1.0", "trt-llm", "1.0"},
      {"", "", ""},                      {"1.0", "1.0", ""},                               {"vllm", "vllm", ""}};
  for (const auto& [whole, name, version] : cases) {
    EXPECT_EQ(split_framework(whole).name, name) << whole;
    EXPECT_EQ(split_framework(whole).version, version) << whole;
  }
}

TEST(Software, the_image_of_an_imported_run_is_in_its_configuration) {
  RunRow run = done_run(1, "s", 1, 1, 1);
  run.configuration_key = R"({"target":{"endpoint":{"model":"import:inferencex-agg?framework=sglang&image=lmsysorg/sglang:v0.5&tp=8"}}})";
  SoftwareFacts facts;
  add_row_facts(run, facts);
  EXPECT_EQ(software_state(run, facts, TrendBy::image), "lmsysorg/sglang:v0.5");
}

TEST(Software, a_fact_differs_only_where_no_value_is_on_both_sides) {
  const SoftwareFacts a{{"k", "1"}, {"host", "x"}}, b{{"k", "1"}, {"host", "y"}}, c{{"k", "2"}, {"host", "y"}, {"new", "n"}, {"meters.0.readings", "7"}};
  const auto differs = difference({&a, &b}, {&c});
  ASSERT_EQ(differs.size(), 2u);
  EXPECT_EQ(differs[0].key, "k");
  EXPECT_EQ(differs[1].key, "new");
  EXPECT_EQ(differs[1].before, "–");
}

}  // namespace
}  // namespace tokenmark
