// Runs held against one of them, the baseline, figure by figure: TTFT, TPOT, ITL, E2E, interactivity, throughput, cost,
// energy, goodput. A run stands for its point: the other repeats in its sweep count too. Where both have event logs the
// change, its interval and its verdict are those of core/metrics/compare.h, with Holm's correction over all figures of the
// table; where one has none (published, imported) the stored figures are compared, with an interval (Welch's t on
// logarithms) from 3 repeats on each side. Reads the store, some seconds for long logs; any thread that has a store of its
// own.
#pragma once

#include <stop_token>
#include <vector>

#include "core/report/comparison_table.h"

namespace tokenmark {

struct RunComparisonQuery {
  RunId baseline = 0;              // 0, or not among the runs: the first
  std::string price_set, tier;     // empty: as in FrontierQuery
  bool only_significant = false;
  bool only_these = false;         // without the other repeats of each run's point
  bool operator==(const RunComparisonQuery&) const = default;
};

// `store` may be null when all are samples. Runs of one point are one row's repeats; if all are of one point, or
// `only_these` is given, each stands alone. Runs without a result are left out with a note.
Result<ComparisonTable> run_comparison(Store* store, const std::vector<RunRow>& runs, const RunComparisonQuery& query,
                                       std::stop_token stop = {});

// "run 12 · llama · q4_0 · concurrency 8"
std::string run_name(const RunRow& row);

}  // namespace tokenmark
