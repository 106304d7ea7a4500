// Reports: chosen runs with their charts, a comparison, figures, configuration, environment and method, as values.
// report_document.h makes of them what a template and the pages of a PDF are filled with. Any thread; reads the store.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/metrics/figures.h"
#include "core/report/chart_definition.h"
#include "core/report/comparison_table.h"
#include "core/report/run_chart_json.h"
#include "core/store/store.h"

namespace tokenmark {

// "load.concurrency" → "8": JSON as a list of paths and values, in the document's order.
using FlatJson = std::vector<std::pair<std::string, std::string>>;
FlatJson flatten(const nlohmann::json& json);

// What a report can show. Each is left out where no run has what it needs.
enum class ReportChart : std::uint8_t { frontier, latency, cost, power, load, quality, distributions, timeline, trend };
struct ReportChartMeaning {
  ReportChart chart;
  std::string_view key, label, needs;   // "cost", "Cost per token", "runs on hardware with a price"
};
const std::vector<ReportChartMeaning>& report_charts();
Result<ReportChart> report_chart_from_key(std::string_view key);

struct ReportRun {
  RunRow row;
  std::optional<Figures> figures;       // absent: the run failed, or it is sample data
  FlatJson configuration, environment;  // empty where unknown
};

struct ReportPicture {
  ReportChart kind;
  AnyChart chart;
  bool as_seen = false;                 // of ReportOptions::seen
  std::optional<ViewRange> view = {};   // absent: all of it
};

struct Report {
  std::string title, author, remarks;   // remarks: paragraphs parted by empty lines
  std::string created;                  // ISO 8601, UTC
  std::vector<ReportPicture> charts;    // as they were seen first
  std::optional<ComparisonTable> comparison;
  std::vector<std::string> notes;       // what was left out of the report, and why
  std::vector<ReportRun> runs;          // by id
  std::vector<SweepRow> sweeps;         // that the runs are of: how they are measured again
};

struct ReportOptions {
  std::string title = "Inference benchmark", author, remarks;
  std::vector<ChartDefinition> seen;    // charts as somebody looked at them, of the report's runs
  std::optional<std::vector<ReportChart>> charts;   // absent: all that have points, or none where there are `seen` ones
  std::string price_set, tier;          // empty: as in FrontierQuery
  EqualIn equal = EqualIn::interactivity;
  std::optional<double> compare_at;     // absent: as in ComparisonQuery
  RunId baseline = 0;                   // a run of the series that others are compared with; 0: the first series
};

// All series against the baseline; nothing where there are fewer than two, or where they share no place and none was asked
// for.
Result<std::optional<ComparisonTable>> report_comparison(const std::vector<RunRow>& rows, const ReportOptions& options);

// `progress` gets a share 0…1 and what is being done. `store` may be null when all rows are samples.
using ReportProgress = std::function<void(double, const std::string&)>;
Result<Report> make_report(Store* store, const std::vector<RunRow>& rows, const ReportOptions& options,
                           const ReportProgress& progress = {}, std::stop_token stop = {});

}  // namespace tokenmark
