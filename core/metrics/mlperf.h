// What MLPerf says of a run: LoadGen's figures under LoadGen's names, beside them the robust ones, early stopping, each
// rule's verdict with its reason, and what keeps the run from being compared with published results.
//
// Definitions (LoadGen 6.0.17, results.cc and logging.cc; reference: MLPerf Inference rules). All times count from the
// begin of the run, which is the intended time of its first query.
//   latency      end of the answer − intended time: lateness of the client counts. MultiStream judges queries: the
//                largest of its samples'
//   TTFT         first token − intended time;  TPOT  (latency − TTFT)/(n − 1), whole nanoseconds, one for a sample
//   percentile   sorted[floor(n·p)], from 0; n counts failed samples, which are later than all others
//   mean         of completed samples, whole nanoseconds
//   …per_sec     LoadGen's divide by the end of the query *issued last*; ours beside them by the last end of all
// A failed sample, or one of fewer than two tokens where TPOT is judged, makes the run invalid: LoadGen knows neither.
// Pure functions, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/load/event_log.h"
#include "core/workload/mlperf_queries.h"

namespace tokenmark {

inline constexpr std::array<double, 6> kMlperfPercentiles = {0.5, 0.9, 0.95, 0.97, 0.99, 0.999};
inline constexpr std::int64_t kNeverEnded = std::numeric_limits<std::int64_t>::max();

struct MlperfDistribution {                        // nanoseconds; kNeverEnded for what failed
  std::vector<std::int64_t> sorted;
  std::int64_t mean = 0;                           // of those that ended
  bool empty() const { return sorted.empty(); }
  std::int64_t at(double p) const;                 // sorted[floor(n·p)]; not of an empty one
};

struct MlperfFigures {
  std::int64_t queries = 0, samples = 0, failed = 0, tokens = 0;
  std::int64_t without_tpot = 0;                   // completed samples of fewer than two tokens
  // Of samples; of queries in MultiStream, elsewhere empty; the last two only where tokens are timed.
  MlperfDistribution latency, query_latency, first_token, time_per_token;
  double last_scheduled_s = 0, last_issued_s = 0;  // of the query issued last
  std::optional<double> last_query_done_s;         // its end; absent: it failed
  std::optional<double> last_done_s;               // the last end of all
  std::optional<double> longest_s;                 // max latency
  std::vector<std::int64_t> over;                  // samples over the limits of latency, TTFT, TPOT; in that order, −1: no limit
};

// One rule, in words for people.
struct MlperfRule {
  std::string name, reason;
  bool met = false;
};

// LoadGen's estimate of a percentile by early stopping, and whether it could be made.
struct MlperfEarlyStopping {
  bool met = true;
  std::string words;                               // as LoadGen's summary says it, lines divided by \n
  std::optional<std::int64_t> estimate_ns;
};

// A result of one scenario that the rules let stand for another.
struct MlperfInferred {
  std::string scenario, unit, rule;
  double value = 0;
};

struct MlperfReport {
  MlperfSettings settings;
  MlperfFigures figures;
  // LoadGen's named results in the order of its detail log, without percentiles: "result_completed_samples_per_sec".
  std::vector<std::pair<std::string, double>> loadgen;
  // The same without LoadGen's division by the query issued last.
  std::optional<double> samples_s, tokens_s;
  MlperfEarlyStopping early, early_ttft, early_tpot;   // `early` is of latencies, the others where tokens are timed
  std::optional<std::int64_t> early_latency_ss_ns, early_latency_ms_ns;
  std::vector<MlperfRule> rules;                   // LoadGen's, then ours
  std::vector<MlperfRule> checker;                 // what the submission checker asks beyond them
  std::vector<std::string> not_comparable;         // empty: nothing speaks against it
  std::vector<MlperfInferred> inferred;
  bool valid = false;                              // all `rules` are met

  std::string result_key, result_unit;             // what is published: "result_completed_tokens_per_second", "tok/s"
  std::optional<double> result;
  const MlperfRule* rule(std::string_view name) const;   // null: there is none
};

MlperfFigures mlperf_figures(const EventLog& log, const MlperfSettings& settings);

// `samples`: rows of the dataset, 0 where prompts are random. An error: the point is none of MLPerf.
Result<MlperfReport> mlperf_report(const EventLog& log, const Point& point, std::int32_t samples);

// Scores against a benchmark's targets at its lowest factor; a score that is missing is a rule not met.
std::vector<MlperfRule> mlperf_accuracy(const MlperfBenchmark& benchmark, const std::map<std::string, double>& scores);

nlohmann::json to_json(const MlperfReport& report);

}  // namespace tokenmark
