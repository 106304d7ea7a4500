// All series against one of them, the baseline, where they are equal in one figure: at the same interactivity, TTFT or
// end-to-end latency, read from the frontiers; or at the same cost, where the interactivity that it buys is compared.
// The interval of a change comes from the repeats' own frontiers (Welch's t on logarithms, from 3 repeats on each side); one
// that includes 0 is noise. Pure functions, any thread.
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
  std::optional<double> at;        // absent: the middle of what all series cover, else of the baseline
  std::string baseline;            // name of a series; empty, or not there: the first
  std::string price_set, tier;
  bool only_significant = false;
  bool operator==(const ComparisonQuery&) const = default;
};

enum class ChangeVerdict : std::uint8_t { better, worse, noise, unknown };
std::string_view verdict_name(ChangeVerdict verdict);

struct ComparisonRow {
  std::string series;
  bool sample = false;
  AxisFigure figure = AxisFigure::total_tok_s_gpu;
  std::optional<double> value, baseline;   // absent: outside the measured range
  std::optional<double> change;            // value ÷ baseline − 1
  std::optional<Interval> interval;        // of the change, 95 %
  ChangeVerdict verdict = ChangeVerdict::unknown;
  std::string why;                         // of an unknown one
};

struct ComparisonTable {
  EqualIn equal = EqualIn::interactivity;
  double at = 0;
  std::string baseline;
  std::string price_set, tier;
  std::vector<std::string> series;         // that can be the baseline
  std::vector<ComparisonRow> rows;         // the largest effect first; what has none last
  std::vector<std::string> notes;
};

Result<ComparisonTable> comparison_table(const RowView& runs, const ComparisonQuery& query);

// "at 30 tok/s/user, against A"
std::string comparison_heading(const ComparisonTable& table);
std::string comparison_csv(const ComparisonTable& table);        // lines of '#' first: heading, prices, notes
std::string comparison_tsv(const ComparisonTable& table);
std::string comparison_markdown(const ComparisonTable& table);
nlohmann::json to_json(const ComparisonTable& table);
// Cells as a person reads them: series, figure, value, baseline, change, interval, verdict.
std::vector<std::string> comparison_header();
std::vector<std::string> comparison_cells(const ComparisonRow& row);

}  // namespace tokenmark
