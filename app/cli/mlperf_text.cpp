#include "app/cli/mlperf_text.h"

#include <fmt/ranges.h>

#include "app/cli/terminal.h"
#include "core/exchange/loadgen_check.h"

namespace tokenmark::cli {
namespace {

std::string milliseconds(std::int64_t ns) { return ns == kNeverEnded ? "∞" : fmt::format("{:.3f}", static_cast<double>(ns) * 1e-6); }

std::string latencies(const MlperfReport& r) {
  std::vector<std::vector<std::string>> rows;
  const std::pair<const char*, const MlperfDistribution*> all[] = {{"latency ms", &r.figures.latency}, {"query latency ms", &r.figures.query_latency},
                                                                   {"TTFT ms", &r.figures.first_token}, {"TPOT ms", &r.figures.time_per_token}};
  for (const auto& [name, d] : all)
    if (!d->empty()) rows.push_back({name, milliseconds(d->mean), milliseconds(d->at(0.5)), milliseconds(d->at(0.9)), milliseconds(d->at(0.99)),
                                     milliseconds(d->sorted.back())});
  return table({"from the schedule", "mean", "p50", "p90", "p99", "max"}, rows);
}

std::string limit_text(const MlperfLimits& limits) {
  if (limits.latency_s) return fmt::format("{:g} s", *limits.latency_s);
  return limits.ttft_s && limits.tpot_s ? fmt::format("{:g}/{:g}", *limits.ttft_s * 1000, *limits.tpot_s * 1000) : "yes";
}

}  // namespace

std::string rules_text(const char* title, const std::vector<MlperfRule>& rules) {
  std::string out;
  for (const MlperfRule& rule : rules) out += fmt::format("  {} {}: {}\n", rule.met ? "met    " : "NOT MET", rule.name, rule.reason);
  return out.empty() ? out : fmt::format("{}\n{}", title, out);
}

std::string mlperf_text(const MlperfReport& r) {
  std::string out = fmt::format("MLPerf {} {} {}: {}\n", r.settings.round.name, r.settings.benchmark ? r.settings.benchmark->name : "(no benchmark)",
                                r.settings.scenario.name, r.valid ? "VALID" : "INVALID");
  if (r.result) out += fmt::format("{:.6g} {} ({})\n", *r.result, r.result_unit, r.result_key);
  if (r.samples_s) out += fmt::format("{:.6g} samples/s{} until the last answer of all\n", *r.samples_s, r.tokens_s ? fmt::format(", {:.6g} tok/s", *r.tokens_s) : "");
  if (!r.figures.latency.empty()) out += latencies(r);
  out += rules_text("LoadGen's rules, and that every sample was answered", r.rules);
  out += rules_text("What the submission checker asks beyond", r.checker);
  for (const MlperfInferred& one : r.inferred) out += fmt::format("Stands for {}: {:.6g} {} ({})\n", one.scenario, one.value, one.unit, one.rule);
  for (const std::string& why : r.not_comparable) out += fmt::format("Not comparable with published results: {}\n", why);
  return out;
}

std::string loadgen_text(const LoadGenRun& run, const MlperfBenchmark* benchmark, bool interactive) {
  std::string out = fmt::format("{}, {}: {}\n", run.scenario(), run.text("effective_test_mode"), run.valid() ? "VALID" : "not VALID");
  if (const auto result = loadgen_result(run, benchmark != nullptr ? benchmark->name : ""))
    out += fmt::format("{:.10g} {} ({})\n", result->value, result->unit, result->key);
  if (const auto power = loadgen_power_result(run))
    out += fmt::format("{:.10g} {}, mean of {} samples of the meter\n", power->value, power->unit, run.power->samples);
  for (const auto& [name, score] : run.scores) out += fmt::format("{} {:g}\n", name, score);
  out += rules_text("LoadGen's rules", loadgen_rules(run));
  out += rules_text("What the submission checker asks", check_loadgen(run, benchmark, interactive));
  for (const std::string& note : run.notes) out += fmt::format("Note: {}\n", note);
  return out;
}

std::string rounds_text(const std::vector<MlperfRound>& rounds) {
  std::string out;
  for (const MlperfRound& round : rounds) {
    out += fmt::format("MLPerf Inference {}: seeds {} {} {}, at least {:g} s\n", round.name, round.seeds.qsl, round.seeds.sample_index,
                       round.seeds.schedule, round.min_duration_s);
    std::vector<std::string> header = {"benchmark", "samples"};
    for (const MlperfScenario& scenario : round.scenarios) header.push_back(scenario.name);
    std::vector<std::vector<std::string>> rows;
    for (const MlperfBenchmark& b : round.benchmarks) {
      std::vector<std::string> row = {b.name, std::to_string(b.performance_samples)};
      for (const MlperfScenario& scenario : round.scenarios) row.push_back(b.limits(scenario.name) != nullptr ? limit_text(*b.limits(scenario.name)) : "–");
      rows.push_back(std::move(row));
    }
    out += table(header, rows);
    for (const MlperfBenchmark& b : round.benchmarks)
      if (!b.note.empty()) out += fmt::format("  {}: {}\n", b.name, b.note);
    out += "\n";
  }
  return out + "Limits are p99 TTFT/TPOT in ms, or the whole latency.\n";
}

}  // namespace tokenmark::cli
