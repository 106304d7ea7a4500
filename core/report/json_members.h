// Strict reading of charts from JSON: a wrong type, a number that is not finite, a missing or an unknown key is an error
// that names the place. Each `read` fills its target or says what is wrong. Any thread; for the files of this folder.
#pragma once

#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/metrics/frontier.h"
#include "core/statistics/statistics.h"

namespace tokenmark::chart_reading {

using nlohmann::json;

inline Status wrong(const std::string& place, const char* expected, const json& found) {
  return fail(ErrorKind::invalid_input, "chart: {} must be {}, it is {}", place, expected, found.type_name());
}

inline Status read(const json& from, const std::string& place, double& to) {
  if (!from.is_number()) return wrong(place, "a number", from);
  to = from.get<double>();
  if (!std::isfinite(to)) return fail(ErrorKind::invalid_input, "chart: {} is not finite", place);
  return {};
}
inline Status read(const json& from, const std::string& place, bool& to) {
  if (!from.is_boolean()) return wrong(place, "true or false", from);
  to = from.get<bool>();
  return {};
}
inline Status read(const json& from, const std::string& place, std::string& to) {
  if (!from.is_string()) return wrong(place, "a text", from);
  to = from.get<std::string>();
  return {};
}
inline Status read(const json& from, const std::string& place, std::int64_t& to) {
  if (!from.is_number_integer() || (from.is_number_unsigned() && from.get<std::uint64_t>() > INT64_MAX))
    return wrong(place, "a whole number", from);
  to = from.get<std::int64_t>();
  return {};
}
inline Status read(const json& from, const std::string& place, std::int32_t& to) {
  std::int64_t wide = 0;
  TOKENMARK_CHECK(read(from, place, wide));
  if (wide < 0 || wide > INT32_MAX) return fail(ErrorKind::invalid_input, "chart: {} is out of range: {}", place, wide);
  to = static_cast<std::int32_t>(wide);
  return {};
}

inline Status read_numbers(const json& from, const std::string& place, std::initializer_list<double*> to) {
  if (!from.is_array() || from.size() != to.size())
    return fail(ErrorKind::invalid_input, "chart: {} must be a list of {} numbers", place, to.size());
  std::size_t i = 0;
  for (double* value : to) TOKENMARK_CHECK(read(from[i++], place, *value));
  return {};
}
inline Status read(const json& from, const std::string& place, XY& to) { return read_numbers(from, place, {&to.x, &to.y}); }
inline Status read(const json& from, const std::string& place, Interval& to) {
  return read_numbers(from, place, {&to.low, &to.high});
}

template <class T>
Status read(const json& from, const std::string& place, std::vector<T>& to) {
  if (!from.is_array()) return wrong(place, "a list", from);
  for (std::size_t i = 0; i < from.size(); ++i) {
    T value{};
    TOKENMARK_CHECK(read(from[i], fmt::format("{}[{}]", place, i), value));
    to.push_back(std::move(value));
  }
  return {};
}

// The members of one object. Every member must be asked for; optional ones may be missing.
class Members {
 public:
  Members(const json& object, std::string place) : object_(object), place_(std::move(place)) {
    if (!object_.is_object()) status_ = wrong(place_, "an object", object_);
  }
  template <class T>
  Members& need(const char* key, T& to) {
    if (status_ && !object_.contains(key)) status_ = fail(ErrorKind::invalid_input, "chart: {}: '{}' is missing", place_, key);
    return take(key, to);
  }
  template <class T>
  Members& may(const char* key, std::optional<T>& to) {
    if (!status_ || !object_.contains(key)) return *this;
    T value{};
    take(key, value);
    to = value;
    return *this;
  }
  const Status& status() const { return status_; }   // so far
  Status finish() {
    if (!status_) return status_;
    for (const auto& [key, value] : object_.items())
      if (!seen_.count(key)) return fail(ErrorKind::invalid_input, "chart: {}: unknown key '{}'", place_, key);
    return {};
  }

 private:
  template <class T>
  Members& take(const char* key, T& to) {
    seen_.insert(key);
    if (status_) status_ = read(object_.at(key), place_ + "." + key, to);
    return *this;
  }
  const json& object_;
  std::string place_;
  std::set<std::string> seen_;
  Status status_;
};

}  // namespace tokenmark::chart_reading
