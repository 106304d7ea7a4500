#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/report/report_document.h"
#include "core/report/report_template.h"
#include "core/report/samples.h"
#include "core/report/svg.h"
#include "tests/core/report/report_html.h"
#include "tests/core/report/rows.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kHostile = "</title><script>alert('x')</script>\"' onload=1 \x01 \xc3( &amp; ]]>";

// Every tag opened is closed in order, attributes are quoted: what an XML reader would insist on.
void expect_well_formed(const std::string& svg) {
  std::vector<std::string> open;
  for (std::size_t i = svg.find('<'); i != std::string::npos; i = svg.find('<', i + 1)) {
    const std::size_t end = svg.find('>', i);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = svg.substr(i + 1, end - i - 1);
    ASSERT_EQ(std::count(tag.begin(), tag.end(), '"') % 2, 0) << tag;
    const std::string name = tag.substr(0, tag.find_first_of(" /", 1));
    if (tag[0] == '/') {
      ASSERT_FALSE(open.empty()) << tag;
      ASSERT_EQ("/" + open.back(), tag);
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
  }
  ASSERT_TRUE(open.empty());
}

TEST(Escape, makes_text_safe_for_markup) {
  EXPECT_EQ(escape_markup("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(escape_markup("TTFT · µs ∞ 🚀\n"), "TTFT · µs ∞ 🚀\n");
  EXPECT_EQ(escape_markup(std::string_view("\x00\x1b", 2)), "\uFFFD\uFFFD");
  // Bytes that are not UTF-8: a stray one, an overlong '<', a surrogate, beyond Unicode, a cut character.
  EXPECT_EQ(escape_markup("\xff"), "\uFFFD");
  EXPECT_EQ(escape_markup("\xc0\xbc"), "\uFFFD\uFFFD");
  EXPECT_EQ(escape_markup("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(escape_markup("\xf4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(escape_markup("x\xe2\x82"), "x\uFFFD\uFFFD");
}

TEST(Svg, draws_every_point_with_its_shape_and_marks_the_frontier) {
  std::vector<RunRow> runs = *sample_runs();
  runs.push_back(done_run(1, "mine", 1, 100, 1000));
  const std::string svg = chart_svg(*frontier_chart(runs, {}));
  expect_well_formed(svg);
  const auto count = [&](const std::string& text) {
    int found = 0;
    for (std::size_t i = svg.find(text); i != std::string::npos; i = svg.find(text, i + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count("<circle"), 17);                      // 16 points and one in the legend
  EXPECT_EQ(count("class=\"mark open"), 8);
  EXPECT_EQ(count("on the frontier</title>"), 9);
  EXPECT_THAT(svg, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(chart_svg(*frontier_chart(runs, {}), {.dark_too = false}), Not(HasSubstr("prefers-color-scheme")));
  EXPECT_THAT(svg, HasSubstr("SemiAnalysis InferenceX"));
}

TEST(Svg, breaks_the_sources_into_lines_that_fit) {
  Chart chart = *frontier_chart(*sample_runs(), {});
  chart.sources = {"word", std::string(60, 'n') + ' ' + std::string(60, 'n') + ' ' + std::string(60, 'n')};
  const std::string svg = chart_svg(chart);
  expect_well_formed(svg);
  EXPECT_THAT(svg, HasSubstr(">Source: word<"));
  EXPECT_THAT(svg, HasSubstr(">Source: " + std::string(60, 'n') + ' ' + std::string(60, 'n') + '<'));
  EXPECT_THAT(svg, HasSubstr('>' + std::string(60, 'n') + '<'));
}

TEST(Svg, short_times_are_in_their_unit) {
  DistributionChart chart;
  chart.series = {{.name = "fast", .cumulative = {{0.00034, 0.5}, {0.00054, 1}}, .markers = {{.p = 0.5, .value = 0.00034}}}};
  const std::string svg = chart_svg(chart);
  expect_well_formed(svg);
  EXPECT_THAT(svg, HasSubstr("(µs)<"));
  EXPECT_THAT(svg, HasSubstr(">500<"));
  EXPECT_THAT(svg, HasSubstr("p50: 340 µs"));
}

TEST(Svg, of_an_empty_chart_says_so) {
  const std::string svg = chart_svg(*frontier_chart({}, {}));
  expect_well_formed(svg);
  EXPECT_THAT(svg, HasSubstr("No points to show"));
}

TEST(Svg, survives_many_series_and_extreme_values) {
  std::vector<RunRow> runs;
  for (int i = 1; i <= 40; ++i) runs.push_back(done_run(i, fmt::format("series {}", i), 1, i * 1e-9, i * 1e60));
  runs.push_back(done_run(50, "zero", 1, 0, 0));
  for (const bool log : {false, true}) {
    const std::string svg = chart_svg(*frontier_chart(runs, {.log_x = log, .log_y = log}));
    expect_well_formed(svg);
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
}

Report hostile_report() {
  RunRow row = done_run(1, kHostile, 1, 100, 1000);
  row.model = row.source = row.hardware = row.configuration_key = kHostile;
  RunRow failed = row;
  failed.id = 2;
  failed.state = RunState::failed;
  failed.error = kHostile;
  row.tags = {kHostile};
  row.quality_failures = {{kHostile, kHostile}};
  Report report;
  report.title = report.created = report.author = report.remarks = kHostile;
  report.notes = {kHostile};
  report.sweeps = {{1, kHostile, "", kHostile, "", 1, 1}};
  report.charts.push_back({ReportChart::frontier, *frontier_chart({row, failed}, {})});
  Figures figures;
  figures.client_verdict = figures.token_source = kHostile;
  figures.ttft_s.p99.why_absent = kHostile;
  report.runs.push_back({row, figures, {{kHostile, kHostile}}, {{kHostile, kHostile}}});
  report.runs.push_back({failed, {}, {}, {}});
  row.series = "other";
  report.comparison = *comparison_table({done_run(1, kHostile, 1, 100, 900), done_run(2, kHostile, 2, 50, 2000),
                                         done_run(3, "B", 1, 90, 900), done_run(4, "B", 2, 60, 1500)},
                                        {});
  return report;
}

TEST(Html, hostile_names_stay_text) {
  const std::string html = report_html(hostile_report());
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("'x'")));
  EXPECT_THAT(html, Not(HasSubstr("\" onload")));
  EXPECT_THAT(html, Not(HasSubstr("\x01")));
  EXPECT_THAT(html, HasSubstr("&lt;/title&gt;&lt;script&gt;"));
}

TEST(Html, fetches_nothing) {
  const std::string html = report_html(*make_report(nullptr, *sample_runs(), {}));
  for (const char* loading : {"<script", "<link", "<img", "<iframe", "@import", "url(", " src="}) EXPECT_THAT(html, Not(HasSubstr(loading)));
}

TEST(Html, shows_charts_points_method_prices_and_attribution) {
  const std::string html = report_html(*make_report(nullptr, *sample_runs(), {}));
  for (const char* part : {"<h2>Summary</h2>", "<h2>Charts</h2>", "<h2>Points</h2>", "<h2>Runs</h2>", "<h2>Method</h2>", "<h2>Prices and power</h2>", "tokenmark-1", "Cost per million total tokens",
                           "InferenceX 2026-07", "hyperscaler", "github.com/SemiAnalysisAI/InferenceX", "8 GPUs, concurrency 64"})
    EXPECT_THAT(html, HasSubstr(part));
}

TEST(Html, shows_intervals_verdicts_environment_and_failures) {
  Report report;
  report.title = "t";
  RunRow row = done_run(7, "A", 4, 50, 200), failed = done_run(8, "A", 8, 40, 300);
  failed.state = RunState::failed;
  failed.error = "the server closed the connection";
  report.charts.push_back({ReportChart::frontier, *frontier_chart({row, failed}, {})});
  Figures figures;
  figures.completed = 40;
  figures.ttft_s.p50 = {0.25, Interval{0.21, 0.29}, ""};
  figures.ttft_s.p99 = {{}, {}, "p99 needs 100 samples, there are 40"};
  figures.client_verdict = "The client was not the limit.";
  report.runs.push_back({row, figures, {{"load.concurrency", "4"}}, {{"cpu.model", "Xeon"}}});
  report.runs.push_back({failed, {}, {}, {}});
  const std::string html = report_html(report);
  for (const char* part : {"0.25<small>0.21 … 0.29</small>", "p99 needs 100 samples, there are 40", "The client was not the limit.",
                           "cpu.model", "Xeon", "load.concurrency", "the server closed the connection", "1 run left out"})
    EXPECT_THAT(html, HasSubstr(part));
}

TEST(Html, lists_shared_configuration_once_and_differences_by_run) {
  Report report;
  for (const RunId id : {1, 2}) {
    const RunRow row = done_run(id, "A", static_cast<int>(id), 50, 200);
    report.runs.push_back({row, Figures{}, {{"target.model", "m"}, {"load.concurrency", std::to_string(id)}}, {}});
  }
  const std::string html = report_html(report);
  EXPECT_EQ(html.find("target.model"), html.rfind("target.model"));
  EXPECT_THAT(html, HasSubstr("Equal for all runs"));
  EXPECT_THAT(html, HasSubstr(">load.concurrency</td><td class=\"\">2</td><td class=\"\">2</td>"));
}

TEST(Flatten, gives_paths_and_values) {
  const auto json = nlohmann::json::parse(R"({"a": {"b": 1, "c": [1, "x"]}, "d": [{"e": true}], "f": 0.123456})");
  EXPECT_EQ(flatten(json), (FlatJson{{"a.b", "1"}, {"a.c", "[1,\"x\"]"}, {"d.0.e", "true"}, {"f", "0.123456"}}));
  EXPECT_TRUE(flatten(nlohmann::json()).empty());
}

}  // namespace
}  // namespace tokenmark
