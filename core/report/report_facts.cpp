// What a report says of how its figures came about: configuration, environment, method, definitions, prices, sources.
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/metrics/figure_meanings.h"
#include "core/report/report_words.h"

namespace tokenmark {

using namespace report_words;

namespace {

// The runs that have facts, and of every fact in the order of its first appearance which runs have which value.
struct Facts {
  std::vector<RunId> known, unknown;
  std::vector<std::string> paths;
  std::map<std::string, std::map<std::string, std::vector<RunId>>> values;
};

Facts gather(const Report& report, const FlatJson ReportRun::* member) {
  Facts facts;
  for (const ReportRun& run : report.runs) {
    if (run.row.id < 0) continue;
    ((run.*member).empty() ? facts.unknown : facts.known).push_back(run.row.id);
    for (const auto& [path, value] : run.*member) {
      auto& by_value = facts.values[path];
      if (by_value.empty()) facts.paths.push_back(path);
      by_value[value].push_back(run.row.id);
    }
  }
  return facts;
}

json terms(const std::vector<std::pair<std::string, std::string>>& entries) {
  json list = json::array();
  for (const auto& [name, text] : entries) list.push_back({{"name", name}, {"text", text}});
  return {{"terms", {{"items", list}}}};
}

// The different values of a configuration's field over all runs, where it is written.
std::string values_of(const Report& report, std::string_view path) {
  std::vector<std::string> values;
  for (const ReportRun& run : report.runs)
    for (const auto& [name, value] : run.configuration)
      if (name == path && !value.empty() && std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  return fmt::format("{}", fmt::join(values, ", "));
}

std::string repeats_text(const Report& report) {
  std::map<std::string, std::size_t> points;
  for (const ReportRun& run : report.runs)
    if (run.row.id >= 0) ++points[fmt::format("{} {}", run.row.sweep, run.row.configuration_key)];
  if (points.empty()) return {};
  const auto [least, most] = std::minmax_element(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (least->second == most->second) return fmt::format("each point was measured {}", count_text(least->second, "time", "times"));
  return fmt::format("points were measured {} to {} times", least->second, most->second);
}

std::optional<PriceSet> used_prices(const Report& report, std::string& tier) {
  for (const Chart* chart : frontiers(report)) {
    if (chart->price_set.empty()) continue;
    tier = chart->tier;
    for (const PriceSet& set : price_sets())
      if (set.name == chart->price_set) return set;
  }
  return std::nullopt;
}

}  // namespace

json facts_blocks(const Report& report, const FlatJson ReportRun::* member) {
  const Facts facts = gather(report, member);
  Table equal({{"what"}, {"value"}}), different({{"what"}, {"value"}, {"runs"}});
  for (const std::string& path : facts.paths) {
    const auto& values = facts.values.at(path);
    std::size_t with = 0;
    for (const auto& [value, ids] : values) with += ids.size();
    if (values.size() == 1 && with == facts.known.size()) {
      const std::string& value = values.begin()->first;
      if (value.empty() || value == "[]" || value == "{}") continue;   // not set, by any of them
      equal.row({cell(path), cell(values.begin()->first)});
      continue;
    }
    for (const auto& [value, ids] : values) different.row({cell(path), cell(value), cell(ids_text(ids))});
  }
  json blocks = json::array();
  if (!equal.empty()) {
    blocks.push_back(heading(facts.known.size() == 1 ? "Of the run" : "Equal for all runs"));
    blocks.push_back(equal.block());
  }
  if (!different.empty()) {
    blocks.push_back(heading("What differs"));
    blocks.push_back(different.block());
  }
  if (!blocks.empty() && !facts.unknown.empty()) blocks.push_back(note(fmt::format("Nothing is known of {}.", runs_text(facts.unknown))));
  return blocks;
}

json method_blocks(const Report& report) {
  json blocks = {paragraph(fmt::format("Figures measured here are derived from the raw times of every request by the definitions {}. A failed request counts as infinitely slow "
                                       "in percentiles; percentiles interpolate between order statistics and are withheld where samples are too few: p99 needs 100. Published "
                                       "and imported figures are shown as their source gives them.", kDefinitions))};
  std::vector<std::pair<std::string, std::string>> load;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) load.emplace_back(name, value);
  };
  add("Load", values_of(report, "load.arrivals"));
  add("Requests in flight", values_of(report, "load.concurrency"));
  add("Requests per concurrency", values_of(report, "load.requests_per_concurrency"));
  add("Warm-ups per concurrency", values_of(report, "load.warmups_per_concurrency"));
  add("Requests a second", values_of(report, "load.rate") == "0.0" ? "" : values_of(report, "load.rate"));
  add("Input tokens", values_of(report, "workload.input"));
  add("Output tokens", values_of(report, "workload.output"));
  add("Range of lengths", values_of(report, "workload.range_ratio"));
  add("Prompts from", values_of(report, "workload.source"));
  add("Seed", values_of(report, "workload.seed"));
  add("Repeats", repeats_text(report));
  if (!load.empty()) blocks.push_back(terms(load));
  blocks.push_back(paragraph("Warm-ups are sent first and count nowhere. Intervals within a run are at 95 %, by block bootstrap, since requests of a run depend on their neighbours; a "
                             "point is the median of its repeats, with their range. Every run judges itself: how late requests were sent, whether the load generator's loops "
                             "stalled or ran out of CPU, and whether Little's law holds; where the client was the limit, its verdict says so."));
  blocks.push_back(paragraph("A frontier is made of the points of a series that no other point of it beats in both axes; it is not a convex hull. The curve through them is Steffen's "
                             "monotone cubic of throughput in linear axes; cost and power are derived from it. Outside the measured range there is no value."));
  return blocks;
}

json definitions_blocks(const Report& report) {
  std::vector<std::pair<std::string, std::string>> entries;
  std::set<std::string> named;
  const auto add = [&](std::string_view label, std::string_view unit, std::string_view definition) {
    std::string name = unit.empty() ? std::string(label) : fmt::format("{} ({})", label, unit);
    if (named.insert(name).second) entries.emplace_back(std::move(name), std::string(definition));
  };
  const auto add_axis = [&](AxisFigure figure) { add(meaning(figure).label, meaning(figure).unit, meaning(figure).definition); };
  for (const Chart* chart : frontiers(report)) {
    add_axis(chart->x);
    add_axis(chart->y);
  }
  for (const ReportPicture& picture : report.charts)
    if (const auto* made = std::get_if<Trend>(&picture.chart)) add_axis(made->figure), add_axis(made->x);
  if (std::any_of(report.runs.begin(), report.runs.end(), [](const ReportRun& run) { return run.figures.has_value(); }))
    for (const FigureMeaning& figure : figure_meanings()) add(figure.label, figure.unit, figure.definition);
  return json::array({terms(entries)});
}

json prices_blocks(const Report& report) {
  std::string tier;
  const std::optional<PriceSet> set = used_prices(report, tier);
  if (!set) return json::array();
  std::set<std::string> hardware;
  for (const ReportRun& run : report.runs) hardware.insert(run.row.hardware);
  Table table({{"accelerator"}, {fmt::format("$/h, {}", tier), true}, {"all-in kW", true}});
  for (const PriceRow& row : set->rows)
    if (hardware.contains(row.accelerator)) table.row({cell(row.accelerator), value_cell(set->dollars_per_hour(row.accelerator, tier)), value_cell(row.kw)});
  json blocks = {paragraph(fmt::format("Price set {} of {}, tier {} ({}).", set->name, set->date, tier, price_tier_meaning(tier)))};
  if (!table.empty()) blocks.push_back(table.block());
  blocks.push_back(note("Source: " + set->source));
  return blocks;
}

json reproduce_blocks(const Report& report) {
  json blocks = json::array();
  for (const SweepRow& sweep : report.sweeps) {
    blocks.push_back(heading(sweep.name));
    blocks.push_back({{"code", sweep.yaml}});
  }
  if (!blocks.empty())
    blocks.insert(blocks.begin(), paragraph("Save a sweep file below and measure it with 'tokenmark-cli run FILE.yaml'. One point alone: 'tokenmark-cli runs reproduce RUN' prints its "
                                            "sweep file, a command for a shell and what its server was started with."));
  std::vector<RunId> foreign;
  for (const ReportRun& run : report.runs)
    if (run.row.source.starts_with("import:")) foreign.push_back(run.row.id);
  if (!foreign.empty())
    blocks.push_back(note(fmt::format("Measured by another tool: {}. The files say neither where the server is nor all of the load.", runs_text(foreign))));
  return blocks;
}

json sources_blocks(const Report& report) {
  std::vector<std::string> lines;
  std::vector<RunId> ids;
  std::set<std::string> all;
  for (const ReportRun& run : report.runs) ids.push_back(run.row.id);
  for (const Chart* chart : frontiers(report)) all.insert(chart->sources.begin(), chart->sources.end());
  if (const std::string runs = ids_text(ids); !runs.empty()) lines.push_back("Runs of the store: " + runs);
  lines.insert(lines.end(), all.begin(), all.end());
  lines.insert(lines.end(), report.notes.begin(), report.notes.end());
  return lines.empty() ? json::array() : json::array({{{"list", {{"items", lines}}}}});
}

}  // namespace tokenmark
