// What there is to do of a sweep before it starts: all of it, or what an earlier run of the same sweep has left over.
// Behind the editor's plan and `run --dry-run`.
#pragma once

#include "core/sweep/forecast.h"
#include "core/sweep/runner.h"

namespace tokenmark {

struct WorkLeft {
  std::vector<Point> points;   // in their order
  std::size_t done = 0;        // points of the sweep that are not among them
  SweepForecast forecast;      // of those points
};

// `store`: that holds the earlier run; null: there was none. Of the options resume and failed_only count.
Result<WorkLeft> work_left(const Sweep& sweep, const Forecaster& forecaster, Store* store, const RunnerOptions& options);

}  // namespace tokenmark
