#include "core/report/chart_definition.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_set>

#include "core/report/json_members.h"
#include "core/store/run_filter.h"

namespace tokenmark {

using nlohmann::json;
using nlohmann::ordered_json;

namespace {

constexpr int kVersion = 1;
constexpr std::size_t kLargest_bytes = 1 << 20;

bool has(const std::vector<AxisFigure>& figures, AxisFigure figure) {
  return std::find(figures.begin(), figures.end(), figure) != figures.end();
}

std::string keys_of(const std::vector<AxisFigure>& figures) {
  std::vector<std::string_view> keys;
  for (const AxisFigure figure : figures) keys.push_back(meaning(figure).key);
  return fmt::format("{}", fmt::join(keys, ", "));
}

Status check(const ChartDefinition& definition) {
  const ChartKind* kind = find_chart_kind(definition.kind);
  if (!kind) {
    std::vector<std::string_view> keys;
    for (const ChartKind& known : chart_kinds()) keys.push_back(known.key);
    return fail(ErrorKind::invalid_input, "chart: there is no kind '{}'; there are: {}", definition.kind, fmt::join(keys, ", "));
  }
  const FrontierQuery& query = definition.query;
  if (!has(kind->x, query.x))
    return fail(ErrorKind::invalid_input, "chart: kind '{}' has no x axis '{}'; it has: {}", kind->key, meaning(query.x).key, keys_of(kind->x));
  if (!has(kind->y, query.y))
    return fail(ErrorKind::invalid_input, "chart: kind '{}' has no y axis '{}'; it has: {}", kind->key, meaning(query.y).key, keys_of(kind->y));
  if (definition.view && !(definition.view->x_low < definition.view->x_high && definition.view->y_low < definition.view->y_high))
    return fail(ErrorKind::invalid_input, "chart: view must go from lower to higher values");
  if (definition.view && ((query.log_x && definition.view->x_low <= 0) || (query.log_y && definition.view->y_low <= 0)))
    return fail(ErrorKind::invalid_input, "chart: view reaches down to 0 or below on a logarithmic axis");
  for (const auto& limit : {query.limits.ttft_s, query.limits.tpot_s, query.limits.itl_s, query.limits.e2e_s})
    if (limit && !(*limit > 0)) return fail(ErrorKind::invalid_input, "chart: limits must be above 0, one is {}", *limit);
  return {};
}

}  // namespace

const std::vector<ChartKind>& chart_kinds() {
  using A = AxisFigure;
  static const std::vector<ChartKind> kinds = {
      {"frontier", "Frontier", {A::interactivity, A::ttft, A::e2e},
       {A::total_tok_s_gpu, A::output_tok_s_gpu, A::input_tok_s_gpu, A::output_tok_s, A::dollars_per_mtok, A::tokens_per_dollar,
        A::tok_s_per_mw}, false},
      {"latency", "Latency", {A::e2e, A::ttft, A::ttft_p99, A::tpot, A::tpot_p99},
       {A::total_tok_s_gpu, A::output_tok_s_gpu, A::input_tok_s_gpu, A::output_tok_s, A::interactivity}, true},
      {"cost", "Cost", {A::interactivity, A::e2e, A::ttft}, {A::dollars_per_mtok, A::tokens_per_dollar}, false},
      {"power", "Power", {A::interactivity, A::e2e, A::ttft, A::concurrency},
       {A::tok_s_per_mw, A::provisioned_joules_per_token, A::joules_per_total_token, A::joules_per_output_token}, false},
      {"load", "Load", {A::concurrency, A::request_rate},
       {A::ttft_p99, A::ttft, A::tpot_p99, A::tpot, A::e2e, A::goodput_req_s, A::request_s, A::output_tok_s, A::interactivity}, true},
      {"quality", "Quality", {A::quality, A::perplexity, A::kl_divergence},
       {A::total_tok_s_gpu, A::output_tok_s_gpu, A::dollars_per_mtok, A::tokens_per_dollar, A::tok_s_per_mw, A::interactivity, A::ttft}, false},
  };
  return kinds;
}

const ChartKind* find_chart_kind(std::string_view key) {
  for (const ChartKind& kind : chart_kinds())
    if (kind.key == key) return &kind;
  return nullptr;
}

std::string chart_definition_text(const ChartDefinition& d) {
  ordered_json out = {{"tokenmark_chart", kVersion}, {"kind", d.kind}};
  const auto text = [&](const char* key, const std::string& value) { if (!value.empty()) out[key] = value; };
  const auto number = [&](const char* key, const std::optional<double>& value) { if (value) out[key] = *value; };
  text("title", d.title);
  out["x"] = meaning(d.query.x).key;
  out["y"] = meaning(d.query.y).key;
  out["log_x"] = d.query.log_x;
  out["log_y"] = d.query.log_y;
  text("price_set", d.query.price_set);
  text("tier", d.query.tier);
  text("task", d.query.task);
  number("limit_ttft_s", d.query.limits.ttft_s);
  number("limit_tpot_s", d.query.limits.tpot_s);
  number("limit_e2e_s", d.query.limits.e2e_s);
  text("filter", d.filter);
  if (!d.runs.empty()) out["runs"] = d.runs;
  out["samples"] = d.samples;
  if (!d.hidden.empty()) out["hidden"] = d.hidden;
  out["only_optimal"] = d.only_optimal;
  if (d.view) out["view"] = {d.view->x_low, d.view->x_high, d.view->y_low, d.view->y_high};
  number("line", d.line);
  number("cursor_a", d.cursor_a);
  number("cursor_b", d.cursor_b);
  text("baseline", d.baseline);
  return out.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

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
static Status read(const json& from, const std::string& place, ViewRange& to) {
  return read_numbers(from, place, {&to.x_low, &to.x_high, &to.y_low, &to.y_high});
}

Result<ChartDefinition> parse_chart_definition(std::string_view text) {
  if (text.size() > kLargest_bytes)
    return fail(ErrorKind::invalid_input, "chart: {} bytes are too many for a definition, {} may be", text.size(), kLargest_bytes);
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return fail(ErrorKind::invalid_input, "chart: not JSON");
  ChartDefinition d;
  std::int32_t version = 0;
  std::optional<std::string> title, price_set, tier, task, filter, baseline;
  std::optional<bool> log_x, log_y, samples, only_optimal;
  std::optional<std::vector<RunId>> runs;
  std::optional<std::vector<std::string>> hidden;
  TOKENMARK_CHECK(Members(document, "definition").need("tokenmark_chart", version).need("kind", d.kind).may("title", title)
      .need("x", d.query.x).need("y", d.query.y).may("log_x", log_x).may("log_y", log_y).may("price_set", price_set)
      .may("tier", tier).may("task", task).may("limit_ttft_s", d.query.limits.ttft_s).may("limit_tpot_s", d.query.limits.tpot_s)
      .may("limit_e2e_s", d.query.limits.e2e_s).may("filter", filter).may("runs", runs).may("samples", samples)
      .may("hidden", hidden).may("only_optimal", only_optimal).may("view", d.view).may("line", d.line)
      .may("cursor_a", d.cursor_a).may("cursor_b", d.cursor_b).may("baseline", baseline).finish());
  if (version != kVersion)
    return fail(ErrorKind::invalid_input, "chart: a definition of version {}, this program reads version {}", version, kVersion);
  d.title = title.value_or("");
  d.query.price_set = price_set.value_or("");
  d.query.tier = tier.value_or("");
  d.query.task = task.value_or("");
  d.query.log_x = log_x.value_or(false);
  d.query.log_y = log_y.value_or(false);
  d.filter = filter.value_or("");
  d.runs = runs.value_or(std::vector<RunId>());
  d.samples = samples.value_or(true);
  d.hidden = hidden.value_or(std::vector<std::string>());
  d.only_optimal = only_optimal.value_or(false);
  d.baseline = baseline.value_or("");
  TOKENMARK_CHECK(check(d));
  return d;
}

Result<Chart> make_chart(const ChartDefinition& definition, const RowView& runs) {
  TOKENMARK_CHECK(check(definition));
  TOKENMARK_TRY(const RunFilter filter, parse_run_filter(definition.filter));
  const std::unordered_set<RunId> wanted(definition.runs.begin(), definition.runs.end());
  std::vector<const RunRow*> chosen;
  for (const RunRow& run : runs) {
    if (!wanted.empty() && !wanted.contains(run.id)) continue;
    if (!definition.samples && run.source.starts_with("sample:")) continue;
    if (filter.empty() || matches(filter, run)) chosen.push_back(&run);
  }
  TOKENMARK_TRY(Chart chart, frontier_chart(RowView(std::move(chosen)), definition.query));
  if (!definition.title.empty()) chart.title = definition.title;
  return chart;
}

Chart shown_part(Chart chart, const ChartDefinition& definition) {
  std::erase_if(chart.series, [&](const ChartSeries& series) {
    return std::find(definition.hidden.begin(), definition.hidden.end(), series.name) != definition.hidden.end();
  });
  if (definition.only_optimal)
    for (ChartSeries& series : chart.series) std::erase_if(series.points, [](const ChartPoint& point) { return !point.optimal; });
  return chart;
}

std::optional<std::size_t> series_named(const Chart& chart, std::string_view name) {
  if (name.empty()) return std::nullopt;
  for (std::size_t i = 0; i < chart.series.size(); ++i)
    if (chart.series[i].name == name) return i;
  for (std::size_t i = 0; i < chart.series.size(); ++i)
    if (chart.series[i].name.starts_with(std::string(name) + " (")) return i;
  return std::nullopt;
}

}  // namespace tokenmark
