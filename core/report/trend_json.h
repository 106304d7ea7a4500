// Trends as JSON and back, beside the other charts (run_chart_json.h), strict on input in the same way.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "core/report/trend.h"

namespace tokenmark {

inline constexpr const char* kTrendKind = "trend";

nlohmann::json trend_to_json(const Trend& trend);
Result<Trend> trend_from_json(const nlohmann::json& json);
// The same as text; bytes in names that are not UTF-8 become U+FFFD.
std::string chart_json_text(const Trend& trend);

}  // namespace tokenmark
