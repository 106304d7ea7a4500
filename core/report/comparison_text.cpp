// A comparison table as CSV, TSV, Markdown and JSON.
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "core/report/comparison_table.h"
#include "core/report/csv_cells.h"
#include "core/report/ticks.h"

namespace tokenmark {
namespace {

using nlohmann::json;

std::string signed_percent(double share) { return fmt::format("{:+.1f} %", 100 * share); }

std::string flat(std::string text, char separator) {
  for (char& c : text)
    if (c == separator || static_cast<unsigned char>(c) < 0x20) c = ' ';
  return text;
}

json number(const std::optional<double>& value) { return value ? json(*value) : json(); }

std::string plain(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : std::string(); }

}  // namespace

std::string comparison_heading(const ComparisonTable& table) {
  const std::string against = fmt::format("against {}", table.baseline.empty() ? "nothing" : table.baseline);
  if (table.of_runs) return against;
  return fmt::format("at {} {}, {}", number_text(table.at), meaning(meaning(table.equal).figure).unit, against);
}

std::vector<std::string> comparison_header(const ComparisonTable& table) {
  return {table.of_runs ? "run" : "series", "figure", "value", "baseline", "change", "95 %", "verdict"};
}

std::vector<std::string> comparison_cells(const ComparisonRow& row) {
  const auto value = [&](const std::optional<double>& v) { return v ? number_text(*v) : std::string("–"); };
  return {row.series + (row.sample ? " (published)" : ""),
          fmt::format("{} ({})", row.figure.label, row.figure.unit),
          value(row.value),
          value(row.baseline),
          row.change ? signed_percent(*row.change) : "–",
          row.interval ? fmt::format("{} to {}", signed_percent(row.interval->low), signed_percent(row.interval->high)) : "–",
          row.verdict == ChangeVerdict::unknown ? row.why : std::string(verdict_name(row.verdict))};
}

std::string comparison_csv(const ComparisonTable& table) {
  std::string csv = fmt::format("# {}\n# definitions: {}\n", csv_line(comparison_heading(table)), kDefinitions);
  csv += fmt::format("# change = value / baseline - 1; {}\n", csv_line(table.method));
  if (!table.price_set.empty()) csv += fmt::format("# price set: {}, tier: {}\n", csv_line(table.price_set), table.tier);
  for (const std::string& note : table.notes) csv += "# note: " + csv_line(note) + "\n";
  csv += table.of_runs ? "run,name," : "series,";
  csv += "figure,unit,value,baseline,change,change_low,change_high,verdict,why\n";
  for (const ComparisonRow& row : table.rows) {
    if (table.of_runs) csv += fmt::format("{},", row.run);
    csv += fmt::format(
        "{},{},{},{},{},{},{},{},{},{}\n", csv_cell(row.series), row.figure.key, row.figure.unit, plain(row.value),
        plain(row.baseline), plain(row.change), row.interval ? fmt::format("{}", row.interval->low) : "",
        row.interval ? fmt::format("{}", row.interval->high) : "", verdict_name(row.verdict), csv_cell(row.why));
  }
  return csv;
}

std::string comparison_tsv(const ComparisonTable& table) {
  std::string tsv = fmt::format("{}\n", fmt::join(comparison_header(table), "\t"));
  for (const ComparisonRow& row : table.rows) {
    std::vector<std::string> cells = comparison_cells(row);
    for (std::string& cell : cells) cell = flat(cell, '\t');
    tsv += fmt::format("{}\n", fmt::join(cells, "\t"));
  }
  return tsv;
}

std::string comparison_markdown(const ComparisonTable& table) {
  std::string text = fmt::format("{}\n\n| {} |\n|---|---|---:|---:|---:|---|---|\n",
                                 markdown_cell(comparison_heading(table)), fmt::join(comparison_header(table), " | "));
  for (const ComparisonRow& row : table.rows) {
    text += "|";
    for (const std::string& cell : comparison_cells(row)) text += fmt::format(" {} |", markdown_cell(cell));
    text += '\n';
  }
  return text;
}

json to_json(const ComparisonTable& table) {
  json rows = json::array();
  for (const ComparisonRow& row : table.rows) {
    json one = {{"figure", row.figure.key},
                {"unit", row.figure.unit},
                {"value", number(row.value)},
                {"baseline", number(row.baseline)},
                {"change", number(row.change)},
                {"interval", row.interval ? json{row.interval->low, row.interval->high} : json()},
                {"verdict", verdict_name(row.verdict)},
                {"why", row.why},
                {"sample", row.sample}};
    if (table.of_runs) one["run"] = row.run;
    one[table.of_runs ? "name" : "series"] = row.series;
    rows.push_back(std::move(one));
  }
  json made = {{"baseline", table.baseline}, {"price_set", table.price_set}, {"tier", table.tier}, {"rows", rows},
               {"method", table.method}, {"notes", table.notes}};
  if (table.of_runs) {
    made["runs"] = table.runs;
    return made;
  }
  made["equal"] = meaning(table.equal).key;
  made["at"] = table.at;
  made["unit"] = meaning(meaning(table.equal).figure).unit;
  return made;
}

}  // namespace tokenmark
