#include "app/cli/runs_compare.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "app/cli/stored_run.h"
#include "app/cli/terminal.h"
#include "core/metrics/compare.h"

namespace tokenmark::cli {
namespace {

using nlohmann::json;

Result<std::vector<RunId>> numbers(const std::string& list) {
  std::vector<RunId> out;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    RunId id = 0;
    const auto parsed = std::from_chars(list.data() + begin, list.data() + end, id);
    if (parsed.ec != std::errc() || parsed.ptr != list.data() + end || id < 1)
      return fail(ErrorKind::invalid_input, "'{}' must be numbers of runs, like 12 or 12,15,18", list);
    out.push_back(id);
    begin = end + 1;
  }
  return out;
}

// The runs, each with the other repeats of its point in its sweep, in the order of the repeats.
Result<std::vector<RunRow>> side(Store& store, const std::string& list, bool only_these) {
  TOKENMARK_TRY(const auto ids, numbers(list));
  std::vector<RunRow> rows;
  const auto add = [&](const RunRow& row) {
    if (std::none_of(rows.begin(), rows.end(), [&](const RunRow& other) { return other.id == row.id; })) rows.push_back(row);
  };
  for (const RunId id : ids) {
    TOKENMARK_TRY(const RunRow row, store.run(id));
    if (row.state != RunState::done)
      return fail(ErrorKind::invalid_input, "run {} is {} and has nothing to compare", id, run_state_name(row.state));
    add(row);
    if (only_these || row.sweep == 0) continue;
    TOKENMARK_TRY(const auto others, store.runs({}, row.sweep));
    for (const RunRow& other : others)
      if (other.state == RunState::done && other.configuration_key == row.configuration_key) add(other);
  }
  std::sort(rows.begin(), rows.end(), [](const RunRow& a, const RunRow& b) { return std::pair(a.repeat, a.id) < std::pair(b.repeat, b.id); });
  return rows;
}

Result<std::vector<ComparedRun>> read(Store& store, const std::vector<RunRow>& rows) {
  std::vector<ComparedRun> out;
  for (const RunRow& row : rows) {
    TOKENMARK_TRY(const EventLog log, store.event_log(row.id));
    TOKENMARK_TRY(const Point point, store.point(row.id));
    out.push_back(compared_run(log, point.limits, row.repeat));
  }
  return out;
}

json ids_of(const std::vector<RunRow>& rows) {
  json out = json::array();
  for (const RunRow& row : rows) out.push_back(row.id);
  return out;
}

std::string described(const char* name, const std::vector<RunRow>& rows) {
  std::string ids;
  for (const RunRow& row : rows) ids += fmt::format("{}{}", ids.empty() ? "" : ", ", row.id);
  return fmt::format("{}: {}, {}/{}, concurrency {} (run{} {})\n", name, rows[0].series, rows[0].input, rows[0].output, rows[0].concurrency,
                     rows.size() == 1 ? "" : "s", ids);
}

std::string text_of(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows;
  std::string absent;
  const auto percent = [](double share) { return cell(100 * share, 1); };
  for (const FigureComparison& f : comparison.figures) {
    if (!f.compared) {
      absent += fmt::format("{} is not compared: {}.\n", f.name, f.verdict);
      continue;
    }
    const bool time = f.unit == "s";
    rows.push_back({fmt::format("{}, {}", f.name, time ? "ms" : f.unit), fmt::format("{:.4g}", time ? 1e3 * f.a : f.a),
                    fmt::format("{:.4g}", time ? 1e3 * f.b : f.b), percent(f.change),
                    fmt::format("{} to {}", percent(f.interval.low), percent(f.interval.high)), fmt::format("{:.2g}", f.p),
                    f.detectable < 10 ? percent(f.detectable) : "> 1000", f.verdict});
  }
  std::string text = "\n";
  if (!rows.empty()) text += table({"figure", "A", "B", "change %", "95 %", "p (Holm)", "detectable %", "verdict"}, rows);
  text += absent;
  text += fmt::format("\nBy {}; a difference is called one where Holm's p is below 0.05. Detectable: found in 4 of 5 cases.\n",
                      comparison.method);
  for (const std::string& note : comparison.notes) text += note + "\n";
  return text;
}

}  // namespace

Status print_comparison(Store& store, const ComparedSides& sides) {
  TOKENMARK_TRY(const auto a, side(store, sides.a, sides.only_these));
  TOKENMARK_TRY(const auto b, side(store, sides.b, sides.only_these));
  for (const RunRow& row : a)
    if (std::any_of(b.begin(), b.end(), [&](const RunRow& other) { return other.id == row.id; }))
      return fail(ErrorKind::invalid_input, "run {} is on both sides{}", row.id,
                  sides.only_these ? "" : ": to compare repeats of one point with each other, add --only-these");
  TOKENMARK_TRY(const auto runs_a, read(store, a));
  TOKENMARK_TRY(const auto runs_b, read(store, b));
  TOKENMARK_TRY(const Comparison comparison, compare_runs(runs_a, runs_b));
  if (sides.as_json) {
    json out = to_json(comparison);
    out["a"] = ids_of(a);
    out["b"] = ids_of(b);
    fmt::print("{}\n", out.dump(2));
    return {};
  }
  fmt::print("{}{}{}", described("A", a), described("B", b), text_of(comparison));
  return {};
}

}  // namespace tokenmark::cli
