#include "core/report/chart_json.h"

#include <nlohmann/json.hpp>

#include "core/report/json_members.h"

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
                 {"label", point.label.str()}, {"optimal", point.optimal}};
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
  if (!series.power_knots.empty()) {
    json powers = json::array();
    for (const auto& knots : series.repeat_power_knots) powers.push_back(list(knots));
    result["power_knots"] = list(series.power_knots);
    result["repeat_power_knots"] = powers;
  }
  return result;
}

}  // namespace

// ---- reading: found by the templates of json_members.h, which look into the types' own namespace

using chart_reading::Members;
using chart_reading::read;
using chart_reading::read_numbers;

static Status read(const json& from, const std::string& place, AxisFigure& to) {
  std::string key;
  TOKENMARK_CHECK(read(from, place, key));
  TOKENMARK_TRY(to, axis_from_key(key));
  return {};
}

static Status read(const json& from, const std::string& place, SharedText& to) {
  std::string text;
  TOKENMARK_CHECK(read(from, place, text));
  to = std::move(text);
  return {};
}

static Status read(const json& from, const std::string& place, BandPoint& to) {
  return read_numbers(from, place, {&to.x, &to.low, &to.high});
}

static Status read(const json& from, const std::string& place, ChartPoint& to) {
  return Members(from, place).need("x", to.x).need("y", to.y).need("runs", to.runs).need("concurrency", to.concurrency)
      .need("label", to.label).need("optimal", to.optimal).may("x_range", to.x_range).may("y_range", to.y_range).finish();
}

static Status read(const json& from, const std::string& place, ChartSeries& to) {
  std::optional<std::vector<XY>> power;
  std::optional<std::vector<std::vector<XY>>> repeat_power;
  TOKENMARK_CHECK(Members(from, place).need("name", to.name).need("points", to.points).need("curve", to.curve).need("band", to.band)
      .need("sample", to.sample).need("knots", to.knots).need("repeat_knots", to.repeat_knots).may("rate", to.rate)
      .may("power_knots", power).may("repeat_power_knots", repeat_power).finish());
  to.power_knots = power.value_or(std::vector<XY>());
  to.repeat_power_knots = repeat_power.value_or(std::vector<std::vector<XY>>());
  return {};
}

json chart_to_json(const Chart& chart) {
  json result = {{"title", chart.title}, {"subtitle", chart.subtitle}, {"definitions", kDefinitions},
                 {"x", meaning(chart.x).key}, {"y", meaning(chart.y).key}, {"log_x", chart.log_x}, {"log_y", chart.log_y},
                 {"series", list(chart.series)}, {"price_set", chart.price_set}, {"price_date", chart.price_date}, {"tier", chart.tier},
                 {"notes", chart.notes}, {"sources", chart.sources}};
  if (chart.limit_x) result["limit_x"] = *chart.limit_x;
  if (chart.limit_y) result["limit_y"] = *chart.limit_y;
  return result;
}

Result<Chart> chart_from_json(const json& from) {
  Chart chart;
  std::string definitions;
  TOKENMARK_CHECK(Members(from, "chart").need("title", chart.title).need("subtitle", chart.subtitle)
      .need("definitions", definitions).need("x", chart.x).need("y", chart.y).need("log_x", chart.log_x)
      .need("log_y", chart.log_y).need("series", chart.series).need("price_set", chart.price_set)
      .need("price_date", chart.price_date).need("tier", chart.tier)
      .need("notes", chart.notes).need("sources", chart.sources).may("limit_x", chart.limit_x).may("limit_y", chart.limit_y).finish());
  if (definitions != kDefinitions)
    return fail(ErrorKind::invalid_input, "chart: made with definitions '{}', this program knows '{}'", definitions, kDefinitions);
  return chart;
}

std::string chart_json_text(const Chart& chart) {
  return chart_to_json(chart).dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace tokenmark
