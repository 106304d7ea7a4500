// What the submission checker would say of a folder of LoadGen's logs, as far as the logs alone tell: errors in the log,
// seeds and with them the round, sample counts, durations, early stopping, TTFT and TPOT strictly within the limits.
// Pure functions, any thread.
#pragma once

#include "core/exchange/loadgen_log.h"
#include "core/metrics/mlperf.h"

namespace tokenmark {

// The round whose seeds a run used; null: none that is known here.
const MlperfRound* loadgen_round(const LoadGenRun& run);

// LoadGen's own rules as its log has them: "performance_constraints", "min_duration", "min_queries", "early_stopping".
std::vector<MlperfRule> loadgen_rules(const LoadGenRun& run);

// The checker's. Without a benchmark those that need its limits are left out; `interactive`: its tighter ones hold.
std::vector<MlperfRule> check_loadgen(const LoadGenRun& run, const MlperfBenchmark* benchmark, bool interactive);

}  // namespace tokenmark
