#include "core/report/run_chart_json.h"

#include <nlohmann/json.hpp>

#include "core/report/chart_json.h"
#include "core/report/json_members.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using chart_reading::Members;

constexpr const char *kDistributions = "distributions", *kTimeline = "timeline";

// ---- writing

json of(const XY& p) { return {p.x, p.y}; }
json of(const TimeWindow& window) { return {window.from_s, window.to_s}; }
json of(const LimitLine& limit) { return {{"value", limit.value}, {"label", limit.label}}; }

json of(const DistributionMarker& marker) {
  json result = {{"p", marker.p}, {"value", marker.value}};
  if (marker.interval) result["interval"] = {marker.interval->low, marker.interval->high};
  return result;
}

json of(const DistributionSeries& series);
json of(const TimelineBar& bar);
json of(const TimelineBin& bin);
json of(const TimelineCell& cell);
json of(const TimelineCurve& curve);

template <class T>
json list(const std::vector<T>& values) {
  json result = json::array();
  for (const T& value : values) result.push_back(of(value));
  return result;
}

json of(const DistributionSeries& series) {
  return {{"name", series.name}, {"run", series.run}, {"class", series.traffic_class}, {"samples", series.samples},
          {"failed", series.failed}, {"cumulative", list(series.cumulative)}, {"bin_shares", series.bin_shares},
          {"markers", list(series.markers)}};
}

json of(const TimelineBar& bar) {
  json result = {{"request", bar.request}, {"slot", bar.slot}, {"intended_s", bar.intended_s}, {"sent_s", bar.sent_s},
                 {"end_s", bar.end_s}, {"error", request_error_name(bar.error)}, {"warmup", bar.warmup}, {"class", bar.traffic_class}};
  if (bar.first_token_s) result["first_token_s"] = *bar.first_token_s;
  if (bar.input_tokens >= 0) result["input_tokens"] = bar.input_tokens;
  if (bar.output_tokens >= 0) result["output_tokens"] = bar.output_tokens;
  return result;
}

json of(const TimelineBin& bin) {
  return {{"time", of(bin.time)}, {"in_flight", bin.in_flight}, {"peak", bin.in_flight_peak}, {"tok_s", bin.tok_s},
          {"arrivals_s", bin.arrivals_s}};
}

json of(const TimelineCell& cell) { return {cell.late, cell.waiting, cell.streaming, cell.failed}; }

json of(const TimelineCurve& curve) { return {{"key", curve.key}, {"values", list(curve.values)}}; }

json of(const TimelineGrid& grid) {
  return {{"time", of(grid.time)}, {"first_slot", grid.first_slot}, {"slots_per_row", grid.slots_per_row},
          {"rows", grid.rows}, {"columns", grid.columns}, {"cells", list(grid.cells)}};
}

std::string as_text(const json& document) { return document.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"; }

}  // namespace

// ---- reading: found by the templates of json_members.h, which look into the types' own namespace

using chart_reading::read;
using chart_reading::read_numbers;

static Status read(const json& from, const std::string& place, TimeWindow& to) {
  TOKENMARK_CHECK(read_numbers(from, place, {&to.from_s, &to.to_s}));
  return to.from_s <= to.to_s ? Status() : fail(ErrorKind::invalid_input, "chart: {} ends before it begins", place);
}

static Status read(const json& from, const std::string& place, LimitLine& to) {
  return Members(from, place).need("value", to.value).need("label", to.label).finish();
}

static Status read(const json& from, const std::string& place, DistributionMarker& to) {
  return Members(from, place).need("p", to.p).need("value", to.value).may("interval", to.interval).finish();
}

static Status read(const json& from, const std::string& place, DistributionSeries& to) {
  std::int64_t samples = 0, failed = 0;
  TOKENMARK_CHECK(Members(from, place).need("name", to.name).need("run", to.run).need("class", to.traffic_class)
      .need("samples", samples).need("failed", failed).need("cumulative", to.cumulative)
      .need("bin_shares", to.bin_shares).need("markers", to.markers).finish());
  if (failed < 0 || samples < failed) return fail(ErrorKind::invalid_input, "chart: {}: {} of {} samples cannot have failed", place, failed, samples);
  to.samples = static_cast<std::size_t>(samples);
  to.failed = static_cast<std::size_t>(failed);
  return {};
}

static Result<RequestError> error_named(const std::string& name) {
  for (int i = 0; request_error_name(static_cast<RequestError>(i)) != "unknown"; ++i)
    if (request_error_name(static_cast<RequestError>(i)) == name) return static_cast<RequestError>(i);
  return fail(ErrorKind::invalid_input, "chart: '{}' is no class of errors", name);
}

static Status read(const json& from, const std::string& place, TimelineBar& to) {
  std::int64_t request = 0;
  std::string error;
  std::optional<std::int32_t> input, output;
  TOKENMARK_CHECK(Members(from, place).need("request", request).need("slot", to.slot).need("intended_s", to.intended_s)
      .need("sent_s", to.sent_s).need("end_s", to.end_s).need("error", error).need("warmup", to.warmup)
      .need("class", to.traffic_class).may("first_token_s", to.first_token_s).may("input_tokens", input)
      .may("output_tokens", output).finish());
  if (request < 0 || request > UINT32_MAX) return fail(ErrorKind::invalid_input, "chart: {}.request is out of range: {}", place, request);
  TOKENMARK_TRY(to.error, error_named(error));
  to.request = static_cast<std::uint32_t>(request);
  to.input_tokens = input.value_or(-1);
  to.output_tokens = output.value_or(-1);
  return {};
}

static Status read(const json& from, const std::string& place, TimelineBin& to) {
  return Members(from, place).need("time", to.time).need("in_flight", to.in_flight).need("peak", to.in_flight_peak)
      .need("tok_s", to.tok_s).need("arrivals_s", to.arrivals_s).finish();
}

static Status read(const json& from, const std::string& place, TimelineCell& to) {
  double parts[4] = {};
  TOKENMARK_CHECK(read_numbers(from, place, {&parts[0], &parts[1], &parts[2], &parts[3]}));
  to = {static_cast<float>(parts[0]), static_cast<float>(parts[1]), static_cast<float>(parts[2]), static_cast<float>(parts[3])};
  return {};
}

static Status read(const json& from, const std::string& place, TimelineCurve& to) {
  return Members(from, place).need("key", to.key).need("values", to.values).finish();
}

static Status read(const json& from, const std::string& place, TimelineGrid& to) {
  TOKENMARK_CHECK(Members(from, place).need("time", to.time).need("first_slot", to.first_slot)
      .need("slots_per_row", to.slots_per_row).need("rows", to.rows).need("columns", to.columns).need("cells", to.cells).finish());
  if (static_cast<std::int64_t>(to.rows) * to.columns != static_cast<std::int64_t>(to.cells.size()))
    return fail(ErrorKind::invalid_input, "chart: {}: {} cells are not {} rows of {}", place, to.cells.size(), to.rows, to.columns);
  return {};
}

static Result<AnyChart> read_distributions(const json& from) {
  DistributionChart chart;
  std::string kind, definitions, figure;
  TOKENMARK_CHECK(Members(from, "chart").need("kind", kind).need("definitions", definitions).need("title", chart.title)
      .need("subtitle", chart.subtitle).need("figure", figure).need("histogram", chart.histogram).need("log_x", chart.log_x)
      .need("bin_edges", chart.bin_edges).need("series", chart.series).need("limits", chart.limits)
      .need("notes", chart.notes).finish());
  TOKENMARK_TRY(chart.figure, latency_from_key(figure));
  if (definitions != kDefinitions)
    return fail(ErrorKind::invalid_input, "chart: made with definitions '{}', this program knows '{}'", definitions, kDefinitions);
  for (const DistributionSeries& series : chart.series)
    if (!series.bin_shares.empty() && series.bin_shares.size() + 1 != chart.bin_edges.size())
      return fail(ErrorKind::invalid_input, "chart: series '{}' has {} bins and the chart {} edges", series.name,
                  series.bin_shares.size(), chart.bin_edges.size());
  return chart;
}

static Result<AnyChart> read_timeline(const json& from) {
  Timeline chart;
  std::string kind;
  std::int64_t requests = 0, failed = 0;
  std::optional<std::vector<TimelineCurve>> meters;
  TOKENMARK_CHECK(Members(from, "chart").need("kind", kind).need("title", chart.title).need("subtitle", chart.subtitle)
      .need("run", chart.run).need("whole", chart.whole).need("shown", chart.shown).need("slots", chart.slot_count)
      .need("requests", requests).need("failed", failed).need("bars", chart.bars).may("grid", chart.grid)
      .need("bins", chart.bins).may("steady", chart.steady).need("power_w", chart.power_w).may("meters", meters)
      .need("class_names", chart.class_names).need("notes", chart.notes).finish());
  if (requests < 0 || failed < 0) return fail(ErrorKind::invalid_input, "chart: requests and failed are counted from 0");
  chart.meters = std::move(meters).value_or(std::vector<TimelineCurve>());
  chart.requests = static_cast<std::size_t>(requests);
  chart.failed = static_cast<std::size_t>(failed);
  return chart;
}

std::string chart_json_text(const DistributionChart& chart) {
  return as_text({{"kind", kDistributions}, {"definitions", kDefinitions}, {"title", chart.title}, {"subtitle", chart.subtitle},
                  {"figure", meaning(chart.figure).key}, {"histogram", chart.histogram}, {"log_x", chart.log_x},
                  {"bin_edges", chart.bin_edges}, {"series", list(chart.series)}, {"limits", list(chart.limits)},
                  {"notes", chart.notes}});
}

std::string chart_json_text(const Timeline& chart) {
  json document = {{"kind", kTimeline}, {"title", chart.title}, {"subtitle", chart.subtitle}, {"run", chart.run},
                   {"whole", of(chart.whole)}, {"shown", of(chart.shown)}, {"slots", chart.slot_count},
                   {"requests", chart.requests}, {"failed", chart.failed}, {"bars", list(chart.bars)},
                   {"bins", list(chart.bins)}, {"power_w", list(chart.power_w)}, {"class_names", chart.class_names},
                   {"notes", chart.notes}};
  if (!chart.meters.empty()) document["meters"] = list(chart.meters);
  if (chart.grid) document["grid"] = of(*chart.grid);
  if (chart.steady) document["steady"] = of(*chart.steady);
  return as_text(document);
}

Result<AnyChart> parse_any_chart(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return fail(ErrorKind::invalid_input, "chart: not JSON");
  if (!document.is_object() || !document.contains("kind")) {
    TOKENMARK_TRY(Chart chart, chart_from_json(document));
    return chart;
  }
  if (document["kind"] == kDistributions) return read_distributions(document);
  if (document["kind"] == kTimeline) return read_timeline(document);
  if (document["kind"] == kTrendKind) {
    TOKENMARK_TRY(Trend trend, trend_from_json(document));
    return trend;
  }
  return fail(ErrorKind::invalid_input, "chart: kind must be '{}', '{}' or '{}', it is {}", kDistributions, kTimeline, kTrendKind,
              document["kind"].dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace tokenmark
