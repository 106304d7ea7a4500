#include "core/exchange/loadgen_write.h"

namespace tokenmark {
namespace {

class Summary {
 public:
  Summary(const MlperfReport& report, const LoadGenNames& names)
      : r_(report), s_(report.settings), f_(report.figures), names_(names), scenario_(report.settings.scenario.loadgen) {}

  std::string text() {
    title("MLPerf Results Summary");
    line("SUT name : {}", names_.sut);
    line("Scenario : {}", scenario_);
    line("Mode     : {}", s_.accuracy ? "AccuracyOnly" : "PerformanceOnly");
    if (!f_.latency.empty()) {
      results();
      verdict();
      out_ += "\n";
      title("Additional Stats");
      statistics();
      if (!f_.first_token.empty() && !f_.time_per_token.empty()) token_statistics();
    }
    out_ += "\n";
    title("Test Parameters Used");
    parameters();
    const std::int64_t errors = f_.failed + f_.without_tpot;
    out_ += "\nNo warnings encountered during test.\n";
    out_ += errors == 0 ? "\nNo errors encountered during test.\n"
            : errors == 1 ? "\n1 ERROR encountered. See detailed log.\n" : fmt::format("\n{} ERRORS encountered. See detailed log.\n", errors);
    return std::move(out_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    out_ += fmt::format(format, std::forward<Args>(args)...) + "\n";
  }
  void title(const char* name) {
    const std::string rule(48, '=');
    line("{}\n{}\n{}", rule, name, rule);
  }
  std::optional<double> value(std::string_view key) const {
    for (const auto& [name, v] : r_.loadgen)
      if (name == key) return v;
    return {};
  }
  void rate(const char* label, const char* key, bool two_decimals) {
    const std::optional<double> v = value(key);
    if (!v) return;
    if (two_decimals) line("{}{:.2f}", label, *v);
    else line("{}{:g}", label, *v);
  }

  void results() {
    const double p = s_.scenario.percentile;
    if (scenario_ == "SingleStream") line("{:.1f}th percentile latency (ns) : {}", p * 100, f_.latency.at(p));
    if (scenario_ == "MultiStream") line("{:.1f}th percentile latency (ns) : {}", p * 100, f_.query_latency.at(p));
    rate("Completed samples per second    : ", "result_completed_samples_per_sec", true);
    rate("Samples per second: ", "result_samples_per_second", false);
    if (scenario_ == "SingleStream" || scenario_ == "MultiStream") {
      if (!f_.first_token.empty()) line("{:.1f}th first token percentile latency (ns) : {}", p * 100, f_.first_token.at(p));
    } else {
      rate("Completed tokens per second: ", "result_completed_tokens_per_second", true);
      rate("Tokens per second: ", "result_tokens_per_second", false);
    }
  }

  void verdict() {
    line("Result is : {}", r_.valid ? "VALID" : "INVALID");
    const std::pair<const char*, const char*> said[] = {{"performance_constraints", "  Performance constraints satisfied : "},
                                                        {"min_duration", "  Min duration satisfied : "},
                                                        {"min_queries", "  Min queries satisfied : "},
                                                        {"early_stopping", "  Early stopping satisfied: "}};
    for (const auto& [name, label] : said)
      if (const MlperfRule* rule = r_.rule(name)) line("{}{}", label, rule->met ? "Yes" : "NO");
    if (!r_.valid) {
      line("Recommendations:");
      for (const MlperfRule& rule : r_.rules)
        if (!rule.met && rule.name != "early_stopping") line(" * {}: {}", rule.name, rule.reason);
    }
    if (scenario_ == "Offline" || s_.accuracy) return;
    if (s_.tokens) line("TTFT Early Stopping Result:\n{}\nTPOT Early Stopping Result:\n{}", r_.early_ttft.words, r_.early_tpot.words);
    else line("Early Stopping Result:\n{}", r_.early.words);
  }

  void percentiles(const MlperfDistribution& values, const char* what) {
    for (const double p : kMlperfPercentiles) line("{:.2f} percentile {} (ns)   : {}", p * 100, what, values.at(p));
  }

  void statistics() {
    if (scenario_ == "SingleStream") {
      rate("QPS w/ loadgen overhead         : ", "result_qps_with_loadgen_overhead", true);
      rate("QPS w/o loadgen overhead        : ", "result_qps_without_loadgen_overhead", true);
      out_ += "\n";
    }
    rate("Scheduled samples per second : ", "result_scheduled_samples_per_sec", true);
    if (scenario_ == "MultiStream") line("Per-query latency:  ");
    const MlperfDistribution& values = scenario_ == "MultiStream" ? f_.query_latency : f_.latency;
    line("Min latency (ns)                : {}", values.sorted.front());
    line("Max latency (ns)                : {}", values.sorted.back());
    line("Mean latency (ns)               : {}", values.mean);
    percentiles(values, "latency");
  }

  void token_statistics() {
    out_ += "\n";
    rate("Completed tokens per second                 : ", "result_completed_tokens_per_second", true);
    line("Min First Token latency (ns)                : {}", f_.first_token.sorted.front());
    line("Max First Token latency (ns)                : {}", f_.first_token.sorted.back());
    line("Mean First Token latency (ns)               : {}", f_.first_token.mean);
    percentiles(f_.first_token, "first token latency");
    const char* word = s_.round.name < "v6" ? "to" : "per";
    line("\nMin Time {} Output Token (ns)                : {}", word, f_.time_per_token.sorted.front());
    line("Max Time {} Output Token (ns)                : {}", word, f_.time_per_token.sorted.back());
    line("Mean Time {} Output Token (ns)               : {}", word, f_.time_per_token.mean);
    percentiles(f_.time_per_token, "time to output token");
  }

  void parameters() {
    const auto ns = [](const std::optional<double>& s) { return s ? static_cast<std::int64_t>(*s * 1e9 + 0.5) : 0; };
    line("samples_per_query : {}\ntarget_qps : {:g}", s_.samples_per_query, s_.target_qps);
    if (s_.tokens) line("ttft_latency (ns): {}\ntpot_latency (ns): {}", ns(s_.limits.ttft_s), ns(s_.limits.tpot_s));
    else line("target_latency (ns): {}", ns(s_.limits.latency_s));
    line("max_async_queries : {}", scenario_ == "Server" ? 0 : 1);
    line("min_duration (ms): {}\nmax_duration (ms): 0\nmin_query_count : {}\nmax_query_count : 0", s_.min_duration_ns / 1'000'000, s_.min_queries);
    line("qsl_rng_seed : {}\nsample_index_rng_seed : {}\nschedule_rng_seed : {}", s_.round.seeds.qsl, s_.round.seeds.sample_index,
         s_.round.seeds.schedule);
    line("accuracy_log_rng_seed : 0\naccuracy_log_probability : 0\naccuracy_log_sampling_target : 0\nprint_timestamps : 0\n"
         "performance_issue_unique : 0\nperformance_issue_same : 0\nperformance_issue_same_index : 0");
    line("performance_sample_count : {}", s_.performance_samples);
  }

  const MlperfReport& r_;
  const MlperfSettings& s_;
  const MlperfFigures& f_;
  const LoadGenNames& names_;
  const std::string& scenario_;
  std::string out_;
};

}  // namespace

std::string loadgen_summary(const MlperfReport& report, const LoadGenNames& names) { return Summary(report, names).text(); }

}  // namespace tokenmark
