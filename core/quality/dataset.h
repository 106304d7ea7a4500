// The user's own question files: JSON lines, or CSV with a header line, as rows of named values. Owned by whoever
// reads them; pure functions, any thread. Errors name file and line.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace tokenmark {

// A cell: one text, or a list of texts (a JSON array of choices). Numbers and booleans are kept as they are spelled.
struct Cell {
  std::vector<std::string> texts;
  bool list = false;
};

struct DatasetRow {
  std::int64_t line = 0;  // 1-based, where the row begins
  std::map<std::string, Cell> cells;
};

struct Dataset {
  std::string path;
  std::vector<std::string> columns;  // in the order they were met
  std::vector<DatasetRow> rows;
  std::string hash;                  // SHA-256 of the file: "sha256:…"
};

// `limit`: at most so many rows, 0: all. The kind is told by the name's end (.csv; anything else is JSON lines).
Result<Dataset> read_dataset(const std::string& path, std::int64_t limit = 0);

}  // namespace tokenmark
