// What differs between runs, as cells, CSV, Markdown and JSON.
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "core/report/csv_cells.h"
#include "core/report/run_difference.h"

namespace tokenmark {

using nlohmann::json;

std::vector<std::string> difference_header(const RunDifference& difference) {
  std::vector<std::string> header = {"section", "name"};
  for (const RunRow& row : difference.runs)
    header.push_back(row.id < 0 ? std::string("sample") : fmt::format("run {}", row.id));
  return header;
}

std::vector<std::vector<std::string>> difference_cells(const RunDifference& difference, bool all) {
  std::vector<std::vector<std::string>> cells;
  for (const DifferenceSection& section : difference.sections)
    for (const DifferenceRow& row : section.rows) {
      if (row.equal && !all) continue;
      cells.push_back({section.title, row.name});
      cells.back().insert(cells.back().end(), row.values.begin(), row.values.end());
    }
  return cells;
}

std::string difference_csv(const RunDifference& difference, bool all) {
  std::string csv = fmt::format("{}\n", fmt::join(difference_header(difference), ","));
  for (const std::vector<std::string>& row : difference_cells(difference, all)) {
    std::vector<std::string> cells;
    for (const std::string& cell : row) cells.push_back(cell == "–" ? std::string() : csv_cell(cell));
    csv += fmt::format("{}\n", fmt::join(cells, ","));
  }
  return csv;
}

std::string difference_markdown(const RunDifference& difference, bool all) {
  const std::vector<std::string> header = difference_header(difference);
  std::string text = fmt::format("| {} |\n|", fmt::join(header, " | "));
  for (std::size_t i = 0; i < header.size(); ++i) text += "---|";
  text += '\n';
  for (const std::vector<std::string>& row : difference_cells(difference, all)) {
    text += '|';
    for (const std::string& cell : row) text += fmt::format(" {} |", markdown_cell(cell));
    text += '\n';
  }
  return text;
}

json to_json(const RunDifference& difference, bool all) {
  json ids = json::array(), sections = json::object();
  for (const RunRow& row : difference.runs) ids.push_back(row.id);
  for (const DifferenceSection& section : difference.sections) {
    json rows = json::array();
    for (const DifferenceRow& row : section.rows) {
      if (row.equal && !all) continue;
      json values = json::array();
      for (const std::string& value : row.values) values.push_back(value == "–" ? json() : json(value));
      rows.push_back({{"name", row.name}, {"values", values}, {"equal", row.equal}});
    }
    if (!rows.empty()) sections[section.title] = std::move(rows);
  }
  return {{"runs", ids}, {"sections", sections}};
}

}  // namespace tokenmark
