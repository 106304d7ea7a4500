#include "core/report/report_outline.h"

#include <algorithm>
#include <set>

#include "core/report/report_words.h"

namespace tokenmark {
namespace {

using namespace report_words;

// The first of the axes that has points.
ReportPart frontier_part(const std::vector<RunRow>& rows, const ReportOptions& options, const ReportChartMeaning& part, const std::vector<std::pair<AxisFigure, AxisFigure>>& axes) {
  for (const auto& [x, y] : axes) {
    const auto chart = frontier_chart(rows, {x, y, options.price_set, options.tier, false, false, {}});
    if (!chart) return {part.chart, false, chart.error().message};
    std::size_t points = 0;
    for (const ChartSeries& series : chart->series) points += series.points.size();
    if (points > 0) return {part.chart, true, fmt::format("{} series, {}", chart->series.size(), count_text(points, "point", "points"))};
  }
  return {part.chart, false, fmt::format("needs {}", part.needs)};
}

ReportPart log_part(const std::vector<RunRow>& rows, const ReportChartMeaning& part) {
  const auto measured = std::count_if(rows.begin(), rows.end(), [](const RunRow& row) { return row.id > 0 && row.state == RunState::done; });
  if (measured == 0) return {part.chart, false, fmt::format("needs {}", part.needs)};
  return {part.chart, true, fmt::format("of up to {}, where they have event logs", count_text(static_cast<std::size_t>(measured), "run", "runs"))};
}

ReportPart trend_part(const std::vector<RunRow>& rows, const ReportChartMeaning& part) {
  std::set<std::string> days;
  for (const RunRow& row : rows)
    if (row.state == RunState::done && !row.started.empty()) days.insert(row.started.substr(0, 10));
  if (days.size() < 2) return {part.chart, false, fmt::format("needs {}", part.needs)};
  return {part.chart, true, fmt::format("of {} days, where versions differ", days.size())};
}

}  // namespace

ReportOutline report_outline(const std::vector<RunRow>& rows, const ReportOptions& options) {
  using A = AxisFigure;
  using R = ReportChart;
  ReportOutline outline;
  outline.runs = rows.size();
  for (const RunRow& row : rows) {
    outline.failed += row.state != RunState::done;
    outline.samples += row.id < 0;
  }
  for (const ReportChartMeaning& part : report_charts()) {
    const auto frontier = [&](const std::vector<std::pair<A, A>>& axes) { outline.parts.push_back(frontier_part(rows, options, part, axes)); };
    switch (part.chart) {
      case R::frontier: frontier({{A::interactivity, A::total_tok_s_gpu}}); break;
      case R::latency: frontier({{A::e2e, A::total_tok_s_gpu}, {A::ttft, A::total_tok_s_gpu}}); break;
      case R::cost: frontier({{A::interactivity, A::dollars_per_mtok}}); break;
      case R::power: frontier({{A::interactivity, A::tok_s_per_mw}}); break;
      case R::load: frontier({{A::concurrency, A::output_tok_s}}); break;
      case R::quality: frontier({{A::quality, A::total_tok_s_gpu}, {A::perplexity, A::total_tok_s_gpu}, {A::kl_divergence, A::total_tok_s_gpu}}); break;
      case R::distributions:
      case R::timeline: outline.parts.push_back(log_part(rows, part)); break;
      case R::trend: outline.parts.push_back(trend_part(rows, part)); break;
    }
  }
  if (const auto chart = frontier_chart(rows, {}))
    for (const ChartSeries& series : chart->series) outline.series.emplace_back(series.points.front().runs.front(), series.name);
  const auto compared = report_comparison(rows, options);
  if (!compared) outline.comparison = compared.error().message;
  else if (*compared)
    outline.comparison = fmt::format("{} series at {}", (*compared)->series.size(),
                                     with_unit((*compared)->at, meaning(meaning(options.equal).figure).unit));
  else outline.comparison = outline.series.size() < 2 ? "none: there is one series at most" : "none: the series share no range; choose a value";
  return outline;
}

}  // namespace tokenmark
