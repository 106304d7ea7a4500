// How long a GPU works, with the range of the repeats (plugins/gpu/stopwatch.h: graphs of several launches, timed by events).
#pragma once

#include <algorithm>
#include <vector>

#include "plugins/gpu/stopwatch.h"
#include "tests/gpu/json_text.h"

namespace tokenmark::gpu {

struct Timing {
  double median_s = 0, least_s = 0, most_s = 0;  // of one piece of work
  std::size_t repeats = 0;
  Json json() const { return Json::object().add("median_s", median_s).add("least_s", least_s).add("most_s", most_s).add("repeats", repeats); }
};

inline Timing timing_of(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  const std::size_t n = seconds.size();
  return {(seconds[n / 2] + seconds[(n - 1) / 2]) / 2, seconds.front(), seconds.back(), n};
}

struct TimingOptions {
  GraphSize graph{5e-3, 1, 400};
  int repeats = 9;
};

// `work(i)` launches the i-th piece; pieces with different i use different memory, so that caches are of no help.
inline Result<Timing> time_work(Gpu& gpu, const TimingOptions& options, const Stopwatch::Launch& work) {
  Stopwatch stopwatch(gpu, options.graph);
  TOKENMARK_TRY(const Stopwatch::Work graph, stopwatch.prepare(work));
  return stopwatch.seconds(graph, options.repeats).map(timing_of);
}

}  // namespace tokenmark::gpu
