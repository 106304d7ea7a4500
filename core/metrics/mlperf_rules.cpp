#include "core/metrics/mlperf_rules.h"

#include <algorithm>

#include "core/load/api.h"
#include "core/metrics/mlperf_early_stopping.h"

namespace tokenmark {
namespace {

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }
std::string shown(std::int64_t ns) { return ns == kNeverEnded ? "never, too many failed" : fmt::format("{:.6g} s", seconds(ns)); }
std::int64_t limit_ns(const std::optional<double>& limit_s) { return limit_s ? static_cast<std::int64_t>(*limit_s * 1e9 + 0.5) : 0; }

// Server: whether as few are over the limit as the number of queries can bear.
MlperfEarlyStopping judged(const MlperfDistribution& values, std::int64_t queries, std::int64_t limit, double percentile) {
  const std::int64_t over = values.sorted.end() - std::upper_bound(values.sorted.begin(), values.sorted.end(), limit);
  const std::int64_t needed = mlperf_passing_queries(over, percentile) + over;
  if (queries >= needed) return {true, " * Run successful.", {}};
  return {false,
          fmt::format(" * Run unsuccessful.\n * Processed {} queries.\n * Would need to run at least {} more queries,\n with the run being "
                      "successful if every additional\n query were under latency.", queries, needed - queries),
          {}};
}

// Streams: the percentile that can be claimed.
MlperfEarlyStopping estimated(const MlperfDistribution& values, std::int64_t queries, double percentile) {
  const std::int64_t needed = mlperf_passing_queries(1, percentile) + 1;
  const std::optional<std::int64_t> t = mlperf_overlatency_allowed(queries, percentile);
  const auto n = static_cast<std::int64_t>(values.sorted.size());
  if (!t || *t > n)
    return {false, fmt::format(" * Only processed {} queries.\n * Need to process at least {} queries for early stopping.", queries, needed), {}};
  const std::int64_t estimate = values.sorted[static_cast<std::size_t>(n - *t)];
  return {true,
          fmt::format(" * Processed at least {} queries ({}).\n * Would discard {} highest latency queries.\n * Early stopping {:.1f}th "
                      "percentile estimate: {}", needed, queries, *t - 1, percentile * 100, estimate),
          estimate};
}

MlperfEarlyStopping early_stopping(const MlperfReport& r, const MlperfDistribution& values, const std::optional<double>& limit) {
  const std::string& scenario = r.settings.scenario.loadgen;
  const double p = r.settings.scenario.percentile;
  if (scenario == "Offline" || (scenario == "Server" && !limit)) return {};
  if (scenario == "Server") return judged(values, r.figures.queries, limit_ns(limit), p);
  return estimated(scenario == "MultiStream" ? r.figures.query_latency : values, r.figures.queries, p);
}

MlperfRule min_duration(const MlperfReport& r) {
  const MlperfFigures& f = r.figures;
  const std::string& scenario = r.settings.scenario.loadgen;
  const double least = seconds(r.settings.min_duration_ns);
  const bool offline = scenario == "Offline", server = scenario == "Server";
  const double reached = offline ? f.longest_s.value_or(0) : server ? f.last_scheduled_s : f.last_issued_s;
  const char* what = offline ? "the longest latency is" : server ? "the last query was scheduled at" : "the last query was sent at";
  const char* advice = offline  ? "; raise load.rate so that the query has more samples"
                       : server ? "" : "; the queries made ready ran out: raise load.rate above the rate that is reached";
  const bool met = reached >= least;
  return {"min_duration", fmt::format("{} {:.6g} s, it must reach {:.6g} s{}", what, reached, least, met ? "" : advice), met};
}

MlperfRule min_queries(const MlperfReport& r) {
  const MlperfSettings& s = r.settings;
  const bool met = r.figures.queries >= s.min_queries && r.figures.samples >= s.min_samples;
  return {"min_queries",
          fmt::format("{} queries of {} samples, there must be {} of {}", r.figures.queries, r.figures.samples, s.min_queries, s.min_samples), met};
}

// The percentile against each limit; `strictly` as the checker has it.
MlperfRule within_limits(const MlperfReport& r, bool strictly) {
  const MlperfFigures& f = r.figures;
  const MlperfLimits& limits = r.settings.limits;
  MlperfRule rule{strictly ? "strictly_within_limits" : "performance_constraints", "", true};
  const auto judge = [&](const char* name, const MlperfDistribution& values, const std::optional<double>& limit) {
    if (!limit || values.empty()) return;
    const std::int64_t at = values.at(r.settings.scenario.percentile);
    const bool met = strictly ? at < limit_ns(limit) : at <= limit_ns(limit);
    rule.met = rule.met && met;
    rule.reason += fmt::format("{}p{:g} {} is {}, the limit {:g} s", rule.reason.empty() ? "" : "; ", 100 * r.settings.scenario.percentile, name,
                               shown(at), *limit);
  };
  judge("latency", f.latency, limits.latency_s);
  judge("TTFT", f.first_token, limits.ttft_s);
  judge("TPOT", f.time_per_token, limits.tpot_s);
  if (rule.reason.empty()) rule.reason = "no limit is set";
  return rule;
}

}  // namespace

void add_mlperf_early_stopping(MlperfReport& r) {
  const MlperfFigures& f = r.figures;
  const std::string& scenario = r.settings.scenario.loadgen;
  if (r.settings.accuracy || f.latency.empty()) return;
  r.early = early_stopping(r, f.latency, r.settings.limits.latency_s);
  if (r.settings.tokens) {
    r.early_ttft = early_stopping(r, f.first_token, r.settings.limits.ttft_s);
    r.early_tpot = early_stopping(r, f.time_per_token, r.settings.limits.tpot_s);
  }
  // Where tokens are timed LoadGen's estimates of the streams are of TTFT, which it takes last.
  const MlperfEarlyStopping& said = r.settings.tokens ? r.early_ttft : r.early;
  if (scenario == "SingleStream") {
    r.early_latency_ss_ns = said.estimate_ns;
    r.early_latency_ms_ns = estimated(r.settings.tokens ? f.first_token : f.latency, f.queries, 0.99).estimate_ns;
  }
  if (scenario == "MultiStream") r.early_latency_ms_ns = said.estimate_ns;
}

void add_mlperf_rules(MlperfReport& r) {
  const MlperfFigures& f = r.figures;
  if (!r.settings.accuracy) {
    if (r.settings.scenario.loadgen == "Server") r.rules.push_back(within_limits(r, false));
    r.rules.push_back(min_duration(r));
    r.rules.push_back(min_queries(r));
    const bool early = !f.latency.empty() && (r.settings.tokens ? r.early_tpot.met && r.early_ttft.met : r.early.met);
    const auto words = [](const MlperfEarlyStopping& one) { return one.words.empty() ? std::string("not asked for") : one.words; };
    std::string why = r.settings.tokens ? "TTFT:" + words(r.early_ttft) + "; TPOT:" + words(r.early_tpot) : words(r.early);
    if (f.latency.empty()) why = "there is no query";
    if (r.settings.scenario.loadgen == "Offline") why = "Offline asks for none";
    std::replace(why.begin(), why.end(), '\n', ' ');
    r.rules.push_back({"early_stopping", why, early});
  }
  r.rules.push_back({"no_failures", fmt::format("{} of {} samples failed; MLPerf wants an answer to each", f.failed, f.samples), f.failed == 0});
  if (r.settings.tokens && r.settings.scenario.loadgen != "Offline")
    r.rules.push_back({"two_tokens", fmt::format("{} samples had fewer than 2 tokens, which have no TPOT", f.without_tpot), f.without_tpot == 0});
  r.valid = std::all_of(r.rules.begin(), r.rules.end(), [](const MlperfRule& rule) { return rule.met; });
}

void add_mlperf_checker(MlperfReport& r) {
  const MlperfSettings& s = r.settings;
  if (!s.benchmark || s.accuracy) return;
  const auto sets = [&](std::int64_t has, std::int64_t wants, const char* what, const char* name) {
    r.checker.push_back({name, fmt::format("{} {}, the checker wants {}", has, what, wants), has >= wants});
  };
  const double asked_s = seconds(s.min_duration_ns);
  r.checker.push_back({"duration_600_s", fmt::format("min_duration is {:g} s, the checker wants {:g} s", asked_s, s.round.min_duration_s),
                       asked_s >= s.round.min_duration_s});
  sets(s.performance_samples, s.benchmark->performance_samples, "samples in the performance set", "performance_samples");
  if (s.scenario.loadgen == "Offline") sets(s.samples_per_query, s.benchmark->offline_samples, "samples in the query", "offline_samples");
  if (s.scenario.loadgen == "Server") r.checker.push_back(within_limits(r, true));
}

void add_mlperf_marks(const Point& point, std::int32_t dataset_rows, MlperfReport& r) {
  const MlperfSettings& s = r.settings;
  const auto mark = [&](bool applies, std::string sentence) {
    if (applies) r.not_comparable.push_back(std::move(sentence));
  };
  mark(!s.benchmark, "no benchmark is named: the limits are the point's own");
  mark(seconds(s.min_duration_ns) < s.round.min_duration_s && !s.accuracy,
       fmt::format("the minimum duration is {:g} s, MLPerf's is {:g} s", seconds(s.min_duration_ns), s.round.min_duration_s));
  mark(point.workload.source == "random" || dataset_rows <= 0, "prompts are random tokens, not those of the benchmark's dataset");
  if (s.benchmark) {
    const std::int32_t wanted = s.accuracy ? s.benchmark->accuracy_samples : s.benchmark->performance_samples;
    const std::int32_t has = s.accuracy ? s.accuracy_samples : s.performance_samples;
    mark(dataset_rows > 0 && has < wanted, fmt::format("the dataset has {} samples, the benchmark's {}", has, wanted));
    const bool embedded = std::holds_alternative<EngineTarget>(point.target);
    const std::string latent = embedded ? "the embedded engine makes no images and videos" : not_mlperf_comparable(point.target);
    mark(s.benchmark->fixed_latent && !latent.empty(), latent);
  }
  const auto* engine = std::get_if<EngineTarget>(&point.target);
  mark(engine != nullptr && engine->model.starts_with("shape:"), "the model has random weights: speed is real, text is not");
}

std::vector<MlperfRule> mlperf_accuracy(const MlperfBenchmark& benchmark, const std::map<std::string, double>& scores) {
  std::vector<MlperfRule> rules;
  const double factor = benchmark.factors.empty() ? 1 : *std::min_element(benchmark.factors.begin(), benchmark.factors.end());
  for (const MlperfTarget& target : benchmark.targets) {
    const MlperfBounds bounds = mlperf_bounds(target, factor);
    std::string wants;
    if (bounds.low) wants += fmt::format("at least {:.6g}", *bounds.low);
    if (bounds.high) wants += fmt::format("{}at most {:.6g}", wants.empty() ? "" : " and ", *bounds.high);
    const auto score = scores.find(target.metric);
    const bool known = score != scores.end();
    const bool met = known && !(bounds.low && score->second < *bounds.low) && !(bounds.high && score->second > *bounds.high);
    rules.push_back({target.metric, known ? fmt::format("is {:.6g}, it must be {}", score->second, wants) : "was not scored; it must be " + wants, met});
  }
  return rules;
}

}  // namespace tokenmark
