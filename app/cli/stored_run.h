// A stored run as the command line shows it: JSON like `load --json`, and the cells of a table.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/store/store.h"

namespace tokenmark::cli {

// Figures, configuration and environment of a finished run; state and error of any.
Result<nlohmann::json> run_json(Store& store, const RunRow& row);
// The row alone, without what is fetched by id.
nlohmann::json row_json(const RunRow& row);

// "12.3", or "–" for what was not measured; times in milliseconds.
std::string cell(const std::optional<double>& value, int digits = 1);
std::string milliseconds(const std::optional<double>& seconds);

}  // namespace tokenmark::cli
