// Chart definitions as text and back: what every kind has, and the keys of each.
#include "core/report/chart_definition.h"
#include "core/report/json_members.h"

namespace tokenmark {

using nlohmann::json;
using nlohmann::ordered_json;
using chart_reading::Members;
using chart_reading::read;
using chart_reading::read_numbers;

namespace {

constexpr int kVersion = 1;
constexpr std::size_t kLargest_bytes = 1 << 20;

// Puts keys where they say something.
struct Writer {
  ordered_json& out;
  void text(const char* key, const std::string& value) { if (!value.empty()) out[key] = value; }
  void number(const char* key, const std::optional<double>& value) { if (value) out[key] = *value; }

  void axes(const FrontierQuery& query, bool only_optimal) {
    out["x"] = meaning(query.x).key;
    out["y"] = meaning(query.y).key;
    out["log_x"] = query.log_x;
    out["log_y"] = query.log_y;
    text("price_set", query.price_set);
    text("tier", query.tier);
    text("task", query.task);
    number("limit_ttft_s", query.limits.ttft_s);
    number("limit_tpot_s", query.limits.tpot_s);
    number("limit_e2e_s", query.limits.e2e_s);
    out["only_optimal"] = only_optimal;
  }
  void distribution(const DistributionQuery& query) {
    out["figure"] = meaning(query.figure).key;
    out["histogram"] = query.histogram;
    out["log_x"] = query.log_x;
  }
  void trend(const TrendQuery& query) {
    out["figure"] = meaning(query.figure).key;
    out["x"] = meaning(query.x).key;
    number("at", query.at);
    out["by"] = trend_axis(query.by).key;
    text("price_set", query.price_set);
    text("tier", query.tier);
    text("task", query.task);
  }
  void comparison(const ComparisonQuery& query, bool of_runs) {
    if (of_runs) out["of_runs"] = true;
    out["equal"] = meaning(query.equal).key;
    number("at", query.at);
    text("baseline", query.baseline);
    if (query.baseline_run != 0) out["baseline_run"] = query.baseline_run;
    text("price_set", query.price_set);
    text("tier", query.tier);
    out["only_significant"] = query.only_significant;
  }
  void runs(const ChartDefinition& d, bool searched) {
    if (searched) text("filter", d.filter);
    if (!d.runs.empty()) out["runs"] = d.runs;
    if (searched) out["samples"] = d.samples;
  }
  void look(const ChartDefinition& d) {
    if (!d.hidden.empty()) out["hidden"] = d.hidden;
    if (d.view) out["view"] = {d.view->x_low, d.view->x_high, d.view->y_low, d.view->y_high};
    number("line", d.line);
    number("cursor_a", d.cursor_a);
    number("cursor_b", d.cursor_b);
    text("baseline", d.baseline);
  }
};

bool is_searched(ChartSort sort) { return sort != ChartSort::distributions && sort != ChartSort::timeline; }

}  // namespace

std::string chart_definition_text(const ChartDefinition& d) {
  ordered_json out = {{"tokenmark_chart", kVersion}, {"kind", d.kind}};
  Writer writer{out};
  writer.text("title", d.title);
  const ChartSort sort = chart_sort(d.kind).value_or(ChartSort::axes);
  switch (sort) {
    case ChartSort::axes: writer.axes(d.query, d.only_optimal); break;
    case ChartSort::distributions: writer.distribution(d.distribution); break;
    case ChartSort::timeline: break;
    case ChartSort::trend: writer.trend(d.trend); break;
    case ChartSort::comparison: writer.comparison(d.comparison, d.of_runs); break;
  }
  writer.runs(d, is_searched(sort));
  if (sort != ChartSort::comparison) writer.look(d);
  return out.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

// ---- reading: found by the templates of json_members.h, which look into the types' own namespace

template <class Enum>
static Status read_key(const json& from, const std::string& place, Enum& to, Result<Enum> (*of_key)(std::string_view)) {
  std::string key;
  TOKENMARK_CHECK(read(from, place, key));
  TOKENMARK_TRY(to, of_key(key));
  return {};
}
static Status read(const json& from, const std::string& place, AxisFigure& to) {
  return read_key(from, place, to, axis_from_key);
}
static Status read(const json& from, const std::string& place, LatencyFigure& to) {
  return read_key(from, place, to, latency_from_key);
}
static Status read(const json& from, const std::string& place, TrendBy& to) {
  return read_key(from, place, to, trend_by_from_key);
}
static Status read(const json& from, const std::string& place, EqualIn& to) {
  return read_key(from, place, to, equal_from_key);
}
static Status read(const json& from, const std::string& place, ViewRange& to) {
  return read_numbers(from, place, {&to.x_low, &to.x_high, &to.y_low, &to.y_high});
}

namespace {

// A key that may be missing: then what is there stays.
template <class T>
void may(Members& members, const char* key, T& to) {
  std::optional<T> read;
  members.may(key, read);
  if (read) to = *std::move(read);
}

void read_axes(Members& m, ChartDefinition& d) {
  FrontierQuery& query = d.query;
  m.need("x", query.x).need("y", query.y).may("limit_ttft_s", query.limits.ttft_s).may("limit_tpot_s", query.limits.tpot_s)
      .may("limit_e2e_s", query.limits.e2e_s);
  may(m, "log_x", query.log_x);
  may(m, "log_y", query.log_y);
  may(m, "price_set", query.price_set);
  may(m, "tier", query.tier);
  may(m, "task", query.task);
  may(m, "only_optimal", d.only_optimal);
}

void read_distribution(Members& m, DistributionQuery& query) {
  m.need("figure", query.figure);
  may(m, "histogram", query.histogram);
  may(m, "log_x", query.log_x);
}

void read_trend(Members& m, TrendQuery& query) {
  m.need("figure", query.figure).need("x", query.x).may("at", query.at);
  may(m, "by", query.by);
  may(m, "price_set", query.price_set);
  may(m, "tier", query.tier);
  may(m, "task", query.task);
}

void read_comparison(Members& m, ChartDefinition& d) {
  ComparisonQuery& query = d.comparison;
  may(m, "of_runs", d.of_runs);
  m.need("equal", query.equal).may("at", query.at);
  may(m, "baseline_run", query.baseline_run);
  may(m, "baseline", query.baseline);
  may(m, "price_set", query.price_set);
  may(m, "tier", query.tier);
  may(m, "only_significant", query.only_significant);
}

void read_part(Members& m, ChartSort sort, ChartDefinition& d) {
  switch (sort) {
    case ChartSort::axes: return read_axes(m, d);
    case ChartSort::distributions: return read_distribution(m, d.distribution);
    case ChartSort::timeline: return;
    case ChartSort::trend: return read_trend(m, d.trend);
    case ChartSort::comparison: return read_comparison(m, d);
  }
}

void read_common(Members& m, ChartSort sort, ChartDefinition& d) {
  may(m, "title", d.title);
  may(m, "runs", d.runs);
  if (is_searched(sort)) {
    may(m, "filter", d.filter);
    may(m, "samples", d.samples);
  }
  if (sort == ChartSort::comparison) return;
  may(m, "hidden", d.hidden);
  may(m, "baseline", d.baseline);
  m.may("view", d.view).may("line", d.line).may("cursor_a", d.cursor_a).may("cursor_b", d.cursor_b);
}

}  // namespace

Result<ChartDefinition> parse_chart_definition(std::string_view text) {
  if (text.size() > kLargest_bytes)
    return fail(ErrorKind::invalid_input, "chart: {} bytes are too many for a definition, {} may be", text.size(),
                kLargest_bytes);
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return fail(ErrorKind::invalid_input, "chart: not JSON");
  ChartDefinition d;
  std::int32_t version = 0;
  Members members(document, "definition");
  members.need("tokenmark_chart", version).need("kind", d.kind);
  TOKENMARK_CHECK(members.status());
  if (version != kVersion)
    return fail(ErrorKind::invalid_input, "chart: a definition of version {}, this program reads version {}", version,
                kVersion);
  const auto sort = chart_sort(d.kind);
  if (!sort) return tl::unexpected(check_definition(d).error());
  read_part(members, *sort, d);
  read_common(members, *sort, d);
  TOKENMARK_CHECK(members.finish());
  TOKENMARK_CHECK(check_definition(d));
  return d;
}

}  // namespace tokenmark
