#include <nlohmann/json.hpp>

#include "core/metrics/mlperf.h"
#include "core/metrics/mlperf_rules.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

// LoadGen's results by scenario, in the order and under the names of its detail log.
void add_loadgen_results(MlperfReport& r) {
  const MlperfFigures& f = r.figures;
  const std::string& scenario = r.settings.scenario.loadgen;
  const auto put = [&](const char* name, std::optional<double> numerator, std::optional<double> denominator) {
    if (numerator && denominator && *denominator > 0) r.loadgen.emplace_back(name, *numerator / *denominator);
  };
  const auto samples = static_cast<double>(f.samples), tokens = static_cast<double>(f.tokens);
  const double mean_s = seconds(f.latency.mean);
  if (scenario == "SingleStream") {
    put("result_qps_with_loadgen_overhead", samples - 1, f.last_issued_s);
    put("result_qps_without_loadgen_overhead", 1, mean_s);
  }
  if (scenario == "Server") {
    put("result_scheduled_samples_per_sec", samples - 1, f.last_scheduled_s);
    put("result_completed_samples_per_sec", samples - 1, f.last_query_done_s);
  }
  if (scenario == "Offline") put("result_samples_per_second", samples, f.longest_s);
  if (!r.settings.tokens) return;
  if (scenario == "Offline") return put("result_tokens_per_second", tokens, f.longest_s);
  put("result_token_throughput_with_loadgen_overhead", tokens, f.last_issued_s);
  put("result_completed_tokens_per_second", tokens, f.last_query_done_s);
}

std::optional<double> loadgen_value(const MlperfReport& r, std::string_view key) {
  for (const auto& [name, value] : r.loadgen)
    if (name == key) return value;
  return {};
}

// Which figure is published, as the submission checker has it.
void add_result(MlperfReport& r) {
  const std::string& scenario = r.settings.scenario.loadgen;
  const bool tokens = r.settings.tokens;
  const auto latency = [&](const char* key, std::optional<std::int64_t> ns) {
    r.result_key = key;
    const bool whole_seconds = r.settings.benchmark && r.settings.benchmark->name.starts_with("wan-");
    r.result_unit = whole_seconds ? "s" : "ms";
    if (ns && *ns != kNeverEnded) r.result = static_cast<double>(*ns) * (whole_seconds ? 1e-9 : 1e-6);
  };
  const auto rate = [&](const char* key, const char* unit) {
    r.result_key = key;
    r.result_unit = unit;
    r.result = loadgen_value(r, key);
  };
  if (scenario == "Offline") return tokens ? rate("result_tokens_per_second", "tok/s") : rate("result_samples_per_second", "samples/s");
  if (scenario == "Server")
    return tokens ? rate("result_completed_tokens_per_second", "tok/s") : rate("result_completed_samples_per_sec", "queries/s");
  if (scenario == "MultiStream") return latency("early_stopping_latency_ms", r.early_latency_ms_ns);
  if (tokens)
    return latency("result_90.00_percentile_latency_ns", r.figures.latency.empty() ? std::nullopt : std::optional(r.figures.latency.at(0.9)));
  latency("early_stopping_latency_ss", r.early_latency_ss_ns);
}

void add_inferred(MlperfReport& r) {
  const std::string& scenario = r.settings.scenario.loadgen;
  if (scenario == "SingleStream" && r.early_latency_ms_ns && *r.early_latency_ms_ns != kNeverEnded)
    r.inferred.push_back({"MultiStream", "ms", "8 · early_stopping_latency_ms of SingleStream", static_cast<double>(*r.early_latency_ms_ns) * 8e-6});
  if (const auto qps = loadgen_value(r, "result_qps_without_loadgen_overhead"))
    r.inferred.push_back({"Offline", "samples/s", "result_qps_without_loadgen_overhead of SingleStream", *qps});
  if (scenario == "MultiStream" && r.figures.query_latency.mean > 0)
    r.inferred.push_back({"Offline", "samples/s", "8000 / mean query latency in ms of MultiStream", 8 / seconds(r.figures.query_latency.mean)});
}

Json nanoseconds(std::int64_t ns) { return ns == kNeverEnded ? Json("inf") : Json(ns); }

Json distribution(const MlperfDistribution& d) {
  Json json = {{"samples", d.sorted.size()}, {"mean_ns", d.mean}, {"min_ns", nanoseconds(d.sorted.front())}, {"max_ns", nanoseconds(d.sorted.back())}};
  for (const double p : kMlperfPercentiles) json[fmt::format("p{:g}_ns", p * 100)] = nanoseconds(d.at(p));
  return json;
}

Json rules(const std::vector<MlperfRule>& list) {
  Json json = Json::array();
  for (const MlperfRule& rule : list) json.push_back({{"rule", rule.name}, {"met", rule.met}, {"reason", rule.reason}});
  return json;
}

}  // namespace

const MlperfRule* MlperfReport::rule(std::string_view name) const {
  for (const MlperfRule& one : rules)
    if (one.name == name) return &one;
  return nullptr;
}

Result<MlperfReport> mlperf_report(const EventLog& log, const Point& point, std::int32_t samples) {
  MlperfReport r;
  TOKENMARK_TRY(r.settings, mlperf_settings(point, samples));
  r.figures = mlperf_figures(log, r.settings);
  add_loadgen_results(r);
  if (r.figures.last_done_s && *r.figures.last_done_s > 0) {
    r.samples_s = static_cast<double>(r.figures.samples - r.figures.failed) / *r.figures.last_done_s;
    if (r.settings.tokens) r.tokens_s = static_cast<double>(r.figures.tokens) / *r.figures.last_done_s;
  }
  add_mlperf_early_stopping(r);
  add_mlperf_rules(r);
  add_mlperf_checker(r);
  add_mlperf_marks(point, samples, r);
  if (r.settings.accuracy) return r;
  add_result(r);
  add_inferred(r);
  return r;
}

Json to_json(const MlperfReport& r) {
  Json json = {{"round", r.settings.round.name},
               {"scenario", r.settings.scenario.name},
               {"mode", r.settings.accuracy ? "accuracy" : "performance"},
               {"valid", r.valid},
               {"rules", rules(r.rules)},
               {"checker", rules(r.checker)},
               {"not_comparable", r.not_comparable},
               {"queries", r.figures.queries},
               {"samples", r.figures.samples},
               {"failed", r.figures.failed},
               {"target_qps", r.settings.target_qps},
               {"min_duration_s", seconds(r.settings.min_duration_ns)}};
  if (r.settings.benchmark) json["benchmark"] = r.settings.benchmark->name;
  if (r.settings.tokens) json["tokens"] = r.figures.tokens;
  if (r.result) json["result"] = {{"key", r.result_key}, {"value", *r.result}, {"unit", r.result_unit}};
  for (const auto& [name, value] : r.loadgen) json["loadgen"][name] = value;
  if (r.early_latency_ss_ns) json["loadgen"]["early_stopping_latency_ss"] = nanoseconds(*r.early_latency_ss_ns);
  if (r.early_latency_ms_ns) json["loadgen"]["early_stopping_latency_ms"] = nanoseconds(*r.early_latency_ms_ns);
  if (r.samples_s) json["samples_s"] = *r.samples_s;
  if (r.tokens_s) json["tokens_s"] = *r.tokens_s;
  const std::pair<const char*, const MlperfDistribution*> all[] = {{"latency", &r.figures.latency}, {"query_latency", &r.figures.query_latency},
                                                                   {"ttft", &r.figures.first_token}, {"tpot", &r.figures.time_per_token}};
  for (const auto& [name, values] : all)
    if (!values->empty()) json[name] = distribution(*values);
  for (const MlperfInferred& one : r.inferred)
    json["inferred"].push_back({{"scenario", one.scenario}, {"value", one.value}, {"unit", one.unit}, {"rule", one.rule}});
  return json;
}

}  // namespace tokenmark
