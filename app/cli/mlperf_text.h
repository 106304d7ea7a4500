// MLPerf verdicts as text, shared by the verbs' parts.
#pragma once

#include <string>
#include <vector>

#include "core/exchange/loadgen_log.h"
#include "core/metrics/mlperf.h"

namespace tokenmark::cli {

std::string mlperf_text(const MlperfReport& report);
std::string rules_text(const char* title, const std::vector<MlperfRule>& rules);
std::string loadgen_text(const LoadGenRun& run, const MlperfBenchmark* benchmark, bool interactive);
std::string rounds_text(const std::vector<MlperfRound>& rounds);

}  // namespace tokenmark::cli
