// Comparisons as a table of values, changes with their interval, and what each is worth: of all series against one of them
// where they are equal in one figure (here), and of runs against one of them (run_comparison.h). Everything that compares
// shows such a table: the window, the command line, reports.
//
// Of series: at the same interactivity, TTFT or end-to-end latency, read from the frontiers; or at the same cost, where the
// interactivity that it buys is compared. The interval of a change comes from the repeats' own frontiers (Welch's t on
// logarithms, from 3 repeats on each side); one that includes 0 is noise. Pure functions, any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/report/chart.h"

namespace tokenmark {

enum class EqualIn : std::uint8_t { interactivity, ttft, e2e, cost };
struct EqualMeaning {
  EqualIn equal;
  std::string_view key;            // "interactivity", "cost"
  AxisFigure figure;
};
const std::vector<EqualMeaning>& equal_meanings();
const EqualMeaning& meaning(EqualIn equal);
Result<EqualIn> equal_from_key(std::string_view key);

struct ComparisonQuery {
  EqualIn equal = EqualIn::interactivity;
  std::optional<double> at;        // absent: the middle of what the baseline shares with most others, else its own
  std::string baseline;            // name of a series; empty, or not there: the first
  RunId baseline_run = 0;          // a run of it instead of its name; 0: none
  std::string price_set, tier;
  bool only_significant = false;
  bool operator==(const ComparisonQuery&) const = default;
};

enum class ChangeVerdict : std::uint8_t { better, worse, noise, unknown };
std::string_view verdict_name(ChangeVerdict verdict);

struct ComparedFigure {            // refers to tables that stay
  std::string_view key, label, unit, definition;
  Better better = Better::higher;
};
ComparedFigure compared_figure(AxisFigure figure);

struct ComparisonRow {
  std::string series;              // or "run 12 · …"
  RunId run = 0;                   // where runs are compared
  bool sample = false;
  ComparedFigure figure;
  std::optional<double> value, baseline;   // absent: outside the measured range, or not measured
  std::optional<double> change;            // value ÷ baseline − 1
  std::optional<Interval> interval;        // of the change, 95 %
  ChangeVerdict verdict = ChangeVerdict::unknown;
  std::string why;                         // of an unknown one
};

struct ComparisonTable {
  bool of_runs = false;            // else of series; then without `equal` and `at`
  EqualIn equal = EqualIn::interactivity;
  double at = 0;
  std::string baseline;
  std::string price_set, tier;
  std::vector<std::string> series;         // that can be the baseline
  std::vector<RunId> runs;                 // of_runs: the same as numbers
  std::vector<ComparisonRow> rows;         // the largest effect first; what has none last
  std::string method;                      // where the intervals come from
  std::vector<std::string> notes;
};

Result<ComparisonTable> comparison_table(const RowView& runs, const ComparisonQuery& query);

// All series of one chart at one x against the baseline, in the chart's order and without it; none where there is no
// baseline.
std::vector<ComparisonRow> compared_at(const Chart& chart, double x, const ChartSeries* baseline);
// The series of that name, or the one that holds the run; by default the first that has a value at `x` (if given). Null:
// none.
const ChartSeries* baseline_of(const Chart& chart, const std::string& name, RunId run = 0, std::optional<double> x = {});

// What both kinds of tables end with: only changes that are real where that is wanted, the largest effect first.
void arrange(ComparisonTable& table, bool only_significant);
ChangeVerdict judged(const Interval& change, Better better);

// "at 30 tok/s/user, against A"; "against run 12 · …"
std::string comparison_heading(const ComparisonTable& table);
std::string comparison_csv(const ComparisonTable& table);        // lines of '#' first: heading, prices, notes
std::string comparison_tsv(const ComparisonTable& table);
std::string comparison_markdown(const ComparisonTable& table);
nlohmann::json to_json(const ComparisonTable& table);
// Cells as a person reads them: series, figure, value, baseline, change, interval, verdict.
std::vector<std::string> comparison_header(const ComparisonTable& table);
std::vector<std::string> comparison_cells(const ComparisonRow& row);

}  // namespace tokenmark
