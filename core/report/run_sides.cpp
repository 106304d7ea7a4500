#include "core/report/run_sides.h"

#include <algorithm>

namespace tokenmark {

Result<RunSide> run_side(Store& store, const std::vector<RunId>& runs, bool only_these) {
  RunSide side;
  const auto add = [&](const RunRow& row) {
    if (std::none_of(side.begin(), side.end(), [&](const RunRow& other) { return other.id == row.id; })) side.push_back(row);
  };
  for (const RunId id : runs) {
    TOKENMARK_TRY(const RunRow row, store.run(id));
    if (row.state != RunState::done)
      return fail(ErrorKind::invalid_input, "run {} is {} and has nothing to compare", id, run_state_name(row.state));
    add(row);
    if (only_these || row.sweep == 0) continue;
    TOKENMARK_TRY(const auto others, store.runs({}, row.sweep));
    for (const RunRow& other : others)
      if (other.state == RunState::done && other.configuration_key == row.configuration_key) add(other);
  }
  std::sort(side.begin(), side.end(),
            [](const RunRow& a, const RunRow& b) { return std::pair(a.repeat, a.id) < std::pair(b.repeat, b.id); });
  return side;
}

Result<std::vector<ComparedRun>> compared_runs(Store& store, const RunSide& side) {
  std::vector<ComparedRun> runs;
  for (const RunRow& row : side) {
    TOKENMARK_TRY(const EventLog log, store.event_log(row.id));
    TOKENMARK_TRY(const Point point, store.point(row.id));
    runs.push_back(compared_run(log, point.limits, row.repeat));
    runs.back().gpus = row.gpus;
    runs.back().joules_per_token = row.joules_per_total_token;
  }
  return runs;
}

}  // namespace tokenmark
