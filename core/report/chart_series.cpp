#include "core/report/chart_series.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace tokenmark {
namespace {

using Repeats = std::span<const ChartSample>;

template <class Value>
double median(Repeats repeats, Value value) {
  if (repeats.size() == 1) return value(repeats.front());
  std::vector<double> values;
  for (const ChartSample& sample : repeats) values.push_back(value(sample));
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

template <class Value>
std::optional<Interval> range(Repeats repeats, Value value) {
  if (repeats.size() < 2) return std::nullopt;
  Interval found{value(repeats.front()), value(repeats.front())};
  for (const ChartSample& sample : repeats) {
    found.low = std::min(found.low, value(sample));
    found.high = std::max(found.high, value(sample));
  }
  return found;
}

// The repeats of a configuration, in their order, as one: what is interpolated, and their power on metered axes.
struct Median {
  XY knot;
  double power = 0;
  Repeats repeats;
};

// How a series' values come from what was measured.
struct Derivation {
  AxisFigure figure;
  double rate;
  bool metered;

  double y(double base, double power) const { return derived_figure(figure, base, metered ? power : rate); }
  double y(const ChartSample& sample) const { return y(sample.base, sample.power); }
};

Median median_of(std::span<ChartSample> repeats, const Derivation& derived) {
  if (repeats.size() > 1)
    std::sort(repeats.begin(), repeats.end(), [](const ChartSample& a, const ChartSample& b) {
      return std::tie(a.repeat, a.id) < std::tie(b.repeat, b.id);
    });
  Median result;
  result.repeats = repeats;
  result.knot.x = median(repeats, [](const ChartSample& s) { return s.x; });
  if (!derived.metered) {
    result.knot.y = median(repeats, [](const ChartSample& s) { return s.base; });
    return result;
  }
  result.power = median(repeats, [](const ChartSample& s) { return s.power; });
  result.knot.y = result.power / median(repeats, [&](const ChartSample& s) { return derived.y(s); });
  return result;
}

ChartPoint point_of(const Median& of, const Derivation& derived, PointLabels& labels) {
  ChartPoint point;
  point.x = of.knot.x;
  point.y = derived.y(of.knot.y, of.power);
  point.x_range = range(of.repeats, [](const ChartSample& s) { return s.x; });
  point.y_range = range(of.repeats, [&](const ChartSample& s) { return derived.y(s); });
  point.runs.reserve(of.repeats.size());
  for (const ChartSample& sample : of.repeats) point.runs.push_back(sample.id);
  point.concurrency = of.repeats.front().concurrency;
  point.label = labels.of(of.repeats.front());
  return point;
}

// Indices of the optimal points, by x. A neutral x (concurrency) has no better side: the best y of every x counts.
std::vector<std::size_t> optimal_points(const std::vector<XY>& points, const AxisMeaning& x, const AxisMeaning& base) {
  if (!x.neutral) return pareto_frontier(points, x.better, base.better);
  std::map<double, std::size_t> best;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto [entry, added] = best.try_emplace(points[i].x, i);
    const double y = points[i].y, held = points[entry->second].y;
    if (!added && (base.better == Better::higher ? y > held : y < held)) entry->second = i;
  }
  std::vector<std::size_t> indices;
  for (const auto& [at, index] : best) indices.push_back(index);
  return indices;
}

// What makes a point optimal: the throughput on priced axes (the price is the same for all), else the figure itself.
std::vector<std::size_t> optimal_of(const Chart& chart, const std::vector<XY>& knots, const std::vector<double>& powers) {
  const AxisMeaning& y = meaning(chart.y);
  const AxisMeaning& judged_by = y.priced ? meaning(AxisFigure::total_tok_s_gpu) : y;
  if (!is_metered_energy(chart.y)) return optimal_points(knots, meaning(chart.x), judged_by);
  std::vector<XY> judged = knots;
  for (std::size_t i = 0; i < judged.size(); ++i) judged[i].y = derived_figure(chart.y, knots[i].y, powers[i]);
  return optimal_points(judged, meaning(chart.x), judged_by);
}

void add_knots(const Chart& chart, const std::vector<XY>& knots, const std::vector<double>& powers,
               const std::vector<std::size_t>& optimal, std::vector<XY>& to, std::vector<XY>& power_to) {
  for (const std::size_t i : optimal) {
    to.push_back(knots[i]);
    if (is_metered_energy(chart.y)) power_to.push_back({knots[i].x, powers[i]});
  }
}

// The frontier of each repeat alone, of the points that are optimal in the median.
void add_repeat_knots(const Chart& chart, ChartSeries& series, const std::vector<const Median*>& optimal) {
  std::size_t repeats = optimal.empty() ? 0 : optimal.front()->repeats.size();
  for (const Median* point : optimal) repeats = std::min(repeats, point->repeats.size());
  if (repeats < 2) return;
  for (std::size_t r = 0; r < repeats; ++r) {
    std::vector<XY> knots;
    std::vector<double> powers;
    for (const Median* point : optimal) {
      knots.push_back({point->repeats[r].x, point->repeats[r].base});
      powers.push_back(point->repeats[r].power);
    }
    std::vector<XY> power_knots;
    add_knots(chart, knots, powers, optimal_of(chart, knots, powers), series.repeat_knots.emplace_back(), power_knots);
    if (!power_knots.empty()) series.repeat_power_knots.push_back(std::move(power_knots));
  }
}

// Positions at which a curve is drawn: the knots and steps between them, even on the axis as it is shown.
std::vector<double> sampled_positions(const std::vector<XY>& knots, bool log_x) {
  std::vector<double> positions;
  const std::size_t steps = std::clamp<std::size_t>(400 / knots.size(), 2, 24);
  for (std::size_t i = 0; i + 1 < knots.size(); ++i)
    for (std::size_t k = 0; k < steps; ++k) {
      const double t = static_cast<double>(k) / static_cast<double>(steps), a = knots[i].x, b = knots[i + 1].x;
      const double x = log_x && k > 0 ? a * std::pow(b / a, t) : std::lerp(a, b, t);
      positions.push_back(std::clamp(x, a, b));
    }
  positions.push_back(knots.back().x);
  return positions;
}

void add_curve(const Chart& chart, ChartSeries& series) {
  if (series.knots.size() < 2) return;
  const SeriesReading reading(chart, series);
  for (const double x : sampled_positions(series.knots, chart.log_x)) {
    if (const auto value = reading.value(x)) series.curve.push_back({x, *value});
    if (const auto spread = reading.range(x)) series.band.push_back({x, spread->low, spread->high});
  }
}

}  // namespace

const SharedText& PointLabels::of(const ChartSample& sample) {
  const auto key = static_cast<std::uint64_t>(sample.gpus) << 32 | static_cast<std::uint32_t>(sample.concurrency);
  SharedText& label = labels_[key];
  if (label.empty() && sample.gpus > 0)
    label = fmt::format("{} GPU{}, concurrency {}", sample.gpus, sample.gpus > 1 ? "s" : "", sample.concurrency);
  else if (label.empty())
    label = fmt::format("concurrency {}", sample.concurrency);
  return label;
}

ChartSeries make_series(const Chart& chart, ChartGroup& group, std::optional<double> rate, PointLabels& labels) {
  ChartSeries series{.name = group.name, .sample = group.sample, .rate = rate};
  const Derivation derived{chart.y, rate.value_or(1), is_metered_energy(chart.y)};
  std::vector<Median> medians(group.ends.size());
  for (std::size_t i = 0; i < medians.size(); ++i) medians[i] = median_of(group.point(i), derived);
  std::sort(medians.begin(), medians.end(), [](const Median& a, const Median& b) {
    if (a.knot.x != b.knot.x) return a.knot.x < b.knot.x;
    return std::tie(a.knot.y, a.repeats.front().id) < std::tie(b.knot.y, b.repeats.front().id);
  });
  std::vector<XY> knots;
  std::vector<double> powers;
  series.points.reserve(medians.size());
  knots.reserve(medians.size());
  powers.reserve(medians.size());
  for (const Median& of : medians) {
    knots.push_back(of.knot);
    powers.push_back(of.power);
    series.points.push_back(point_of(of, derived, labels));
  }
  const std::vector<std::size_t> indices = optimal_of(chart, knots, powers);
  std::vector<const Median*> optimal;
  for (const std::size_t i : indices) {
    series.points[i].optimal = true;
    optimal.push_back(&medians[i]);
  }
  add_knots(chart, knots, powers, indices, series.knots, series.power_knots);
  add_repeat_knots(chart, series, optimal);
  add_curve(chart, series);
  return series;
}

}  // namespace tokenmark
