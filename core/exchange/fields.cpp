#include "core/exchange/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tokenmark {
namespace {

using Json = nlohmann::json;

std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() > 40 ? text.substr(0, 40) + "…" : text;
}

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> number_of(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return number_in(value.get_ref<const std::string&>());
  return std::nullopt;
}

const Json& nothing() {
  static const Json empty = Json::object();
  return empty;
}

}  // namespace

Fields::Fields(const Json& object, std::string place, Problem& problem)
    : object_(&object), place_(std::move(place)), problem_(&problem) {
  if (object.is_object()) return;
  problem.set(fmt::format("{}: must be an object, not {}", place_, shown(object)));
  object_ = &nothing();
}

const Json* Fields::find(const std::string& key) const {
  const auto at = object_->find(key);
  return at == object_->end() || at->is_null() ? nullptr : &*at;
}

bool Fields::has(const char* key) const { return find(key) != nullptr; }

void Fields::wrong(const std::string& key, const std::string& what) const {
  problem_->set(fmt::format("{}: '{}' {}", place_, key, what));
}

std::optional<double> Fields::number(const std::string& key) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto number = number_of(*value);
  if (number && std::isfinite(*number)) return number;
  wrong(key, "must be a number, not " + shown(*value));
  return std::nullopt;
}

std::optional<double> Fields::positive(const std::string& key) const {
  const auto value = number(key);
  if (!value || *value >= 0) return value;
  wrong(key, fmt::format("must not be negative, it is {}", *value));
  return std::nullopt;
}

std::optional<double> Fields::milliseconds(const std::string& key) const {
  const auto value = positive(key);
  return value ? std::optional(*value / 1e3) : std::nullopt;
}

std::optional<std::int64_t> Fields::count(const std::string& key, std::int64_t most) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto number = number_of(*value);
  if (number && *number >= 0 && *number <= static_cast<double>(most) && *number == std::floor(*number))
    return static_cast<std::int64_t>(*number);
  wrong(key, fmt::format("must be a whole number from 0 to {}, not {}", most, shown(*value)));
  return std::nullopt;
}

std::string Fields::text(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr) return {};
  if (value->is_number()) return value->dump();
  if (!value->is_string() || value->get_ref<const std::string&>().find('\0') != std::string::npos) {
    wrong(key, "must be a text, not " + shown(*value));
    return {};
  }
  return value->get<std::string>();
}

std::optional<bool> Fields::flag(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  for (const char* yes : {"true", "True", "1"})
    if (*value == yes) return true;
  for (const char* no : {"false", "False", "0", ""})
    if (*value == no) return false;
  if (*value == 0 || *value == 1) return *value == 1;
  wrong(key, "must be true or false, not " + shown(*value));
  return std::nullopt;
}

std::vector<double> Fields::numbers(const char* key) const {
  std::vector<double> out;
  const Json* values = list(key);
  if (values == nullptr) return out;
  out.reserve(values->size());
  for (const Json& value : *values) {
    if (!value.is_number()) {
      wrong(fmt::format("{}[{}]", key, out.size()), "must be a number, not " + shown(value));
      return {};
    }
    out.push_back(value.get<double>());
  }
  return out;
}

Fields Fields::object(const char* key) const {
  const Json* value = find(key);
  return Fields(value == nullptr ? nothing() : *value, place_ + ": " + key, *problem_);
}

const Json* Fields::list(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) {
    wrong(key, "must be a list, not " + shown(*value));
    return nullptr;
  }
  if (value->size() > kMaxRequestsInFile) {
    wrong(key, fmt::format("holds {} entries, at most {} can be read", value->size(), kMaxRequestsInFile));
    return nullptr;
  }
  return value;
}

namespace {

constexpr int kMaxDepth = 128;  // the parser recurses nowhere, but what is nested a million deep has to be destroyed

// Python's spellings outside of strings, as strict JSON; nothing where it is nested too deep.
std::optional<std::string> strict(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool quoted = false;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') quoted = !quoted;
    if (quoted && c == '\\' && i + 1 < text.size()) {
      out += c;
      out += text[++i];
      continue;
    }
    if (!quoted) depth += (c == '[' || c == '{') - (c == ']' || c == '}');
    if (depth > kMaxDepth) return std::nullopt;
    const auto spelled = [&](std::string_view word) { return !quoted && text.substr(i, word.size()) == word; };
    if (spelled("-Infinity")) out += "\"-inf\"", i += 8;
    else if (spelled("Infinity")) out += "\"inf\"", i += 7;
    else if (spelled("NaN")) out += "null", i += 2;
    else out += c;
  }
  return out;
}

}  // namespace

Result<Json> parse_json(std::string_view text, const std::string& place) {
  const auto json = strict(text);
  if (!json) return fail(ErrorKind::invalid_input, "{}: nested too deep to be a result", place);
  try {
    return Json::parse(*json);
  } catch (const Json::exception& exception) {  // only the exception knows where the mistake is
    std::string why = exception.what();
    if (const auto end = why.find("] "); end != std::string::npos) why.erase(0, end + 2);
    return fail(ErrorKind::invalid_input, "{}: not JSON: {}", place, why.substr(0, 200));
  }
}

}  // namespace tokenmark
