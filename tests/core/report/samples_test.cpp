#include "core/report/samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "core/report/chart.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

TEST(Samples, are_finished_runs_with_unique_negative_ids_and_attribution) {
  const auto runs = sample_runs();
  ASSERT_TRUE(runs) << runs.error().message;
  ASSERT_EQ(runs->size(), 16u);
  std::set<RunId> ids;
  for (const RunRow& run : *runs) {
    EXPECT_LT(run.id, 0);
    EXPECT_TRUE(ids.insert(run.id).second);
    EXPECT_EQ(run.state, RunState::done);
    EXPECT_THAT(run.source, testing::StartsWith("sample: SemiAnalysis InferenceX"));
    EXPECT_EQ(run.hardware, "h200");
  }
}

TEST(Samples, make_a_frontier_chart_that_names_its_source) {
  const auto chart = frontier_chart(*sample_runs(), {});
  ASSERT_TRUE(chart);
  ASSERT_EQ(chart->series.size(), 1u);
  EXPECT_TRUE(chart->series[0].sample);
  EXPECT_EQ(chart->series[0].points.size(), 16u);
  ASSERT_EQ(chart->sources.size(), 1u);
  EXPECT_THAT(chart->sources[0], HasSubstr("github.com/SemiAnalysisAI/InferenceX"));
  EXPECT_NEAR(*value_at(*chart, chart->series[0], 270.227), 260.62, 1e-9);
  EXPECT_FALSE(value_at(*chart, chart->series[0], 60));
}

// Each figure against the published table, whose headers say ms where the values are seconds.
TEST(Samples, agree_with_the_published_table) {
  std::ifstream file(TOKENMARK_SHARED_DATA "/inferencex/InferenceX_gpt-oss-120b_interactivity.csv");
  if (!file) GTEST_SKIP() << "the published table is not here";
  const auto runs = sample_runs();
  std::vector<std::string> header;
  int rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    std::vector<std::string> cells;
    std::istringstream text(line);
    for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
    if (header.empty()) {
      header = cells;
      continue;
    }
    const auto number = [&](const char* name) {
      return std::stod(cells.at(static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin())));
    };
    const auto run = std::find_if(runs->begin(), runs->end(), [&](const RunRow& r) {
      return r.gpus == number("TP") && r.concurrency == number("Concurrency");
    });
    ASSERT_NE(run, runs->end()) << line;
    const std::pair<std::optional<double>, const char*> figures[] = {
        {run->total_tok_s_gpu, "Throughput/GPU (tok/s)"}, {run->output_tok_s_gpu, "Output Throughput/GPU (tok/s)"},
        {run->input_tok_s_gpu, "Input Throughput/GPU (tok/s)"}, {run->interactivity, "Median Interactivity (tok/s/user)"},
        {run->ttft_p50_s, "Median TTFT (ms)"}, {run->ttft_p99_s, "P99 TTFT (ms)"}, {run->tpot_p50_s, "Median TPOT (ms)"},
        {run->tpot_p99_s, "P99 TPOT (ms)"}, {run->e2e_p50_s, "Median E2E Latency (ms)"}};
    for (const auto& [value, name] : figures) EXPECT_NEAR(*value, number(name), number(name) * 1e-4) << name;
    ++rows;
  }
  EXPECT_EQ(rows, 16);
}

TEST(Samples, a_wrong_file_is_refused_with_the_place) {
  const std::string head = R"({"source": "s", "date": "d", "series": "x", "model": "m", "hardware": "h", "framework": "f",
                               "precision": "p", "input": 1, "output": 1)";
  EXPECT_TRUE(parse_samples(head + R"(, "points": []})", "s.json", -1));
  const std::pair<std::string, const char*> cases[] = {
      {"{", "not JSON"},
      {"[1]", "must be an object"},
      {R"({"source": 3})", "'source' must be a text"},
      {head + "}", "'points'"},
      {head + R"(, "points": [{"gpus": 0}]})", "point 1: 'gpus'"},
      {head + R"(, "points": ["x"]})", "point 1: must be an object"},
      {head + R"(, "points": [], "extra": 1})", "unknown key 'extra'"},
      {head + R"(, "points": [{"gpus": 1, "concurrency": 1, "total_tok_s_gpu": -1}]})", "'total_tok_s_gpu'"},
  };
  for (const auto& [json, expected] : cases) {
    const auto runs = parse_samples(json, "s.json", -1);
    ASSERT_FALSE(runs) << json;
    EXPECT_THAT(runs.error().message, HasSubstr(expected)) << json;
  }
}

}  // namespace
}  // namespace tokenmark
