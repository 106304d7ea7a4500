#include <fmt/ranges.h>

#include <cmath>

#include "core/report/chart.h"
#include "core/report/csv_cells.h"

namespace tokenmark {
namespace {

std::string axis_line(const char* name, const AxisMeaning& axis) {
  return fmt::format("# {}: {} [{}] = {}\n", name, axis.key, axis.unit, axis.definition);
}

std::string bounds(const std::optional<Interval>& range) {
  return range ? fmt::format("{},{}", range->low, range->high) : std::string(",");
}

}  // namespace

std::string markdown_cell(const std::string& text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return cell;
}

std::string csv_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return text;
}

std::string csv_cell(const std::string& text) {
  std::string safe = csv_line(text);
  if (!safe.empty() && std::string_view("=+-@").find(safe[0]) != std::string_view::npos) safe = "'" + safe;
  if (safe.find_first_of(",\"") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string chart_csv(const Chart& chart) {
  const AxisMeaning &x = meaning(chart.x), &y = meaning(chart.y);
  std::string csv = fmt::format("# {}{}{}\n# definitions: {}\n", csv_line(chart.title), chart.subtitle.empty() ? "" : " · ",
                                csv_line(chart.subtitle), kDefinitions);
  csv += axis_line("x", x) + axis_line("y", y);
  csv += "# a point is the median of its repeats; low and high are their range; optimal = 1: on the frontier\n";
  csv += "# run_ids: ids in the store; negative ones are published sample data\n";
  if (!chart.price_set.empty()) csv += fmt::format("# price set: {}, of {}, tier: {}\n", csv_line(chart.price_set), csv_line(chart.price_date), chart.tier);
  for (const std::string& source : chart.sources) csv += "# source: " + csv_line(source) + "\n";
  for (const std::string& note : chart.notes) csv += "# note: " + csv_line(note) + "\n";
  csv += fmt::format("series,point,concurrency,{0},{0}_low,{0}_high,{1},{1}_low,{1}_high,optimal,run_ids\n", x.key, y.key);
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& p : series.points)
      csv += fmt::format("{},{},{},{},{},{},{},{},{}\n", csv_cell(series.name), csv_cell(p.label), p.concurrency, p.x,
                         bounds(p.x_range), p.y, bounds(p.y_range), p.optimal ? 1 : 0, fmt::join(p.runs, " "));
  return csv;
}

}  // namespace tokenmark
