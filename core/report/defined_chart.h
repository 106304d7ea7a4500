// The chart of a definition of any kind, made of a store's runs, their event logs and environments; and its data as text.
// The command line and whoever puts charts into files without a window. Any thread; reading logs takes time.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "core/report/chart_definition.h"
#include "core/report/chart_part.h"
#include "core/report/logged_run.h"
#include "core/report/timeline.h"
#include "core/store/store.h"

namespace tokenmark {

// Where a definition's chart comes from. Asked for what its kind needs only.
struct ChartSources {
  const RowView& runs;
  std::function<Result<LoggedRun>(const RunRow&)> log;
  std::function<Result<Environments>()> environments;
  Store* store = nullptr;         // of the runs that are compared with each other; null: all are samples
};

struct ChartUse {
  bool data = false;                                // not a picture: a timeline's every request
  DataPart part = DataPart::seen;
};

using DefinedChart = std::variant<Chart, DistributionChart, Timeline, Trend, ComparisonTable>;

// All series are there, hidden ones too. Runs without a log are noted; a chart without any run is an error.
Result<DefinedChart> make_defined_chart(const ChartDefinition& definition, const ChartSources& sources,
                                        const ChartUse& use = {});

const std::vector<std::string>& notes_of(const DefinedChart& chart);
std::string chart_csv(const DefinedChart& chart, const ChartDefinition& definition, DataPart part);
std::string chart_json(const DefinedChart& chart);   // all of it; what `tokenmark --render` draws, but for comparisons

}  // namespace tokenmark
