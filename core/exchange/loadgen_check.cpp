#include "core/exchange/loadgen_check.h"

namespace tokenmark {
namespace {

class Check {
 public:
  explicit Check(const LoadGenRun& run) : run_(run) {}

  void at_least(const char* name, const char* key, double wanted) {
    const std::optional<double> has = run_.number(key);
    rules_.push_back({name, has ? fmt::format("{} is {:g}, at least {:g} is wanted", key, *has, wanted) : fmt::format("the log has no {}", key),
                      has && *has >= wanted});
  }
  void below(const char* name, const char* key, const std::optional<double>& limit_s) {
    if (!limit_s) return;
    const std::optional<double> has = run_.number(key);
    rules_.push_back({name, has ? fmt::format("{:.6g} s, it must be below {:g} s", *has * 1e-9, *limit_s) : fmt::format("the log has no {}", key),
                      has && *has < *limit_s * 1e9});
  }
  void add(const char* name, std::string reason, bool met) { rules_.push_back({name, std::move(reason), met}); }
  std::vector<MlperfRule> take() { return std::move(rules_); }

 private:
  const LoadGenRun& run_;
  std::vector<MlperfRule> rules_;
};

MlperfSeeds seeds_of(const LoadGenRun& run) {
  return {run.count("effective_qsl_rng_seed").value_or(0), run.count("effective_sample_index_rng_seed").value_or(0),
          run.count("effective_schedule_rng_seed").value_or(0)};
}

}  // namespace

const MlperfRound* loadgen_round(const LoadGenRun& run) {
  for (const MlperfRound& round : mlperf_rounds())
    if (round.seeds == seeds_of(run)) return &round;
  return nullptr;
}

std::vector<MlperfRule> loadgen_rules(const LoadGenRun& run) {
  const std::pair<const char*, const char*> said[] = {{"performance_constraints", "result_perf_constraints_met"},
                                                      {"min_duration", "result_min_duration_met"},
                                                      {"min_queries", "result_min_queries_met"},
                                                      {"early_stopping", "early_stopping_met"}};
  std::vector<MlperfRule> rules;
  for (const auto& [name, key] : said)
    if (const std::optional<bool> met = run.truth(key)) rules.push_back({name, fmt::format("{} is {}", key, *met), *met});
  return rules;
}

std::vector<MlperfRule> check_loadgen(const LoadGenRun& run, const MlperfBenchmark* benchmark, bool interactive) {
  Check check(run);
  const MlperfRound* round = loadgen_round(run);
  const MlperfSeeds seeds = seeds_of(run);
  check.add("seeds", round != nullptr ? fmt::format("those of {}", round->name)
                                      : fmt::format("{}, {}, {} are of no round that is known", seeds.qsl, seeds.sample_index, seeds.schedule),
            round != nullptr);
  check.add("no_errors", fmt::format("{} messages are errors{}", run.errors, run.error_texts.empty() ? "" : ": " + run.error_texts.front()), run.errors == 0);
  if (run.text("effective_test_mode") == "AccuracyOnly") return check.take();
  check.at_least("duration_600_s", "effective_min_duration_ms", 600'000);
  if (run.scenario() != "Offline") {
    const bool met = run.truth("early_stopping_met").value_or(false);
    check.add("early_stopping", met ? "it was met" : "it was not met", met);
  }
  if (benchmark == nullptr) return check.take();
  check.at_least("performance_samples", "effective_performance_sample_count", benchmark->performance_samples);
  if (run.scenario() == "Offline") check.at_least("offline_samples", "effective_samples_per_query", static_cast<double>(benchmark->offline_samples));
  if (run.scenario() != "Server") return check.take();
  const MlperfLimits* limits = benchmark->limits(interactive ? "interactive" : "server");
  if (limits == nullptr) {
    check.add("scenario", fmt::format("{} has no scenario {}", benchmark->name, interactive ? "interactive" : "server"), false);
    return check.take();
  }
  check.below("ttft_strictly_within", "result_first_token_99.00_percentile_latency_ns", limits->ttft_s);
  check.below("tpot_strictly_within", "result_time_per_output_token_99.00_percentile_ns", limits->tpot_s);
  check.below("latency_strictly_within", "result_99.00_percentile_latency_ns", limits->latency_s);
  return check.take();
}

}  // namespace tokenmark
