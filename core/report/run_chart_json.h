// Distributions and timelines as JSON and back, beside frontiers (chart_json.h): what `tokenmark --render` reads. Strict
// on input in the same way.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "core/report/chart.h"
#include "core/report/distributions.h"
#include "core/report/timeline.h"
#include "core/report/trend_json.h"

namespace tokenmark {

using AnyChart = std::variant<Chart, DistributionChart, Timeline, Trend>;

// Bytes in names that are not UTF-8 become U+FFFD.
std::string chart_json_text(const DistributionChart& chart);
std::string chart_json_text(const Timeline& timeline);
// By the key "kind"; a document without one is a frontier.
Result<AnyChart> parse_any_chart(std::string_view text);

}  // namespace tokenmark
