// Scores of an MLPerf accuracy run, under the names of its targets: ROUGE of the answers against the references in
// percent, the share of exact matches in percent (answers.h; the benchmarks have graders of their own for some of their
// sets), TOKENS_PER_SAMPLE, and GEN_LEN, which counts characters. What cannot be scored here (code that must run,
// images, videos) is left out. Pure, any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/workload/mlperf.h"

namespace tokenmark {

// One entry a sample in each list; `tokens` −1 where it is not known: then there is no TOKENS_PER_SAMPLE.
std::map<std::string, double> mlperf_scores(const MlperfBenchmark& benchmark, const std::vector<std::string>& answers,
                                            const std::vector<std::string>& references, const std::vector<std::int32_t>& tokens);

}  // namespace tokenmark
