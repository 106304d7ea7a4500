// A CSV file with a header line, read whole: rows by column name. Comment lines ("# …") before the header are kept
// apart. Quoted cells, CRLF and a byte order mark are understood; a row of another length is an error with its line.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark {

struct CsvTable {
  std::vector<std::string> comments, header;
  std::vector<std::vector<std::string>> rows;
  // Short rows end the table, as AIPerf's second table does after a blank line: what follows is in `rest`.
  std::vector<std::vector<std::string>> rest;

  bool has(std::string_view column) const;
  // A row as an object of texts; empty cells are null.
  nlohmann::json row(std::size_t i) const;
};

Result<CsvTable> parse_csv(std::string_view text, const std::string& file);

// One cell as a CSV file holds it: in quotes where it needs them.
std::string csv_cell(std::string_view text);

}  // namespace tokenmark
