// Reports: chosen runs with their charts, figures, configuration, environment and method, as values; html.cpp makes
// one self-contained file of them. Nothing is fetched when it is opened and no script runs in it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/metrics/figures.h"
#include "core/report/chart.h"
#include "core/store/store.h"

namespace tokenmark {

// "load.concurrency" → "8": JSON as a list of paths and values, in the document's order.
using FlatJson = std::vector<std::pair<std::string, std::string>>;
FlatJson flatten(const nlohmann::json& json);

struct ReportRun {
  RunRow row;
  std::optional<Figures> figures;       // absent: the run failed, or it is sample data
  FlatJson configuration, environment;  // empty where unknown
};

struct Report {
  std::string title;
  std::string created;                  // ISO 8601, UTC
  std::vector<Chart> charts;
  std::optional<double> compare_at;     // x at which the first chart's series are compared
  std::vector<ReportRun> runs;
};

struct ReportOptions {
  std::string title = "Inference benchmark";
  std::string price_set, tier;          // empty: as in FrontierQuery
  std::optional<double> compare_at;     // empty: the middle of what all series of the first chart cover
};

// Charts of the runs (throughput, latency, cost, power, concurrency: those with points), and every run's details from
// the store. `store` may be null when all rows are samples.
Result<Report> make_report(Store* store, const std::vector<RunRow>& rows, const ReportOptions& options);

std::string report_html(const Report& report);

}  // namespace tokenmark
