#include "core/report/report_comparison.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace tokenmark {
namespace {

using A = AxisFigure;

A axis_of(CompareBy by) { return by == CompareBy::ttft ? A::ttft : by == CompareBy::e2e ? A::e2e : A::interactivity; }

Result<Chart> chart_of(const std::vector<RunRow>& rows, A x, A y, const SeriesComparison& query) {
  return frontier_chart(rows, {.x = x, .y = y, .price_set = query.price_set, .tier = query.tier, .task = {}});
}

// The same series in another chart: names gain lengths where others differ, runs stay.
const ChartSeries* same_series(const Chart& chart, const ChartSeries& wanted) {
  const RunId run = wanted.points.front().runs.front();
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points)
      if (std::find(point.runs.begin(), point.runs.end(), run) != point.runs.end()) return &series;
  return nullptr;
}

bool holds(const ChartSeries& series, RunId run) {
  return std::any_of(series.points.begin(), series.points.end(),
                     [&](const ChartPoint& p) { return std::find(p.runs.begin(), p.runs.end(), run) != p.runs.end(); });
}

// The middle of what most series of the chart cover, two at least; of several such stretches the longest.
std::optional<double> middle_of_most(const Chart& chart) {
  std::vector<double> edges;
  for (const ChartSeries& series : chart.series)
    if (!series.knots.empty()) edges.insert(edges.end(), {series.knots.front().x, series.knots.back().x});
  std::sort(edges.begin(), edges.end());
  std::ptrdiff_t most = 1;
  double length = 0;
  std::optional<double> found;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const double middle = (edges[i] + edges[i + 1]) / 2, long_as = edges[i + 1] - edges[i];
    const auto covering = std::count_if(chart.series.begin(), chart.series.end(), [&](const ChartSeries& series) {
      return !series.knots.empty() && series.knots.front().x <= middle && middle <= series.knots.back().x;
    });
    if (covering < most || (covering == most && long_as <= length) || covering < 2) continue;
    most = covering;
    length = long_as;
    found = middle;
  }
  return found;
}

// The x at which a curve of throughput has this value; throughput falls as x grows along a frontier.
std::optional<double> x_at(const std::vector<XY>& knots, double throughput) {
  if (knots.empty()) return std::nullopt;
  const MonotoneCurve curve(knots);
  double low = knots.front().x, high = knots.back().x;
  if (throughput > curve.at(low).value_or(-1) || throughput < curve.at(high).value_or(1e300)) return std::nullopt;
  for (int i = 0; i < 80; ++i) {
    const double middle = (low + high) / 2;
    (curve.at(middle).value_or(0) >= throughput ? low : high) = middle;
  }
  return low;
}

// $/Mtok = $/h ÷ (tok/s/gpu · 3600) · 10^6, solved for the throughput.
double throughput_at_cost(double dollars_per_mtok, double dollars_per_hour) { return dollars_per_hour / (dollars_per_mtok * 3600) * 1e6; }

ComparedValue at_cost(const ChartSeries& series, double cost) {
  ComparedValue value;
  const double wanted = throughput_at_cost(cost, series.rate.value_or(0));
  value.value = x_at(series.knots, wanted);
  if (!value.value) {
    value.why_absent = "outside its measured range";
    return value;
  }
  Interval range{*value.value, *value.value};
  for (const std::vector<XY>& knots : series.repeat_knots) {
    const auto x = x_at(knots, wanted);
    if (!x) return value;
    range = {std::min(range.low, *x), std::max(range.high, *x)};
  }
  if (!series.repeat_knots.empty()) value.range = range;
  return value;
}

ComparedValue at_x(const Chart& chart, const ChartSeries* series, double x) {
  ComparedValue value;
  if (series == nullptr) {
    value.why_absent = meaning(chart.y).priced ? "no price or power for its hardware" : "not measured";
    return value;
  }
  value.value = value_at(chart, *series, x);
  value.range = range_at(chart, *series, x);
  if (!value.value) value.why_absent = "outside its measured range";
  return value;
}

void add_ratios(ReportComparison& comparison) {
  const ComparedSeries& base = comparison.series[comparison.baseline];
  for (std::size_t s = 0; s < comparison.series.size(); ++s)
    for (std::size_t f = 0; f < comparison.figures.size() && s != comparison.baseline; ++f) {
      ComparedValue& value = comparison.series[s].values[f];
      const ComparedValue& of = base.values[f];
      if (!value.value || !of.value || *of.value == 0) continue;
      value.ratio = *value.value / *of.value;
      if (value.range && of.range && of.range->low > 0) value.ratio_range = Interval{value.range->low / of.range->high, value.range->high / of.range->low};
    }
}

std::optional<double> middle_cost(const Chart& costs) {
  double low = 0, high = 1e300;
  for (const ChartSeries& series : costs.series) {
    if (series.knots.empty() || !series.rate) return std::nullopt;
    low = std::max(low, derived_figure(costs.y, series.knots.front().y, *series.rate));
    high = std::min(high, derived_figure(costs.y, series.knots.back().y, *series.rate));
  }
  return low <= high ? std::optional((low + high) / 2) : std::nullopt;
}

}  // namespace

const std::vector<CompareMeaning>& compare_meanings() {
  static const std::vector<CompareMeaning> meanings = {{CompareBy::interactivity, "interactivity", "interactivity", "tok/s/user"},
                                                       {CompareBy::ttft, "ttft", "time to first token", "s"},
                                                       {CompareBy::e2e, "e2e", "end-to-end latency", "s"},
                                                       {CompareBy::cost, "cost", "cost", "$/Mtok"}};
  return meanings;
}

const CompareMeaning& meaning(CompareBy by) { return compare_meanings()[static_cast<std::size_t>(by)]; }

Result<CompareBy> compare_by_from_key(std::string_view key) {
  std::vector<std::string_view> keys;
  for (const CompareMeaning& one : compare_meanings()) {
    if (one.key == key) return one.by;
    keys.push_back(one.key);
  }
  return fail(ErrorKind::invalid_input, "series are not compared at equal '{}'; there are: {}", key, fmt::join(keys, ", "));
}

Result<std::optional<ReportComparison>> compare_series(const std::vector<RunRow>& rows, const SeriesComparison& query) {
  const bool by_cost = query.by == CompareBy::cost;
  const A x = axis_of(query.by);
  ReportComparison comparison;
  comparison.by = query.by;
  comparison.figures = by_cost ? std::vector<A>{A::interactivity} : std::vector<A>{A::total_tok_s_gpu, A::dollars_per_mtok, A::tok_s_per_mw};
  std::vector<Chart> charts;
  for (const A figure : by_cost ? std::vector<A>{A::dollars_per_mtok} : comparison.figures) {
    TOKENMARK_TRY(Chart chart, chart_of(rows, x, figure, query));
    charts.push_back(std::move(chart));
  }
  const Chart& first = charts.front();
  if (first.series.size() < 2) return std::optional<ReportComparison>();
  const auto at = query.at ? query.at : by_cost ? middle_cost(first) : middle_of_most(first);
  if (!at) return std::optional<ReportComparison>();
  comparison.at = *at;
  for (std::size_t s = 0; s < first.series.size(); ++s) {
    if (query.baseline != 0 && holds(first.series[s], query.baseline)) comparison.baseline = s;
    ComparedSeries series{first.series[s].name, {}};
    if (by_cost) series.values.push_back(at_cost(first.series[s], *at));
    for (const Chart& chart : charts)
      if (!by_cost) series.values.push_back(at_x(chart, same_series(chart, first.series[s]), *at));
    comparison.series.push_back(std::move(series));
  }
  for (const Chart& chart : charts)
    if (!chart.price_set.empty() && !chart.series.empty()) comparison.price_set = chart.price_set, comparison.tier = chart.tier;
  // Figures that nobody has say nothing.
  for (std::size_t f = comparison.figures.size(); f-- > 1;) {
    if (std::any_of(comparison.series.begin(), comparison.series.end(), [&](const ComparedSeries& s) { return s.values[f].value.has_value(); })) continue;
    comparison.figures.erase(comparison.figures.begin() + static_cast<std::ptrdiff_t>(f));
    for (ComparedSeries& s : comparison.series) s.values.erase(s.values.begin() + static_cast<std::ptrdiff_t>(f));
  }
  add_ratios(comparison);
  return std::optional(std::move(comparison));
}

}  // namespace tokenmark
