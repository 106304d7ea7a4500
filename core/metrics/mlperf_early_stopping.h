// MLPerf's early stopping: how many queries a run needs before a percentile can be claimed at 99 % confidence. Of
// n = h + t queries t were over the limit; if each is over it with the probability 1 − p, at most t are with the
// probability I_p(h, t + 1) (regularized incomplete beta function), and the claim "the p-percentile is within the limit"
// stands where that is at most 1 %. Source: MLPerf Inference rules, appendix "Early Stopping Criterion"; the tolerance d
// is 0 there. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>

namespace tokenmark {

inline constexpr double kMlperfConfidence = 0.99;

// h(t): the fewest queries within the limit beside t ≥ 0 that are over it; p in (0, 1).
std::int64_t mlperf_passing_queries(std::int64_t over, double percentile);

// The largest t ≥ 1 with h(t) + t ≤ n: the estimate of the percentile is then the t-th largest latency of n. Absent:
// n is too small for any.
std::optional<std::int64_t> mlperf_overlatency_allowed(std::int64_t queries, double percentile);

}  // namespace tokenmark
