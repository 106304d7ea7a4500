#include "core/sweep/work_left.h"

namespace tokenmark {

Result<WorkLeft> work_left(const Sweep& sweep, const Forecaster& forecaster, Store* store, const RunnerOptions& options) {
  WorkLeft left;
  left.points = sweep.points;
  if (store != nullptr && (options.resume || options.failed_only)) {
    TOKENMARK_TRY(left.points, points_left(sweep, *store, options.failed_only));
  }
  left.done = sweep.points.size() - left.points.size();
  left.forecast = forecaster.points(left.points, node_name(sweep.node));
  return left;
}

}  // namespace tokenmark
