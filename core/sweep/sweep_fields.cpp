#include "core/sweep/sweep_fields.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/sweep/spelling.h"
#include "core/workload/arrivals.h"
#include "core/workload/point_json.h"
#include "engine/model/shapes.h"
#include "engine/runtime/speculation.h"

namespace tokenmark {
namespace {

using nlohmann::json;

// A point in which every field is set: its JSON shows names and types.
json full_point(const std::string& target) {
  Point point;
  point.limits = {1.0, 1.0, 1.0, 1.0};
  point.workload.classes = {{.name = "class"}};
  point.power.devices = {"0000:41:00.0"};
  if (target == "endpoint")
    point.target = EndpointTarget{.url = "http://127.0.0.1", .model = "m"};
  else
    point.target = EngineTarget{.model = "m"};
  return to_json(point);
}

const json* prototype(const FieldPath& path) {
  static const json engine = full_point("engine"), endpoint = full_point("endpoint");
  return find(path.size() > 1 && path[1] == "endpoint" ? endpoint : engine, path);
}

std::string shown(const YamlNode& value) {
  if (value.kind != YamlNode::Kind::scalar) return std::string(yaml_kind_name(value.kind));
  std::size_t length = std::min<std::size_t>(value.text.size(), 40);
  while (length < value.text.size() && (value.text[length] & 0xC0) == 0x80)
    --length;  // never half a character
  return fmt::format("'{}{}'", value.text.substr(0, length), length < value.text.size() ? "…" : "");
}

template <class Number>
std::optional<Number> parse_number(const std::string& text) {
  Number number{};
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<json> read_as(const json& prototype, const std::string& name, const YamlNode& value, int& line);

// A map whose keys are the prototype's.
Result<json> read_map(const json& prototype, const std::string& name, const YamlNode& value, int& line) {
  if (value.kind != YamlNode::Kind::map)
    return fail(ErrorKind::invalid_input, "each entry of {} must be a map, not {}", name, shown(value));
  json map = json::object();
  for (const auto& [key, field] : value.entries) {
    const auto known = prototype.find(key.text);
    if (known == prototype.end()) {
      std::vector<std::string> names;
      for (const auto& item : prototype.items()) names.push_back(item.key());
      line = key.line;
      return fail(ErrorKind::invalid_input, "unknown key '{}' in {}{}", key.text, name, suggestion(key.text, names));
    }
    TOKENMARK_TRY(map[key.text], read_as(*known, name + "." + key.text, field, line));
  }
  return map;
}

// The text read as the type that the prototype has: a list's is its first entry (none: whole numbers).
Result<json> read_as(const json& prototype, const std::string& name, const YamlNode& value, int& line) {
  line = value.line;
  if (prototype.is_object()) return read_map(prototype, name, value, line);
  if (prototype.is_array()) {
    if (value.kind != YamlNode::Kind::list)
      return fail(ErrorKind::invalid_input, "{} must be a list, not {}", name, shown(value));
    json list = json::array();
    for (const YamlNode& item : value.items) {
      TOKENMARK_TRY(json one, read_as(prototype.empty() ? json(1u) : prototype.front(), name, item, line));
      list.push_back(std::move(one));
    }
    return list;
  }
  if (value.kind != YamlNode::Kind::scalar)
    return fail(ErrorKind::invalid_input, "{} must be {}, not {}", name,
                prototype.is_string()         ? "a text"
                : prototype.is_number_float() ? "a number"
                                              : "a whole number",
                shown(value));
  if (prototype.is_string()) return json(value.text);
  if (prototype.is_number_float()) {
    const auto number = parse_number<double>(value.text);
    if (number && std::isfinite(*number)) return json(*number);
    return fail(ErrorKind::invalid_input, "{} must be a number, not {}", name, shown(value));
  }
  if (const auto number = parse_number<std::int64_t>(value.text)) return json(*number);
  if (const auto number = parse_number<std::uint64_t>(value.text)) return json(*number);
  return fail(ErrorKind::invalid_input, "{} must be a whole number, not {}", name, shown(value));
}

// What a point's JSON form lets pass but no measurement can use.
Status check_sense(const FieldPath& path, const json& value) {
  const std::string name = dotted(path);
  if (name == "load.stages" && !value.get_ref<const std::string&>().empty())
    TOKENMARK_CHECK(parse_stages(value.get_ref<const std::string&>()));
  if (path.front() == "limits" && value.get<double>() <= 0)
    return fail(ErrorKind::invalid_input, "{} is {} but must be above 0", name, value.dump());
  if (name == "target.engine.model") {
    const auto& model = value.get_ref<const std::string&>();
    if (is_shape_specification(model)) {
      if (const auto shape = parse_shape_specification(model); !shape) return tl::unexpected(shape.error());
    }
  }
  if (name == "target.engine.speculate")
    if (const auto parsed = parse_speculation(value.get_ref<const std::string&>()); !parsed)
      return fail(ErrorKind::invalid_input, "target.engine.{}", parsed.error().message);
  if (name == "target.endpoint.url") {
    const auto& url = value.get_ref<const std::string&>();
    const std::size_t scheme = url.starts_with("http://") ? 7 : url.starts_with("https://") ? 8 : 0;
    if (scheme == 0 || url.size() == scheme || url[scheme] == '/' ||
        url.find_first_of(" \t\r\n") != std::string::npos)
      return fail(ErrorKind::invalid_input, "{} is '{}' but must be like http://127.0.0.1:8000", name, url);
  }
  return {};
}

}  // namespace

std::string dotted(const FieldPath& path) {
  return fmt::format("{}", fmt::join(path, "."));
}

std::vector<std::string> section_fields(const FieldPath& section) {
  std::vector<std::string> names;
  if (const json* fields = prototype(section))
    for (const auto& item : fields->items()) names.push_back(item.key());
  return names;
}

bool is_list_field(const FieldPath& path) { return prototype(path)->is_array(); }

Result<json> field_value(const FieldPath& path, const YamlNode& value, int& line) {
  TOKENMARK_TRY(json read, read_as(*prototype(path), dotted(path), value, line));
  line = value.line;
  // Bounds and choices: the value alone in a point that is otherwise right.
  json point = full_point(path.size() > 1 ? path[1] : "");
  at(point, {"workload", "output"}) = 1;
  at(point, {"load", "requests_per_concurrency"}) = 1;
  at(point, {"load", "warmups_per_concurrency"}) = 0;
  at(point, path) = read;
  if (const auto checked = point_from_json(point); !checked) return tl::unexpected(checked.error());
  TOKENMARK_CHECK(check_sense(path, read));
  return read;
}

Result<FieldPath> axis_field(std::string_view name, const std::string& target) {
  const std::vector<FieldPath> sections = {{"target", target}, {"workload"}, {"load"}};
  std::vector<FieldPath> matches;
  std::vector<std::string> known;
  for (const FieldPath& section : sections)
    for (const std::string& field : section_fields(section)) {
      FieldPath path = section;
      path.push_back(field);
      const std::string shorter = section.front() + "." + field;  // "target.threads"
      if (name == field || name == shorter || name == dotted(path)) matches.push_back(path);
      known.push_back(field);
    }
  if (matches.size() == 1) return matches.front();
  if (matches.size() > 1)
    return fail(ErrorKind::invalid_input, "'{}' could be {} or {}; write it with its section", name,
                dotted(matches[0]), dotted(matches[1]));
  return fail(ErrorKind::invalid_input, "'{}' is not a field of target.{}, workload or load{}", name, target,
              suggestion(name.substr(name.rfind('.') + 1), known));
}

json& at(json& point, const FieldPath& path) {
  json* here = &point;
  for (const std::string& key : path) here = &(*here)[key];
  return *here;
}

const json* find(const json& point, const FieldPath& path) {
  const json* here = &point;
  for (const std::string& key : path) {
    if (!here->is_object()) return nullptr;
    const auto found = here->find(key);
    if (found == here->end()) return nullptr;
    here = &*found;
  }
  return here;
}

}  // namespace tokenmark
