// Reading charts at one x: values, their spread over repeats, ratios between series.
#include <algorithm>
#include <cmath>

#include "core/report/chart.h"

namespace tokenmark {

std::optional<double> value_at(const Chart& chart, const ChartSeries& series, double x) {
  const auto base = MonotoneCurve(series.knots).at(x);
  if (!base) return std::nullopt;
  return derived_figure(chart.y, *base, series.rate.value_or(1));
}

std::optional<Interval> range_at(const Chart& chart, const ChartSeries& series, double x) {
  const auto value = value_at(chart, series, x);
  if (!value) return std::nullopt;
  Interval range{*value, *value};
  for (const std::vector<XY>& knots : series.repeat_knots) {
    const auto base = MonotoneCurve(knots).at(x);
    if (!base) return std::nullopt;
    const double y = derived_figure(chart.y, *base, series.rate.value_or(1));
    range = {std::min(range.low, y), std::max(range.high, y)};
  }
  return series.repeat_knots.empty() ? std::nullopt : std::optional(range);
}

std::vector<SeriesValue> values_at(const Chart& chart, double x) {
  std::vector<SeriesValue> values;
  std::optional<std::size_t> baseline;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    SeriesValue entry{i, value_at(chart, chart.series[i], x), range_at(chart, chart.series[i], x), {}, {}};
    if (entry.value && !baseline) {
      baseline = i;
    } else if (entry.value && *values[*baseline].value != 0) {
      const SeriesValue& base = values[*baseline];
      entry.ratio = *entry.value / *base.value;
      if (entry.range && base.range && base.range->low > 0)
        entry.ratio_range = Interval{entry.range->low / base.range->high, entry.range->high / base.range->low};
    }
    values.push_back(entry);
  }
  return values;
}

}  // namespace tokenmark
