// The fields a sweep file may set, and which of them may be axes. The list, the types and the bounds are
// those of a point's JSON form (core/workload/point_json.h), so that there is one truth about them.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/sweep/yaml_tree.h"

namespace tokenmark {

// Where a field lies in a point: {"target", "engine", "threads"}.
using FieldPath = std::vector<std::string>;
std::string dotted(const FieldPath& path);  // "target.engine.threads"

// Fields of a section ("target.engine", "target.endpoint", "workload", "load", "limits", "stop", "power").
std::vector<std::string> section_fields(const FieldPath& section);

// A value of the file as the field's JSON, or what is wrong with it: "workload.input is 0 but must be from 1
// to …". `line` becomes the one of what is wrong, which may be deep within the value.
Result<nlohmann::json> field_value(const FieldPath& path, const YamlNode& value, int& line);
bool is_list_field(const FieldPath& path);  // cores, classes

// The field of target, workload or load that an axis names: bare ("concurrency") or dotted ("target.threads",
// "workload.input"). `target`: "engine" or "endpoint".
Result<FieldPath> axis_field(std::string_view name, const std::string& target);

nlohmann::json& at(nlohmann::json& point, const FieldPath& path);  // made where it is missing
const nlohmann::json* find(const nlohmann::json& point, const FieldPath& path);

}  // namespace tokenmark
