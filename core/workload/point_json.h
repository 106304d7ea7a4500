// Points as JSON and back; unknown keys and wrong types are errors that name the key.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "core/workload/point.h"

namespace tokenmark {

nlohmann::json to_json(const Point& point);
Result<Point> point_from_json(const nlohmann::json& json);
// A stable text of everything but the repeat: equal for equal configurations (resuming, grouping repeats).
std::string configuration_key(const Point& point);

}  // namespace tokenmark
