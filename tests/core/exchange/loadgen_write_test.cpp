#include "core/exchange/loadgen_write.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/exchange/loadgen_log.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

// `queries` requests of `samples` each, a gap apart, of 5 tokens in 10 ms, the first after 2 ms.
EventLog log_of(std::int64_t queries, std::int64_t samples, std::int64_t gap_ns) {
  EventLog log;
  log.wall_clock_start_ns = 1'753'953'963'554'000'000;
  RequestColumns& r = log.requests;
  for (std::int64_t i = 0; i < queries * samples; ++i) {
    const std::int64_t at = i / samples * gap_ns;
    for (auto* column : {&r.intended, &r.queued}) column->push_back(at);
    for (auto* column : {&r.send_start, &r.sent, &r.headers}) column->push_back(at + 1000);
    r.connected.push_back(kAbsent);
    r.end.push_back(at + 10'000'000);
    for (auto* column : {&r.input_tokens, &r.output_tokens, &r.requested_input, &r.requested_output}) column->push_back(5);
    r.token_source.push_back(TokenSource::usage);
    r.status.push_back(200);
    r.error.push_back(RequestError::none);
    r.warmup.push_back(0);
    r.group.push_back(static_cast<std::int32_t>(i / samples));
    r.sample.push_back(static_cast<std::int32_t>(i % 64));
    for (const auto& [when, tokens] : {std::pair{at + 2'000'000, 1}, std::pair{at + 10'000'000, 4}}) {
      log.messages.request.push_back(static_cast<std::uint32_t>(i));
      log.messages.received.push_back(when);
      log.messages.bytes.push_back(1);
      log.messages.tokens.push_back(tokens);
      log.messages.kind.push_back(MessageKind::content);
    }
  }
  return log;
}

Point point_of(const std::string& scenario, double rate, double duration_s) {
  Point point;
  point.target = EndpointTarget{"http://127.0.0.1:1", "m"};
  point.load.scenario = scenario;
  point.load.rate = rate;
  point.load.duration_s = duration_s;
  point.limits = {1.0, 1.0, {}, {}};
  return point;
}

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("loadgen_write_test." + std::to_string(::getpid()))) {}
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_.string(); }
  std::string text(const char* name) const {
    std::ifstream in(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::filesystem::path path_;
};

TEST(LoadGenWrite, what_is_written_reads_back_with_the_same_figures) {
  const std::tuple<const char*, std::int64_t, std::int64_t> runs[] = {
      {"server", 1, 1'000'000}, {"single-stream", 1, 10'000'000}, {"multi-stream", 8, 10'000'000}, {"offline", 1000, 0}};
  for (const auto& [scenario, samples, gap] : runs) {
    SCOPED_TRACE(scenario);
    const Folder folder;
    const EventLog log = log_of(std::string(scenario) == "offline" ? 1 : 1000, samples, gap);
    const Point point = point_of(scenario, std::string(scenario) == "multi-stream" ? 12.5 : 100, 0.005);
    const MlperfReport report = *mlperf_report(log, point, 64);
    ASSERT_TRUE(report.valid) << to_json(report)["rules"].dump(1);
    const Status written = write_loadgen_folder(folder.path(), log, report, {"a \"quoted\" system", "set"});
    ASSERT_TRUE(written) << written.error().message;
    const Result<LoadGenRun> run = read_loadgen_folder(folder.path());
    ASSERT_TRUE(run) << run.error().message;
    EXPECT_TRUE(run->notes.empty());
    EXPECT_TRUE(run->valid());
    EXPECT_EQ(run->errors, 0);
    EXPECT_EQ(run->text("sut_name"), "a \"quoted\" system");
    EXPECT_EQ(run->scenario(), report.settings.scenario.loadgen);
    EXPECT_EQ(run->began_unix_ns(), log.wall_clock_start_ns);
    EXPECT_EQ(run->count("effective_sample_index_rng_seed"), 14276810075590677512u);
    EXPECT_EQ(run->number("result_99.00_percentile_latency_ns"), static_cast<double>(report.figures.latency.at(0.99)));
    if (!report.figures.first_token.empty()) {
      EXPECT_EQ(run->number("result_first_token_99.00_percentile_latency_ns"), 2'000'000.0);
      EXPECT_EQ(run->number("result_time_per_output_token_99.00_percentile_ns"), 2'000'000.0);
    }
    for (const auto& [key, value] : report.loadgen) EXPECT_NEAR(run->number(key).value_or(-1), value, 1e-5 * value) << key;
    const std::optional<LoadGenResult> result = loadgen_result(*run, "llama3.1-8b-edge");
    ASSERT_TRUE(result && report.result);
    EXPECT_EQ(result->key, report.result_key);
    EXPECT_NEAR(result->value, *report.result, 1e-5 * *report.result);
    EXPECT_EQ(result->unit, report.result_unit);
    EXPECT_TRUE(nlohmann::json::accept(folder.text("mlperf_log_trace.json")));
    EXPECT_EQ(folder.text("mlperf_log_accuracy.json"), "[\n]\n");
  }
}

TEST(LoadGenWrite, the_keys_that_the_submission_checker_asks_for_are_there) {
  Point point = point_of("interactive", 1000, 600);
  point.load.mlperf_benchmark = "llama2-70b-99";
  point.load.mlperf_round = "v5.1";
  const EventLog log = log_of(1000, 1, 1'000'000);
  const MlperfReport report = *mlperf_report(log, point, 0);
  const std::string detail = *loadgen_detail(log, report, {"s", "q"});
  for (const char* key : {"effective_scenario", "effective_performance_sample_count", "effective_qsl_rng_seed", "effective_sample_index_rng_seed",
                          "effective_schedule_rng_seed", "early_stopping_met", "effective_target_latency_ns", "result_99.00_percentile_latency_ns",
                          "effective_min_query_count", "effective_samples_per_query", "effective_min_duration_ms", "sut_name",
                          "requested_use_token_latencies", "result_first_token_99.00_percentile_latency_ns",
                          "result_time_per_output_token_99.00_percentile_ns", "result_validity", "result_completed_samples_per_sec",
                          "result_completed_tokens_per_second", "result_mean_latency_ns", "result_query_count", "power_begin", "power_end",
                          "effective_sample_concatenate_permutation"})
    EXPECT_THAT(detail, HasSubstr(std::string("\"key\": \"") + key + "\"")) << key;
  EXPECT_THAT(detail, HasSubstr("\"power_begin\", \"value\": \"07-31-2025 09:26:03.554\""));
  EXPECT_THAT(loadgen_summary(report, {"s", "q"}), HasSubstr("Max Time to Output Token (ns)"));  // v5.1's word
}

TEST(LoadGenWrite, failures_are_errors_of_the_log) {
  EventLog log = log_of(1000, 1, 1'000'000);
  log.requests.error[5] = RequestError::closed;
  const Folder folder;
  const MlperfReport report = *mlperf_report(log, point_of("server", 1000, 0.5), 64);
  ASSERT_TRUE(write_loadgen_folder(folder.path(), log, report, {"s", "q"}));
  const Result<LoadGenRun> run = read_loadgen_folder(folder.path());
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_FALSE(run->valid());
  EXPECT_EQ(run->errors, 1);
  EXPECT_EQ(run->error_texts, std::vector<std::string>{"error_runtime: sample 5 was not answered: closed"});
  EXPECT_THAT(folder.text("mlperf_log_summary.txt"), HasSubstr("1 ERROR encountered"));
}

TEST(LoadGenWrite, answers_of_accuracy_mode_read_back) {
  EventLog log = log_of(3, 1, 1'000'000);
  log.answers = {"one", "zwölf", ""};
  Point point = point_of("offline", 1, 1);
  point.load.mlperf_mode = "accuracy";
  const MlperfReport report = *mlperf_report(log, point, 3);
  EXPECT_TRUE(report.valid);
  const Folder folder;
  ASSERT_TRUE(write_loadgen_folder(folder.path(), log, report, {"s", "q"}));
  const auto answers = nlohmann::json::parse(folder.text("mlperf_log_accuracy.json"), nullptr, false);
  ASSERT_TRUE(answers.is_array());
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_THAT(answers[1]["data"].get<std::string>(), testing::StrCaseEq("7A77C3B66C66"));  // "zwölf"
  EXPECT_EQ(answers[1]["qsl_idx"], 1u);
  EXPECT_EQ(answers[1]["token_count"], 5);
  EXPECT_TRUE(read_loadgen_folder(folder.path()));
}

}  // namespace
}  // namespace tokenmark
