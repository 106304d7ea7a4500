// How long a GPU works, by its own events. Work is captured as a graph in which it comes often enough to fill a few
// milliseconds, so that what launching costs the host is no part of it; the graph runs a few times.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "plugins/gpu/gpu.h"
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
  double graph_s = 5e-3;
  unsigned most = 400;  // pieces of work in a graph
  unsigned repeats = 9;
};

// `work(i)` launches the i-th piece; pieces with different i use different memory, so that caches are of no help.
inline Result<Timing> time_work(Gpu& gpu, const TimingOptions& options, const std::function<Status(unsigned)>& work) {
  const auto timed = [&](const std::function<Status()>& run) -> Result<double> {
    TOKENMARK_TRY(const auto begin, gpu.record());
    TOKENMARK_CHECK(run());
    TOKENMARK_TRY(const auto end, gpu.record());
    TOKENMARK_CHECK(gpu.wait(*end));
    return gpu.seconds_between(*begin, *end);
  };
  TOKENMARK_CHECK(work(0));  // loads what has to be loaded
  TOKENMARK_TRY(const double once, timed([&] { return work(1); }));
  const unsigned pieces = static_cast<unsigned>(std::clamp(options.graph_s / std::max(once, 1e-7), 1.0, double(options.most)));
  TOKENMARK_CHECK(gpu.begin_capture());
  Status captured;
  for (unsigned i = 0; i < pieces && captured; ++i) captured = work(i);
  auto graph = gpu.end_capture();
  TOKENMARK_CHECK(captured);
  if (!graph) return tl::unexpected(graph.error());
  std::vector<double> seconds;
  for (unsigned r = 0; r <= options.repeats; ++r) {
    TOKENMARK_TRY(const double all, timed([&] { return gpu.launch(**graph); }));
    if (r > 0) seconds.push_back(all / pieces);  // the first one warms up
  }
  return timing_of(std::move(seconds));
}

}  // namespace tokenmark::gpu
