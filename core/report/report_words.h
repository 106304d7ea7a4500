// Blocks, tables and cells of a report's document, and the words they are made of; for the files of this folder.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/report/report.h"
#include "core/report/ticks.h"

namespace tokenmark::report_words {

using nlohmann::json;

inline json paragraph(const std::string& text) { return {{"paragraph", text}}; }
inline json note(const std::string& text) { return {{"note", text}}; }
inline json heading(const std::string& text) { return {{"heading", text}}; }

struct Column {
  std::string name;
  bool number = false;
};
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void row(std::vector<json> cells, bool marked = false);
  bool empty() const { return rows_.empty(); }
  json block() const;

 private:
  std::vector<Column> columns_;
  json rows_ = json::array();
};

json cell(const std::string& text);
json dash(const std::string& why = {});   // nothing was measured, and why
json bad(json cell);
json dim(json cell);                      // noise
json value_cell(const std::optional<double>& value, const std::optional<Interval>& range = {}, const std::string& why = {});
json percentile_cell(const Percentile& percentile);

std::string interval_text(const Interval& interval);           // "0.21 … 0.29"
std::string with_unit(double value, std::string_view unit);    // "31.2 tok/s/user"
std::string count_text(std::size_t count, const char* one, const char* several);   // "1 run", "4 runs"
std::string ids_text(std::vector<RunId> ids);                  // "3–7, 12"; samples are left out
std::string runs_text(const std::vector<RunId>& ids);          // "run 12", "runs 3–7, 12"
std::string run_id(const RunRow& row);                         // "12", "sample"

json section(const char* id, const std::string& title, json blocks);

}  // namespace tokenmark::report_words

namespace tokenmark {

// The sections that files of their own make; nothing to say is an empty list of blocks.
nlohmann::json summary_blocks(const Report& report);
nlohmann::json comparison_blocks(const ComparisonTable& table);
nlohmann::json points_blocks(const Report& report);
nlohmann::json runs_blocks(const Report& report);
nlohmann::json steady_blocks(const Report& report);
nlohmann::json checks_blocks(const Report& report);
nlohmann::json failures_blocks(const Report& report);
// What is equal for all runs, then what differs.
nlohmann::json facts_blocks(const Report& report, const FlatJson ReportRun::* facts);
nlohmann::json method_blocks(const Report& report);
nlohmann::json definitions_blocks(const Report& report);
nlohmann::json prices_blocks(const Report& report);
nlohmann::json reproduce_blocks(const Report& report);
nlohmann::json sources_blocks(const Report& report);

// The frontiers among its charts.
std::vector<const Chart*> frontiers(const Report& report);

}  // namespace tokenmark
