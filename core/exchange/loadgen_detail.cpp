#include <algorithm>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/version.h"
#include "core/exchange/loadgen_write.h"

namespace tokenmark {
namespace {

// UTC; `milliseconds` as the power meter's times have them.
std::string utc(std::int64_t unix_ns, const char* format, bool milliseconds) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::strftime(text, sizeof text, format, &parts);
  return milliseconds ? fmt::format("{}.{:03}", text, unix_ns / 1'000'000 % 1000) : std::string(text);
}

class Detail {
 public:
  Detail(const EventLog& log, const MlperfReport& report, const MlperfQueries& queries, const LoadGenNames& names)
      : log_(log), r_(report), s_(report.settings), f_(report.figures), queries_(queries), names_(names), scenario_(s_.scenario.loadgen) {
    for (std::size_t i = 0; i < log.requests.size(); ++i)
      if (log.requests.warmup[i] == 0 && log.requests.intended[i] != kAbsent) begin_ = std::min(begin_, log.requests.intended[i]);
    if (begin_ == kNeverEnded) begin_ = 0;
  }

  std::string text() {
    opening();
    requested();
    effective();
    put("generic_message", s_.accuracy ? "Starting accuracy mode" : "Starting performance mode");
    put("loaded_qsl_set", queries_.loaded);
    put("generated_query_count", queries_.first.size());
    put("generated_samples_per_query", queries_.samples.size() / std::max<std::size_t>(1, queries_.first.size()));
    put("generated_query_duration", queries_.duration_ns);
    failures();
    const auto done_ns = static_cast<std::int64_t>(f_.last_done_s.value_or(0) * 1e9);
    put("power_begin", utc(log_.wall_clock_start_ns + begin_, "%m-%d-%Y %T", true));
    put("power_end", utc(log_.wall_clock_start_ns + begin_ + done_ns, "%m-%d-%Y %T", true));
    if (!f_.latency.empty() && !s_.accuracy) results();
    put("num_errors", errors_);
    return std::move(out_);
  }

 private:
  template <class T>
  void put(const std::string& key, const T& value, bool is_error = false) {
    std::string shown;
    if constexpr (std::is_floating_point_v<T>) shown = fmt::format("{:g}", value);  // as a C++ stream writes it
    else shown = nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    out_ += fmt::format(":::MLLOG {{\"key\": \"{}\", \"value\": {}, \"time_ms\": {:.6f}, \"namespace\": \"mlperf::logging\", \"event_type\": "
                        "\"POINT_IN_TIME\", \"metadata\": {{\"is_error\": {}, \"is_warning\": false, \"file\": \"tokenmark\", \"line_no\": 0, "
                        "\"pid\": 0, \"tid\": 0}}}}\n",
                        key, shown, f_.last_done_s.value_or(0) * 1e3, is_error);
    errors_ += is_error;
  }
  static std::int64_t ns(const std::optional<double>& s) { return s ? static_cast<std::int64_t>(*s * 1e9 + 0.5) : 0; }

  void opening() {
    put("loadgen_version", fmt::format("tokenmark {}, in the formats of LoadGen 6.0.17", version()));
    put("test_datetime", utc(log_.wall_clock_start_ns, "%FT%TZ", false));
    put("sut_name", names_.sut);
    put("qsl_name", names_.qsl);
    put("qsl_reported_total_count", s_.samples);
    put("qsl_reported_performance_count", s_.performance_samples);
  }

  void requested() {
    put("requested_scenario", scenario_);
    put("requested_test_mode", s_.accuracy ? "AccuracyOnly" : "PerformanceOnly");
    if (scenario_ == "Server") {
      put("requested_server_target_qps", s_.target_qps);
      put("requested_server_target_latency_ns", ns(s_.limits.latency_s));
      put("requested_server_target_latency_percentile", s_.scenario.percentile);
    }
    if (scenario_ == "Offline") put("requested_offline_expected_qps", s_.target_qps);
    const char* stream = scenario_ == "SingleStream" ? "single" : "multi";
    if (scenario_.ends_with("Stream")) {
      put(fmt::format("requested_{}_stream_expected_latency_ns", stream), 1e9 / s_.target_qps);
      put(fmt::format("requested_{}_stream_target_latency_percentile", stream), s_.scenario.percentile);
    }
    put("requested_min_duration_ms", s_.min_duration_ns / 1'000'000);
    put("requested_qsl_rng_seed", s_.round.seeds.qsl);
    put("requested_sample_index_rng_seed", s_.round.seeds.sample_index);
    put("requested_schedule_rng_seed", s_.round.seeds.schedule);
    put("requested_performance_sample_count_override", s_.performance_samples);
    put("requested_sample_concatenate_permutation", s_.equal_issue);
    if (!s_.tokens) return;
    put("requested_use_token_latencies", true);
    if (scenario_ == "Offline") return;
    put("requested_server_ttft_latency", ns(s_.limits.ttft_s));
    put("requested_server_tpot_latency", ns(s_.limits.tpot_s));
  }

  void effective() {
    put("effective_scenario", scenario_);
    put("effective_test_mode", s_.accuracy ? "AccuracyOnly" : "PerformanceOnly");
    put("effective_samples_per_query", s_.samples_per_query);
    put("effective_target_qps", s_.target_qps);
    put("effective_target_latency_ns", ns(s_.limits.latency_s));
    put("effective_target_latency_percentile", s_.scenario.percentile);
    put("effective_max_async_queries", scenario_ == "Server" ? 0 : 1);
    put("effective_target_duration_ms", scenario_ == "Offline" ? 0 : s_.min_duration_ns / 1'000'000);
    put("effective_min_duration_ms", s_.min_duration_ns / 1'000'000);
    put("effective_max_duration_ms", 0);
    put("effective_min_query_count", s_.min_queries);
    put("effective_max_query_count", 0);
    put("effective_min_sample_count", s_.min_samples);
    put("effective_qsl_rng_seed", s_.round.seeds.qsl);
    put("effective_sample_index_rng_seed", s_.round.seeds.sample_index);
    put("effective_schedule_rng_seed", s_.round.seeds.schedule);
    for (const char* off : {"accuracy_log_rng_seed", "accuracy_log_probability", "accuracy_log_sampling_target", "performance_issue_same_index"})
      put(std::string("effective_") + off, 0);
    for (const char* off : {"print_timestamps", "performance_issue_unique", "performance_issue_same"}) put(std::string("effective_") + off, false);
    put("effective_performance_sample_count", s_.performance_samples);
    put("effective_accuracy_sample_count", s_.accuracy_samples);
    put("effective_sample_concatenate_permutation", s_.equal_issue);
  }

  void failures() {
    const RequestColumns& r = log_.requests;
    for (std::size_t i = 0; i < r.size(); ++i)
      if (r.warmup[i] == 0 && (r.error[i] != RequestError::none || r.end[i] == kAbsent))
        put("error_runtime", fmt::format("sample {} was not answered: {}", i, request_error_name(r.error[i])), true);
    if (f_.without_tpot > 0) put("error_runtime", fmt::format("{} samples had fewer than 2 tokens", f_.without_tpot), true);
  }

  void rules() {
    put("result_validity", r_.valid ? "VALID" : "INVALID");
    const std::pair<const char*, const char*> said[] = {{"performance_constraints", "result_perf_constraints_met"},
                                                        {"min_duration", "result_min_duration_met"},
                                                        {"min_queries", "result_min_queries_met"},
                                                        {"early_stopping", "early_stopping_met"}};
    for (const auto& [name, key] : said)
      if (const MlperfRule* rule = r_.rule(name)) put(key, rule->met);
    std::string why;
    for (const MlperfRule& rule : r_.rules)
      if (!rule.met) why += rule.name + ": " + rule.reason + " ";
    if (!why.empty()) put("result_invalid_reason", why);
    const auto flat = [](std::string words) {
      std::replace(words.begin(), words.end(), '\n', ' ');
      return words;
    };
    if (!s_.tokens) return put("early_stopping_result", flat(r_.early.words));
    put("early_stopping_ttft_result", flat(r_.early_ttft.words));
    put("early_stopping_tpot_result", flat(r_.early_tpot.words));
  }

  void distribution(const MlperfDistribution& d, const char* least, const char* most, const char* mean, const char* before, const char* after) {
    put(least, d.sorted.front());
    put(most, d.sorted.back());
    put(mean, d.mean);
    for (const double p : kMlperfPercentiles) put(fmt::format("{}{:.2f}{}", before, p * 100, after), d.at(p));
  }

  void results() {
    rules();
    put("result_query_count", f_.queries);
    if (scenario_ == "Server") put("result_overlatency_query_count", std::max<std::int64_t>(0, f_.over[0]));
    if (scenario_ == "MultiStream")
      distribution(f_.query_latency, "result_min_query_latency_ns", "result_max_query_latency_ns", "result_mean_query_latency_ns", "result_",
                   "_percentile_per_query_latency_ns");
    if (scenario_ == "SingleStream") put("early_stopping_latency_ss", r_.early_latency_ss_ns.value_or(0));
    if (scenario_.ends_with("Stream")) put("early_stopping_latency_ms", r_.early_latency_ms_ns.value_or(0));
    for (const auto& [key, value] : r_.loadgen) put(key, value);
    distribution(f_.latency, "result_min_latency_ns", "result_max_latency_ns", "result_mean_latency_ns", "result_", "_percentile_latency_ns");
    if (f_.first_token.empty() || f_.time_per_token.empty()) return;
    distribution(f_.first_token, "result_first_token_min_latency_ns", "result_first_token_max_latency_ns", "result_first_token_mean_latency_ns",
                 "result_first_token_", "_percentile_latency_ns");
    distribution(f_.time_per_token, "result_time_to_output_token_min", "result_time_to_output_token_max", "result_time_to_output_token_mean",
                 "result_time_per_output_token_", "_percentile_ns");
  }

  const EventLog& log_;
  const MlperfReport& r_;
  const MlperfSettings& s_;
  const MlperfFigures& f_;
  const MlperfQueries& queries_;
  const LoadGenNames& names_;
  const std::string& scenario_;
  std::int64_t begin_ = kNeverEnded, errors_ = 0;
  std::string out_;
};

}  // namespace

Result<std::string> loadgen_detail(const EventLog& log, const MlperfReport& report, const LoadGenNames& names) {
  TOKENMARK_TRY(const MlperfQueries queries, mlperf_queries(report.settings));
  return Detail(log, report, queries, names).text();
}

}  // namespace tokenmark
