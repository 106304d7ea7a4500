// The verb mlperf as a person calls it: the embedded engine measured by LoadGen's rules, and logs checked.
#include <gmock/gmock.h>

#include "tests/app/cli/program.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Mlperf : public CliTest {
 protected:
  std::string dataset(int rows) const {
    std::string text;
    for (int i = 0; i < rows; ++i)
      text += json{{"prompt", "question number " + std::to_string(i)}, {"right", "once upon a time"}, {"output", 4 + i % 5}}.dump() + "\n";
    return write("questions.jsonl", text);
  }
  std::vector<std::string> run(const std::vector<std::string>& more) const {
    std::vector<std::string> all = {"mlperf", "run", "--engine", "shape:stories260k:f32", "--benchmark", "llama2-70b", "--dataset", dataset(64), "--json"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

TEST_F(Mlperf, a_server_run_is_judged_and_its_logs_read_back) {
  const json report = document(run({"--scenario", "server", "--qps", "300", "--duration", "2", "--output", file("logs")}));
  EXPECT_EQ(report["queries"], 640);  // 2 s at 300/s, in whole rounds through the 64 samples
  EXPECT_EQ(report["failed"], 0);
  EXPECT_EQ(report["benchmark"], "llama2-70b");
  EXPECT_EQ(report["not_comparable"].size(), 3u) << report["not_comparable"];  // 2 s, 64 samples, random weights
  EXPECT_GT(report["loadgen"]["result_completed_tokens_per_second"], 0);
  EXPECT_LT(report["latency"]["p50_ns"], 2'000'000'000);
  const Ran checked = cli({"mlperf", "check", file("logs"), "--benchmark", "llama2-70b"});
  EXPECT_EQ(checked.code, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr(report["valid"].get<bool>() ? "Server, PerformanceOnly: VALID" : "Server, PerformanceOnly: not VALID"));
  EXPECT_THAT(checked.out, HasSubstr("met     seeds: those of v6.0"));
  EXPECT_THAT(checked.out, HasSubstr("NOT MET duration_600_s"));
  EXPECT_THAT(checked.out, HasSubstr("result_completed_tokens_per_second"));
}

TEST_F(Mlperf, offline_sends_all_samples_at_once) {
  const json report = document(run({"--scenario", "offline", "--qps", "10", "--duration", "1", "--min-queries", "100"}));
  EXPECT_EQ(report["queries"], 1);
  EXPECT_EQ(report["samples"], 128);  // 100, in whole rounds through the 64
  EXPECT_GT(report["loadgen"]["result_tokens_per_second"], 0);
}

TEST_F(Mlperf, an_accuracy_run_asks_each_sample_once_and_is_scored) {
  const json report =
      document(run({"--scenario", "server", "--qps", "200", "--mode", "accuracy", "--reference", "right", "--output", file("logs")}));
  EXPECT_EQ(report["samples"], 64);
  EXPECT_TRUE(report["valid"]) << report["rules"];
  EXPECT_EQ(report["accuracy"].size(), 4u);
  const json answers = json::parse(content(file("logs") + "/mlperf_log_accuracy.json"));
  ASSERT_EQ(answers.size(), 64u);
  std::vector<int> seen(64);
  for (const json& answer : answers) ++seen[answer["qsl_idx"].get<std::size_t>()];
  EXPECT_THAT(seen, testing::Each(1));
}

TEST_F(Mlperf, real_logs_are_checked_and_rounds_shown) {
  const std::string logs = std::string(TOKENMARK_SHARED_DATA) + "/mlperf/logs";
  const Ran rounds = cli({"mlperf", "rounds"});
  EXPECT_EQ(rounds.code, 0);
  EXPECT_THAT(rounds.out, HasSubstr("MLPerf Inference v6.1: seeds 2085463073848966840"));
  EXPECT_THAT(rounds.out, HasSubstr("450/40"));
  if (!std::filesystem::exists(logs)) GTEST_SKIP() << logs << " is not here";
  const Ran power = cli({"mlperf", "check", logs + "/whisper_8xB200_Offline_power"});
  EXPECT_THAT(power.out, HasSubstr("43698.6 tok/s (result_tokens_per_second)\n7636.489583 W"));
  const Ran interactive = cli({"mlperf", "check", logs + "/llama2-70b-99_8xMI300X_Interactive", "--benchmark", "llama2-70b-99", "--interactive"});
  EXPECT_THAT(interactive.out, HasSubstr("met     ttft_strictly_within: 0.435976 s, it must be below 0.45 s"));
  EXPECT_THAT(interactive.out, testing::Not(HasSubstr("NOT MET")));
}

TEST_F(Mlperf, what_cannot_be_is_named) {
  EXPECT_EQ(cli({"mlperf", "check", file("nothing")}).code, 2);
  const Ran scenario = cli(run({"--scenario", "multi-stream"}));
  EXPECT_EQ(scenario.code, 2);
  EXPECT_THAT(scenario.err, HasSubstr("llama2-70b has no scenario 'multi-stream' in MLPerf v6.0; it has server, interactive, offline"));
  const Ran rate = cli(run({"--scenario", "server"}));
  EXPECT_EQ(rate.code, 2);
  EXPECT_THAT(rate.err, HasSubstr("load.rate is 0"));
  const Ran peak = cli(run({"--scenario", "offline", "--find-peak"}));
  EXPECT_EQ(peak.code, 2);
  EXPECT_THAT(peak.err, HasSubstr("offline has no rate to find"));
}

}  // namespace
}  // namespace tokenmark
