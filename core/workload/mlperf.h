// MLPerf Inference's rules as values: seeds, scenarios, limits, sample counts and accuracy targets of each round, read
// from resources/mlperf.json, which names its sources. Pure, any thread. A name that a round does not have is an error
// that lists those it has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark {

struct MlperfSeeds {
  std::uint64_t qsl = 0, sample_index = 0, schedule = 0;
  bool operator==(const MlperfSeeds&) const = default;
};

// Interactive is Server with tighter limits: LoadGen does not know the name.
struct MlperfScenario {
  std::string name;              // "server"
  std::string loadgen;           // "Server"
  double percentile = 0;         // that is judged: 0.9, 0.99
  std::int32_t samples_per_query = 1;
  std::int64_t min_queries = 0;  // LoadGen's, where nothing else is asked for
  double expected_qps = 0;       // how many queries are made ready where no rate is given; 0: a rate must be given
};

// Absent: no such limit. They hold for the scenario's percentile; MLPerf's checker wants less than the limit, LoadGen at most.
struct MlperfLimits {
  std::string scenario;
  std::optional<double> ttft_s, tpot_s, latency_s;
};

// A score must be at least `reference` times the factor; or within [low, high], whichever of them is there.
struct MlperfTarget {
  std::string metric;            // the checker's name: "ROUGE1", "exact_match", "TOKENS_PER_SAMPLE"
  std::optional<double> reference, low, high;
};

struct MlperfBenchmark {
  std::string name, dataset, note;
  bool tokens = false;           // an LLM: TTFT and TPOT are judged, all samples are issued equally often
  bool fixed_latent = false;     // images and videos: results compare only if all start from the same noise
  std::int32_t performance_samples = 0, accuracy_samples = 0;
  std::int64_t offline_samples = 0;  // at least so many in the one query of Offline
  std::vector<MlperfLimits> scenarios;  // those that exist
  std::vector<MlperfTarget> targets;
  std::vector<double> factors;   // of the reference: 0.99, 0.999

  const MlperfLimits* limits(std::string_view scenario) const;  // null: there is no such scenario
};

struct MlperfRound {
  std::string name;              // "v6.0"
  double min_duration_s = 0;
  MlperfSeeds seeds;
  std::vector<MlperfScenario> scenarios;
  std::vector<MlperfBenchmark> benchmarks;

  Result<MlperfScenario> scenario(std::string_view name) const;
  // "llama2-70b", or with the factor of its accuracy as published results have it: "llama2-70b-99.9".
  Result<MlperfBenchmark> benchmark(std::string_view name) const;
};

Result<std::vector<MlperfRound>> parse_mlperf_rounds(std::string_view json);
// Those that the program carries, oldest first.
const std::vector<MlperfRound>& mlperf_rounds();
Result<MlperfRound> mlperf_round(std::string_view name);

// The lowest and highest score that meet a target at a factor; absent: no such bound.
struct MlperfBounds {
  std::optional<double> low, high;
};
MlperfBounds mlperf_bounds(const MlperfTarget& target, double factor);

}  // namespace tokenmark
