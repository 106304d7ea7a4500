// Runs a sweep: drives an agent, point after point, and stores each. Runs in the caller's thread; the
// observer is called from it.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/load/load.h"
#include "core/store/store.h"
#include "core/sweep/pause.h"
#include "core/sweep/sweep.h"

namespace tokenmark {

struct SweepProgress {
  std::int32_t point = 0, points = 0;  // index of the one that runs; points finished when equal
  std::string label;                   // "concurrency 4, repeat 1 of 3"
  std::string phase;                   // "loading the model", "warming up", "measuring", "paused"
  LoadProgress load;
  double share = 0;                    // of the whole sweep
  std::optional<double> seconds_left;  // an estimate, absent at first
};

struct SweepObserver {
  std::function<void(const SweepProgress&)> progress;
  std::function<void(RunId)> run_stored;  // a point is in the store, done or failed
  std::function<void(bool)> paused;       // the sweep stands still, or goes on
};

struct RunnerOptions {
  std::string agent_program;  // path of tokenmark-cli on this machine
  bool resume = false;        // skip the points that an earlier run of the same sweep finished
  bool failed_only = false;   // of that earlier run, measure only the points that failed
  SweepId earlier = 0;        // which one it was; 0: the latest with the same points
  SweepPause* pause = nullptr;  // null: it cannot be paused
};

struct SweepOutcome {
  SweepId sweep = 0;
  std::vector<RunId> runs;  // all points that are done, those of a resumed run included, in the sweep's order
  std::vector<RunId> failed_runs;  // points that ended with an error (stored as failed)
  std::int32_t failed = 0;         // how many
  std::vector<std::string> errors;
  std::vector<std::string> quality_errors;  // tasks that failed; their targets' points are measured and stored
};

// The points that a resumed run of the sweep would measure, in their order; all where there was no earlier one.
Result<std::vector<Point>> points_left(const Sweep& sweep, Store& store, bool failed_only);

// An Error means the sweep could not go on (agent lost, store full, cancelled); what was finished is in the
// store. A local agent that dies is started again and its point tried once more; the second time the point is
// failed. Resuming measures what is not done, failed points too, and replaces their rows. While it is paused the sweep
// has no agent: neither memory nor device is held.
Result<SweepOutcome> run_sweep(const Sweep& sweep, Store& store, const RunnerOptions& options,
                               const SweepObserver& observer, std::stop_token stop);

}  // namespace tokenmark
