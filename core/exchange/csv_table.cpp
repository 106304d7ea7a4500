#include "core/exchange/csv_table.h"

#include <csv.h>

#include <algorithm>

namespace tokenmark {
namespace {

constexpr std::size_t kMaxCell = 1 << 20, kMaxRows = 20'000'000;

struct Reading {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  std::string problem;
};

void take_field(void* text, std::size_t size, void* reading) {
  auto& r = *static_cast<Reading*>(reading);
  if (size > kMaxCell) r.problem = fmt::format("a cell of {} bytes; a quote is probably not closed", size);
  else r.row.emplace_back(static_cast<const char*>(text), size);
}

void take_row(int, void* reading) {
  auto& r = *static_cast<Reading*>(reading);
  if (r.rows.size() >= kMaxRows) r.problem = fmt::format("more than {} rows", kMaxRows);
  else r.rows.push_back(std::move(r.row));
  r.row.clear();
}

Result<std::vector<std::vector<std::string>>> cells(std::string_view text, const std::string& file) {
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL) != 0)
    return fail(ErrorKind::internal, "the CSV reader could not start");
  Reading reading;
  const std::size_t done = csv_parse(&parser, text.data(), text.size(), take_field, take_row, &reading);
  const bool ended = done == text.size() && csv_fini(&parser, take_field, take_row, &reading) == 0;
  if (!ended && reading.problem.empty()) reading.problem = csv_strerror(csv_error(&parser));
  csv_free(&parser);
  if (!reading.problem.empty()) return fail(ErrorKind::invalid_input, "{}: row {}: {}", file, reading.rows.size() + 1, reading.problem);
  return std::move(reading.rows);
}

std::string trimmed(std::string text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

bool CsvTable::has(std::string_view column) const { return std::find(header.begin(), header.end(), column) != header.end(); }

nlohmann::json CsvTable::row(std::size_t i) const {
  nlohmann::json out = nlohmann::json::object();
  for (std::size_t c = 0; c < header.size(); ++c)
    out[header[c]] = rows[i][c].empty() ? nlohmann::json() : nlohmann::json(rows[i][c]);
  return out;
}

Result<CsvTable> parse_csv(std::string_view text, const std::string& file) {
  CsvTable table;
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  while (!text.empty() && text.front() == '#') {
    const std::size_t end = std::min(text.find('\n'), text.size());
    table.comments.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  TOKENMARK_TRY(auto rows, cells(text, file));
  for (auto& row : rows) {
    for (std::string& cell : row) cell = trimmed(std::move(cell));
    if (table.header.empty()) {
      if (!row.empty()) table.header = std::move(row);
    } else if (!table.rest.empty() || (row.size() == 2 && table.header.size() != 2)) {
      table.rest.push_back(std::move(row));
    } else if (row.size() != table.header.size()) {
      return fail(ErrorKind::invalid_input, "{}: row {} has {} cells, the header has {}", file, table.rows.size() + 2, row.size(),
                  table.header.size());
    } else {
      table.rows.push_back(std::move(row));
    }
  }
  if (table.header.empty()) return fail(ErrorKind::invalid_input, "{}: has no header line", file);
  return table;
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

}  // namespace tokenmark
