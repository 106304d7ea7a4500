#include "core/report/trend_json.h"

#include <nlohmann/json.hpp>

#include "core/report/json_members.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using chart_reading::Members;

json of(const TrendState& state) { return {{"name", state.name}, {"first", state.first}, {"last", state.last}}; }
json of(const FactChange& fact) { return {{"key", fact.key}, {"before", fact.before}, {"after", fact.after}}; }
json of(const TrendLevel& level) { return {{"from", level.from}, {"to", level.to}, {"value", level.value}}; }
json of(const TrendPoint& point);
json of(const TrendChange& change);
json of(const TrendSeries& series);

template <class T>
json list(const std::vector<T>& values) {
  json result = json::array();
  for (const T& value : values) result.push_back(of(value));
  return result;
}

json of(const TrendPoint& point) {
  json result = {{"state", point.state}, {"runs", point.runs}, {"differs", list(point.differs)}};
  if (point.value) result["value"] = *point.value;
  if (point.range) result["range"] = {point.range->low, point.range->high};
  return result;
}
json of(const TrendChange& change) {
  return {{"before", change.before}, {"after", change.after}, {"change", change.change}, {"interval", {change.interval.low, change.interval.high}},
          {"p", change.p}, {"better", change.better}, {"differs", list(change.differs)}};
}
json of(const TrendSeries& series) {
  return {{"name", series.name}, {"points", list(series.points)}, {"levels", list(series.levels)}, {"changes", list(series.changes)}};
}

// Every state that is named must be there: a picture is drawn by these numbers.
Status check_states(const Trend& trend) {
  const std::size_t states = trend.states.size();
  const auto check = [&](const TrendSeries& series, std::size_t before, std::size_t after) {
    return before <= after && after < states ? Status()
                                             : fail(ErrorKind::invalid_input, "chart: series '{}' names the states {} and {}, there are {}",
                                                    series.name, before, after, states);
  };
  for (const TrendSeries& series : trend.series) {
    for (const TrendPoint& point : series.points) TOKENMARK_CHECK(check(series, point.state, point.state));
    for (const TrendLevel& level : series.levels) TOKENMARK_CHECK(check(series, level.from, level.to));
    for (const TrendChange& change : series.changes) TOKENMARK_CHECK(check(series, change.before, change.after));
  }
  return {};
}

}  // namespace

// Reading: found by the templates of json_members.h, which look into the types' own namespace.

static Status read(const json& from, const std::string& place, TrendState& to) {
  return Members(from, place).need("name", to.name).need("first", to.first).need("last", to.last).finish();
}
static Status read(const json& from, const std::string& place, FactChange& to) {
  return Members(from, place).need("key", to.key).need("before", to.before).need("after", to.after).finish();
}
static Status read(const json& from, const std::string& place, TrendPoint& to) {
  std::int32_t state = 0;
  TOKENMARK_CHECK(Members(from, place).need("state", state).need("runs", to.runs).need("differs", to.differs).may("value", to.value)
      .may("range", to.range).finish());
  to.state = static_cast<std::size_t>(state);
  return {};
}
static Status read(const json& from, const std::string& place, TrendLevel& to) {
  std::int32_t first = 0, last = 0;
  TOKENMARK_CHECK(Members(from, place).need("from", first).need("to", last).need("value", to.value).finish());
  to.from = static_cast<std::size_t>(first);
  to.to = static_cast<std::size_t>(last);
  return {};
}
static Status read(const json& from, const std::string& place, TrendChange& to) {
  std::int32_t before = 0, after = 0;
  TOKENMARK_CHECK(Members(from, place).need("before", before).need("after", after).need("change", to.change).need("interval", to.interval)
      .need("p", to.p).need("better", to.better).need("differs", to.differs).finish());
  to.before = static_cast<std::size_t>(before);
  to.after = static_cast<std::size_t>(after);
  return {};
}
static Status read(const json& from, const std::string& place, TrendSeries& to) {
  return Members(from, place).need("name", to.name).need("points", to.points).need("levels", to.levels).need("changes", to.changes).finish();
}

json trend_to_json(const Trend& trend) {
  return {{"kind", kTrendKind}, {"definitions", kDefinitions}, {"title", trend.title}, {"subtitle", trend.subtitle},
          {"figure", meaning(trend.figure).key}, {"x", meaning(trend.x).key}, {"at", trend.at}, {"by", trend_axis(trend.by).key},
          {"price_set", trend.price_set}, {"price_date", trend.price_date}, {"tier", trend.tier}, {"states", list(trend.states)}, {"series", list(trend.series)},
          {"notes", trend.notes}};
}

Result<Trend> trend_from_json(const json& from) {
  Trend trend;
  std::string kind, definitions, figure, x, by;
  TOKENMARK_CHECK(Members(from, "chart").need("kind", kind).need("definitions", definitions).need("title", trend.title)
      .need("subtitle", trend.subtitle).need("figure", figure).need("x", x).need("at", trend.at).need("by", by)
      .need("price_set", trend.price_set).need("price_date", trend.price_date).need("tier", trend.tier).need("states", trend.states).need("series", trend.series)
      .need("notes", trend.notes).finish());
  if (definitions != kDefinitions)
    return fail(ErrorKind::invalid_input, "chart: made with definitions '{}', this program knows '{}'", definitions, kDefinitions);
  TOKENMARK_TRY(trend.figure, axis_from_key(figure));
  TOKENMARK_TRY(trend.x, axis_from_key(x));
  TOKENMARK_TRY(trend.by, trend_by_from_key(by));
  TOKENMARK_CHECK(check_states(trend));
  return trend;
}

std::string chart_json_text(const Trend& trend) {
  return trend_to_json(trend).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace tokenmark
