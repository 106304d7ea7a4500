#include "core/report/report.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/workload/point_json.h"

namespace tokenmark {
namespace {

using nlohmann::json;

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string scalar_text(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void flatten_into(const json& value, const std::string& path, int depth, FlatJson& flat) {
  const bool short_list = value.is_array() && std::all_of(value.begin(), value.end(), [](const json& v) { return v.is_primitive(); });
  if (!value.is_structured() || short_list || depth > 16) {
    flat.emplace_back(path, scalar_text(value));
    return;
  }
  std::size_t index = 0;
  for (const auto& entry : value.items()) {
    const std::string key = value.is_array() ? std::to_string(index++) : entry.key();
    flatten_into(entry.value(), path.empty() ? key : path + "." + key, depth + 1, flat);
  }
}

constexpr std::size_t kMostLaidOver = 8;   // distributions in one chart
constexpr std::size_t kMostTimelines = 4;

using A = AxisFigure;

struct Making {
  Store* store;
  const std::vector<RunRow>& rows;
  const ReportOptions& options;
  const ReportProgress& progress;
  std::stop_token stop;

  bool wanted(ReportChart chart) const {
    if (!options.charts) return options.seen.empty();
    return std::find(options.charts->begin(), options.charts->end(), chart) != options.charts->end();
  }
  Status tell(double share, const std::string& what) const {
    if (progress) progress(share, what);
    if (stop.stop_requested()) return fail(ErrorKind::cancelled, "the report was cancelled");
    return {};
  }
};

// Under the standard chart's name that they are nearest to: kinds of charts are called as those are.
Status add_seen(const Making& making, Report& report) {
  for (const ChartDefinition& definition : making.options.seen) {
    TOKENMARK_TRY(Chart chart, make_chart(definition, making.rows));
    TOKENMARK_TRY(const ReportChart kind, report_chart_from_key(definition.kind));
    chart = shown_part(std::move(chart), definition);
    if (chart.series.empty())
      report.notes.push_back(fmt::format("The chart '{}' shows none of the report's runs", chart.title));
    else report.charts.push_back({kind, std::move(chart), true, definition.view});
  }
  return {};
}

Status add_frontiers(const Making& making, Report& report) {
  struct Axes {
    ReportChart chart;
    A x, y;
    bool log_x;
  };
  using R = ReportChart;
  const Axes all[] = {{R::frontier, A::interactivity, A::total_tok_s_gpu, false}, {R::latency, A::e2e, A::total_tok_s_gpu, false},
                      {R::latency, A::ttft, A::total_tok_s_gpu, false},           {R::cost, A::interactivity, A::dollars_per_mtok, false},
                      {R::power, A::interactivity, A::tok_s_per_mw, false},       {R::load, A::concurrency, A::output_tok_s, true},
                      {R::quality, A::quality, A::total_tok_s_gpu, false},        {R::quality, A::perplexity, A::total_tok_s_gpu, false},
                      {R::quality, A::kl_divergence, A::total_tok_s_gpu, false}};
  for (const Axes& axes : all) {
    if (!making.wanted(axes.chart)) continue;
    TOKENMARK_TRY(Chart chart, frontier_chart(making.rows, {axes.x, axes.y, making.options.price_set, making.options.tier, axes.log_x, false, {}}));
    // The first stays even when it is empty: its notes say why.
    if (!chart.series.empty() || axes.chart == R::frontier) report.charts.push_back({axes.chart, std::move(chart)});
  }
  return {};
}

// Of each point one run, its first repeat; of each series the fastest first.
std::vector<RunRow> representative_runs(const std::vector<RunRow>& rows) {
  std::vector<RunRow> chosen;
  std::set<std::string> points;
  std::vector<RunRow> sorted = rows;
  std::sort(sorted.begin(), sorted.end(), [](const RunRow& a, const RunRow& b) {
    return std::pair(-a.total_tok_s_gpu.value_or(a.total_tok_s.value_or(0)), a.id) < std::pair(-b.total_tok_s_gpu.value_or(b.total_tok_s.value_or(0)), b.id);
  });
  for (const RunRow& row : sorted)
    if (row.id > 0 && row.state == RunState::done && points.insert(row.series + '\n' + row.configuration_key).second) chosen.push_back(row);
  // Every series has its turn before any has its second.
  std::vector<RunRow> in_turns;
  for (std::size_t round = 0; in_turns.size() < chosen.size(); ++round) {
    std::map<std::string, std::size_t> seen;
    for (const RunRow& row : chosen)
      if (seen[row.series]++ == round) in_turns.push_back(row);
  }
  return in_turns;
}

std::string run_list(const std::vector<LoggedRun>& runs) {
  std::vector<RunId> ids;
  for (const LoggedRun& run : runs) ids.push_back(run.row.id);
  std::sort(ids.begin(), ids.end());
  return fmt::format("{}", fmt::join(ids, ", "));
}

Status add_run_charts(const Making& making, Report& report) {
  if (making.store == nullptr || (!making.wanted(ReportChart::distributions) && !making.wanted(ReportChart::timeline))) return {};
  const std::vector<RunRow> candidates = representative_runs(making.rows);
  std::vector<LoggedRun> logged;
  for (const RunRow& row : candidates) {
    if (logged.size() == kMostLaidOver) break;
    TOKENMARK_CHECK(making.tell(0.3 + 0.4 * static_cast<double>(logged.size()) / kMostLaidOver, fmt::format("reading the log of run {}", row.id)));
    if (auto run = logged_run(*making.store, row)) logged.push_back(std::move(*run));
  }
  if (logged.empty()) return {};
  if (logged.size() < candidates.size())
    report.notes.push_back(fmt::format("Distributions show runs {}: of each series the fastest points with an event log, {} at most", run_list(logged), kMostLaidOver));
  if (making.wanted(ReportChart::distributions))
    for (const LatencyFigure figure : {LatencyFigure::ttft, LatencyFigure::tpot, LatencyFigure::itl}) {
      DistributionChart chart = distribution_chart(logged, {.figure = figure});
      if (!chart.series.empty()) report.charts.push_back({ReportChart::distributions, std::move(chart)});
    }
  std::set<std::string> series;
  for (const LoggedRun& run : logged) {
    if (!making.wanted(ReportChart::timeline) || series.size() == kMostTimelines) break;
    if (!series.insert(run.row.series).second) continue;
    report.charts.push_back({ReportChart::timeline, timeline(TimelineLog(run), {.width = 420, .height = 120}, making.stop)});
  }
  return {};
}

// History is there where a series was measured in two states of its software or more.
Status add_trend(const Making& making, Report& report) {
  if (making.store == nullptr || !making.wanted(ReportChart::trend)) return {};
  TOKENMARK_TRY(const Environments environments, making.store->environments());
  TOKENMARK_TRY(Trend made, trend(making.rows, environments, {.price_set = making.options.price_set, .tier = making.options.tier, .task = {}}));
  const bool history = std::any_of(made.series.begin(), made.series.end(), [](const TrendSeries& series) {
    return std::count_if(series.points.begin(), series.points.end(), [](const TrendPoint& point) { return point.value.has_value(); }) > 1;
  });
  if (history) report.charts.push_back({ReportChart::trend, std::move(made)});
  return {};
}

Result<ReportRun> details(Store* store, const RunRow& row) {
  ReportRun run;
  run.row = row;
  if (row.id < 0) return run;  // a sample: in no store
  if (!store) return fail(ErrorKind::internal, "run {}: its details need the store", row.id);
  TOKENMARK_TRY(const Point point, store->point(row.id));
  run.configuration = flatten(to_json(point));
  if (row.state != RunState::done) return run;
  TOKENMARK_TRY(run.figures, store->figures(row.id));
  TOKENMARK_TRY(const json environment, store->environment(row.id));
  run.environment = flatten(environment);
  return run;
}

Status add_runs(const Making& making, Report& report) {
  std::set<SweepId> sweeps;
  std::size_t done = 0;
  for (const RunRow& row : making.rows) {
    if (done++ % 16 == 0) TOKENMARK_CHECK(making.tell(0.75 + 0.25 * static_cast<double>(done) / static_cast<double>(making.rows.size()), "reading the runs"));
    TOKENMARK_TRY(ReportRun run, details(making.store, row));
    report.runs.push_back(std::move(run));
    if (row.sweep != 0) sweeps.insert(row.sweep);
  }
  if (!sweeps.empty()) {
    TOKENMARK_TRY(report.sweeps, making.store->sweeps());
    std::erase_if(report.sweeps, [&](const SweepRow& sweep) { return !sweeps.contains(sweep.id); });
  }
  std::sort(report.runs.begin(), report.runs.end(), [](const auto& a, const auto& b) { return a.row.id < b.row.id; });
  return {};
}

}  // namespace

FlatJson flatten(const nlohmann::json& value) {
  FlatJson flat;
  if (!value.is_null()) flatten_into(value, "", 0, flat);
  return flat;
}

const std::vector<ReportChartMeaning>& report_charts() {
  using R = ReportChart;
  static const std::vector<ReportChartMeaning> meanings = {
      {R::frontier, "frontier", "Frontier", "throughput per accelerator and interactivity"},
      {R::latency, "latency", "Latency", "throughput per accelerator and latencies"},
      {R::cost, "cost", "Cost", "hardware that the price set has a price for"},
      {R::power, "power", "Power", "hardware that the price set has a power for"},
      {R::load, "load", "Load", "a concurrency and a throughput"},
      {R::quality, "quality", "Quality", "tasks of quality beside the speed"},
      {R::distributions, "distributions", "Distributions", "event logs"},
      {R::timeline, "timeline", "Timeline", "event logs"},
      {R::trend, "trend", "Trend", "two states of the software or more"}};
  return meanings;
}

Result<ReportChart> report_chart_from_key(std::string_view key) {
  std::vector<std::string_view> keys;
  for (const ReportChartMeaning& one : report_charts()) {
    if (one.key == key) return one.chart;
    keys.push_back(one.key);
  }
  return fail(ErrorKind::invalid_input, "a report has no chart '{}'; there are: {}", key, fmt::join(keys, ", "));
}

Result<std::optional<ComparisonTable>> report_comparison(const std::vector<RunRow>& rows, const ReportOptions& options) {
  TOKENMARK_TRY(ComparisonTable table, comparison_table(rows, {.equal = options.equal,
                                                               .at = options.compare_at,
                                                               .baseline_run = options.baseline,
                                                               .price_set = options.price_set,
                                                               .tier = options.tier}));
  const bool says = options.compare_at || std::any_of(table.rows.begin(), table.rows.end(),
                                                      [](const ComparisonRow& row) { return row.change.has_value(); });
  if (table.series.size() < 2 || !says) return std::optional<ComparisonTable>();
  return std::optional(std::move(table));
}

Result<Report> make_report(Store* store, const std::vector<RunRow>& rows, const ReportOptions& options, const ReportProgress& progress,
                           std::stop_token stop) {
  const Making making{store, rows, options, progress, std::move(stop)};
  Report report;
  report.title = options.title;
  report.author = options.author;
  report.remarks = options.remarks;
  report.created = utc_now();
  TOKENMARK_CHECK(making.tell(0, "drawing the frontiers"));
  TOKENMARK_CHECK(add_seen(making, report));
  TOKENMARK_CHECK(add_frontiers(making, report));
  TOKENMARK_TRY(report.comparison, report_comparison(rows, options));
  TOKENMARK_CHECK(add_run_charts(making, report));
  TOKENMARK_CHECK(making.tell(0.7, "looking for history"));
  TOKENMARK_CHECK(add_trend(making, report));
  TOKENMARK_CHECK(add_runs(making, report));
  return report;
}

}  // namespace tokenmark
