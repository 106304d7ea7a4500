#include "core/workload/mlperf.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "resources/resources.h"

namespace tokenmark {
namespace {

using Json = nlohmann::ordered_json;  // scenarios keep their order

template <class T>
std::optional<T> optional_at(const Json& json, const char* key) {
  return json.contains(key) ? std::optional(json.at(key).get<T>()) : std::nullopt;
}
std::optional<double> seconds_at(const Json& json, const char* key) {
  const std::optional<double> ms = optional_at<double>(json, key);
  return ms ? std::optional(*ms / 1000) : std::nullopt;
}

MlperfBenchmark benchmark_from(const Json& json) {
  MlperfBenchmark b;
  b.name = json.at("name");
  b.dataset = json.at("dataset");
  b.note = json.value("note", "");
  b.tokens = json.at("tokens");
  b.fixed_latent = json.value("fixed_latent", false);
  b.performance_samples = json.at("performance_samples");
  b.accuracy_samples = json.at("accuracy_samples");
  b.offline_samples = json.at("offline_samples");
  for (const auto& [name, limits] : json.at("scenarios").items())
    b.scenarios.push_back({name, seconds_at(limits, "ttft_ms"), seconds_at(limits, "tpot_ms"), seconds_at(limits, "latency_ms")});
  for (const Json& target : json.at("accuracy"))
    b.targets.push_back({target.at("metric"), optional_at<double>(target, "reference"), optional_at<double>(target, "low"),
                         optional_at<double>(target, "high")});
  b.factors = json.at("factors").get<std::vector<double>>();
  return b;
}

MlperfRound round_from(const Json& json, const Json& benchmarks) {
  MlperfRound round;
  round.name = json.at("name");
  round.min_duration_s = json.at("min_duration_s");
  const Json& seeds = json.at("seeds");
  round.seeds = {seeds.at("qsl"), seeds.at("sample_index"), seeds.at("schedule")};
  for (const auto& [name, s] : json.at("scenarios").items())
    round.scenarios.push_back({name, s.at("loadgen"), s.at("percentile"), s.at("samples_per_query"), s.at("min_queries"),
                               s.value("expected_qps", 0.0)});
  for (const Json& benchmark : benchmarks) {
    const Json& rounds = benchmark.at("rounds");
    if (std::find(rounds.begin(), rounds.end(), round.name) != rounds.end()) round.benchmarks.push_back(benchmark_from(benchmark));
  }
  return round;
}

template <class T>
std::string names_of(const std::vector<T>& list) {
  std::vector<std::string> names;
  for (const T& one : list) names.push_back(one.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

const MlperfLimits* MlperfBenchmark::limits(std::string_view scenario) const {
  for (const MlperfLimits& one : scenarios)
    if (one.scenario == scenario) return &one;
  return nullptr;
}

Result<MlperfScenario> MlperfRound::scenario(std::string_view wanted) const {
  for (const MlperfScenario& one : scenarios)
    if (one.name == wanted) return one;
  return fail(ErrorKind::not_found, "MLPerf {} has no scenario '{}'; it has {}", name, wanted, names_of(scenarios));
}

Result<MlperfBenchmark> MlperfRound::benchmark(std::string_view wanted) const {
  for (const MlperfBenchmark& one : benchmarks) {
    if (one.name == wanted) return one;
    for (const double factor : one.factors) {
      if (wanted != fmt::format("{}-{:g}", one.name, 100 * factor)) continue;
      MlperfBenchmark at_factor = one;
      at_factor.factors = {factor};
      return at_factor;
    }
  }
  return fail(ErrorKind::not_found, "MLPerf {} has no benchmark '{}' here; it has {}", name, wanted, names_of(benchmarks));
}

Result<std::vector<MlperfRound>> parse_mlperf_rounds(std::string_view text) {
  std::vector<MlperfRound> rounds;
  try {
    const Json json = Json::parse(text);
    for (const Json& round : json.at("rounds")) rounds.push_back(round_from(round, json.at("benchmarks")));
  } catch (const Json::exception& error) {
    return fail(ErrorKind::invalid_input, "mlperf.json: {}", error.what());
  }
  return rounds;
}

const std::vector<MlperfRound>& mlperf_rounds() {
  static const std::vector<MlperfRound> own = parse_mlperf_rounds(resource("mlperf.json")).value_or(std::vector<MlperfRound>{});
  return own;
}

Result<MlperfRound> mlperf_round(std::string_view name) {
  for (const MlperfRound& round : mlperf_rounds())
    if (round.name == name) return round;
  return fail(ErrorKind::not_found, "there is no MLPerf round '{}' here; there are {}", name, names_of(mlperf_rounds()));
}

MlperfBounds mlperf_bounds(const MlperfTarget& target, double factor) {
  if (target.reference) return {*target.reference * factor, target.high};
  return {target.low, target.high};
}

}  // namespace tokenmark
