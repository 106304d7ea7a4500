#include "core/metrics/dialects.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/core/metrics/log_builder.h"

namespace tokenmark {
namespace {

using nlohmann::json;

// Two requests of a chat, one that failed and a warm-up; all figures below are worked out from it by hand.
// A: sent at 0 ms, ended at 150; role at 10; tokens at 50 (1), 110 (3), 130 (1); an empty text at 140; usage at 145.
// B: sent at 20 ms, ended at 125; tokens at 80 (1) and 120 (1).
EventLog small_log() {
  LogBuilder builder;
  builder.add({-500, -500, -400, 10, -1, RequestError::none, true}, {{-450, 1}, {-440, 1}});
  const auto a = builder.add({0, 0, 150, 100, 5}, {}), b = builder.add({20, 20, 125, 50, 2}, {});
  builder.message(a, 10, 0, MessageKind::role);
  builder.message(a, 50, 1, MessageKind::content);
  builder.message(b, 80, 1, MessageKind::content);
  builder.message(a, 110, 3, MessageKind::content);
  builder.message(b, 120, 1, MessageKind::content);
  builder.message(a, 130, 1, MessageKind::content);
  builder.message(a, 140, 0, MessageKind::content);
  builder.message(a, 145, 0, MessageKind::usage);
  builder.add({30, 30, 90, 10, -1, RequestError::closed}, {});
  return builder.log;
}

Limits limits() {
  Limits out;
  out.ttft_s = 0.055;
  out.tpot_s = 0.040;
  return out;
}

json figures(const EventLog& log, const char* dialect, const Limits& limits = {}) {
  return *dialect_figures(LogReading(log), limits, dialect);
}

void expect(const json& out, const std::vector<std::pair<const char*, double>>& values) {
  for (const auto& [pointer, value] : values) {
    const json::json_pointer at(std::string("/") + pointer);
    ASSERT_TRUE(out.contains(at)) << pointer << " in " << out.dump(1);
    EXPECT_NEAR(out[at].get<double>(), value, 1e-9 * std::abs(value)) << pointer;
  }
}

// Chunks of A: 10, 50, 110, 130, 140: TTFT 10, gaps 40, 60, 20, 10, E2E 140, TPOT (140 − 10)/4. B: TTFT 60, gap 40, E2E
// 100, TPOT 40. Whole run: 0 to 150 ms. Gaps by size: 10, 20, 40, 40, 60: mean 34, squares from it 1520.
const std::vector<std::pair<const char*, double>> kVllm = {
    {"completed", 2}, {"total_input_tokens", 150}, {"total_output_tokens", 7}, {"duration", 0.15},
    {"request_throughput", 2 / 0.15}, {"output_throughput", 7 / 0.15}, {"total_token_throughput", 157 / 0.15},
    {"mean_ttft_ms", 35}, {"median_ttft_ms", 35}, {"std_ttft_ms", 25}, {"p90_ttft_ms", 55}, {"p99_ttft_ms", 59.5},
    {"mean_tpot_ms", 36.25}, {"p99_tpot_ms", 32.5 + 0.99 * 7.5},
    {"mean_itl_ms", 34}, {"median_itl_ms", 40}, {"std_itl_ms", std::sqrt(304.0)}, {"p90_itl_ms", 52},
    {"mean_e2el_ms", 120}, {"std_e2el_ms", 20}, {"p99.9_e2el_ms", 139.96}};

TEST(Dialects, vllm) {
  const json out = figures(small_log(), "vllm", limits());
  expect(out, kVllm);
  // A met both limits; B's TTFT of 60 did not. All 7 chunks fall into one second; both were under way at once.
  expect(out, {{"failed", 1}, {"request_goodput", 1 / 0.15}, {"max_output_tokens_per_s", 7}, {"max_concurrent_requests", 2}});
  EXPECT_TRUE(figures(small_log(), "vllm")["request_goodput"].is_null());
}

TEST(Dialects, inferencex_is_vllm_with_its_colon_and_without_what_came_later) {
  const json out = figures(small_log(), "inferencex", limits());
  expect(out, kVllm);
  expect(out, {{"request_goodput:", 1 / 0.15}});
  for (const char* key : {"failed", "request_goodput", "max_output_tokens_per_s"}) EXPECT_FALSE(out.contains(key)) << key;
}

// A: TTFT 50, gap 60 ÷ 3 three times and 20 once, E2E to the end of the stream 150, TPOT 100/4. B: TTFT 60, gap 40, E2E
// 105, TPOT 45. Gaps: 20, 20, 20, 20, 40. Requests under way on average: (150 + 105)/150.
TEST(Dialects, sglang) {
  const json out = figures(small_log(), "sglang");
  expect(out, {{"completed", 2}, {"total_output_tokens", 7}, {"duration", 0.15}, {"input_throughput", 1000},
               {"total_throughput", 157 / 0.15}, {"mean_ttft_ms", 55}, {"p95_ttft_ms", 59.5}, {"mean_tpot_ms", 35},
               {"mean_itl_ms", 24}, {"median_itl_ms", 20}, {"std_itl_ms", 8}, {"p90_itl_ms", 32}, {"mean_e2e_latency_ms", 127.5},
               {"p90_e2e_latency_ms", 145.5}, {"concurrency", 1.7}, {"max_output_tokens_per_s", 7}, {"max_concurrent_requests", 2}});
}

TEST(Dialects, sglang_takes_the_length_asked_for_where_the_server_did_not_tell) {
  EventLog log = small_log();
  log.requests.token_source[2] = TokenSource::tokenizer;  // B, of which 100 were asked
  expect(figures(log, "sglang"), {{"total_output_tokens", 105}, {"p99_tpot_ms", 45.0 / 99 + 0.99 * (25 - 45.0 / 99)}});
  expect(figures(log, "vllm"), {{"total_output_tokens", 7}});
}

// TPOT with the first token: A 130/5 with weight 5, B 100/2 with weight 2. ITL: A 80/4 with weight 4, B 40/1 with 1.
// Percentiles without interpolation: of two equal weights the median is the smaller. E2E: to the end.
// Ends at 125 and 150 in a run from 0 to 150: rates 0 for 62.5 ms, 1/0.075 for 75 ms, 1/0.0125 for 12.5 ms.
// Under way: 1 for 20 + 25 ms, 2 for 105 ms. Tokens of A as it spreads them: 1 at 50, 2 at 90 and 2 at 130.
TEST(Dialects, guidellm) {
  const json out = figures(small_log(), "guidellm");
  expect(out, {{"request_totals/successful", 2}, {"request_totals/errored", 1}, {"request_totals/total", 3},
               {"request_latency/successful/mean", 0.1275}, {"request_latency/successful/median", 0.105},
               {"time_to_first_token_ms/successful/mean", 55}, {"time_to_first_token_ms/successful/percentiles/p50", 50},
               {"time_to_first_token_ms/successful/percentiles/p75", 60},
               {"time_per_output_token_ms/successful/mean", 230.0 / 7}, {"time_per_output_token_ms/successful/count", 7},
               {"time_per_output_token_ms/successful/percentiles/p50", 26}, {"time_per_output_token_ms/successful/percentiles/p75", 50},
               {"time_per_output_token_ms/successful/variance", (5 * 48.0 * 48 + 2 * 120.0 * 120) / 49 / 7},
               {"inter_token_latency_ms/successful/mean", 24}, {"inter_token_latency_ms/successful/percentiles/p75", 20},
               {"inter_token_latency_ms/successful/percentiles/p90", 40}, {"output_token_count/successful/total_sum", 7},
               {"prompt_token_count/successful/mean", 75}, {"total_token_count/successful/max", 105},
               {"requests_per_second/successful/mean", 2 / 0.15}, {"requests_per_second/successful/median", 1 / 0.075},
               {"requests_per_second/successful/max", 80}, {"requests_per_second/successful/count", 2},
               {"request_concurrency/successful/mean", 1.7}, {"request_concurrency/successful/median", 2},
               {"request_concurrency/successful/percentiles/p25", 1}, {"output_tokens_per_second/successful/mean", 7 / 0.15},
               {"output_tokens_per_second/successful/max", 2 / 0.015}, {"tokens_per_second/successful/mean", 157 / 0.15},
               {"prompt_tokens_per_second/successful/count", 150}, {"duration", 0.15}});
}

// Texts of A: 50, 110, 130: TTFT 50, second token after 60, latency 130, ITL 80/4, gaps 60 and 20. B: 60, 40, 100, 40/1,
// gap 40. Duration: 0 to the last text at 130.
TEST(Dialects, aiperf) {
  const json out = figures(small_log(), "aiperf", limits());
  expect(out, {{"request_count/avg", 2}, {"error_request_count/avg", 1}, {"benchmark_duration/avg", 0.13},
               {"request_throughput/avg", 2 / 0.13}, {"output_token_throughput/avg", 7 / 0.13}, {"total_token_throughput/avg", 157 / 0.13},
               {"request_latency/avg", 115}, {"request_latency/p99", 129.7}, {"request_latency/std", 15},
               {"time_to_first_token/p50", 55}, {"time_to_second_token/avg", 50}, {"inter_token_latency/avg", 30},
               {"inter_token_latency/max", 40}, {"inter_chunk_latency/avg", 40}, {"inter_chunk_latency/count", 3},
               {"inter_chunk_latency/p25", 30}, {"output_token_throughput_per_user/avg", 37.5}, {"output_sequence_length/sum", 7},
               {"input_sequence_length/avg", 75}, {"goodput/avg", 1 / 0.13}});
  EXPECT_EQ(out["request_latency"]["unit"], "ms");
}

TEST(Dialects, all_of_them_by_name_and_none_of_a_log_without_text) {
  const json all = all_dialects(small_log(), {});
  for (const std::string_view name : dialect_names()) EXPECT_TRUE(all.contains(std::string(name))) << name;
  LogBuilder images;
  images.message(images.add({0, 0, 10, -1}, {}), 10, 0, MessageKind::media);
  EXPECT_TRUE(all_dialects(images.log, {}).empty());
  EXPECT_TRUE(all_dialects({}, {}).empty());
  EXPECT_EQ(dialect_figures(LogReading(images.log), {}, "vlm").error().message,
            "there is no dialect 'vlm', only inferencex, vllm, sglang, guidellm, aiperf");
}

TEST(Dialects, a_log_in_which_all_failed_has_counts_and_no_latencies) {
  LogBuilder builder;
  builder.add({0, 0, 100, 10, -1, RequestError::refused}, {});
  for (const std::string_view name : dialect_names()) {
    const json out = *dialect_figures(LogReading(builder.log), limits(), name);
    EXPECT_EQ(out.dump().find("null"), std::string::npos) << name << out;  // NaN would be written so
  }
}

// ---- real files ----

const std::filesystem::path kRepeats = std::filesystem::path(TOKENMARK_SHARED_DATA) / "inferencex/sweep_with_repeats";

json read(const std::filesystem::path& file) {
  std::ifstream in(file);
  return json::parse(in, nullptr, false);
}

// A log as the client saw it: requests of the given lengths and TTFTs, in a run as long as the file's.
EventLog rebuilt(const json& file, const std::vector<double>& ttfts, const std::vector<int>& inputs, const std::vector<int>& outputs) {
  LogBuilder builder;
  const double duration_ms = file["duration"].get<double>() * 1e3;
  for (std::size_t i = 0; i < ttfts.size(); ++i)
    builder.add({0, 0, duration_ms, inputs[i], outputs[i]}, {{ttfts[i] * 1e3, 1}, {ttfts[i] * 1e3 + 1, 1}});
  return builder.log;
}

TEST(Dialects, aggregates_of_a_real_file_follow_from_its_arrays) {
  const json file = read(kRepeats / "gt_c4_detailed.json");
  if (!file.is_object()) GTEST_SKIP() << "needs shared/data/inferencex";
  const json out = figures(rebuilt(file, file["ttfts"], file["input_lens"], file["output_lens"]), "inferencex");
  for (const char* key : {"completed", "duration", "total_input_tokens", "total_output_tokens", "request_throughput", "output_throughput",
                          "total_token_throughput", "mean_ttft_ms", "median_ttft_ms", "std_ttft_ms", "p50_ttft_ms", "p90_ttft_ms",
                          "p95_ttft_ms", "p99_ttft_ms"})
    expect(out, {{key, file[key].get<double>()}});
}

TEST(Dialects, throughputs_of_real_files_are_tokens_over_the_whole_run) {
  if (!std::filesystem::exists(kRepeats)) GTEST_SKIP() << "needs shared/data/inferencex";
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kRepeats)) {
    const json file = read(entry.path());
    if (!file.is_object() || !file.contains("completed")) continue;
    const auto n = file["completed"].get<std::size_t>();
    // The totals are what counts: all but one token each, the rest in the first request.
    std::vector<int> inputs(n, 1), outputs(n, 2);
    inputs[0] += file["total_input_tokens"].get<int>() - static_cast<int>(n);
    outputs[0] += file["total_output_tokens"].get<int>() - static_cast<int>(2 * n);
    const json out = figures(rebuilt(file, std::vector<double>(n, 0.1), inputs, outputs), "inferencex");
    for (const char* key : {"request_throughput", "output_throughput", "total_token_throughput"}) expect(out, {{key, file[key].get<double>()}});
    ++files;
  }
  EXPECT_GE(files, 20);
}

}  // namespace
}  // namespace tokenmark
