#include "core/report/run_chart_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "core/report/chart_json.h"
#include "tests/core/report/logs.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

EventLog small_log() {
  return log_of({{0, 0, {20, 30, 40}, 40}, {0, 10, {}, 60, RequestError::closed}, {40, 50, {70, 100}, 100, RequestError::none, true}},
                {"chat", "\xff broken"});
}

DistributionChart distributions() {
  Limits limits;
  limits.ttft_s = 0.05;
  return distribution_chart({logged(small_log(), 7, limits)}, {.histogram = true, .log_x = true});
}

Timeline requests(bool as_grid) {
  TimelineQuery query;
  if (as_grid) query.height = 3;
  Timeline made = timeline(TimelineLog(logged(small_log(), 7)), query);
  made.steady = TimeWindow{0.01, 0.05};
  made.power_w = {{0, 100}, {0.1, 200}};
  made.meters = {{"core_mhz", {{0, 1980}, {0.1, 1500}}}};
  return made;
}

TEST(RunChartJson, what_is_written_is_read_as_the_same) {
  const std::string text = chart_json_text(distributions());
  const auto read = parse_any_chart(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(chart_json_text(std::get<DistributionChart>(*read)), text);
  for (const bool grid : {false, true}) {
    const std::string line = chart_json_text(requests(grid));
    const auto timeline = parse_any_chart(line);
    ASSERT_TRUE(timeline) << timeline.error().message;
    EXPECT_EQ(chart_json_text(std::get<Timeline>(*timeline)), line);
    EXPECT_EQ(std::get<Timeline>(*timeline).grid.has_value(), grid);
  }
}

TEST(RunChartJson, a_document_without_a_kind_is_a_frontier) {
  const auto read = parse_any_chart(chart_json_text(Chart{}));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(std::holds_alternative<Chart>(*read));
}

TEST(RunChartJson, what_is_wrong_is_named_with_its_place) {
  const auto broken = [](std::string text, auto change) {
    nlohmann::json document = nlohmann::json::parse(text);
    change(document);
    const auto read = parse_any_chart(document.dump());
    return read ? std::string("accepted") : read.error().message;
  };
  const std::string bars = chart_json_text(requests(false)), grid = chart_json_text(requests(true)), distribution = chart_json_text(distributions());
  EXPECT_THAT(broken(bars, [](auto& d) { d["kind"] = "pie"; }), HasSubstr("pie"));
  EXPECT_THAT(broken(bars, [](auto& d) { d["bars"][1]["error"] = "sunspots"; }), HasSubstr("sunspots"));
  EXPECT_THAT(broken(bars, [](auto& d) { d["bars"][0]["slot"] = -1; }), HasSubstr("bars[0].slot"));
  EXPECT_THAT(broken(bars, [](auto& d) { d["shown"] = {2, 1}; }), HasSubstr("ends before it begins"));
  EXPECT_THAT(broken(grid, [](auto& d) { d["grid"]["rows"] = 2000000000; }), HasSubstr("cells"));
  EXPECT_THAT(broken(distribution, [](auto& d) { d["bin_edges"].erase(0); }), HasSubstr("edges"));
  EXPECT_THAT(broken(distribution, [](auto& d) { d["figure"] = "speed"; }), HasSubstr("speed"));
  EXPECT_THAT(broken(distribution, [](auto& d) { d["series"][0]["failed"] = 99; }), HasSubstr("99"));
  EXPECT_THAT(broken(distribution, [](auto& d) { d["definitions"] = "other"; }), HasSubstr("other"));
  EXPECT_THAT(broken(distribution, [](auto& d) { d["extra"] = 1; }), HasSubstr("extra"));
}

TEST(RunChartJson, mutated_documents_are_refused_or_read_but_never_harm) {
  std::mt19937 random(3);
  for (const std::string& text : {chart_json_text(distributions()), chart_json_text(requests(false)), chart_json_text(requests(true))})
    for (int i = 0; i < 300; ++i) {
      std::string changed = text;
      for (int k = 0; k < 3; ++k) changed[random() % changed.size()] = static_cast<char>(random() % 96 + 32);
      parse_any_chart(changed);
      parse_any_chart(text.substr(0, random() % text.size()));
    }
}

}  // namespace
}  // namespace tokenmark
