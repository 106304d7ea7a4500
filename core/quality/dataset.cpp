#include "core/quality/dataset.h"

#include <csv.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "engine/model/hash.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxCell = 16 << 20;  // bytes of one value; a longer one is an unclosed quote

void note_column(Dataset& dataset, const std::string& name) {
  if (std::find(dataset.columns.begin(), dataset.columns.end(), name) == dataset.columns.end())
    dataset.columns.push_back(name);
}

std::string spelled(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Cell cell_of(const Json& value) {
  if (!value.is_array()) return {{spelled(value)}, false};
  Cell cell{{}, true};
  for (const Json& one : value) cell.texts.push_back(spelled(one));
  return cell;
}

// nlohmann's parser is recursive in no place, but a value nested a million deep still has to be destroyed.
bool too_deep(std::string_view line) {
  int depth = 0;
  for (const char c : line) {
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > 64) return true;
  }
  return false;
}

Status read_json_lines(std::ifstream& in, std::int64_t limit, Dataset& dataset) {
  std::string line;
  for (std::int64_t number = 1; std::getline(in, line); ++number) {
    if (limit > 0 && static_cast<std::int64_t>(dataset.rows.size()) == limit) return {};
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const Json object = too_deep(line) ? Json() : Json::parse(line, nullptr, false);
    if (!object.is_object())
      return fail(ErrorKind::invalid_input, "{}:{}: not a JSON object: '{}'", dataset.path, number, line.substr(0, 60));
    DatasetRow row{number, {}};
    for (const auto& [name, value] : object.items()) {
      if (value.is_null()) continue;
      note_column(dataset, name);
      row.cells.emplace(name, cell_of(value));
    }
    dataset.rows.push_back(std::move(row));
  }
  return {};
}

// libcsv calls back for every field and every end of a row.
struct CsvReading {
  Dataset& dataset;
  std::int64_t limit;
  std::vector<std::string> fields;
  std::int64_t row = 0;
  std::string problem;

  bool full() const { return limit > 0 && static_cast<std::int64_t>(dataset.rows.size()) >= limit; }

  void field(const char* text, std::size_t size) {
    if (size > kMaxCell) problem = fmt::format("row {}: a value of {} bytes; a quote is probably not closed", row + 1, size);
    else fields.emplace_back(text, size);
  }
  void end_row() {
    std::vector<std::string> values;
    values.swap(fields);
    ++row;
    if (values.size() == 1 && values[0].empty()) return;  // an empty line
    if (dataset.columns.empty()) {
      if (!values[0].empty() && values[0].starts_with("\xEF\xBB\xBF")) values[0].erase(0, 3);  // a byte order mark
      dataset.columns = std::move(values);
      return;
    }
    if (full() || !problem.empty()) return;
    if (values.size() != dataset.columns.size()) {
      problem = fmt::format("row {} has {} values, the header has {} columns", row, values.size(), dataset.columns.size());
      return;
    }
    DatasetRow made{row, {}};
    for (std::size_t i = 0; i < values.size(); ++i) made.cells[dataset.columns[i]] = {{std::move(values[i])}, false};
    dataset.rows.push_back(std::move(made));
  }
};

Status read_csv(std::ifstream& in, std::int64_t limit, Dataset& dataset) {
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) return fail(ErrorKind::internal, "the CSV reader could not start");
  const std::unique_ptr<csv_parser, decltype(&csv_free)> freed(&parser, csv_free);
  CsvReading reading{dataset, limit, {}, 0, {}};
  const auto on_field = [](void* text, std::size_t size, void* self) {
    static_cast<CsvReading*>(self)->field(static_cast<const char*>(text), size);
  };
  const auto on_row = [](int, void* self) { static_cast<CsvReading*>(self)->end_row(); };
  std::vector<char> buffer(1 << 16);
  bool bad = false;
  while (!bad && reading.problem.empty() && !reading.full() && (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0)) {
    const auto size = static_cast<std::size_t>(in.gcount());
    bad = csv_parse(&parser, buffer.data(), size, on_field, on_row, &reading) != size;
  }
  if (!bad && reading.problem.empty() && !reading.full()) bad = csv_fini(&parser, on_field, on_row, &reading) != 0;
  if (bad) reading.problem = fmt::format("row {}: {}", reading.row + 1, csv_strerror(csv_error(&parser)));
  if (!reading.problem.empty()) return fail(ErrorKind::invalid_input, "{}: {}", dataset.path, reading.problem);
  return {};
}

}  // namespace

Result<Dataset> read_dataset(const std::string& path, std::int64_t limit) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorKind::io, "{}: cannot be opened", path);
  Dataset dataset;
  dataset.path = path;
  TOKENMARK_CHECK(path.ends_with(".csv") ? read_csv(in, limit, dataset) : read_json_lines(in, limit, dataset));
  if (in.bad()) return fail(ErrorKind::io, "{}: reading it failed", path);
  if (dataset.rows.empty()) return fail(ErrorKind::invalid_input, "{}: there are no rows in it", path);
  TOKENMARK_TRY(dataset.hash, sha256_of_files({path}));
  return dataset;
}

}  // namespace tokenmark
