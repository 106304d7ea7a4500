// A chart as it was asked for: which runs, which axes, what is hidden, where one looks. The window, exports and the
// command line make the same chart of it; it is kept in files "*.chart.json" and is what undo goes back to. Every tab of the
// window has its kind: charts of two axes, the distributions of runs' latencies, a run over time, a trend, a comparison
// (defined_chart.h makes any of them). Plain values and pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/report/chart.h"
#include "core/report/comparison_table.h"
#include "core/report/distributions.h"
#include "core/report/trend.h"
#include "core/report/view_range.h"

namespace tokenmark {

// What a kind is made of.
enum class ChartSort : std::uint8_t { axes, distributions, timeline, trend, comparison };
namespace chart_kind {
inline constexpr std::string_view kDistributions = "distributions", kTimeline = "timeline", kTrend = "trend",
                                  kCompare = "compare";
}
std::optional<ChartSort> chart_sort(std::string_view kind);   // nothing: there is no such kind

// A page of the window with two axes that belong together. The first of each are what it begins with.
struct ChartKind {
  std::string_view key, label;    // "latency", "Latency"
  std::vector<AxisFigure> x, y;
  bool limits = false;            // latencies with the limits of a service as lines
};
const std::vector<ChartKind>& chart_kinds();
const ChartKind* find_chart_kind(std::string_view key);   // null: there is none of two axes

struct ChartDefinition {
  std::string kind = "frontier";
  std::string title;              // empty: named after its axes
  FrontierQuery query;            // of two axes
  DistributionQuery distribution; // of the kinds of their names: of others they stay as they are here
  TrendQuery trend;
  ComparisonQuery comparison;     // its baseline and prices too
  bool of_runs = false;           // a comparison of the runs themselves, not of series
  std::string filter;             // which runs (core/store/run_filter.h); empty: all. Not of distributions and timelines
  std::vector<RunId> runs;        // only these; empty: all that the filter finds. A timeline's one run
  bool samples = true;            // published results too
  std::vector<std::string> hidden;  // series; one that is shown alone hides all others
  bool only_optimal = false;
  std::optional<ViewRange> view;  // absent: all of it. Of a timeline: seconds and slots, of a trend x are numbers of states
  std::optional<double> line, cursor_a, cursor_b;   // x of the pinned line and of the two cursors
  std::string baseline;           // series that ratios refer to; empty: the first
  bool operator==(const ChartDefinition&) const = default;
};

// {"tokenmark_chart": 1, …}, a line a key. Reading is strict: keys that the kind does not have, another version, axes that
// are not its own and more than a megabyte are errors that name the place.
std::string chart_definition_text(const ChartDefinition& definition);
Result<ChartDefinition> parse_chart_definition(std::string_view text);

// What holds beyond the shape of a file: axes of the kind, a view that can be drawn, one run on a timeline.
Status check_definition(const ChartDefinition& definition);

// Those of the runs that the definition wants; refers to them.
Result<RowView> defined_runs(const ChartDefinition& definition, const RowView& runs);
// The chart of two axes of those runs. All series are there, hidden ones too.
Result<Chart> make_chart(const ChartDefinition& definition, const RowView& runs);
// Without hidden series and, where only optimal points are wanted, the others: what a file shows.
Chart shown_part(Chart chart, const ChartDefinition& definition);
DistributionChart shown_part(DistributionChart chart, const ChartDefinition& definition);
Trend shown_part(Trend chart, const ChartDefinition& definition);

// The series that a pinned baseline means: of that name, also where the chart adds the lengths of its workload to it.
std::optional<std::size_t> series_named(const Chart& chart, std::string_view name);

}  // namespace tokenmark
