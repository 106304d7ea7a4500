#include "core/report/comparison_table.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/report/chart_definition.h"
#include "core/statistics/ratio.h"

namespace tokenmark {
namespace {

constexpr AxisFigure kFigures[] = {AxisFigure::total_tok_s_gpu, AxisFigure::output_tok_s_gpu, AxisFigure::dollars_per_mtok,
                                   AxisFigure::tok_s_per_mw, AxisFigure::joules_per_total_token};

// What is compared at one place of a series: the value and that of each repeat.
struct Reading {
  std::optional<double> value;
  std::vector<double> repeats;
};

Reading read_at(const Chart& chart, const ChartSeries& series, double x) {
  const SeriesReading reading(chart, series);
  return {reading.value(x), reading.repeats(x)};
}

// The x of a frontier at which its cost reaches `cost`: throughput falls where interactivity grows, so there is one at most.
std::optional<double> bought_by(const std::vector<XY>& knots, double throughput) {
  if (knots.empty()) return std::nullopt;
  const MonotoneCurve curve(knots);
  double low = knots.front().x, high = knots.back().x;
  const auto at_low = curve.at(low), at_high = curve.at(high);
  if (!at_low || !at_high || throughput > *at_low || throughput < *at_high) return std::nullopt;
  for (int i = 0; i < 100 && high - low > 1e-12 * high; ++i) {
    const double middle = (low + high) / 2;
    (curve.at(middle).value_or(0) >= throughput ? low : high) = middle;
  }
  return (low + high) / 2;
}

Reading interactivity_at_cost(const ChartSeries& series, double cost) {
  const double throughput = series.rate.value_or(0) * 1e6 / (3600 * cost);
  Reading reading{bought_by(series.knots, throughput), {}};
  for (const auto& knots : series.repeat_knots) {
    const auto value = bought_by(knots, throughput);
    if (!value) return {reading.value, {}};
    reading.repeats.push_back(*value);
  }
  return reading;
}

std::string why_no_interval(const Reading& a, const Reading& b) {
  const std::size_t fewest = std::min(a.repeats.size(), b.repeats.size());
  return fewest == 0 ? "one run a point: no interval without repeats" : fmt::format("{} repeats: an interval needs 3 on each side", fewest);
}

ComparisonRow row_of(const ChartSeries& series, AxisFigure figure, const Reading& own, const Reading& base) {
  ComparisonRow row{.series = series.name,
                    .sample = series.sample,
                    .figure = compared_figure(figure),
                    .value = own.value,
                    .baseline = base.value};
  if (!own.value || !base.value || *base.value == 0) {
    row.why = own.value ? "the baseline does not reach here" : "outside its measured range";
    return row;
  }
  row.change = *own.value / *base.value - 1;
  if (const auto ratio = interval_of_ratio(own.repeats, base.repeats)) {
    row.interval = Interval{ratio->low - 1, ratio->high - 1};
    row.verdict = judged(*row.interval, row.figure.better);
  } else {
    row.why = why_no_interval(own, base);
  }
  return row;
}

template <class ReadAt>
std::vector<ComparisonRow> rows_of(const Chart& chart, AxisFigure figure, const ChartSeries* base, ReadAt read) {
  std::vector<ComparisonRow> rows;
  if (!base) return rows;
  const Reading of_base = read(*base);
  for (const ChartSeries& series : chart.series)
    if (&series != base) rows.push_back(row_of(series, figure, read(series), of_base));
  return rows;
}

void append(std::vector<ComparisonRow>& rows, std::vector<ComparisonRow> more) {
  rows.insert(rows.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

bool covers(const ChartSeries& series, double x) {
  return !series.knots.empty() && series.knots.front().x <= x && x <= series.knots.back().x;
}

// Where nobody says: the middle of the stretch of the baseline that most others share, the longest of several; else its own
// middle.
double place(const Chart& chart, const ChartSeries& base) {
  if (base.knots.empty()) return 0;
  std::vector<double> edges = {base.knots.front().x, base.knots.back().x};
  for (const ChartSeries& series : chart.series)
    for (const XY* end :
         {series.knots.empty() ? nullptr : &series.knots.front(), series.knots.empty() ? nullptr : &series.knots.back()})
      if (end && covers(base, end->x)) edges.push_back(end->x);
  std::sort(edges.begin(), edges.end());
  double found = (edges.front() + edges.back()) / 2, length = 0;
  std::ptrdiff_t most = 1;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const double middle = (edges[i] + edges[i + 1]) / 2, reach = edges[i + 1] - edges[i];
    const auto sharing = std::count_if(chart.series.begin(), chart.series.end(),
                                       [&](const ChartSeries& series) { return covers(series, middle); });
    if (sharing < most || (sharing == most && reach <= length)) continue;
    most = sharing;
    length = reach;
    found = middle;
  }
  return found;
}

// In the first chart of a table: the others have the same series, where they have them.
const ChartSeries* choose_baseline(ComparisonTable& table, const Chart& chart, const ComparisonQuery& query) {
  for (const ChartSeries& series : chart.series) table.series.push_back(series.name);
  const ChartSeries* base = baseline_of(chart, query.baseline, query.baseline_run);
  if (!base && !chart.series.empty()) {
    base = &chart.series.front();
    const std::string wanted =
        query.baseline_run != 0 ? fmt::format("run {}", query.baseline_run) : fmt::format("'{}'", query.baseline);
    table.notes.push_back(fmt::format("The baseline {} has no runs here; '{}' takes its place", wanted, base->name));
  }
  if (base) table.baseline = base->name;
  return base;
}

// The same series in another chart: names may gain lengths from chart to chart, and figures lack of some runs.
const ChartSeries* with_any(const Chart& chart, const std::vector<RunId>& runs) {
  for (const RunId run : runs)
    if (const ChartSeries* series = baseline_of(chart, {}, run)) return series;
  return nullptr;
}

Status fill_at_x(ComparisonTable& table, const RowView& runs, const ComparisonQuery& query) {
  std::vector<RunId> of_base;
  for (const AxisFigure figure : kFigures) {
    TOKENMARK_TRY(const Chart chart, frontier_chart(runs, {.x = meaning(query.equal).figure, .y = figure, .price_set = query.price_set, .tier = query.tier}));
    const bool first = figure == kFigures[0];
    const ChartSeries* base = first ? choose_baseline(table, chart, query) : with_any(chart, of_base);
    if (first) {
      for (const ChartPoint& point : base ? base->points : std::vector<ChartPoint>())
        of_base.insert(of_base.end(), point.runs.begin(), point.runs.end());
      table.at = query.at.value_or(base ? place(chart, *base) : 0);
      table.notes.insert(table.notes.end(), chart.notes.begin(), chart.notes.end());
    }
    if (figure == AxisFigure::dollars_per_mtok) std::tie(table.price_set, table.tier) = std::tie(chart.price_set, chart.tier);
    append(table.rows, compared_at(chart, table.at, base));
  }
  return {};
}

Status fill_at_cost(ComparisonTable& table, const RowView& runs, const ComparisonQuery& query) {
  TOKENMARK_TRY(const Chart chart, frontier_chart(runs, {.y = AxisFigure::dollars_per_mtok, .price_set = query.price_set, .tier = query.tier}));
  const ChartSeries* base = choose_baseline(table, chart, query);
  std::tie(table.price_set, table.tier) = std::tie(chart.price_set, chart.tier);
  const auto middle = base ? value_at(chart, *base, place(chart, *base)) : std::nullopt;
  table.at = query.at.value_or(middle.value_or(0));
  table.notes.insert(table.notes.end(), chart.notes.begin(), chart.notes.end());
  if (table.at > 0)
    table.rows = rows_of(chart, AxisFigure::interactivity, base,
                         [&](const ChartSeries& series) { return interactivity_at_cost(series, table.at); });
  return {};
}

double effect(const ComparisonRow& row) { return row.change && *row.change > -1 ? std::abs(std::log1p(*row.change)) : -1; }

bool holds(const ChartSeries& series, RunId run) {
  return std::any_of(series.points.begin(), series.points.end(),
                     [&](const ChartPoint& p) { return std::find(p.runs.begin(), p.runs.end(), run) != p.runs.end(); });
}

}  // namespace

const std::vector<EqualMeaning>& equal_meanings() {
  static const std::vector<EqualMeaning> meanings = {{EqualIn::interactivity, "interactivity", AxisFigure::interactivity},
                                                     {EqualIn::ttft, "ttft", AxisFigure::ttft},
                                                     {EqualIn::e2e, "e2e", AxisFigure::e2e},
                                                     {EqualIn::cost, "cost", AxisFigure::dollars_per_mtok}};
  return meanings;
}

const EqualMeaning& meaning(EqualIn equal) { return equal_meanings().at(static_cast<std::size_t>(equal)); }

Result<EqualIn> equal_from_key(std::string_view key) {
  for (const EqualMeaning& entry : equal_meanings())
    if (entry.key == key) return entry.equal;
  return fail(ErrorKind::invalid_input, "nothing can be held equal in '{}'; it can be interactivity, ttft, e2e or cost", key);
}

std::string_view verdict_name(ChangeVerdict verdict) {
  static constexpr std::string_view kNames[] = {"better", "worse", "noise", "unknown"};
  return kNames[static_cast<std::size_t>(verdict)];
}

ChangeVerdict judged(const Interval& change, Better better) {
  if (change.low <= 0 && change.high >= 0) return ChangeVerdict::noise;
  return (change.low > 0) == (better == Better::higher) ? ChangeVerdict::better : ChangeVerdict::worse;
}

ComparedFigure compared_figure(AxisFigure figure) {
  const AxisMeaning& axis = meaning(figure);
  return {axis.key, axis.label, axis.unit, axis.definition, axis.better};
}

const ChartSeries* baseline_of(const Chart& chart, const std::string& name, RunId run, std::optional<double> x) {
  for (const ChartSeries& series : chart.series)
    if (run != 0 && holds(series, run)) return &series;
  if (run != 0) return nullptr;
  if (const auto known = series_named(chart, name)) return &chart.series[*known];
  if (!name.empty()) return nullptr;
  for (const ChartSeries& series : chart.series)
    if (!x || value_at(chart, series, *x)) return &series;
  return nullptr;
}

std::vector<ComparisonRow> compared_at(const Chart& chart, double x, const ChartSeries* baseline) {
  return rows_of(chart, chart.y, baseline, [&](const ChartSeries& series) { return read_at(chart, series, x); });
}

void arrange(ComparisonTable& table, bool only_significant) {
  if (only_significant)
    std::erase_if(table.rows, [](const ComparisonRow& row) {
      return row.verdict != ChangeVerdict::better && row.verdict != ChangeVerdict::worse;
    });
  std::stable_sort(table.rows.begin(), table.rows.end(),
                   [](const ComparisonRow& a, const ComparisonRow& b) { return effect(a) > effect(b); });
}

Result<ComparisonTable> comparison_table(const RowView& runs, const ComparisonQuery& query) {
  if (query.at && !(std::isfinite(*query.at) && *query.at > 0))
    return fail(ErrorKind::invalid_input, "series are compared at a number above 0, not at {}", *query.at);
  ComparisonTable table{.equal = query.equal, .method = "its 95 % interval from the repeats (Welch's t on logarithms)"};
  TOKENMARK_CHECK(query.equal == EqualIn::cost ? fill_at_cost(table, runs, query) : fill_at_x(table, runs, query));
  arrange(table, query.only_significant);
  return table;
}

}  // namespace tokenmark
