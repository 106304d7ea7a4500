// The queries of an MLPerf run: which samples, in which order, when: number for number those that LoadGen makes from
// the same settings (its 6.0.17, loadgen.cc and test_settings_internal.cc; unchanged since 5.1). The random numbers are
// std::mt19937 with libstdc++'s shuffle, uniform_int_distribution and exponential_distribution; seeds count mod 2^32.
// Pure functions, any thread.
//
// How a client drives the plan. A query is the requests of one `group`; they go out together.
//   single-stream, multi-stream  arrival_ns is −1: the next query when all of the one before have ended; after each
//                                query that was sent, MlperfStop says whether it was the last
//   server, interactive          each at its arrival_ns, whatever the server does; all are sent
//   offline                      one query at 0; all are sent
// In accuracy mode every query of the plan is sent in each scenario; a dataset larger than the performance set is sent set
// after set (LoadGen waits between two sets for the last answers, a schedule here goes on).
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "core/workload/mlperf.h"
#include "core/workload/point.h"
#include "core/workload/requests.h"

namespace tokenmark {

// What LoadGen calls effective settings, and where they come from: load.rate (target QPS; of the streams 1 ÷ expected
// latency), load.duration_s (minimum duration), load.min_requests (minimum number of queries; of samples in Offline).
// 0 means the round's own.
struct MlperfSettings {
  MlperfRound round;
  MlperfScenario scenario;
  MlperfLimits limits;
  std::optional<MlperfBenchmark> benchmark;  // absent: none was named, then the point's own limits hold
  bool accuracy = false;         // accuracy mode
  bool equal_issue = false;      // all samples are issued equally often
  bool tokens = false;           // TTFT and TPOT are measured
  double target_qps = 0;
  std::int64_t min_duration_ns = 0;
  std::int64_t min_queries = 0;
  std::int64_t samples_per_query = 1;  // of Offline before it is padded to whole sets
  std::int64_t min_samples = 0;
  std::int32_t samples = 0;            // in the dataset
  std::int32_t performance_samples = 0, accuracy_samples = 0;
};

// `samples`: rows of the dataset; 0: as many as the benchmark has. An error names the field that cannot be.
Result<MlperfSettings> mlperf_settings(const Point& point, std::int32_t samples);

// Of that, the number of queries and samples: LoadGen's sums with its slack, from what `load` asks for and the settings
// that are there already (scenario, equal_issue, the numbers of samples).
Status mlperf_counts(const Load& load, MlperfSettings& settings);

struct MlperfQueries {
  std::vector<std::int32_t> samples;     // of all queries, one after the other: indices into the dataset
  std::vector<std::int64_t> first;       // of each query in `samples`
  std::vector<std::int64_t> scheduled_ns;  // of each query
  std::vector<std::int32_t> loaded;      // the set that was drawn from, in its order; in accuracy mode the first set
  std::int64_t duration_ns = 0;          // LoadGen's generated_query_duration
};
Result<MlperfQueries> mlperf_queries(const MlperfSettings& settings);

// Absent: the plan is sent to its end (Server, Offline, accuracy mode).
std::optional<MlperfStop> mlperf_stop(const MlperfSettings& settings);

// A plan in LoadGen's order of `bank`, whose measured requests are the samples 0, 1, 2 … of the dataset: what each asks
// is kept, `group` becomes the query's number, `sample` the sample's, arrival_ns what is said above.
Result<Plan> arrange_mlperf(const MlperfSettings& settings, Plan bank);

// The plan of a point whose load.scenario is set: a sample's prompt and lengths depend on its index alone. `samples` as
// above, `tokenizer` as in plan_requests.
Result<Plan> plan_mlperf(const Point& point, std::int32_t samples, const Tokenizer* tokenizer = nullptr);

}  // namespace tokenmark
