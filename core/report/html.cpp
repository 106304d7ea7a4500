// A report as one HTML file: style and pictures inside, no script. Every text from outside passes escape_markup.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/version.h"
#include "core/report/report.h"
#include "core/report/svg.h"
#include "core/report/ticks.h"
#include "resources/resources.h"

namespace tokenmark {
namespace {

std::string e(std::string_view text) { return escape_markup(text); }

// Cells are markup already; numbers are right-aligned by their column.
struct Column {
  std::string name;
  bool number = false;
};
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {
    markup_ = "<div class=\"scroll\"><table><thead><tr>";
    for (const Column& c : columns_) markup_ += fmt::format("<th{}>{}</th>", c.number ? " class=\"n\"" : "", e(c.name));
    markup_ += "</tr></thead><tbody>\n";
  }
  void row(const std::vector<std::string>& cells, const char* classes = "") {
    markup_ += *classes ? fmt::format("<tr class=\"{}\">", classes) : std::string("<tr>");
    for (std::size_t i = 0; i < cells.size(); ++i)
      markup_ += fmt::format("<td{}>{}</td>", i < columns_.size() && columns_[i].number ? " class=\"n\"" : "", cells[i]);
    markup_ += "</tr>\n";
  }
  std::string finish() { return markup_ + "</tbody></table></div>\n"; }

 private:
  std::vector<Column> columns_;
  std::string markup_;
};

std::string value_cell(const std::optional<double>& value, const std::optional<Interval>& range = {}, const std::string& why = {}) {
  if (!value) return why.empty() ? "–" : fmt::format("<span title=\"{}\">–</span>", e(why));
  std::string cell = number_text(*value);
  if (range) cell += fmt::format("<small>{} … {}</small>", number_text(range->low), number_text(range->high));
  return cell;
}

std::string percentile_cell(const Percentile& p) { return value_cell(p.value, p.interval, p.why_absent); }

std::string list(const std::vector<std::string>& texts) {
  if (texts.empty()) return "";
  std::string markup = "<ul class=\"small dim\">";
  for (const std::string& text : texts) markup += fmt::format("<li>{}</li>", e(text));
  return markup + "</ul>\n";
}

std::string card(const std::string& value, const std::string& name) {
  return fmt::format("<div class=\"card\"><b>{}</b><span class=\"dim small\">{}</span></div>", e(value), e(name));
}

std::string header(const Report& report) {
  std::size_t done = 0;
  std::set<std::string> models, hardware;
  for (const ReportRun& run : report.runs) {
    done += run.row.state == RunState::done;
    models.insert(run.row.model);
    hardware.insert(run.row.hardware.empty() ? run.row.device : run.row.hardware);
  }
  const auto one_or_count = [](const std::set<std::string>& names) {
    return names.size() == 1 && !names.begin()->empty() ? *names.begin() : std::to_string(names.size());
  };
  std::string markup = fmt::format("<h1>{}</h1>\n<p class=\"dim\">Made {} by Tokenmark {} ({})</p>\n<div class=\"cards\">",
                                   e(report.title), e(report.created), e(version()), e(commit()));
  markup += card(one_or_count(models), models.size() == 1 ? "model" : "models");
  markup += card(one_or_count(hardware), "hardware");
  markup += card(std::to_string(report.runs.size()), "runs");
  if (done < report.runs.size()) markup += card(std::to_string(report.runs.size() - done), "without a result");
  return markup + "</div>\n";
}

std::string comparison(const Chart& chart, double x) {
  const AxisMeaning &x_axis = meaning(chart.x), &y_axis = meaning(chart.y);
  std::string markup = fmt::format("<h3>At {} {} of {}</h3>\n", number_text(x), x_axis.unit, e(x_axis.label));
  Table table({{"series"}, {fmt::format("{} ({})", y_axis.label, y_axis.unit), true}, {"ratio to the first", true}});
  bool first = true;
  for (const SeriesValue& entry : values_at(chart, x)) {
    const std::string ratio = entry.value && !entry.ratio && first ? "1" : value_cell(entry.ratio, entry.ratio_range);
    if (entry.value) first = false;
    table.row({e(chart.series[entry.series].name), value_cell(entry.value, entry.range, "outside its measured range"), ratio});
  }
  return markup + table.finish() + "<p class=\"small dim\">Read from the curve of throughput through the frontier's points; small figures are the range over repeats.</p>\n";
}

std::string charts(const Report& report) {
  std::string markup = "<h2>Charts</h2>\n";
  for (std::size_t i = 0; i < report.charts.size(); ++i) {
    const Chart& chart = report.charts[i];
    markup += "<figure>" + chart_svg(chart) + "</figure>\n" + list(chart.notes);
    if (i == 0 && report.compare_at && !chart.series.empty()) markup += comparison(chart, *report.compare_at);
  }
  return markup;
}

std::string points(const Chart& chart) {
  const AxisMeaning &x = meaning(chart.x), &y = meaning(chart.y);
  Table table({{"series"}, {"point"}, {fmt::format("{} ({})", x.label, x.unit), true}, {fmt::format("{} ({})", y.label, y.unit), true},
               {"repeats", true}, {"frontier"}});
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& p : series.points)
      table.row({e(series.name), e(p.label), value_cell(p.x, p.x_range), value_cell(p.y, p.y_range), std::to_string(p.runs.size()),
                 p.optimal ? "yes" : "–"}, p.optimal ? "optimal" : "");
  return "<h2>Points</h2>\n<p class=\"dim small\">A point is the median of its repeats; small figures are their range.</p>\n" + table.finish();
}

std::string run_id(const RunRow& row) { return row.id < 0 ? "sample" : std::to_string(row.id); }

std::string verdict(const ReportRun& run) {
  if (run.row.state != RunState::done)
    return fmt::format("<span class=\"bad\">{}: {}</span>", run_state_name(run.row.state), e(run.row.error));
  if (!run.figures) return "<span class=\"dim\">published, not measured here</span>";
  const Figures& f = *run.figures;
  std::string text = fmt::format("<span{}>{}</span>", f.client_limited ? " class=\"bad\"" : "", e(f.client_verdict));
  if (f.littles_law) text += fmt::format("<small>Little's law: λW/L = {}</small>", number_text(*f.littles_law));
  return text;
}

std::vector<std::string> steady_cells(const RunRow& row, const SteadyFigures& steady) {
  if (!steady.settled) return {run_id(row), "<span class=\"dim\">" + e(steady.reason.empty() ? "not looked for" : steady.reason) + "</span>"};
  const RequestFigures& f = steady.figures;
  return {run_id(row), fmt::format("{} … {}", number_text(steady.from_s), number_text(steady.to_s)), percentile_cell(f.interactivity_p50),
          value_cell(f.total_tok_s_gpu), value_cell(f.output_tok_s), percentile_cell(f.ttft_s.p50), percentile_cell(f.ttft_s.p99),
          percentile_cell(f.tpot_s.p50), percentile_cell(f.e2e_s.p50), value_cell(f.in_flight)};
}

std::string runs(const Report& report) {
  Table table({{"run", true}, {"series"}, {"concurrency", true}, {"requests", true}, {"interactivity tok/s/user", true},
               {"total tok/s/gpu", true}, {"output tok/s", true}, {"TTFT p50 s", true}, {"TTFT p99 s", true}, {"TPOT p50 s", true},
               {"E2E p50 s", true}, {"duration s", true}});
  Table steady({{"run", true}, {"steady state s"}, {"interactivity tok/s/user", true}, {"total tok/s/gpu", true}, {"output tok/s", true},
                {"TTFT p50 s", true}, {"TTFT p99 s", true}, {"TPOT p50 s", true}, {"E2E p50 s", true}, {"in flight", true}});
  Table checks({{"run", true}, {"self-check"}, {"send lag p99 s", true}, {"goodput req/s", true}, {"tokens counted by"}});
  for (const ReportRun& run : report.runs) {
    const RunRow& r = run.row;
    const Figures* f = run.figures ? &*run.figures : nullptr;
    const std::string requests = f && !f->lacking.count("requests") ? fmt::format("{}{}", f->completed, f->failed ? fmt::format("<small class=\"bad\">{} failed</small>", f->failed) : "") : "–";
    table.row({run_id(r), e(r.series), r.concurrency > 0 ? std::to_string(r.concurrency) : "–", requests,
               f ? percentile_cell(f->interactivity_p50) : value_cell(r.interactivity), value_cell(r.total_tok_s_gpu),
               value_cell(r.output_tok_s), f ? percentile_cell(f->ttft_s.p50) : value_cell(r.ttft_p50_s),
               f ? percentile_cell(f->ttft_s.p99) : value_cell(r.ttft_p99_s), f ? percentile_cell(f->tpot_s.p50) : value_cell(r.tpot_p50_s),
               f ? percentile_cell(f->e2e_s.p50) : value_cell(r.e2e_p50_s), value_cell(r.duration_s)});
    if (f) steady.row(steady_cells(r, f->steady));
    if (r.id >= 0)
      checks.row({run_id(r), verdict(run), f ? percentile_cell(f->send_lag_s.p99) : "–",
                  f ? value_cell(f->goodput_req_s, {}, "no limits were set") : "–", f ? e(f->token_source) : "–"});
  }
  std::string markup = "<h2>Runs</h2>\n<p class=\"dim small\">Small figures: 95 % interval within the run (block bootstrap). "
                       "A dash is a figure that was not measured or has too few samples; it says why when pointed at.</p>\n" + table.finish();
  const bool measured = std::any_of(report.runs.begin(), report.runs.end(), [](const ReportRun& run) { return run.row.id >= 0; });
  if (!measured) return markup;
  return markup + "<h3>Steady state</h3>\n<p class=\"dim small\">The same figures without ramp-up and drain: from the cut that MSER-5 "
                  "finds to the last send, every event counted where it happened.</p>\n" + steady.finish() +
         "<h3>Self-checks</h3>\n" + checks.finish();
}

std::string fact_table(const FlatJson& flat) {
  Table table({{"what"}, {"value"}});
  for (const auto& [path, value] : flat) table.row({e(path), "<span class=\"fact\">" + e(value) + "</span>"});
  return table.finish();
}

// What all runs share once, what differs as a table with a row a run.
std::string facts(const char* title, const Report& report, const FlatJson ReportRun::*member) {
  std::vector<const ReportRun*> known;
  std::vector<std::string> paths;                          // in the order of first appearance
  std::map<std::string, std::map<RunId, std::string>> values;
  for (const ReportRun& run : report.runs) {
    if (!(run.*member).empty()) known.push_back(&run);
    for (const auto& [path, value] : run.*member) {
      if (!values.count(path)) paths.push_back(path);
      values[path][run.row.id] = value;
    }
  }
  if (known.empty()) return "";
  FlatJson shared;
  std::vector<std::string> differing;
  for (const std::string& path : paths) {
    const auto& by_run = values[path];
    const bool same = by_run.size() == known.size() &&
                      std::all_of(by_run.begin(), by_run.end(), [&](const auto& v) { return v.second == by_run.begin()->second; });
    if (same) shared.emplace_back(path, by_run.begin()->second);
    else differing.push_back(path);
  }
  std::string markup = fmt::format("<h2>{}</h2>\n", title);
  if (!shared.empty()) markup += fmt::format("<details open><summary>Common to all measured runs</summary>{}</details>\n", fact_table(shared));
  if (differing.empty()) return markup;
  std::vector<Column> columns = {{"run", true}};
  for (const std::string& path : differing) columns.push_back({path});
  Table table(columns);
  for (const ReportRun* run : known) {
    std::vector<std::string> cells = {std::to_string(run->row.id)};
    for (const std::string& path : differing) {
      const auto value = values[path].find(run->row.id);
      cells.push_back(value == values[path].end() ? "–" : e(value->second));
    }
    table.row(cells);
  }
  return markup + fmt::format("<details open><summary>What differs</summary>{}</details>\n", table.finish());
}

std::string method(const Report& report) {
  std::string markup = fmt::format("<h2>Method</h2>\n<p>Definitions <b>{}</b>. Figures measured here are derived from the raw times of every "
                                   "request; a failed request counts as infinitely slow in percentiles; percentiles interpolate "
                                   "between order statistics and are withheld where samples are too few. Published samples are "
                                   "shown as their source gives them.</p>\n<dl>", kDefinitions);
  std::set<AxisFigure> used;
  for (const Chart& chart : report.charts) used.insert({chart.x, chart.y});
  for (const AxisFigure figure : used) {
    const AxisMeaning& axis = meaning(figure);
    markup += fmt::format("<dt>{} ({})</dt><dd>{}</dd>", e(axis.label), e(axis.unit), e(axis.definition));
  }
  markup += "<dt>Frontier</dt><dd>the points of a series that no other point of it beats in both axes; not a convex hull. The "
            "curve through them is Steffen's monotone cubic of throughput in linear axes; cost and power are derived from it. "
            "Outside the measured range there is no value.</dd></dl>\n";
  for (const Chart& chart : report.charts)
    if (!chart.price_set.empty())
      return markup + fmt::format("<p>Prices and power: <b>{}</b>, tier <b>{}</b> ({}).</p>\n", e(dated_name(chart.price_set, chart.price_date)), e(chart.tier),
                                  e(price_tier_meaning(chart.tier)));
  return markup;
}

std::string sources(const Report& report) {
  std::set<std::string> all;
  for (const Chart& chart : report.charts) all.insert(chart.sources.begin(), chart.sources.end());
  if (all.empty()) return "";
  return "<h2>Sources</h2>\n" + list({all.begin(), all.end()});
}

}  // namespace

std::string report_html(const Report& report) {
  std::string html = fmt::format("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                                 "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
                                 "<title>{}</title>\n<style>{}</style></head><body>\n", e(report.title), resource("report.css"));
  html += header(report) + charts(report);
  if (!report.charts.empty()) html += points(report.charts.front());
  html += runs(report) + method(report) + facts("Configuration", report, &ReportRun::configuration) +
          facts("Environment", report, &ReportRun::environment) + sources(report);
  return html + "</body></html>\n";
}

}  // namespace tokenmark
