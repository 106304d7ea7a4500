#include "core/store/store_sweeps.h"

#include <algorithm>
#include <set>

namespace tokenmark {

Result<SweepRow> find_sweep(Store& store, SweepId id) {
  TOKENMARK_TRY(const auto all, store.sweeps());
  const auto found = std::find_if(all.begin(), all.end(), [&](const SweepRow& row) { return row.id == id; });
  if (found == all.end()) return fail(ErrorKind::not_found, "the store has no sweep {}", id);
  return *found;
}

Result<std::vector<SweepRow>> interrupted_sweeps(Store& store) {
  TOKENMARK_TRY(auto all, store.sweeps());
  std::sort(all.begin(), all.end(), [](const SweepRow& a, const SweepRow& b) { return a.id > b.id; });
  std::set<std::string> hashes;
  std::vector<SweepRow> out;
  for (SweepRow& row : all) {
    if (!hashes.insert(row.hash).second || row.done >= row.points) continue;
    TOKENMARK_TRY(const auto runs, store.runs({}, row.id));
    const auto any = [&](RunState state) { return std::any_of(runs.begin(), runs.end(), [&](const RunRow& run) { return run.state == state; }); };
    if (any(RunState::interrupted) && !any(RunState::running)) out.push_back(std::move(row));
  }
  return out;
}

Result<std::vector<PastPoint>> past_points(Store& store, std::size_t most) {
  TOKENMARK_TRY(const auto runs, store.runs());
  std::vector<PastPoint> points;
  for (const RunRow& run : runs) {
    if (points.size() == most) break;
    if (run.state == RunState::done && run.source == "measured" && run.duration_s.value_or(0) > 0)
      points.push_back({run.configuration_key, run.node, *run.duration_s, run.ttft_p50_s, run.tpot_p50_s});
  }
  return points;
}

}  // namespace tokenmark
