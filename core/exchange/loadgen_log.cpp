#include "core/exchange/loadgen_log.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "core/exchange/foreign_file.h"

namespace tokenmark {
namespace {

namespace od = simdjson::ondemand;

constexpr std::size_t kMaxLogBytes = std::size_t{512} << 20, kMaxLine = std::size_t{32} << 20;
constexpr std::size_t kErrorTexts = 5, kErrorTextBytes = 300;
constexpr std::string_view kMarker = ":::MLLOG", kEndpointsMarker = ":::ENDPTS";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Calls f(line, number from 1) until it returns an error.
template <class F>
Status each_line(std::string_view text, F&& f) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    TOKENMARK_CHECK(f(text.substr(0, end), number));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

// One message. Its value is kept as it stands: LoadGen writes "inf" and "nan", which are no JSON, where a run was too
// short for a figure, and such a line still counts.
bool take_message(od::parser& parser, std::string_view json, std::size_t capacity, LoadGenRun& run) {
  od::document document;
  od::object message, metadata;
  std::string_view key, token, string;
  if (parser.iterate(simdjson::padded_string_view(json.data(), json.size(), capacity)).get(document) || document.get_object().get(message) ||
      message["key"].get_string().get(key))
    return false;
  od::value value;
  if (message["value"].get(value)) return false;
  std::string kept;
  bool is_list = false;
  if (value.raw_json_token().substr(0, 1) == "\"") {
    if (value.get_string().get(string)) return false;
    kept = string;
  } else {
    token = trimmed(value.raw_json_token());
    is_list = token.starts_with('[') || token.starts_with('{');
    if (!is_list) kept = token;
  }
  const std::string name(key);  // the next line may reuse what the view points to
  bool is_error = false, is_warning = false;
  if (message["metadata"].get_object().get(metadata) || metadata["is_error"].get_bool().get(is_error) ||
      metadata["is_warning"].get_bool().get(is_warning))
    return false;
  run.errors += is_error;
  run.warnings += is_warning;
  if (is_error && run.error_texts.size() < kErrorTexts) run.error_texts.push_back(name + ": " + kept.substr(0, kErrorTextBytes));
  if (!is_list) run.values.try_emplace(name, std::move(kept));
  return true;
}

Status read_detail(const ForeignFile& file, const std::string& path, LoadGenRun& run) {
  const std::string_view text = file.text();
  if (text.starts_with(kEndpointsMarker))
    return fail(ErrorKind::unavailable, "{}: is a log of MLPerf Endpoints ({}), only LoadGen's are read", path, kEndpointsMarker);
  if (!text.starts_with(kMarker))
    return fail(ErrorKind::invalid_input, "{}: is not a detail log of LoadGen: its first line does not begin with {}", path, kMarker);
  od::parser parser;
  const char* const end = file.bytes.data() + file.bytes.size();
  return each_line(text, [&](std::string_view line, std::size_t number) -> Status {
    if (!line.starts_with(kMarker)) return {};
    if (line.size() > kMaxLine)
      return fail(ErrorKind::invalid_input, "{}:{}: the line has {} bytes, at most {} are read", path, number, line.size(), kMaxLine);
    line.remove_prefix(kMarker.size());
    if (!take_message(parser, line, static_cast<std::size_t>(end - line.data()), run))
      return fail(ErrorKind::invalid_input, "{}:{}: not a message of LoadGen: '{}'", path, number, trimmed(line).substr(0, 80));
    return {};
  });
}

// What the summary calls the detail log's figures. "Time to Output Token" is v5.1's word, "Time per" v6's.
constexpr std::pair<std::string_view, std::string_view> kSummaryNames[] = {
    {"SUT name", "sut_name"},
    {"Scenario", "effective_scenario"},
    {"Mode", "effective_test_mode"},
    {"Completed samples per second", "result_completed_samples_per_sec"},
    {"Completed tokens per second", "result_completed_tokens_per_second"},
    {"Samples per second", "result_samples_per_second"},
    {"Tokens per second", "result_tokens_per_second"},
    {"Scheduled samples per second", "result_scheduled_samples_per_sec"},
    {"QPS w/ loadgen overhead", "result_qps_with_loadgen_overhead"},
    {"QPS w/o loadgen overhead", "result_qps_without_loadgen_overhead"},
    {"Result is", "result_validity"},
    {"Performance constraints satisfied", "result_perf_constraints_met"},
    {"Min duration satisfied", "result_min_duration_met"},
    {"Min queries satisfied", "result_min_queries_met"},
    {"Early stopping satisfied", "early_stopping_met"},
    {"Min latency (ns)", "result_min_latency_ns"},
    {"Max latency (ns)", "result_max_latency_ns"},
    {"Mean latency (ns)", "result_mean_latency_ns"},
    {"Min First Token latency (ns)", "result_first_token_min_latency_ns"},
    {"Max First Token latency (ns)", "result_first_token_max_latency_ns"},
    {"Mean First Token latency (ns)", "result_first_token_mean_latency_ns"},
    {"Min Time to Output Token (ns)", "result_time_to_output_token_min"},
    {"Max Time to Output Token (ns)", "result_time_to_output_token_max"},
    {"Mean Time to Output Token (ns)", "result_time_to_output_token_mean"},
    {"Min Time per Output Token (ns)", "result_time_to_output_token_min"},
    {"Max Time per Output Token (ns)", "result_time_to_output_token_max"},
    {"Mean Time per Output Token (ns)", "result_time_to_output_token_mean"},
    {"ttft_latency (ns)", "requested_server_ttft_latency"},
    {"tpot_latency (ns)", "requested_server_tpot_latency"},
    {"target_latency (ns)", "effective_target_latency_ns"},
    {"min_duration (ms)", "effective_min_duration_ms"},
    {"max_duration (ms)", "effective_max_duration_ms"},
    {"samples_per_query", "effective_samples_per_query"},
    {"target_qps", "effective_target_qps"},
    {"max_async_queries", "effective_max_async_queries"},
    {"min_query_count", "effective_min_query_count"},
    {"max_query_count", "effective_max_query_count"},
    {"qsl_rng_seed", "effective_qsl_rng_seed"},
    {"sample_index_rng_seed", "effective_sample_index_rng_seed"},
    {"schedule_rng_seed", "effective_schedule_rng_seed"},
    {"performance_sample_count", "effective_performance_sample_count"},
    {"accuracy_sample_count", "effective_accuracy_sample_count"},
};

// "99.00 percentile first token latency (ns)" and its like; empty: no percentile.
std::string percentile_key(std::string_view label) {
  constexpr std::pair<std::string_view, std::pair<std::string_view, std::string_view>> kForms[] = {
      {" percentile latency (ns)", {"result_", "_percentile_latency_ns"}},
      {" percentile first token latency (ns)", {"result_first_token_", "_percentile_latency_ns"}},
      {" percentile time to output token (ns)", {"result_time_per_output_token_", "_percentile_ns"}},
  };
  for (const auto& [ending, key] : kForms)
    if (label.ends_with(ending))
      return std::string(key.first) + std::string(label.substr(0, label.size() - ending.size())) + std::string(key.second);
  return {};
}

std::string summary_key(std::string_view label) {
  for (const auto& [name, key] : kSummaryNames)
    if (label == name) return std::string(key);
  return percentile_key(label);
}

LoadGenValues summary_values(std::string_view text) {
  LoadGenValues values;
  (void)each_line(text, [&](std::string_view line, std::size_t) -> Status {
    const std::size_t colon = line.find(':');
    if (colon == line.npos || line.size() > 4096) return {};
    const std::string key = summary_key(trimmed(line.substr(0, colon)));
    std::string_view value = trimmed(line.substr(colon + 1));
    if (value == "Yes") value = "true";
    if (value == "NO") value = "false";
    if (!key.empty()) values.try_emplace(key, value);
    return {};
  });
  // Multi-stream's percentiles are of queries; that tokens were timed is told by the limits.
  if (values.contains("requested_server_ttft_latency")) values.try_emplace("requested_use_token_latencies", "true");
  return values;
}

// The figures of both files, checked against each other: the summary rounds, so only what is decided is compared.
Status merge_summary(std::string_view text, const std::string& path, bool has_detail, LoadGenRun& run) {
  if (text.find("MLPerf Results Summary") == text.npos && !has_detail)
    return fail(ErrorKind::invalid_input, "{}: is not a summary of LoadGen: it has no line 'MLPerf Results Summary'", path);
  LoadGenValues summary = summary_values(text);
  if (!has_detail) {
    run.values = std::move(summary);
    run.summary_alone = true;
    run.notes.push_back("mlperf_log_detail.txt is missing: figures are those of the summary, rounded");
    return {};
  }
  for (const std::string_view key : {"result_validity", "effective_scenario"}) {
    const auto said = summary.find(key);
    if (said != summary.end() && said->second != run.text(key))
      run.notes.push_back(fmt::format("{} is '{}' in the detail log and '{}' in the summary: the detail log counts", key, run.text(key), said->second));
  }
  return {};
}

Status read_power(const std::string& folder, LoadGenRun& run) {
  const std::string path = folder + "/spl.txt";
  const Result<ForeignFile> file = read_foreign_file(path, kMaxLogBytes);
  if (!file) return file.error().kind == ErrorKind::not_found ? Status() : tl::unexpected(file.error());
  TOKENMARK_TRY(const LoadGenPower power, loadgen_power(file->text(), run.text("power_begin"), run.text("power_end"), path));
  if (power.samples > 0) run.power = power;
  else run.notes.push_back("spl.txt has no sample above 0 W between power_begin and power_end: there is no power figure");
  return {};
}

}  // namespace

std::string_view LoadGenRun::text(std::string_view key) const {
  const auto found = values.find(key);
  return found == values.end() ? std::string_view() : found->second;
}

std::optional<double> LoadGenRun::number(std::string_view key) const {
  const std::string_view t = text(key);
  double value = 0;
  const auto [end, error] = std::from_chars(t.data(), t.data() + t.size(), value);
  if (t.empty() || error != std::errc() || end != t.data() + t.size() || !std::isfinite(value)) return {};
  return value;
}

std::optional<std::uint64_t> LoadGenRun::count(std::string_view key) const {
  const std::string_view t = text(key);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(t.data(), t.data() + t.size(), value);
  if (t.empty() || error != std::errc() || end != t.data() + t.size()) return {};
  return value;
}

std::optional<bool> LoadGenRun::truth(std::string_view key) const {
  const std::string_view t = text(key);
  if (t == "true") return true;
  if (t == "false") return false;
  return {};
}

std::optional<std::int64_t> LoadGenRun::began_unix_ns() const { return loadgen_time_ns(text("power_begin")); }

Result<LoadGenRun> read_loadgen_folder(const std::string& folder) {
  LoadGenRun run;
  run.folder = folder;
  const std::string detail_path = folder + "/mlperf_log_detail.txt", summary_path = folder + "/mlperf_log_summary.txt";
  const Result<ForeignFile> detail = read_foreign_file(detail_path, kMaxLogBytes);
  if (detail) TOKENMARK_CHECK(read_detail(*detail, detail_path, run));
  else if (detail.error().kind != ErrorKind::not_found) return tl::unexpected(detail.error());
  const Result<ForeignFile> summary = read_foreign_file(summary_path, kMaxLogBytes);
  if (summary) TOKENMARK_CHECK(merge_summary(summary->text(), summary_path, detail.has_value(), run));
  else if (summary.error().kind != ErrorKind::not_found) return tl::unexpected(summary.error());
  if (!detail && !summary)
    return fail(ErrorKind::not_found, "{}: holds neither mlperf_log_detail.txt nor mlperf_log_summary.txt", folder);
  constexpr std::array<std::string_view, 4> kScenarios = {"SingleStream", "MultiStream", "Server", "Offline"};
  if (std::ranges::find(kScenarios, run.scenario()) == kScenarios.end())
    return fail(ErrorKind::invalid_input, "{}: the scenario is '{}'; LoadGen has SingleStream, MultiStream, Server and Offline", folder,
                run.scenario());
  TOKENMARK_CHECK(read_power(folder, run));
  const Result<ForeignFile> scores = read_foreign_file(folder + "/accuracy.txt", kMaxLogBytes);
  if (scores) run.scores = loadgen_scores(scores->text());
  return run;
}

std::optional<LoadGenResult> loadgen_result(const LoadGenRun& run, std::string_view benchmark) {
  const std::string_view scenario = run.scenario();
  LoadGenResult result;
  double scale = 1;
  if (scenario == "Offline")
    result = run.tokens() ? LoadGenResult{"result_tokens_per_second", 0, "tok/s"} : LoadGenResult{"result_samples_per_second", 0, "samples/s"};
  else if (scenario == "Server")
    result = run.tokens() ? LoadGenResult{"result_completed_tokens_per_second", 0, "tok/s"}
                          : LoadGenResult{"result_completed_samples_per_sec", 0, "queries/s"};
  else {
    const bool seconds = benchmark.starts_with("wan-2.2");
    scale = seconds ? 1e-9 : 1e-6;
    // The one LLM that has a single stream is published by its percentile, not by the early-stopping estimate.
    const char* single = benchmark.starts_with("llama3.1-8b-edge") || benchmark.starts_with("llama3_1-8b-edge")
                             ? "result_90.00_percentile_latency_ns" : "early_stopping_latency_ss";
    result = {scenario == "SingleStream" ? single : "early_stopping_latency_ms", 0, seconds ? "s" : "ms"};
  }
  const std::optional<double> value = run.number(result.key);
  if (!value) return {};
  result.value = *value * scale;
  return result;
}

std::optional<LoadGenPowerResult> loadgen_power_result(const LoadGenRun& run) {
  if (!run.power) return {};
  if (run.scenario() == "Server" || run.scenario() == "Offline") return LoadGenPowerResult{run.power->watts, "W"};
  const std::optional<double> queries = run.number("result_query_count");
  if (!queries || *queries <= 0) return {};
  return LoadGenPowerResult{run.power->watts * run.power->seconds * 1000 / *queries, "mJ/query"};
}

}  // namespace tokenmark
