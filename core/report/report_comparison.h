// Series held against a baseline where something is equal for all: at one interactivity, latency or cost. Values are read
// from the frontiers' curves inside the measured range only (chart.h). Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/report/chart.h"

namespace tokenmark {

enum class CompareBy : std::uint8_t { interactivity, ttft, e2e, cost };
struct CompareMeaning {
  CompareBy by;
  std::string_view key, label, unit;   // "interactivity", "interactivity", "tok/s/user"
};
const std::vector<CompareMeaning>& compare_meanings();
const CompareMeaning& meaning(CompareBy by);
Result<CompareBy> compare_by_from_key(std::string_view key);

struct ComparedValue {
  std::optional<double> value;
  std::optional<Interval> range;       // over the repeats' own frontiers
  std::optional<double> ratio;         // ÷ the baseline's; absent for the baseline itself
  std::optional<Interval> ratio_range;
  std::string why_absent;
};

struct ComparedSeries {
  std::string name;
  std::vector<ComparedValue> values;   // one a figure
};

struct ReportComparison {
  CompareBy by = CompareBy::interactivity;
  double at = 0;
  std::vector<AxisFigure> figures;     // what is compared
  std::size_t baseline = 0;            // index into series
  std::vector<ComparedSeries> series;
  std::string price_set, tier;         // of cost and power
};

struct SeriesComparison {
  CompareBy by = CompareBy::interactivity;
  std::optional<double> at;            // absent: the middle of what most series cover
  std::string price_set, tier;
  RunId baseline = 0;                  // 0: the first series
};

// Nothing where fewer than two series have a curve, or they share no range and no `at` was given.
Result<std::optional<ReportComparison>> compare_series(const std::vector<RunRow>& rows, const SeriesComparison& query);

}  // namespace tokenmark
