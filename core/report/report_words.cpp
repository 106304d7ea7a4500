#include "core/report/report_words.h"

#include <algorithm>

namespace tokenmark::report_words {

void Table::row(std::vector<json> cells, bool marked) {
  for (std::size_t i = 0; i < cells.size() && i < columns_.size(); ++i)
    if (columns_[i].number) cells[i]["number"] = true;
  json row = {{"cells", std::move(cells)}};
  if (marked) row["marked"] = true;
  rows_.push_back(std::move(row));
}

json Table::block() const {
  json columns = json::array();
  for (const Column& column : columns_) columns.push_back({{"name", column.name}, {"number", column.number}});
  return {{"table", {{"columns", columns}, {"rows", rows_}}}};
}

json cell(const std::string& text) { return {{"text", text}}; }

json dash(const std::string& why) {
  json made = cell("–");
  if (!why.empty()) made["why"] = why;
  return made;
}

json bad(json made) {
  made["bad"] = true;
  return made;
}

json dim(json made) {
  made["dim"] = true;
  return made;
}

json value_cell(const std::optional<double>& value, const std::optional<Interval>& range, const std::string& why) {
  if (!value) return dash(why);
  json made = cell(number_text(*value));
  if (range) made["small"] = interval_text(*range);
  return made;
}

json percentile_cell(const Percentile& p) { return value_cell(p.value, p.interval, p.why_absent); }

std::string interval_text(const Interval& interval) { return fmt::format("{} … {}", number_text(interval.low), number_text(interval.high)); }

std::string with_unit(double value, std::string_view unit) { return unit.empty() ? number_text(value) : fmt::format("{} {}", number_text(value), unit); }

std::string count_text(std::size_t count, const char* one, const char* several) { return fmt::format("{} {}", count, count == 1 ? one : several); }

std::string ids_text(std::vector<RunId> ids) {
  std::sort(ids.begin(), ids.end());
  std::string text;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0) continue;
    std::size_t last = i;
    while (last + 1 < ids.size() && ids[last + 1] <= ids[last] + 1) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", ids[i]);
    if (ids[last] > ids[i]) text += fmt::format("{}{}", ids[last] == ids[i] + 1 ? ", " : "–", ids[last]);
    i = last;
  }
  return text;
}

std::string runs_text(const std::vector<RunId>& ids) { return (ids.size() == 1 ? "run " : "runs ") + ids_text(ids); }

std::string run_id(const RunRow& row) { return row.id < 0 ? "sample" : std::to_string(row.id); }

json section(const char* id, const std::string& title, json blocks) { return {{"id", id}, {"title", title}, {"blocks", std::move(blocks)}}; }

}  // namespace tokenmark::report_words

namespace tokenmark {

std::vector<const Chart*> frontiers(const Report& report) {
  std::vector<const Chart*> found;
  for (const ReportPicture& picture : report.charts)
    if (const auto* frontier = std::get_if<Chart>(&picture.chart)) found.push_back(frontier);
  return found;
}

}  // namespace tokenmark
