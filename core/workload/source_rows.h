// Rows of a source file while they are read: values come by column name from a JSON or CSV reader, are checked and put
// where they belong. Within this folder only.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>

#include "core/workload/source_file.h"

namespace tokenmark {

enum class SourceField : std::uint8_t { prompt, answer, system, input, output, time, time_s, time_ms, think_s, think_ms, session, blocks };

// Which column is which field: those that the source is known by, and what workload.columns says instead.
using SourceColumn = std::pair<std::string, SourceField>;
using SourceColumns = std::vector<SourceColumn>;
Result<SourceColumns> source_columns(const Workload& workload);

class SourceRows {
 public:
  SourceRows(const Workload& workload, const SourceLimits& limits, SourceColumns columns)
      : workload_(workload), limits_(limits), columns_(std::move(columns)) {}

  const SourceColumns& columns() const { return columns_; }
  bool full() const { return full_; }

  void begin(std::int64_t line, bool continues = false);
  void set_text(const SourceColumn& column, std::string_view text);  // numbers too, as they are spelled
  void set_number(const SourceColumn& column, double number);
  void add_block(std::uint64_t id);
  void end();
  // The first thing that was wrong, with file and line.
  template <class... Args>
  void wrong(std::int64_t line, fmt::format_string<Args...> format, Args&&... args) {
    if (status_) status_ = fail(ErrorKind::invalid_input, "{}:{}: {}", workload_.file, line, fmt::format(format, std::forward<Args>(args)...));
  }
  const Status& status() const { return status_; }
  // Checks what only the whole shows, and brings the turns of a session together.
  Result<SourceFile> finish();

 private:
  DatasetPrompt& text();
  bool ordered_by_time() const;

  const Workload& workload_;
  SourceLimits limits_;
  SourceColumns columns_;
  SourceFile file_;
  SourceRow row_;
  std::string system_;
  std::unordered_map<std::string, std::int32_t> sessions_;
  std::size_t text_bytes_ = 0;
  std::int64_t first_ns_ = SourceRow::kNoTime;
  bool full_ = false, any_rows_ = false;
  Status status_;
};

Status read_json_rows(const Workload& workload, SourceRows& rows);  // sharegpt, jsonl, mooncake, agent
Status read_csv_rows(const Workload& workload, SourceRows& rows);   // csv, azure, burstgpt

}  // namespace tokenmark
