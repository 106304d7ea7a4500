#include "core/report/defined_chart.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/report/chart_json.h"
#include "core/report/run_chart_json.h"
#include "core/report/run_comparison.h"

namespace tokenmark {
namespace {

// Of the runs that are named, in their order; why others have no log goes into `without`.
Result<std::vector<LoggedRun>> named_runs(const ChartDefinition& definition, const ChartSources& sources,
                                          std::vector<std::string>& without) {
  if (definition.runs.empty())
    return fail(ErrorKind::invalid_input, "chart: kind '{}' is made of runs that are named, and 'runs' names none",
                definition.kind);
  std::vector<LoggedRun> runs;
  for (const RunId id : definition.runs) {
    const auto row = std::find_if(sources.runs.begin(), sources.runs.end(), [&](const RunRow& r) { return r.id == id; });
    if (row == sources.runs.end()) {
      without.push_back(fmt::format("run {} is not in the store", id));
      continue;
    }
    Result<LoggedRun> run = sources.log(*row);
    if (run) runs.push_back(*std::move(run));
    else without.push_back(run.error().message);
  }
  if (runs.empty()) return fail(ErrorKind::unavailable, "chart: {}", without.front());
  return runs;
}

template <class AChart>
AChart finished(AChart chart, const ChartDefinition& definition, const std::vector<std::string>& without) {
  if (!definition.title.empty()) chart.title = definition.title;
  chart.notes.insert(chart.notes.begin(), without.begin(), without.end());
  return chart;
}

Result<DefinedChart> distributions(const ChartDefinition& definition, const ChartSources& sources) {
  std::vector<std::string> without;
  TOKENMARK_TRY(const std::vector<LoggedRun> runs, named_runs(definition, sources, without));
  return finished(distribution_chart(runs, definition.distribution), definition, without);
}

Result<DefinedChart> timeline_of(const ChartDefinition& definition, const ChartSources& sources, const ChartUse& use) {
  std::vector<std::string> without;
  TOKENMARK_TRY(std::vector<LoggedRun> runs, named_runs(definition, sources, without));
  const TimelineLog log(std::move(runs.front()));
  TimelineQuery query{.every_bar = use.data};
  if (definition.view && !(use.data && use.part == DataPart::all)) {
    const ViewRange& view = *definition.view;
    query.time = TimeWindow{view.x_low, view.x_high};
    query.first_slot = std::max(0, static_cast<std::int32_t>(std::clamp(view.y_low, 0.0, 1e9)));
    query.last_slot = std::max(query.first_slot, static_cast<std::int32_t>(std::clamp(view.y_high, 0.0, 1e9)));
  }
  return finished(timeline(log, query), definition, without);
}

Result<DefinedChart> trend_of(const ChartDefinition& definition, const ChartSources& sources) {
  TOKENMARK_TRY(const RowView runs, defined_runs(definition, sources.runs));
  TOKENMARK_TRY(const Environments environments, sources.environments());
  TOKENMARK_TRY(Trend made, trend(runs, environments, definition.trend));
  return finished(std::move(made), definition, {});
}

Result<DefinedChart> comparison_of(const ChartDefinition& definition, const ChartSources& sources) {
  TOKENMARK_TRY(const RowView runs, defined_runs(definition, sources.runs));
  const ComparisonQuery& query = definition.comparison;
  if (!definition.of_runs) return comparison_table(runs, query);
  return run_comparison(sources.store, {runs.begin(), runs.end()},
                        {.baseline = query.baseline_run,
                         .price_set = query.price_set,
                         .tier = query.tier,
                         .only_significant = query.only_significant});
}

std::string csv_of(const Chart& chart) { return chart_csv(chart); }
std::string csv_of(const DistributionChart& chart) { return distribution_csv(chart); }
std::string csv_of(const Timeline& chart) { return timeline_csv(chart); }
std::string csv_of(const Trend& chart) { return trend_csv(chart); }

Timeline shown_part(Timeline chart, const ChartDefinition&) { return chart; }   // phases are no data of their own

}  // namespace

Result<DefinedChart> make_defined_chart(const ChartDefinition& definition, const ChartSources& sources,
                                        const ChartUse& use) {
  TOKENMARK_CHECK(check_definition(definition));
  switch (*chart_sort(definition.kind)) {
    case ChartSort::axes: return make_chart(definition, sources.runs);
    case ChartSort::distributions: return distributions(definition, sources);
    case ChartSort::timeline: return timeline_of(definition, sources, use);
    case ChartSort::trend: return trend_of(definition, sources);
    case ChartSort::comparison: return comparison_of(definition, sources);
  }
  return fail(ErrorKind::internal, "chart: kind '{}' cannot be made", definition.kind);
}

const std::vector<std::string>& notes_of(const DefinedChart& chart) {
  return std::visit([](const auto& c) -> const std::vector<std::string>& { return c.notes; }, chart);
}

std::string chart_csv(const DefinedChart& chart, const ChartDefinition& definition, DataPart part) {
  return std::visit([&]<class AChart>(const AChart& c) -> std::string {
    if constexpr (std::is_same_v<AChart, ComparisonTable>) {
      return comparison_csv(c);
    } else {
      if (part == DataPart::all) return csv_of(c);
      AChart shown = shown_part(c, definition);
      return csv_of(definition.view ? cut_to(std::move(shown), *definition.view) : shown);
    }
  }, chart);
}

std::string chart_json(const DefinedChart& chart) {
  return std::visit(
      []<class AChart>(const AChart& c) -> std::string {
        if constexpr (std::is_same_v<AChart, ComparisonTable>)
          return to_json(c).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
        else
          return chart_json_text(c);
      },
      chart);
}

}  // namespace tokenmark
