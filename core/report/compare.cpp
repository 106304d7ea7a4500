// Reading charts at one x: values, their spread over repeats, ratios between series.
#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/report/chart.h"

namespace tokenmark {

SeriesReading::SeriesReading(const Chart& chart, const ChartSeries& series)
    : figure_(chart.y), rate_(series.rate.value_or(1)), curve_{MonotoneCurve(series.knots), MonotoneCurve(series.power_knots)} {
  for (std::size_t i = 0; i < series.repeat_knots.size(); ++i)
    repeats_.push_back({MonotoneCurve(series.repeat_knots[i]),
                        MonotoneCurve(i < series.repeat_power_knots.size() ? series.repeat_power_knots[i] : std::vector<XY>())});
}

std::optional<double> SeriesReading::read(const Curve& curve, double x) const {
  const auto base = curve.base.at(x);
  if (!base) return std::nullopt;
  if (!is_metered_energy(figure_)) return derived_figure(figure_, *base, rate_);
  const auto power = curve.power.at(x);
  return power ? std::optional(derived_figure(figure_, *base, *power)) : std::nullopt;
}

std::optional<double> SeriesReading::value(double x) const { return read(curve_, x); }

std::vector<double> SeriesReading::repeats(double x) const {
  std::vector<double> values;
  for (const Curve& curve : repeats_) {
    const auto value = read(curve, x);
    if (!value) return {};
    values.push_back(*value);
  }
  return values;
}

std::optional<Interval> SeriesReading::range(double x) const {
  const auto middle = value(x);
  if (!middle) return std::nullopt;
  const std::vector<double> values = repeats(x);
  if (values.empty()) return std::nullopt;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return Interval{std::min(*low, *middle), std::max(*high, *middle)};
}

std::optional<double> value_at(const Chart& chart, const ChartSeries& series, double x) { return SeriesReading(chart, series).value(x); }

std::optional<Interval> range_at(const Chart& chart, const ChartSeries& series, double x) { return SeriesReading(chart, series).range(x); }

std::optional<double> common_middle(const Chart& chart) {
  if (chart.series.size() < 2) return std::nullopt;
  double low = -1e300, high = 1e300;
  for (const ChartSeries& series : chart.series) {
    if (series.knots.empty()) return std::nullopt;
    low = std::max(low, series.knots.front().x);
    high = std::min(high, series.knots.back().x);
  }
  return low <= high ? std::optional((low + high) / 2) : std::nullopt;
}

std::vector<SeriesValue> values_at(const Chart& chart, double x, std::string_view baseline) {
  std::vector<SeriesValue> values;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const SeriesReading reading(chart, chart.series[i]);
    values.push_back({i, reading.value(x), reading.range(x), {}, {}});
  }
  const auto named = [&](const SeriesValue& v) { return chart.series[v.series].name == baseline; };
  const bool known = std::any_of(values.begin(), values.end(), named);
  const auto base = std::find_if(values.begin(), values.end(), [&](const SeriesValue& v) { return v.value && (!known || named(v)); });
  if (base == values.end() || *base->value == 0) return values;
  for (SeriesValue& entry : values) {
    if (!entry.value || entry.series == base->series) continue;
    entry.ratio = *entry.value / *base->value;
    if (entry.range && base->range && base->range->low > 0)
      entry.ratio_range = Interval{entry.range->low / base->range->high, entry.range->high / base->range->low};
  }
  return values;
}

}  // namespace tokenmark
