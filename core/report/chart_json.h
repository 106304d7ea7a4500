// Charts as JSON and back: what `tokenmark --render` reads. Strict on input: unknown keys, wrong types, numbers that
// are not finite and unknown axes are errors that name the place.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "core/report/chart.h"

namespace tokenmark {

nlohmann::json chart_to_json(const Chart& chart);
Result<Chart> chart_from_json(const nlohmann::json& json);

// The same as text; bytes in names that are not UTF-8 become U+FFFD.
std::string chart_json_text(const Chart& chart);

}  // namespace tokenmark
