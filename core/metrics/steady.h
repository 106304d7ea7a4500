// The steady state of a run: the window [from, to] with its ramp-up and its drain cut off.
//
// Ramp-up: MSER-5 (K. P. White, M. J. Cobb, S. C. Spratt, "A comparison of five steady-state truncation heuristics for
// simulation", WSC 2000) on three series: output tokens (or items) and requests in flight in 200 equal parts of the
// time up to the drain, and the TTFT (of items: the latency) of the requests in the order of sending. Of a series' means
// over 5 neighbours it cuts those at the start whose loss leaves the rest with the smallest squared standard error, at
// most half of them. `from` is the latest of the three cuts.
// Drain: `to` is the last send: from then on no request takes the place of one that ends.
// Never settled: if in the rest of a series the mean of its first half differs from that of its second by more than
// 3.5 standard errors (from the means of five blocks in each) and by 5 %, something still changes (the idea of J. Geweke's
// test, 1992), and there is no window. Under 40 completed requests nothing can be told. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/metrics/log_reading.h"

namespace tokenmark {

struct SteadyWindow {
  bool settled = false;
  std::string reason;             // why there is no window
  std::int64_t from = 0, to = 0;  // on the log's clock
};

SteadyWindow find_steady_window(const LogReading& reading);

// How many samples MSER-5 cuts from the start; 0 below 10 samples.
std::size_t mser5(const std::vector<double>& series);

}  // namespace tokenmark
