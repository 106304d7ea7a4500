#include "core/sweep/reproduce_run.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/sweep/sweep.h"
#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::size_t kLargestDocument = 16 << 20;  // beyond it nothing is looked for in what another tool wrote

std::int32_t stored_repeats(const std::vector<RunRow>& rows, const RunRow& row) {
  std::int32_t most = row.repeat + 1;
  for (const RunRow& other : rows)
    if (other.configuration_key == row.configuration_key) most = std::max(most, other.repeat + 1);
  return most;
}

// Node, tasks and repeats stand in the sweep's file; what is gone from there is taken from the runs.
Status add_sweep(Store& store, const RunRow& row, MeasuredPoint& measured) {
  if (row.sweep == 0) return {};
  TOKENMARK_TRY(const auto rows, store.runs({}, row.sweep));
  measured.repeats = stored_repeats(rows, row);
  TOKENMARK_TRY(const auto sweeps, store.sweeps());
  const auto found = std::find_if(sweeps.begin(), sweeps.end(), [&](const SweepRow& sweep) { return sweep.id == row.sweep; });
  if (found == sweeps.end()) return {};
  const auto sweep = parse_sweep(found->yaml, found->name);
  if (!sweep) return {};
  measured.node = sweep->node;
  measured.quality = sweep->quality;
  for (const Point& point : sweep->points)
    if (configuration_key(point) == row.configuration_key) measured.repeats = std::max(measured.repeats, point.repeat + 1);
  return {};
}

}  // namespace

Result<Reproduction> reproduce_run(Store* store, const RunRow& row) {
  MeasuredPoint measured;
  measured.source = row.source;
  measured.name = row.sweep_name.empty() ? row.series : row.sweep_name;
  json environment;
  if (row.id > 0 && store != nullptr) {
    TOKENMARK_TRY(measured.point, store->point(row.id));
    TOKENMARK_CHECK(add_sweep(*store, row, measured));
    if (const auto known = store->environment(row.id)) environment = *known;
    if (const auto document = store->document(row.id); document && *document && (*document)->text.size() <= kLargestDocument)
      if (json said = json::parse((*document)->text, nullptr, false); said.is_object()) environment["document"] = std::move(said);
  }
  return reproduce(measured, environment);
}

}  // namespace tokenmark
