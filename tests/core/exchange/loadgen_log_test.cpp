#include "core/exchange/loadgen_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

namespace tokenmark {
namespace {

using testing::HasSubstr;

const std::string kShared = std::string(TOKENMARK_SHARED_DATA) + "/mlperf";

// A folder of its own, gone afterwards.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("loadgen_log_test." + std::to_string(::getpid()) + "." + std::to_string(next_++))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name, std::ios::binary) << text; }
  std::string path() const { return path_.string(); }

 private:
  static inline int next_ = 0;
  std::filesystem::path path_;
};

std::string message(const std::string& key, const std::string& value, bool is_error = false) {
  return ":::MLLOG {\"key\": \"" + key + "\", \"value\": " + value +
         ", \"time_ms\": 0.1, \"namespace\": \"mlperf::logging\", \"event_type\": \"POINT_IN_TIME\", \"metadata\": {\"is_error\": " +
         (is_error ? "true" : "false") + ", \"is_warning\": false, \"file\": \"a.cc\", \"line_no\": 1, \"pid\": 1, \"tid\": 1}}\n";
}

Result<LoadGenRun> read_detail(const std::string& text) {
  const Folder folder;
  folder.write("mlperf_log_detail.txt", text);
  return read_loadgen_folder(folder.path());
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Published {
  std::string folder, platform, model, scenario;
};

TEST(LoadGenLog, the_four_real_logs_give_exactly_their_published_results) {
  if (!std::filesystem::exists(kShared)) GTEST_SKIP() << kShared << " is not here";
  const nlohmann::json rows = nlohmann::json::parse(bytes_of(kShared + "/v5.1_summary_results.json"));
  const Published logs[] = {
      {"llama2-70b-99_8xMI300X_Interactive", "8xMI300X_2xEPYC_9575F", "llama2-70b-99", "Interactive"},
      {"llama2-70b-99_8xMI300X_Server", "8xMI300X_2xEPYC_9575F", "llama2-70b-99", "Server"},
      {"llama2-70b-99_8xMI300X_Offline", "8xMI300X_2xEPYC_9575F", "llama2-70b-99", "Offline"},
      {"whisper_8xB200_Offline_power", "SR680a_V3_B200SXMx8_TRT", "whisper", "Offline"},
  };
  for (const Published& log : logs) {
    SCOPED_TRACE(log.folder);
    const Result<LoadGenRun> run = read_loadgen_folder(kShared + "/logs/" + log.folder);
    ASSERT_TRUE(run) << run.error().message;
    EXPECT_TRUE(run->valid());
    EXPECT_EQ(run->errors, 0);
    EXPECT_TRUE(run->tokens());
    EXPECT_TRUE(run->notes.empty());
    const std::optional<LoadGenResult> result = loadgen_result(*run, log.model);
    ASSERT_TRUE(result);
    int found = 0;
    for (const nlohmann::json& row : rows) {
      if (row["Platform"] != log.platform || row["Model"] != log.model || row["Scenario"] != log.scenario) continue;
      if (log.model == "whisper" && !row["has_power"].get<bool>()) continue;
      ++found;
      EXPECT_EQ(result->value, row["Performance_Result"].get<double>());
      EXPECT_EQ(result->unit, "tok/s");  // the table calls whisper's tokens samples
      if (row["has_power"].get<bool>()) {
        const std::optional<LoadGenPowerResult> power = loadgen_power_result(*run);
        ASSERT_TRUE(power);
        EXPECT_NEAR(power->value, row["Power_Result"].get<double>(), 1e-9);
        EXPECT_NEAR(power->value, 7636.4895833333, 1e-9);
        EXPECT_EQ(power->unit, "W");
      }
    }
    EXPECT_GE(found, 1);
  }
}

TEST(LoadGenLog, what_a_real_log_says_is_there_under_its_own_keys) {
  if (!std::filesystem::exists(kShared)) GTEST_SKIP() << kShared << " is not here";
  const Result<LoadGenRun> run = read_loadgen_folder(kShared + "/logs/llama2-70b-99_8xMI300X_Server");
  ASSERT_TRUE(run);
  EXPECT_EQ(run->scenario(), "Server");
  EXPECT_EQ(run->text("loadgen_version"), "5.1.0 @ 091d51f041");
  EXPECT_EQ(run->count("effective_schedule_rng_seed"), 18209322760996052031u);  // beyond a double's 53 bits
  EXPECT_EQ(run->number("result_first_token_99.00_percentile_latency_ns"), 1914647645.0);
  EXPECT_EQ(run->number("result_time_per_output_token_99.00_percentile_ns"), 193380124.0);
  EXPECT_EQ(run->number("generated_query_count"), 73728.0);
  EXPECT_EQ(run->text("loaded_qsl_set"), "");  // lists are left out
  EXPECT_EQ(run->began_unix_ns(), 1753953963554000000);
}

TEST(LoadGenLog, a_summary_alone_gives_the_same_figures_rounded) {
  if (!std::filesystem::exists(kShared)) GTEST_SKIP() << kShared << " is not here";
  for (const char* name : {"llama2-70b-99_8xMI300X_Server", "llama2-70b-99_8xMI300X_Offline"}) {
    SCOPED_TRACE(name);
    const std::string real = kShared + "/logs/" + name;
    const Folder folder;
    folder.write("mlperf_log_summary.txt", bytes_of(real + "/mlperf_log_summary.txt"));
    const Result<LoadGenRun> whole = read_loadgen_folder(real), summary = read_loadgen_folder(folder.path());
    ASSERT_TRUE(whole && summary) << summary.error().message;
    EXPECT_TRUE(summary->summary_alone);
    EXPECT_EQ(summary->notes.size(), 1u);
    EXPECT_TRUE(summary->valid());
    std::size_t shared_figures = 0;
    for (const auto& [key, value] : summary->values) {
      const std::optional<double> exact = whole->number(key), rounded = summary->number(key);
      if (!exact || !rounded) continue;
      EXPECT_NEAR(*rounded, *exact, 1e-4 * *exact + 1e-9) << key;
      ++shared_figures;
    }
    EXPECT_GE(shared_figures, 20u);
    EXPECT_NEAR(loadgen_result(*summary)->value, loadgen_result(*whole)->value, 0.1);
  }
}

TEST(LoadGenLog, both_rounds_spellings_of_the_time_per_token_are_read) {
  for (const char* word : {"to", "per"}) {
    const Folder folder;
    folder.write("mlperf_log_summary.txt", std::string("MLPerf Results Summary\nScenario : Server\nMax Time ") + word +
                                               " Output Token (ns)                : 449073359\n");
    const Result<LoadGenRun> run = read_loadgen_folder(folder.path());
    ASSERT_TRUE(run) << run.error().message;
    EXPECT_EQ(run->number("result_time_to_output_token_max"), 449073359.0);
  }
}

TEST(LoadGenLog, the_first_of_two_equal_keys_counts_and_errors_are_counted) {
  const Result<LoadGenRun> run =
      read_detail(message("effective_scenario", "\"Server\"") + message("result_query_count", "7") + message("result_query_count", "8") +
                  message("error_runtime", "\"too slow\"", true) + "a line of the SUT's own\n" + message("error_runtime", "\"again\"", true));
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->number("result_query_count"), 7.0);
  EXPECT_EQ(run->errors, 2);
  EXPECT_EQ(run->error_texts, (std::vector<std::string>{"error_runtime: too slow", "error_runtime: again"}));
}

TEST(LoadGenLog, a_figure_that_is_no_number_is_absent) {
  const Result<LoadGenRun> run = read_detail(message("effective_scenario", "\"Server\"") + message("result_completed_samples_per_sec", "inf") +
                                             message("result_scheduled_samples_per_sec", "-nan") + message("result_query_count", "1"));
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_FALSE(run->number("result_completed_samples_per_sec"));
  EXPECT_FALSE(run->number("result_scheduled_samples_per_sec"));
  EXPECT_FALSE(loadgen_result(*run));
  EXPECT_EQ(run->number("result_query_count"), 1.0);
}

TEST(LoadGenLog, single_and_multi_stream_are_published_as_latencies) {
  const Result<LoadGenRun> single =
      read_detail(message("effective_scenario", "\"SingleStream\"") + message("early_stopping_latency_ss", "2500000") +
                  message("result_90.00_percentile_latency_ns", "2400000"));
  ASSERT_TRUE(single);
  EXPECT_EQ(loadgen_result(*single, "resnet")->value, 2.5);
  EXPECT_EQ(loadgen_result(*single, "resnet")->unit, "ms");
  EXPECT_EQ(loadgen_result(*single, "wan-2.2-t2v-a14b")->value, 0.0025);
  EXPECT_EQ(loadgen_result(*single, "wan-2.2-t2v-a14b")->unit, "s");
  EXPECT_EQ(loadgen_result(*single, "llama3.1-8b-edge")->value, 2.4);
  const Result<LoadGenRun> multi = read_detail(message("effective_scenario", "\"MultiStream\"") + message("early_stopping_latency_ms", "9000000"));
  ASSERT_TRUE(multi);
  EXPECT_EQ(loadgen_result(*multi)->value, 9.0);
}

TEST(LoadGenLog, power_is_the_mean_of_what_lies_strictly_inside_and_above_nothing) {
  const std::string spl =
      "Time,07-25-2025 15:30:43.000,Watts,1000.0,Volts,210\n"  // at the begin: outside
      "Time,07-25-2025 15:30:44.000,Watts,100.0,Volts,210\n"
      "a comment\n"
      "Time,07-25-2025 15:30:45.000,Watts,0.0,Volts,210\n"     // a meter that saw nothing
      "Time,07-25-2025 15:30:46.999,Watts,300.5,Volts,210\n"
      "Time,07-25-2025 15:30:47.000,Watts,1000.0,Volts,210\n";
  const Result<LoadGenPower> power = loadgen_power(spl, "07-25-2025 15:30:43.000", "07-25-2025 15:30:47.000", "spl.txt");
  ASSERT_TRUE(power) << power.error().message;
  EXPECT_DOUBLE_EQ(power->watts, 200.25);
  EXPECT_EQ(power->samples, 2u);
  EXPECT_DOUBLE_EQ(power->seconds, 4.0);
  LoadGenRun run;
  run.values = {{"effective_scenario", "SingleStream"}, {"result_query_count", "100"}};
  run.power = *power;
  EXPECT_DOUBLE_EQ(loadgen_power_result(run)->value, 200.25 * 4 * 1000 / 100);
  EXPECT_EQ(loadgen_power_result(run)->unit, "mJ/query");
}

TEST(LoadGenLog, times_are_utc_and_impossible_ones_are_refused) {
  EXPECT_EQ(loadgen_time_ns("01-01-1970 00:00:01.5"), 1'500'000'000);
  EXPECT_EQ(loadgen_time_ns("02-29-2024 00:00:00"), 1'709'164'800'000'000'000);
  for (const char* bad : {"", "02-30-2024 00:00:00", "2024-02-01 00:00:00", "02-01-2024 24:00:00", "02-01-9999 00:00:00", "02-01-2024 00:00:00x"})
    EXPECT_FALSE(loadgen_time_ns(bad)) << bad;
}

TEST(LoadGenLog, the_scores_of_accuracy_txt_have_the_checkers_names) {
  const auto scores = loadgen_scores("log\n{'rouge1': '44.4542', 'rouge2': np.float64(22.0419), 'rougeL': 28.6112, 'gen_len': 28124112, "
                                     "'tokens_per_sample': 301.1}\nhash=abc\n");
  EXPECT_EQ(scores, (std::map<std::string, double>{{"ROUGE1", 44.4542}, {"ROUGE2", 22.0419}, {"ROUGEL", 28.6112}, {"GEN_LEN", 28124112},
                                                   {"TOKENS_PER_SAMPLE", 301.1}}));
}

TEST(LoadGenLog, errors_name_the_file_and_the_line) {
  const Folder empty;
  EXPECT_THAT(read_loadgen_folder(empty.path()).error().message, HasSubstr("neither mlperf_log_detail.txt nor"));
  EXPECT_THAT(read_detail("").error().message, HasSubstr("does not begin with :::MLLOG"));
  EXPECT_THAT(read_detail(":::ENDPTS {}\n").error().message, HasSubstr("MLPerf Endpoints"));
  EXPECT_THAT(read_detail(message("effective_scenario", "\"Server\"") + ":::MLLOG {\"key\": \n").error().message,
              HasSubstr("mlperf_log_detail.txt:2: not a message of LoadGen"));
  EXPECT_THAT(read_detail(message("effective_scenario", "\"Bogus\"")).error().message, HasSubstr("the scenario is 'Bogus'"));
  EXPECT_THAT(loadgen_power("Time,x,Watts,1\n", "01-01-2020 00:00:00", "01-01-2020 00:00:01", "spl.txt").error().message, HasSubstr("spl.txt:1"));
  EXPECT_THAT(loadgen_power("", "", "", "spl.txt").error().message, HasSubstr("power_begin ''"));
}

TEST(LoadGenLog, a_pipe_or_a_folder_in_place_of_a_log_is_refused) {
  const Folder folder;
  std::filesystem::create_directory(folder.path() + "/mlperf_log_detail.txt");
  EXPECT_THAT(read_loadgen_folder(folder.path()).error().message, HasSubstr("is not a file"));
}

std::string mutated(std::string text, std::mt19937& rng) {
  for (unsigned edits = 1 + rng() % 4; edits > 0 && !text.empty(); --edits) {
    const std::size_t at = rng() % text.size();
    switch (rng() % 4) {
      case 0: text[at] = static_cast<char>(rng()); break;
      case 1: text.erase(at, rng() % 20); break;
      case 2: text.insert(at, text.substr(rng() % text.size(), rng() % 30)); break;
      default: text.resize(at); break;
    }
  }
  return text;
}

// Mutated logs either read or are refused by name; nothing else may happen.
TEST(LoadGenLog, mutated_logs_are_read_or_refused) {
  const std::string detail = message("effective_scenario", "\"Server\"") + message("result_completed_samples_per_sec", "81.6768") +
                       message("power_begin", "\"07-31-2025 09:26:03.554\"") + message("power_end", "\"07-31-2025 09:41:24.027\"") +
                       message("loaded_qsl_set", "[1,2,3]") + message("result_validity", "\"VALID\"");
  const std::string summary = "MLPerf Results Summary\nScenario : Server\nResult is : VALID\n99.00 percentile latency (ns)   : 5\n";
  const std::string spl = "Time,07-31-2025 09:26:44.482,Watts,2745.800000,Volts,211.130000,Amps,4.425000\n";
  const std::string texts[] = {detail, summary, spl};
  const char* names[] = {"mlperf_log_detail.txt", "mlperf_log_summary.txt", "spl.txt"};
  std::mt19937 rng(1);
  const Folder folder;
  for (int i = 0; i < 3; ++i) folder.write(names[i], texts[i]);
  int refused = 0;
  for (int round = 0; round < 1000; ++round) {
    const unsigned victim = rng() % 3;
    folder.write(names[victim], mutated(texts[victim], rng));
    const Result<LoadGenRun> run = read_loadgen_folder(folder.path());
    if (run) {
      (void)loadgen_result(*run);
      (void)loadgen_power_result(*run);
    } else {
      ++refused;
      EXPECT_THAT(run.error().message, HasSubstr(folder.path()));
    }
    folder.write(names[victim], texts[victim]);
  }
  EXPECT_GT(refused, 100);
}

TEST(LoadGenLog, a_tree_of_1400_logs_is_read_in_seconds) {
  if (!std::filesystem::exists(kShared)) GTEST_SKIP() << kShared << " is not here";
  const auto began = std::chrono::steady_clock::now();
  constexpr int kLogs = 100;
  for (int i = 0; i < kLogs; ++i) ASSERT_TRUE(read_loadgen_folder(kShared + "/logs/llama2-70b-99_8xMI300X_Server"));
  const double each_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count() / kLogs;
  RecordProperty("milliseconds_a_log", std::to_string(each_s * 1e3));
  std::printf("%.3f ms a log, 1,400 logs: %.2f s\n", each_s * 1e3, each_s * 1400);
}

}  // namespace
}  // namespace tokenmark
