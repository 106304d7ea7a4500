#include "core/report/chart_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace tokenmark {
namespace {

using nlohmann::json;

// ---- writing

json of(const XY& p) { return json::array({p.x, p.y}); }
json of(const BandPoint& p) { return json::array({p.x, p.low, p.high}); }
json of(const ChartPoint& point);
json of(const ChartSeries& series);
template <class T>
json list(const std::vector<T>& values) {
  json result = json::array();
  for (const T& value : values) result.push_back(of(value));
  return result;
}

json of(const ChartPoint& point) {
  json result = {{"x", point.x}, {"y", point.y}, {"runs", point.runs}, {"concurrency", point.concurrency},
                 {"label", point.label}, {"optimal", point.optimal}};
  if (point.x_range) result["x_range"] = {point.x_range->low, point.x_range->high};
  if (point.y_range) result["y_range"] = {point.y_range->low, point.y_range->high};
  return result;
}

json of(const ChartSeries& series) {
  json repeats = json::array();
  for (const auto& knots : series.repeat_knots) repeats.push_back(list(knots));
  json result = {{"name", series.name}, {"points", list(series.points)}, {"curve", list(series.curve)},
                 {"band", list(series.band)}, {"sample", series.sample}, {"knots", list(series.knots)},
                 {"repeat_knots", repeats}};
  if (series.rate) result["rate"] = *series.rate;
  return result;
}

// ---- reading: each read_ function fills its target or names the problem at `place`

Status wrong(const std::string& place, const char* expected, const json& found) {
  return fail(ErrorKind::invalid_input, "chart: {} must be {}, it is {}", place, expected, found.type_name());
}

Status read(const json& from, const std::string& place, double& to) {
  if (!from.is_number()) return wrong(place, "a number", from);
  to = from.get<double>();
  if (!std::isfinite(to)) return fail(ErrorKind::invalid_input, "chart: {} is not finite", place);
  return {};
}
Status read(const json& from, const std::string& place, bool& to) {
  if (!from.is_boolean()) return wrong(place, "true or false", from);
  to = from.get<bool>();
  return {};
}
Status read(const json& from, const std::string& place, std::string& to) {
  if (!from.is_string()) return wrong(place, "a text", from);
  to = from.get<std::string>();
  return {};
}
Status read(const json& from, const std::string& place, RunId& to) {
  if (!from.is_number_integer() || (from.is_number_unsigned() && from.get<std::uint64_t>() > INT64_MAX))
    return wrong(place, "a whole number", from);
  to = from.get<RunId>();
  return {};
}
Status read(const json& from, const std::string& place, std::int32_t& to) {
  RunId wide = 0;
  TOKENMARK_CHECK(read(from, place, wide));
  if (wide < 0 || wide > INT32_MAX) return fail(ErrorKind::invalid_input, "chart: {} is out of range: {}", place, wide);
  to = static_cast<std::int32_t>(wide);
  return {};
}
Status read(const json& from, const std::string& place, AxisFigure& to) {
  std::string key;
  TOKENMARK_CHECK(read(from, place, key));
  TOKENMARK_TRY(to, axis_from_key(key));
  return {};
}

Status read_numbers(const json& from, const std::string& place, std::initializer_list<double*> to) {
  if (!from.is_array() || from.size() != to.size())
    return fail(ErrorKind::invalid_input, "chart: {} must be a list of {} numbers", place, to.size());
  std::size_t i = 0;
  for (double* value : to) TOKENMARK_CHECK(read(from[i++], place, *value));
  return {};
}
Status read(const json& from, const std::string& place, XY& to) { return read_numbers(from, place, {&to.x, &to.y}); }
Status read(const json& from, const std::string& place, BandPoint& to) {
  return read_numbers(from, place, {&to.x, &to.low, &to.high});
}
Status read(const json& from, const std::string& place, Interval& to) {
  return read_numbers(from, place, {&to.low, &to.high});
}
Status read(const json& from, const std::string& place, ChartPoint& to);
Status read(const json& from, const std::string& place, ChartSeries& to);

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

Status read(const json& from, const std::string& place, ChartPoint& to) {
  return Members(from, place).need("x", to.x).need("y", to.y).need("runs", to.runs).need("concurrency", to.concurrency)
      .need("label", to.label).need("optimal", to.optimal).may("x_range", to.x_range).may("y_range", to.y_range).finish();
}

Status read(const json& from, const std::string& place, ChartSeries& to) {
  return Members(from, place).need("name", to.name).need("points", to.points).need("curve", to.curve).need("band", to.band)
      .need("sample", to.sample).need("knots", to.knots).need("repeat_knots", to.repeat_knots).may("rate", to.rate).finish();
}

}  // namespace

json chart_to_json(const Chart& chart) {
  return {{"title", chart.title}, {"subtitle", chart.subtitle}, {"definitions", kDefinitions},
          {"x", meaning(chart.x).key}, {"y", meaning(chart.y).key}, {"log_x", chart.log_x}, {"log_y", chart.log_y},
          {"series", list(chart.series)}, {"price_set", chart.price_set}, {"tier", chart.tier},
          {"notes", chart.notes}, {"sources", chart.sources}};
}

Result<Chart> chart_from_json(const json& from) {
  Chart chart;
  std::string definitions;
  TOKENMARK_CHECK(Members(from, "chart").need("title", chart.title).need("subtitle", chart.subtitle)
      .need("definitions", definitions).need("x", chart.x).need("y", chart.y).need("log_x", chart.log_x)
      .need("log_y", chart.log_y).need("series", chart.series).need("price_set", chart.price_set).need("tier", chart.tier)
      .need("notes", chart.notes).need("sources", chart.sources).finish());
  if (definitions != kDefinitions)
    return fail(ErrorKind::invalid_input, "chart: made with definitions '{}', this program knows '{}'", definitions, kDefinitions);
  return chart;
}

std::string chart_json_text(const Chart& chart) {
  return chart_to_json(chart).dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<Chart> parse_chart_json(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return fail(ErrorKind::invalid_input, "chart: not JSON");
  return chart_from_json(document);
}

}  // namespace tokenmark
