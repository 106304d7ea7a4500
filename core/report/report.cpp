#include "core/report/report.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

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

Result<ReportRun> details(Store* store, const RunRow& row) {
  ReportRun run{row, {}, {}, {}};
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

}  // namespace

FlatJson flatten(const json& value) {
  FlatJson flat;
  if (!value.is_null()) flatten_into(value, "", 0, flat);
  return flat;
}

Result<Report> make_report(Store* store, const std::vector<RunRow>& rows, const ReportOptions& options) {
  Report report;
  report.title = options.title;
  report.created = utc_now();
  using A = AxisFigure;
  const std::pair<A, A> axes[] = {{A::interactivity, A::total_tok_s_gpu}, {A::e2e, A::total_tok_s_gpu},
                                  {A::interactivity, A::dollars_per_mtok}, {A::interactivity, A::tok_s_per_mw},
                                  {A::concurrency, A::output_tok_s}};
  for (const auto& [x, y] : axes) {
    FrontierQuery query{x, y, options.price_set, options.tier, x == A::concurrency, false};
    TOKENMARK_TRY(Chart chart, frontier_chart(rows, query));
    // The first stays even when it is empty: its notes say why.
    if (!chart.series.empty() || report.charts.empty()) report.charts.push_back(std::move(chart));
  }
  report.compare_at = options.compare_at ? options.compare_at : common_middle(report.charts.front());
  for (const RunRow& row : rows) {
    TOKENMARK_TRY(ReportRun run, details(store, row));
    report.runs.push_back(std::move(run));
  }
  std::sort(report.runs.begin(), report.runs.end(), [](const auto& a, const auto& b) { return a.row.id < b.row.id; });
  return report;
}

}  // namespace tokenmark
