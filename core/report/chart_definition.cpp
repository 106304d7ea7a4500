#include "core/report/chart_definition.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_set>

#include "core/store/run_filter.h"

namespace tokenmark {
namespace {

bool has(const std::vector<AxisFigure>& figures, AxisFigure figure) {
  return std::find(figures.begin(), figures.end(), figure) != figures.end();
}

std::string keys_of(const std::vector<AxisFigure>& figures) {
  std::vector<std::string_view> keys;
  for (const AxisFigure figure : figures) keys.push_back(meaning(figure).key);
  return fmt::format("{}", fmt::join(keys, ", "));
}

struct NamedSort {
  std::string_view key;
  ChartSort sort;
};
constexpr NamedSort kSorts[] = {{chart_kind::kDistributions, ChartSort::distributions},
                                {chart_kind::kTimeline, ChartSort::timeline},
                                {chart_kind::kTrend, ChartSort::trend},
                                {chart_kind::kCompare, ChartSort::comparison}};

Status check_kind(std::string_view kind) {
  if (chart_sort(kind)) return {};
  std::vector<std::string_view> keys;
  for (const ChartKind& known : chart_kinds()) keys.push_back(known.key);
  for (const NamedSort& known : kSorts) keys.push_back(known.key);
  return fail(ErrorKind::invalid_input, "chart: there is no kind '{}'; there are: {}", kind, fmt::join(keys, ", "));
}

Status check_axes(const ChartDefinition& definition) {
  const ChartKind& kind = *find_chart_kind(definition.kind);
  const FrontierQuery& query = definition.query;
  if (!has(kind.x, query.x))
    return fail(ErrorKind::invalid_input, "chart: kind '{}' has no x axis '{}'; it has: {}", kind.key, meaning(query.x).key,
                keys_of(kind.x));
  if (!has(kind.y, query.y))
    return fail(ErrorKind::invalid_input, "chart: kind '{}' has no y axis '{}'; it has: {}", kind.key, meaning(query.y).key,
                keys_of(kind.y));
  for (const auto& limit : {query.limits.ttft_s, query.limits.tpot_s, query.limits.itl_s, query.limits.e2e_s})
    if (limit && !(*limit > 0)) return fail(ErrorKind::invalid_input, "chart: limits must be above 0, one is {}", *limit);
  return {};
}

Status check_view(const ChartDefinition& definition) {
  const std::optional<ViewRange>& view = definition.view;
  if (!view) return {};
  const bool log_x = definition.query.log_x || definition.distribution.log_x;
  if (!(view->x_low < view->x_high && view->y_low < view->y_high))
    return fail(ErrorKind::invalid_input, "chart: view must go from lower to higher values");
  if ((log_x && view->x_low <= 0) || (definition.query.log_y && view->y_low <= 0))
    return fail(ErrorKind::invalid_input, "chart: view reaches down to 0 or below on a logarithmic axis");
  return {};
}

template <class AChart>
void drop_hidden(AChart& chart, const ChartDefinition& definition) {
  std::erase_if(chart.series, [&](const auto& series) {
    return std::find(definition.hidden.begin(), definition.hidden.end(), series.name) != definition.hidden.end();
  });
}

}  // namespace

std::optional<ChartSort> chart_sort(std::string_view kind) {
  if (find_chart_kind(kind)) return ChartSort::axes;
  for (const NamedSort& known : kSorts)
    if (known.key == kind) return known.sort;
  return std::nullopt;
}

Status check_definition(const ChartDefinition& definition) {
  TOKENMARK_CHECK(check_kind(definition.kind));
  const ChartSort sort = *chart_sort(definition.kind);
  if (sort == ChartSort::axes) TOKENMARK_CHECK(check_axes(definition));
  if (sort == ChartSort::timeline && definition.runs.size() > 1)
    return fail(ErrorKind::invalid_input, "chart: a timeline shows one run, {} are named", definition.runs.size());
  const std::optional<double> at = sort == ChartSort::trend ? definition.trend.at : definition.comparison.at;
  if (at && !(*at > 0)) return fail(ErrorKind::invalid_input, "chart: at must be above 0, it is {}", *at);
  return check_view(definition);
}

const std::vector<ChartKind>& chart_kinds() {
  using A = AxisFigure;
  static const std::vector<ChartKind> kinds = {
      {"frontier", "Frontier", {A::interactivity, A::ttft, A::e2e},
       {A::total_tok_s_gpu, A::output_tok_s_gpu, A::input_tok_s_gpu, A::output_tok_s, A::dollars_per_mtok, A::tokens_per_dollar,
        A::tok_s_per_mw}, false},
      {"latency", "Latency", {A::e2e, A::ttft, A::ttft_p99, A::tpot, A::tpot_p99},
       {A::total_tok_s_gpu, A::output_tok_s_gpu, A::input_tok_s_gpu, A::output_tok_s, A::interactivity}, true},
      {"cost", "Cost", {A::interactivity, A::e2e, A::ttft}, {A::dollars_per_mtok, A::tokens_per_dollar}, false},
      {"power", "Power", {A::interactivity, A::e2e, A::ttft, A::concurrency},
       {A::tok_s_per_mw, A::provisioned_joules_per_token, A::joules_per_total_token, A::joules_per_output_token}, false},
      {"load", "Load", {A::concurrency, A::request_rate},
       {A::ttft_p99, A::ttft, A::tpot_p99, A::tpot, A::e2e, A::goodput_req_s, A::request_s, A::output_tok_s, A::interactivity}, true},
      {"quality", "Quality", {A::quality, A::perplexity, A::kl_divergence},
       {A::total_tok_s_gpu, A::output_tok_s_gpu, A::dollars_per_mtok, A::tokens_per_dollar, A::tok_s_per_mw, A::interactivity, A::ttft}, false},
  };
  return kinds;
}

const ChartKind* find_chart_kind(std::string_view key) {
  for (const ChartKind& kind : chart_kinds())
    if (kind.key == key) return &kind;
  return nullptr;
}

Result<RowView> defined_runs(const ChartDefinition& definition, const RowView& runs) {
  TOKENMARK_TRY(const RunFilter filter, parse_run_filter(definition.filter));
  const std::unordered_set<RunId> wanted(definition.runs.begin(), definition.runs.end());
  std::vector<const RunRow*> chosen;
  for (const RunRow& run : runs) {
    if (!wanted.empty() && !wanted.contains(run.id)) continue;
    if (!definition.samples && run.source.starts_with("sample:")) continue;
    if (filter.empty() || matches(filter, run)) chosen.push_back(&run);
  }
  return RowView(std::move(chosen));
}

Result<Chart> make_chart(const ChartDefinition& definition, const RowView& runs) {
  TOKENMARK_CHECK(check_definition(definition));
  if (*chart_sort(definition.kind) != ChartSort::axes)
    return fail(ErrorKind::invalid_input, "chart: kind '{}' has no two axes", definition.kind);
  TOKENMARK_TRY(const RowView chosen, defined_runs(definition, runs));
  TOKENMARK_TRY(Chart chart, frontier_chart(chosen, definition.query));
  if (!definition.title.empty()) chart.title = definition.title;
  return chart;
}

Chart shown_part(Chart chart, const ChartDefinition& definition) {
  drop_hidden(chart, definition);
  if (definition.only_optimal)
    for (ChartSeries& series : chart.series) std::erase_if(series.points, [](const ChartPoint& point) { return !point.optimal; });
  return chart;
}

DistributionChart shown_part(DistributionChart chart, const ChartDefinition& definition) {
  drop_hidden(chart, definition);
  return chart;
}

Trend shown_part(Trend chart, const ChartDefinition& definition) {
  drop_hidden(chart, definition);
  return chart;
}

std::optional<std::size_t> series_named(const Chart& chart, std::string_view name) {
  if (name.empty()) return std::nullopt;
  for (std::size_t i = 0; i < chart.series.size(); ++i)
    if (chart.series[i].name == name) return i;
  for (std::size_t i = 0; i < chart.series.size(); ++i)
    if (chart.series[i].name.starts_with(std::string(name) + " (")) return i;
  return std::nullopt;
}

}  // namespace tokenmark
