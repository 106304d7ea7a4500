#include <csv.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <utility>

#include "core/workload/source_rows.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMaxCell = 16 << 20;  // bytes; a longer one is an unclosed quote

// libcsv calls back for every cell and every end of a row.
class CsvRows {
 public:
  explicit CsvRows(SourceRows& rows) : rows_(rows) {}
  std::int64_t line() const { return line_; }

  void cell(std::string_view text) {
    if (text.size() > kMaxCell) rows_.wrong(line_, "a value of {} bytes; a quote is probably not closed", text.size());
    cells_.emplace_back(text);
    lines_in_row_ += std::count(text.begin(), text.end(), '\n');
  }
  // `end`: the character that ended the row; of \r\n both come, the second after a row without cells.
  void end_row(int end) {
    std::vector<std::string> cells;
    cells.swap(cells_);
    const std::int64_t line = line_;
    line_ += (end == '\n' ? 1 : 0) + std::exchange(lines_in_row_, 0);
    if (rows_.full() || !rows_.status()) return;
    if (cells.empty() || (cells.size() == 1 && cells[0].empty())) return;
    if (!has_header_) return header(cells, line);
    if (cells.size() != width_)
      return rows_.wrong(line, "{} values, but the header has {} columns", cells.size(), width_);
    rows_.begin(line);
    for (const auto& [index, column] : fields_) rows_.set_text(*column, cells[index]);
    rows_.end();
  }

 private:
  void header(std::vector<std::string>& names, std::int64_t line) {
    has_header_ = true;
    width_ = names.size();
    if (names[0].starts_with("\xEF\xBB\xBF")) names[0].erase(0, 3);  // a byte order mark
    for (const SourceColumn& column : rows_.columns())
      if (const auto found = std::find(names.begin(), names.end(), column.first); found != names.end() && column.second != SourceField::blocks)
        fields_.emplace_back(static_cast<std::size_t>(found - names.begin()), &column);
    const bool any = std::any_of(fields_.begin(), fields_.end(), [](const auto& one) {
      return one.second->second == SourceField::prompt || one.second->second == SourceField::input;
    });
    std::string wanted, found;
    for (const auto& [column, field] : rows_.columns())
      if (field == SourceField::prompt || field == SourceField::input) wanted += (wanted.empty() ? "'" : "', '") + column;
    for (const std::string& name : names) found += (found.empty() ? "" : ", ") + name;
    if (!any) rows_.wrong(line, "no column is called {}'; the header has {}", wanted, found.substr(0, 200));
  }

  SourceRows& rows_;
  std::vector<std::string> cells_;
  std::vector<std::pair<std::size_t, const SourceColumn*>> fields_;
  std::size_t width_ = 0;
  std::int64_t line_ = 1, lines_in_row_ = 0;
  bool has_header_ = false;
};

}  // namespace

Status read_csv_rows(const Workload& workload, SourceRows& rows) {
  std::ifstream in(workload.file, std::ios::binary);
  if (!in) return fail(ErrorKind::io, "workload.file: {}: cannot be opened", workload.file);
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0) return fail(ErrorKind::internal, "the CSV reader could not start");
  const std::unique_ptr<csv_parser, decltype(&csv_free)> freed(&parser, csv_free);
  CsvRows reading(rows);
  const auto on_cell = [](void* text, std::size_t size, void* self) {
    static_cast<CsvRows*>(self)->cell({static_cast<const char*>(text), size});
  };
  const auto on_row = [](int end, void* self) { static_cast<CsvRows*>(self)->end_row(end); };
  std::vector<char> buffer(1 << 16);
  bool bad = false;
  while (!bad && rows.status() && !rows.full() && (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0)) {
    const auto size = static_cast<std::size_t>(in.gcount());
    bad = csv_parse(&parser, buffer.data(), size, on_cell, on_row, &reading) != size;
  }
  if (!bad && rows.status() && !rows.full()) bad = csv_fini(&parser, on_cell, on_row, &reading) != 0;
  if (bad) rows.wrong(reading.line(), "{}", csv_strerror(csv_error(&parser)));
  if (in.bad()) return fail(ErrorKind::io, "workload.file: {}: reading it failed", workload.file);
  return rows.status();
}

}  // namespace tokenmark
