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

ChangeVerdict judged(const Interval& change, Better better) {
  if (change.low <= 0 && change.high >= 0) return ChangeVerdict::noise;
  return (change.low > 0) == (better == Better::higher) ? ChangeVerdict::better : ChangeVerdict::worse;
}

std::string why_no_interval(const Reading& a, const Reading& b) {
  const std::size_t fewest = std::min(a.repeats.size(), b.repeats.size());
  return fewest == 0 ? "one run a point: no interval without repeats" : fmt::format("{} repeats: an interval needs 3 on each side", fewest);
}

ComparisonRow row_of(const ChartSeries& series, AxisFigure figure, const Reading& own, const Reading& base) {
  ComparisonRow row{.series = series.name, .sample = series.sample, .figure = figure, .value = own.value, .baseline = base.value};
  if (!own.value || !base.value || *base.value == 0) {
    row.why = own.value ? "the baseline does not reach here" : "outside its measured range";
    return row;
  }
  row.change = *own.value / *base.value - 1;
  if (const auto ratio = interval_of_ratio(own.repeats, base.repeats)) {
    row.interval = Interval{ratio->low - 1, ratio->high - 1};
    row.verdict = judged(*row.interval, meaning(figure).better);
  } else {
    row.why = why_no_interval(own, base);
  }
  return row;
}

const ChartSeries* baseline_of(const Chart& chart, const std::string& name) {
  if (const auto known = series_named(chart, name)) return &chart.series[*known];
  return name.empty() && !chart.series.empty() ? &chart.series.front() : nullptr;
}

template <class ReadAt>
void add_rows(ComparisonTable& table, const Chart& chart, AxisFigure figure, ReadAt read) {
  const ChartSeries* base = baseline_of(chart, table.baseline);
  if (!base) return;
  const Reading of_base = read(*base);
  for (const ChartSeries& series : chart.series)
    if (&series != base) table.rows.push_back(row_of(series, figure, read(series), of_base));
}

// Where nobody says: what all series cover, else the middle of the baseline.
double place(const Chart& chart, const std::string& baseline) {
  if (const auto middle = common_middle(chart)) return *middle;
  const ChartSeries* base = baseline_of(chart, baseline);
  return base && !base->knots.empty() ? (base->knots.front().x + base->knots.back().x) / 2 : 0;
}

void choose_baseline(ComparisonTable& table, const Chart& chart, const std::string& wanted) {
  for (const ChartSeries& series : chart.series) table.series.push_back(series.name);
  if (const ChartSeries* base = baseline_of(chart, wanted)) table.baseline = base->name;
  if (table.baseline.empty() && !chart.series.empty()) {
    table.baseline = chart.series.front().name;
    if (!wanted.empty()) table.notes.push_back(fmt::format("The baseline '{}' has no runs here; '{}' takes its place", wanted, table.baseline));
  }
}

Status fill_at_x(ComparisonTable& table, const RowView& runs, const ComparisonQuery& query) {
  bool first = true;
  for (const AxisFigure figure : kFigures) {
    TOKENMARK_TRY(const Chart chart, frontier_chart(runs, {.x = meaning(query.equal).figure, .y = figure, .price_set = query.price_set, .tier = query.tier}));
    if (first) {
      choose_baseline(table, chart, query.baseline);
      table.at = query.at.value_or(place(chart, table.baseline));
      table.notes.insert(table.notes.end(), chart.notes.begin(), chart.notes.end());
    }
    first = false;
    if (figure == AxisFigure::dollars_per_mtok) std::tie(table.price_set, table.tier) = std::tie(chart.price_set, chart.tier);
    add_rows(table, chart, figure, [&](const ChartSeries& series) { return read_at(chart, series, table.at); });
  }
  return {};
}

Status fill_at_cost(ComparisonTable& table, const RowView& runs, const ComparisonQuery& query) {
  TOKENMARK_TRY(const Chart chart, frontier_chart(runs, {.y = AxisFigure::dollars_per_mtok, .price_set = query.price_set, .tier = query.tier}));
  choose_baseline(table, chart, query.baseline);
  std::tie(table.price_set, table.tier) = std::tie(chart.price_set, chart.tier);
  const ChartSeries* base = baseline_of(chart, table.baseline);
  const auto middle = base ? value_at(chart, *base, place(chart, table.baseline)) : std::nullopt;
  table.at = query.at.value_or(middle.value_or(0));
  table.notes.insert(table.notes.end(), chart.notes.begin(), chart.notes.end());
  if (table.at > 0)
    add_rows(table, chart, AxisFigure::interactivity, [&](const ChartSeries& series) { return interactivity_at_cost(series, table.at); });
  return {};
}

double effect(const ComparisonRow& row) { return row.change && *row.change > -1 ? std::abs(std::log1p(*row.change)) : -1; }

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

Result<ComparisonTable> comparison_table(const RowView& runs, const ComparisonQuery& query) {
  if (query.at && !(std::isfinite(*query.at) && *query.at > 0))
    return fail(ErrorKind::invalid_input, "series are compared at a number above 0, not at {}", *query.at);
  ComparisonTable table{.equal = query.equal};
  TOKENMARK_CHECK(query.equal == EqualIn::cost ? fill_at_cost(table, runs, query) : fill_at_x(table, runs, query));
  if (query.only_significant)
    std::erase_if(table.rows, [](const ComparisonRow& row) { return row.verdict != ChangeVerdict::better && row.verdict != ChangeVerdict::worse; });
  std::stable_sort(table.rows.begin(), table.rows.end(), [](const ComparisonRow& a, const ComparisonRow& b) { return effect(a) > effect(b); });
  return table;
}

}  // namespace tokenmark
