// Reading charts at one x: values, and their spread over repeats.
#include <algorithm>

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

}  // namespace tokenmark
