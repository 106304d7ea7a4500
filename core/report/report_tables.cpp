// The tables of a report: points, runs, steady state, self-checks, failures.
#include <algorithm>

#include "core/report/report_words.h"

namespace tokenmark {

using namespace report_words;

json points_blocks(const Report& report) {
  const std::vector<const Chart*> charts = frontiers(report);
  if (charts.empty() || charts.front()->series.empty()) return json::array();
  const Chart& chart = *charts.front();
  const AxisMeaning &x = meaning(chart.x), &y = meaning(chart.y);
  Table table({{"series"}, {"point"}, {fmt::format("{} ({})", x.label, x.unit), true}, {fmt::format("{} ({})", y.label, y.unit), true},
               {"repeats", true}, {"frontier"}, {"runs"}});
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& p : series.points) {
      const std::string ids = ids_text(p.runs);
      table.row({cell(series.name), cell(p.label), value_cell(p.x, p.x_range), value_cell(p.y, p.y_range), cell(std::to_string(p.runs.size())),
                 cell(p.optimal ? "yes" : "–"), cell(ids.empty() ? "sample" : ids)}, p.optimal);
    }
  return json::array({note("A point is the median of its repeats; small figures are their range."), table.block()});
}

json runs_blocks(const Report& report) {
  Table table({{"run", true}, {"series"}, {"tokens in, out", true}, {"concurrency", true}, {"requests", true}, {"interactivity tok/s/user", true},
               {"total tok/s/gpu", true}, {"output tok/s", true}, {"duration s", true}, {"power W/gpu", true}, {"tags"}});
  // Two tables, since a page is not as wide as one of them.
  Table latencies({{"run", true}, {"TTFT p50 s", true}, {"TTFT p99 s", true}, {"TPOT p50 s", true}, {"TPOT p99 s", true}, {"E2E p50 s", true}, {"E2E p99 s", true}});
  for (const ReportRun& run : report.runs) {
    const RunRow& r = run.row;
    const Figures* f = run.figures ? &*run.figures : nullptr;
    const auto figure = [&](Distribution Figures::* d, Percentile Distribution::* p, const std::optional<double>& row) {
      return f != nullptr ? percentile_cell(f->*d.*p) : value_cell(row);
    };
    json requests = dash();
    if (f != nullptr && !f->lacking.count("requests")) {
      requests = cell(std::to_string(f->completed));
      if (f->failed > 0) requests["small"] = fmt::format("{} failed", f->failed);
    }
    std::string tags;
    for (const std::string& tag : r.tags) tags += (tags.empty() ? "" : ", ") + tag;
    table.row({cell(run_id(r)), cell(r.series), cell(r.input > 0 ? fmt::format("{}, {}", r.input, r.output) : "–"),
               cell(r.concurrency > 0 ? std::to_string(r.concurrency) : "–"), requests,
               f ? percentile_cell(f->interactivity_p50) : value_cell(r.interactivity), value_cell(r.total_tok_s_gpu), value_cell(r.output_tok_s),
               value_cell(r.duration_s), value_cell(r.power_w_gpu), cell(tags)});
    using D = Distribution;
    latencies.row({cell(run_id(r)), figure(&Figures::ttft_s, &D::p50, r.ttft_p50_s), figure(&Figures::ttft_s, &D::p99, r.ttft_p99_s),
                   figure(&Figures::tpot_s, &D::p50, r.tpot_p50_s), figure(&Figures::tpot_s, &D::p99, r.tpot_p99_s),
                   figure(&Figures::e2e_s, &D::p50, r.e2e_p50_s), figure(&Figures::e2e_s, &D::p99, {})});
  }
  return json::array({note("Small figures: 95 % interval within the run (block bootstrap). A dash is a figure that was not measured or has too few samples."),
                      heading("Throughput"), table.block(), heading("Latencies"), latencies.block()});
}

json steady_blocks(const Report& report) {
  Table table({{"run", true}, {"from … to s"}, {"interactivity tok/s/user", true}, {"total tok/s/gpu", true}, {"output tok/s", true},
               {"TTFT p50 s", true}, {"TTFT p99 s", true}, {"TPOT p50 s", true}, {"E2E p50 s", true}, {"in flight", true}});
  Table unsettled({{"run", true}, {"why not"}});
  for (const ReportRun& run : report.runs) {
    if (!run.figures || run.row.source != "measured") continue;
    const SteadyFigures& steady = run.figures->steady;
    if (!steady.settled) {
      unsettled.row({cell(run_id(run.row)), cell(steady.reason.empty() ? "not looked for" : steady.reason)});
      continue;
    }
    const RequestFigures& f = steady.figures;
    table.row({cell(run_id(run.row)), cell(interval_text({steady.from_s, steady.to_s})), percentile_cell(f.interactivity_p50),
               value_cell(f.total_tok_s_gpu), value_cell(f.output_tok_s), percentile_cell(f.ttft_s.p50), percentile_cell(f.ttft_s.p99),
               percentile_cell(f.tpot_s.p50), percentile_cell(f.e2e_s.p50), value_cell(f.in_flight)});
  }
  json blocks = json::array();
  if (!table.empty())
    blocks = {note("The same figures without ramp-up and drain: from the cut that MSER-5 finds to the last send, every event counted where it happened."), table.block()};
  if (!unsettled.empty()) {
    blocks.push_back(heading("Runs without a steady state"));
    blocks.push_back(unsettled.block());
  }
  return blocks;
}

json checks_blocks(const Report& report) {
  Table table({{"run", true}, {"verdict"}, {"Little's law λW/L", true}, {"send lag p99 s", true}, {"goodput req/s", true}, {"tokens counted by"}});
  for (const ReportRun& run : report.runs) {
    if (!run.figures || run.row.id < 0) continue;
    const Figures& f = *run.figures;
    json verdict = cell(f.client_verdict);
    if (f.client_limited) verdict = bad(verdict);
    table.row({cell(run_id(run.row)), verdict, value_cell(f.littles_law), percentile_cell(f.send_lag_s.p99),
               value_cell(f.goodput_req_s, {}, "no limits were set"), cell(f.token_source)});
  }
  return table.empty() ? json::array() : json::array({table.block()});
}

json failures_blocks(const Report& report) {
  Table runs({{"run", true}, {"series"}, {"state"}, {"error"}}), requests({{"run", true}, {"failed", true}, {"of", true}, {"kinds"}}), quality({{"run", true}, {"task"}, {"error"}});
  for (const ReportRun& run : report.runs) {
    if (run.row.state != RunState::done)
      runs.row({cell(run_id(run.row)), cell(run.row.series), cell(std::string(run_state_name(run.row.state))), bad(cell(run.row.error.empty() ? "no reason was stored" : run.row.error))});
    for (const auto& [task, error] : run.row.quality_failures) quality.row({cell(run_id(run.row)), cell(task), bad(cell(error))});
    if (!run.figures || run.figures->failed == 0) continue;
    std::string kinds;
    for (const auto& [kind, count] : run.figures->errors) kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", count, kind);
    requests.row({cell(run_id(run.row)), cell(std::to_string(run.figures->failed)), cell(std::to_string(run.figures->completed + run.figures->failed)), cell(kinds)});
  }
  json blocks = json::array();
  const auto add = [&](const char* title, const Table& table) {
    if (table.empty()) return;
    blocks.push_back(heading(title));
    blocks.push_back(table.block());
  };
  add("Runs without a result", runs);
  add("Failed requests", requests);
  add("Tasks of quality that failed", quality);
  return blocks;
}

}  // namespace tokenmark
