#include "core/report/chart_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "core/report/samples.h"
#include "tests/core/report/rows.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Result<Chart> parse_chart_json(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  return document.is_discarded() ? fail(ErrorKind::invalid_input, "not JSON") : chart_from_json(document);
}

Chart full_chart() {
  std::vector<RunRow> runs = *sample_runs();
  for (int repeat = 0; repeat < 3; ++repeat)
    for (int c : {1, 2, 4}) runs.push_back(done_run(10 * repeat + c, "A", c, 100.0 / c + repeat, 100.0 * c + repeat, repeat));
  runs.push_back(done_run(99, "failed", 1, 1, 1));
  runs.back().state = RunState::failed;
  return *frontier_chart(runs, {.y = AxisFigure::dollars_per_mtok, .log_y = true});
}

TEST(ChartJson, comes_back_as_it_went) {
  const Chart chart = full_chart();
  ASSERT_FALSE(chart.series[1].band.empty());
  const auto back = parse_chart_json(chart_json_text(chart));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(chart_to_json(*back), chart_to_json(chart));
  EXPECT_EQ(chart_csv(*back), chart_csv(chart));
  EXPECT_EQ(value_at(*back, back->series[1], 60), value_at(chart, chart.series[1], 60));
}

TEST(ChartJson, every_missing_or_foreign_member_is_refused_by_name) {
  const json whole = chart_to_json(full_chart());
  for (const auto& [key, value] : whole.items()) {
    json without = whole;
    without.erase(key);
    const auto chart = chart_from_json(without);
    ASSERT_FALSE(chart) << key;
    EXPECT_THAT(chart.error().message, HasSubstr(key));
  }
  json more = whole;
  more["series"][0]["colour"] = 1;
  EXPECT_THAT(chart_from_json(more).error().message, HasSubstr("unknown key 'colour'"));
}

TEST(ChartJson, wrong_values_are_refused_with_their_place) {
  const json whole = chart_to_json(full_chart());
  const std::pair<const char*, json> wrong[] = {
      {"/x", "speed"}, {"/log_x", 1}, {"/title", 3}, {"/series", json::object()}, {"/series/0", 1},
      {"/series/0/points/0/x", "1"}, {"/series/0/points/0/concurrency", -1}, {"/series/0/points/0/concurrency", 3000000000},
      {"/series/0/points/0/runs/0", 1.5}, {"/series/0/curve/0", json::array({1})}, {"/series/0/rate", "a"},
      {"/definitions", "other-9"}, {"/notes", "text"}};
  for (const auto& [place, value] : wrong) {
    json broken = whole;
    broken[json::json_pointer(place)] = value;
    EXPECT_FALSE(chart_from_json(broken)) << place;
  }
  EXPECT_FALSE(parse_chart_json(R"({"x": 1e999})"));
  EXPECT_FALSE(parse_chart_json("[" + std::string(100, '[')));
}

TEST(ChartJson, mutated_text_never_crashes) {
  const std::string whole = chart_json_text(full_chart());
  std::mt19937 random(11);
  int accepted = 0;
  for (int round = 0; round < 300; ++round) {
    std::string text = whole;
    for (int k = 0; k < 3; ++k) text[random() % text.size()] = static_cast<char>(random());
    accepted += parse_chart_json(text).has_value();
  }
  EXPECT_LT(accepted, 300);
}

TEST(ChartJson, names_that_are_not_utf8_do_not_throw) {
  const Chart chart = *frontier_chart({done_run(1, "bad \xff\xfe name", 1, 1, 1)}, {});
  const auto back = parse_chart_json(chart_json_text(chart));
  ASSERT_TRUE(back);
  EXPECT_THAT(back->series[0].name, HasSubstr("\uFFFD"));
}

}  // namespace
}  // namespace tokenmark
