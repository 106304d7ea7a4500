#include "core/metrics/mlperf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/metrics/mlperf_early_stopping.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

// A log of requests whose times are given; all without warm-ups.
struct LogOf {
  EventLog log;
  void add(std::int32_t query, std::int32_t sample, std::int64_t intended, std::int64_t sent, std::int64_t first, std::int64_t end,
           std::int32_t tokens, RequestError error = RequestError::none) {
    RequestColumns& r = log.requests;
    const auto number = static_cast<std::uint32_t>(r.size());
    r.intended.push_back(intended);
    r.queued.push_back(intended);
    r.send_start.push_back(sent);
    r.connected.push_back(kAbsent);
    r.sent.push_back(sent);
    r.headers.push_back(sent);
    r.end.push_back(end);
    r.input_tokens.push_back(1);
    r.output_tokens.push_back(tokens);
    r.requested_input.push_back(1);
    r.requested_output.push_back(tokens);
    r.token_source.push_back(TokenSource::usage);
    r.status.push_back(200);
    r.error.push_back(error);
    r.warmup.push_back(0);
    r.group.push_back(query);
    r.sample.push_back(sample);
    if (first == kAbsent) return;
    message(number, first, 1);
    if (tokens > 1) message(number, end, tokens - 1);
  }
  void message(std::uint32_t request, std::int64_t at, std::int32_t tokens) {
    MessageColumns& m = log.messages;
    m.request.push_back(request);
    m.received.push_back(at);
    m.bytes.push_back(10);
    m.tokens.push_back(tokens);
    m.kind.push_back(MessageKind::content);
  }
};

Point point_of(const std::string& scenario, double rate, double duration_s) {
  Point point;
  point.target = EndpointTarget{"http://127.0.0.1:1", "m"};
  point.load.scenario = scenario;
  point.load.rate = rate;
  point.load.duration_s = duration_s;
  return point;
}

// One of LoadGen's own runs (mlperf_runs.py).
struct LoadGenOwn {
  std::string scenario;
  bool tokens = false;
  double qps = 0, min_duration_ms = 0;
  int min_queries = 0;
  std::int64_t limit_ns = 0, ttft_ns = 0, tpot_ns = 0;
  LogOf samples;
  std::map<std::string, std::string> says;
};

std::vector<LoadGenOwn> loadgen_runs() {
  std::ifstream in(std::string(TOKENMARK_SOURCE_DIR) + "/tests/core/metrics/mlperf_runs.txt");
  std::vector<LoadGenOwn> runs;
  std::string line, word;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    words >> word;
    if (word == "run") {
      LoadGenOwn& r = runs.emplace_back();
      words >> r.scenario >> r.tokens >> r.qps >> r.min_duration_ms >> r.min_queries >> r.limit_ns >> r.ttft_ns >> r.tpot_ns;
    } else if (word == "sample") {
      std::int64_t scheduled = 0, issue = 0, first = 0, end = 0;
      std::int32_t query = 0, sample = 0, tokens = 0;
      words >> query >> sample >> scheduled >> issue >> first >> end >> tokens;
      runs.back().samples.add(query, sample, scheduled, issue, first < 0 ? kAbsent : first, end, tokens);
    } else {
      std::string key;
      words >> key;
      std::getline(words, runs.back().says[key]);
      runs.back().says[key].erase(0, 1);
    }
  }
  return runs;
}

MlperfReport report_of(const LoadGenOwn& own) {
  Point point = point_of(own.scenario == "SingleStream"  ? "single-stream" : own.scenario == "MultiStream" ? "multi-stream"
                         : own.scenario == "Server" ? "server" : "offline",
                         own.qps, own.min_duration_ms / 1000);
  point.load.min_requests = own.min_queries;
  if (!own.tokens) point.limits.e2e_s = static_cast<double>(own.limit_ns) * 1e-9;
  else if (own.ttft_ns > 0) point.limits = {static_cast<double>(own.ttft_ns) * 1e-9, static_cast<double>(own.tpot_ns) * 1e-9, {}, {}};
  return *mlperf_report(own.samples.log, point, 64);
}

void expect_percentiles(const LoadGenOwn& own, const MlperfDistribution& values, const std::string& before, const std::string& after) {
  for (const double p : kMlperfPercentiles) {
    const std::string key = fmt::format("{}{:.2f}{}", before, 100 * p, after);
    ASSERT_TRUE(own.says.contains(key)) << key;
    EXPECT_EQ(std::to_string(values.at(p)), own.says.at(key)) << key;
  }
}

// The same samples give LoadGen's own figures: whole numbers exactly, the others to the digits it writes.
TEST(MlperfReport, is_what_loadgen_says_of_its_own_runs) {
  const std::vector<LoadGenOwn> runs = loadgen_runs();
  ASSERT_EQ(runs.size(), 9u);
  int valid = 0;
  for (const LoadGenOwn& own : runs) {
    SCOPED_TRACE(fmt::format("{} tokens {} qps {}", own.scenario, own.tokens, own.qps));
    const MlperfReport report = report_of(own);
    const auto says = [&](const char* key) { return own.says.contains(key) ? own.says.at(key) : std::string(); };
    EXPECT_EQ(report.valid ? "VALID" : "INVALID", says("result_validity"));
    valid += report.valid;
    const std::pair<const char*, const char*> rules[] = {{"performance_constraints", "result_perf_constraints_met"},
                                                         {"min_duration", "result_min_duration_met"},
                                                         {"min_queries", "result_min_queries_met"},
                                                         {"early_stopping", "early_stopping_met"}};
    for (const auto& [name, key] : rules) {
      const MlperfRule* rule = report.rule(name);
      EXPECT_EQ(rule == nullptr ? "" : rule->met ? "True" : "False", says(key)) << name << ": " << (rule ? rule->reason : "");
    }
    EXPECT_EQ(std::to_string(report.figures.queries), says("result_query_count"));
    EXPECT_EQ(std::to_string(report.settings.min_queries), says("effective_min_query_count"));
    EXPECT_EQ(std::to_string(report.settings.min_samples), says("effective_min_sample_count"));
    EXPECT_EQ(std::to_string(report.settings.samples_per_query), says("effective_samples_per_query"));
    EXPECT_EQ(std::to_string(report.figures.latency.mean), says("result_mean_latency_ns"));
    expect_percentiles(own, report.figures.latency, "result_", "_percentile_latency_ns");
    if (own.scenario == "MultiStream") {
      expect_percentiles(own, report.figures.query_latency, "result_", "_percentile_per_query_latency_ns");
      EXPECT_EQ(std::to_string(report.figures.query_latency.mean), says("result_mean_query_latency_ns"));
    }
    if (own.tokens && own.scenario != "Offline") {
      expect_percentiles(own, report.figures.first_token, "result_first_token_", "_percentile_latency_ns");
      expect_percentiles(own, report.figures.time_per_token, "result_time_per_output_token_", "_percentile_ns");
      EXPECT_EQ(std::to_string(report.figures.first_token.mean), says("result_first_token_mean_latency_ns"));
      EXPECT_EQ(std::to_string(report.figures.time_per_token.mean), says("result_time_to_output_token_mean"));
    }
    const std::string ss = says("early_stopping_latency_ss"), ms = says("early_stopping_latency_ms");
    EXPECT_EQ(std::to_string(report.early_latency_ss_ns.value_or(0)), ss.empty() ? "0" : ss);
    EXPECT_EQ(std::to_string(report.early_latency_ms_ns.value_or(0)), ms.empty() ? "0" : ms);
    std::size_t found = 0;
    for (const auto& [key, value] : report.loadgen) {
      ASSERT_TRUE(own.says.contains(key)) << key;
      EXPECT_NEAR(value, std::stod(own.says.at(key)), 2e-5 * value) << key;
      ++found;
    }
    EXPECT_GE(found, own.scenario == "MultiStream" ? 0u : 1u);
  }
  EXPECT_GE(valid, 4);
}

TEST(MlperfEarlyStopping, has_the_values_of_the_rules) {
  const auto least = [](double p) { return mlperf_passing_queries(1, p) + 1; };
  EXPECT_EQ(least(0.90), 64);
  EXPECT_EQ(least(0.95), 130);
  EXPECT_EQ(least(0.97), 219);
  EXPECT_EQ(least(0.99), 662);
  EXPECT_EQ(least(0.999), 6636);
  const std::pair<std::int64_t, std::int64_t> h[] = {{0, 459}, {1, 661}, {2, 836}, {3, 998}, {5, 1302}, {10, 2000}, {100, 12471}};
  for (const auto& [t, passing] : h) EXPECT_EQ(mlperf_passing_queries(t, 0.99), passing) << t;
  EXPECT_EQ(mlperf_overlatency_allowed(661, 0.99), std::nullopt);
  EXPECT_EQ(mlperf_overlatency_allowed(662, 0.99), 1);
  EXPECT_EQ(mlperf_overlatency_allowed(1000, 0.99), 2);
  EXPECT_EQ(mlperf_overlatency_allowed(10'000, 0.99), 77);
  EXPECT_EQ(mlperf_overlatency_allowed(24'576, 0.99), 209);
  EXPECT_EQ(mlperf_overlatency_allowed(270'336, 0.99), 2583);
}

// 1000 requests a millisecond apart, each of 10 ms with 5 tokens, the first after 2 ms.
LogOf steady_server(std::int64_t queries) {
  LogOf log;
  for (std::int64_t i = 0; i < queries; ++i) {
    const std::int64_t at = i * 1'000'000;
    log.add(static_cast<std::int32_t>(i), static_cast<std::int32_t>(i % 64), at, at + 10'000, at + 2'000'000, at + 10'000'000, 5);
  }
  return log;
}

TEST(MlperfReport, a_late_straggler_moves_loadgens_rate_but_not_ours) {
  LogOf log = steady_server(1000);
  Point point = point_of("server", 1000, 0.5);
  point.limits = {1.0, 1.0, {}, {}};
  const MlperfReport before = *mlperf_report(log.log, point, 64);
  EXPECT_NEAR(*before.samples_s, 1000 / 1.009, 1e-9);
  EXPECT_TRUE(before.valid);
  log.log.requests.end[10] = 20'000'000'000;  // not the query issued last: LoadGen does not see it
  const MlperfReport after = *mlperf_report(log.log, point, 64);
  EXPECT_EQ(after.loadgen, before.loadgen);
  EXPECT_NEAR(*after.samples_s, 1000 / 20.0, 1e-9);
}

TEST(MlperfReport, a_failed_sample_is_later_than_all_and_makes_the_run_invalid) {
  LogOf log = steady_server(1000);
  log.log.requests.error[3] = RequestError::closed;
  Point point = point_of("server", 1000, 0.5);
  point.limits = {1.0, 1.0, {}, {}};
  const MlperfReport report = *mlperf_report(log.log, point, 64);
  EXPECT_EQ(report.figures.failed, 1);
  EXPECT_EQ(report.figures.latency.sorted.back(), kNeverEnded);
  EXPECT_FALSE(report.valid);
  EXPECT_FALSE(report.rule("no_failures")->met);
  EXPECT_THAT(report.rule("no_failures")->reason, HasSubstr("1 of 1000 samples failed"));
  EXPECT_TRUE(report.rule("early_stopping")->met);  // one of 1000 may be late
  EXPECT_EQ(to_json(report)["latency"]["max_ns"], "inf");
}

TEST(MlperfReport, one_token_has_no_time_per_token_and_is_told) {
  LogOf log = steady_server(1000);
  log.log.requests.output_tokens[3] = 1;
  Point point = point_of("server", 1000, 0.5);
  point.limits = {1.0, 1.0, {}, {}};
  const MlperfReport report = *mlperf_report(log.log, point, 64);
  EXPECT_EQ(report.figures.time_per_token.sorted.size(), 999u);
  EXPECT_GE(report.figures.time_per_token.sorted.front(), 0);
  EXPECT_FALSE(report.rule("two_tokens")->met);
  EXPECT_FALSE(report.valid);
}

TEST(MlperfReport, at_the_limit_loadgen_passes_and_the_checker_does_not) {
  LogOf log = steady_server(1000);
  Point point = point_of("server", 1000, 600);
  point.load.mlperf_benchmark = "llama2-70b-99";
  const auto shift_first_token = [&](std::int64_t ttft) {
    for (std::size_t i = 0; i < log.log.messages.size(); i += 2) {
      const std::size_t request = log.log.messages.request[i];
      log.log.messages.received[i] = log.log.requests.intended[request] + ttft;
      log.log.requests.end[request] = log.log.messages.received[i + 1] = log.log.messages.received[i] + 8'000'000;
    }
  };
  const auto checker = [&](const MlperfReport& report) {
    for (const MlperfRule& rule : report.checker)
      if (rule.name == "strictly_within_limits") return rule.met;
    ADD_FAILURE();
    return false;
  };
  shift_first_token(2'000'000'000);
  const MlperfReport at = *mlperf_report(log.log, point, 0);
  EXPECT_TRUE(at.rule("performance_constraints")->met);
  EXPECT_FALSE(checker(at));
  EXPECT_FALSE(at.rule("min_duration")->met);  // 1 s of 600
  EXPECT_THAT(at.rule("min_duration")->reason, HasSubstr("scheduled at 0.999 s, it must reach 600 s"));
  shift_first_token(1'999'999'999);
  EXPECT_TRUE(checker(*mlperf_report(log.log, point, 0)));
  shift_first_token(2'000'000'001);
  const MlperfReport over = *mlperf_report(log.log, point, 0);
  EXPECT_FALSE(over.rule("performance_constraints")->met);
  EXPECT_EQ(over.figures.over, (std::vector<std::int64_t>{-1, 1000, 0}));
}

TEST(MlperfReport, says_why_a_run_does_not_compare) {
  const LogOf log = steady_server(10);
  Point point = point_of("server", 1000, 5);
  point.load.mlperf_benchmark = "llama2-70b";
  const MlperfReport random = *mlperf_report(log.log, point, 0);
  EXPECT_THAT(random.not_comparable, testing::ElementsAre(HasSubstr("minimum duration is 5 s, MLPerf's is 600 s"), HasSubstr("random tokens")));
  point.load.duration_s = 600;
  point.workload.source = "jsonl";
  EXPECT_THAT(mlperf_report(log.log, point, 24'576)->not_comparable, testing::IsEmpty());
  EXPECT_THAT(mlperf_report(log.log, point, 100)->not_comparable, testing::ElementsAre(HasSubstr("the dataset has 100 samples, the benchmark's 24576")));
  point.load.mlperf_benchmark = "stable-diffusion-xl";
  std::get<EndpointTarget>(point.target).api = "images";
  EXPECT_THAT(mlperf_report(log.log, point, 5000)->not_comparable, testing::ElementsAre(HasSubstr("no fixed latent")));
}

TEST(MlperfReport, results_of_one_scenario_stand_for_others) {
  LogOf log;
  for (std::int64_t i = 0; i < 1000; ++i)
    log.add(static_cast<std::int32_t>(i), 0, i * 2'000'000, i * 2'000'000, kAbsent, (i + 1) * 2'000'000, 0);
  Point point = point_of("single-stream", 500, 1);
  point.limits.e2e_s = 1;
  const MlperfReport single = *mlperf_report(log.log, point, 64);
  EXPECT_EQ(single.result, 2.0);
  EXPECT_EQ(single.result_unit, "ms");
  ASSERT_EQ(single.inferred.size(), 2u);
  EXPECT_NEAR(single.inferred[0].value, 16, 1e-9);   // 8 samples of 2 ms
  EXPECT_NEAR(single.inferred[1].value, 500, 1e-9);
}

TEST(MlperfAccuracy, scores_are_held_against_the_targets) {
  const MlperfBenchmark benchmark = *mlperf_round("v5.1")->benchmark("llama2-70b-99");
  const std::map<std::string, double> published = {{"ROUGE1", 44.4542}, {"ROUGE2", 22.0419}, {"ROUGEL", 28.6112}, {"TOKENS_PER_SAMPLE", 301.1}};
  for (const MlperfRule& rule : mlperf_accuracy(benchmark, published)) EXPECT_TRUE(rule.met) << rule.name << " " << rule.reason;
  std::map<std::string, double> bad = published;
  bad["ROUGE2"] = 21.8;
  bad["TOKENS_PER_SAMPLE"] = 330;
  bad.erase("ROUGEL");
  std::vector<std::string> failed;
  for (const MlperfRule& rule : mlperf_accuracy(benchmark, bad))
    if (!rule.met) failed.push_back(rule.name);
  EXPECT_EQ(failed, (std::vector<std::string>{"ROUGE2", "ROUGEL", "TOKENS_PER_SAMPLE"}));
}

TEST(MlperfReport, a_log_of_nothing_is_reported_and_not_valid) {
  Point point = point_of("server", 1000, 5);
  const Result<MlperfReport> report = mlperf_report({}, point, 64);
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->valid);
  EXPECT_FALSE(report->result);
  EXPECT_FALSE(to_json(*report).contains("result"));
}

}  // namespace
}  // namespace tokenmark
