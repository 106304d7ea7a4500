// A chart as it was asked for: which runs, which axes, what is hidden, where one looks. The window, exports and the
// command line make the same chart of it; it is kept in files "*.chart.json" and is what undo goes back to. Plain values
// and pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/report/chart.h"
#include "core/report/view_range.h"

namespace tokenmark {

// A page of the window: the axes that belong together. The first of each are what it begins with.
struct ChartKind {
  std::string_view key, label;    // "latency", "Latency"
  std::vector<AxisFigure> x, y;
  bool limits = false;            // latencies with the limits of a service as lines
};
const std::vector<ChartKind>& chart_kinds();
const ChartKind* find_chart_kind(std::string_view key);   // null: there is none

struct ChartDefinition {
  std::string kind = "frontier";
  std::string title;              // empty: named after its axes
  FrontierQuery query;
  std::string filter;             // which runs (core/store/run_filter.h); empty: all
  std::vector<RunId> runs;        // only these; empty: all that the filter finds
  bool samples = true;            // published results too
  std::vector<std::string> hidden;  // series; one that is shown alone hides all others
  bool only_optimal = false;
  std::optional<ViewRange> view;  // absent: all of it
  std::optional<double> line, cursor_a, cursor_b;   // x of the pinned line and of the two cursors
  std::string baseline;           // series that ratios refer to; empty: the first
  bool operator==(const ChartDefinition&) const = default;
};

// {"tokenmark_chart": 1, …}, in this order of keys, a line each. Reading is strict: unknown keys, another version, axes that the
// kind does not have and more than a megabyte are errors that name the place.
std::string chart_definition_text(const ChartDefinition& definition);
Result<ChartDefinition> parse_chart_definition(std::string_view text);

// The chart of those of the runs that the definition wants. All series are there, hidden ones too.
Result<Chart> make_chart(const ChartDefinition& definition, const RowView& runs);
// Without hidden series and, where only optimal points are wanted, the others: what a file shows.
Chart shown_part(Chart chart, const ChartDefinition& definition);

// The series that a pinned baseline means: of that name, also where the chart adds the lengths of its workload to it.
std::optional<std::size_t> series_named(const Chart& chart, std::string_view name);

}  // namespace tokenmark
