// A group of runs as a series of a chart: points, which of them are optimal, the curve through those and its spread over
// the repeats. The second step of frontier_chart. Pure functions, any thread.
#pragma once

#include <optional>
#include <unordered_map>

#include "core/report/chart_groups.h"

namespace tokenmark {

// "8 GPUs, concurrency 16", each text made once for all points that share it.
class PointLabels {
 public:
  const SharedText& of(const ChartSample& sample);

 private:
  std::unordered_map<std::uint64_t, SharedText> labels_;
};

// Of a chart whose axes are set. Puts the repeats of each point into their order. `rate`: of priced axes.
ChartSeries make_series(const Chart& chart, ChartGroup& group, std::optional<double> rate, PointLabels& labels);

}  // namespace tokenmark
