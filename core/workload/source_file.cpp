#include "core/workload/source_file.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "core/workload/source_rows.h"

namespace tokenmark {
namespace {

constexpr std::size_t kMaxTextBytes = std::size_t{1} << 30, kMaxBlocks = 100'000'000;
constexpr double kMaxTokens = 16'000'000, kMaxTimeS = 9e9, kMaxThinkS = 1e7;

const std::pair<std::string_view, SourceField> kFields[] = {
    {"prompt", SourceField::prompt},   {"answer", SourceField::answer},     {"system", SourceField::system},
    {"input", SourceField::input},     {"output", SourceField::output},     {"time_s", SourceField::time_s},
    {"time_ms", SourceField::time_ms}, {"think_s", SourceField::think_s},   {"think_ms", SourceField::think_ms},
    {"session", SourceField::session}, {"blocks", SourceField::blocks},
};

SourceColumns known_columns(const std::string& source) {
  if (source == "azure")
    return {{"TIMESTAMP", SourceField::time}, {"ContextTokens", SourceField::input}, {"GeneratedTokens", SourceField::output}};
  if (source == "burstgpt")
    return {{"Timestamp", SourceField::time_s}, {"Request tokens", SourceField::input}, {"Response tokens", SourceField::output}};
  SourceColumns columns = {{"input_length", SourceField::input}, {"output_length", SourceField::output},
                           {"timestamp", SourceField::time_ms},  {"delay", SourceField::think_ms},
                           {"session_id", SourceField::session}, {"hash_ids", SourceField::blocks}};
  if (source == "mooncake") return columns;
  for (const auto& [name, field] : kFields) columns.emplace_back(name, field);
  columns.insert(columns.end(), {{"text_input", SourceField::prompt}, {"text", SourceField::prompt}, {"output_tokens", SourceField::output}});
  return columns;
}

// Leading digits of `text`, taken off it.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  int value = 0;
  if (text.size() < count) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, value);
  if (error != std::errc() || end != text.data() + count || value < 0) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view one_of) {
  if (text.empty() || one_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// "2023-11-16 18:15:46.6805900", with or without a zone ("Z", "+00:00"), as nanoseconds since 1970.
std::optional<std::int64_t> date_and_time_ns(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || !take(text, " T")) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  const auto second = take_digits(text, 2);
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!second || !date.ok() || *year < 1900 || *year > 2200 || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  std::int64_t fraction = 0, unit = 1'000'000'000;
  if (take(text, "."))
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1))
      if (unit > 1) fraction += (text[0] - '0') * (unit /= 10);
  std::int64_t zone_minutes = 0;
  const bool west = text.starts_with('-');
  if (!take(text, "Z") && take(text, "+-")) {
    const auto zone_hour = take_digits(text, 2);
    if (!zone_hour || !take(text, ":")) return std::nullopt;
    const auto zone_minute = take_digits(text, 2);
    if (!zone_minute) return std::nullopt;
    zone_minutes = (*zone_hour * 60 + *zone_minute) * (west ? -1 : 1);
  }
  if (!text.empty()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (((days * 24 + *hour) * 60 + *minute - zone_minutes) * 60 + *second) * 1'000'000'000 + fraction;
}

}  // namespace

Result<SourceColumns> source_columns(const Workload& workload) {
  SourceColumns columns = known_columns(workload.source);
  for (std::size_t begin = 0; begin < workload.columns.size();) {
    const std::size_t end = std::min(workload.columns.find(',', begin), workload.columns.size());
    const std::string_view part = std::string_view(workload.columns).substr(begin, end - begin);
    const std::size_t equals = part.find('=');
    const auto* field = std::find_if(std::begin(kFields), std::end(kFields), [&](const auto& one) { return one.first == part.substr(0, equals); });
    if (equals == std::string_view::npos || equals + 1 == part.size() || field == std::end(kFields)) {
      std::string names;
      for (const auto& one : kFields) names += (names.empty() ? "" : ", ") + std::string(one.first);
      return fail(ErrorKind::invalid_input, "workload.columns is '{}' but must be like 'prompt=question,output=answer_tokens': '{}' "
                  "names none of {}", workload.columns, part, names);
    }
    const std::string column(part.substr(equals + 1));
    std::erase_if(columns, [&](const auto& one) { return one.first == column || one.second == field->second; });
    columns.emplace_back(column, field->second);
    begin = end + 1;
  }
  return columns;
}

Status check_columns(const Workload& workload) {
  if (workload.columns.empty()) return {};
  if (workload.source != "jsonl" && workload.source != "csv")
    return fail(ErrorKind::invalid_input, "workload.columns belongs to the sources jsonl and csv, not to '{}'", workload.source);
  TOKENMARK_CHECK(source_columns(workload));
  return {};
}

void SourceRows::begin(std::int64_t line, bool continues) {
  row_ = {};
  row_.line = line;
  row_.continues = continues;
  system_.clear();
}

DatasetPrompt& SourceRows::text() {
  if (row_.text < 0) {
    row_.text = static_cast<std::int32_t>(file_.texts.size());
    file_.texts.emplace_back();
  }
  return file_.texts.back();
}

bool SourceRows::ordered_by_time() const {
  return workload_.source == "azure" || workload_.source == "burstgpt" || workload_.source == "mooncake";
}

void SourceRows::set_text(const SourceColumn& column, std::string_view text) {
  const auto& [name, field] = column;
  switch (field) {
    case SourceField::prompt: this->text().text = text; break;
    case SourceField::answer: this->text().answer = text; break;
    case SourceField::system: system_ = text; break;
    case SourceField::session:
      if (!text.empty()) row_.session = sessions_.try_emplace(std::string(text), static_cast<std::int32_t>(sessions_.size())).first->second;
      break;
    case SourceField::time:
      if (const auto ns = date_and_time_ns(text)) row_.time_ns = *ns;
      else wrong(row_.line, "{} is '{}' but must be a date and time like 2023-11-16 18:15:46.68", name, text.substr(0, 40));
      break;
    default: {
      double number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (text.empty()) return;  // a cell without a value
      if (error == std::errc() && end == text.data() + text.size()) return set_number(column, number);
      wrong(row_.line, "{} is '{}' but must be a number (workload.columns says which column is what)", name, text.substr(0, 40));
    }
  }
  text_bytes_ += field <= SourceField::system ? text.size() : 0;
  if (text_bytes_ > kMaxTextBytes) wrong(row_.line, "the texts up to here have more than {} bytes: make the file smaller", kMaxTextBytes);
}

void SourceRows::set_number(const SourceColumn& column, double number) {
  const auto& [name, field] = column;
  const auto bounded = [&, &name = name](double low, double high, bool whole) {
    if (number >= low && number <= high && (!whole || number == std::floor(number))) return true;
    wrong(row_.line, "{} is {} but must be a {}number from {} to {}", name, number, whole ? "whole " : "", low, high);
    return false;
  };
  switch (field) {
    case SourceField::input:
      if (bounded(0, kMaxTokens, true)) row_.input = static_cast<std::int32_t>(number);
      break;
    case SourceField::output:
      if (bounded(0, kMaxTokens, true)) row_.output = static_cast<std::int32_t>(number);
      break;
    case SourceField::time_s:
    case SourceField::time_ms:
      if (field == SourceField::time_ms) number /= 1000;
      if (bounded(-kMaxTimeS, kMaxTimeS, false)) row_.time_ns = static_cast<std::int64_t>(std::floor(number * 1e9 + 0.5));
      break;
    case SourceField::think_s:
    case SourceField::think_ms:
      if (field == SourceField::think_ms) number /= 1000;
      if (bounded(0, kMaxThinkS, false)) row_.think_ns = static_cast<std::int64_t>(number * 1e9 + 0.5);
      break;
    case SourceField::session: set_text(column, fmt::format("{}", number)); break;
    default: wrong(row_.line, "{} is {} but must be a text", name, number);
  }
}

void SourceRows::add_block(std::uint64_t id) {
  if (file_.block_ids.size() >= kMaxBlocks) return wrong(row_.line, "more than {} block ids", kMaxBlocks);
  if (row_.blocks++ == 0) row_.first_block = static_cast<std::uint32_t>(file_.block_ids.size());
  file_.block_ids.push_back(id);
}

void SourceRows::end() {
  any_rows_ = true;
  const bool trace = workload_.source == "azure" || workload_.source == "burstgpt";
  if (trace && (row_.input == 0 || row_.output == 0)) return;
  const bool has_prompt = row_.text >= 0 && !file_.texts.back().text.empty();
  if (row_.text >= 0 && !has_prompt) {
    if (row_.input > 0) {  // an answer alone says nothing to a model
      file_.texts.pop_back();
      row_.text = -1;
    } else {
      return wrong(row_.line, "the prompt is empty or missing: workload.columns says which column it is ('prompt=question')");
    }
  }
  if (!has_prompt && row_.input < 0)
    return wrong(row_.line, "there is neither a prompt nor a number of input tokens: workload.columns says which columns they are "
                 "('prompt=question' or 'input=prompt_tokens')");
  if (row_.input == 0 || row_.output == 0)
    return wrong(row_.line, "the number of {} tokens is 0 but must be 1 or more", row_.input == 0 ? "input" : "output");
  if (has_prompt && !system_.empty()) text().text = system_ + "\n\n" + text().text;
  if (first_ns_ == SourceRow::kNoTime) first_ns_ = row_.time_ns;
  const bool beyond = ordered_by_time() && row_.time_ns != SourceRow::kNoTime && row_.time_ns - first_ns_ >= limits_.span_ns;
  if (!beyond) file_.rows.push_back(row_);
  constexpr std::int64_t kMaxRows = 10'000'000;
  if (beyond || (ordered_by_time() && static_cast<std::int64_t>(file_.rows.size()) >= limits_.rows)) full_ = true;
  else if (static_cast<std::int64_t>(file_.rows.size()) > kMaxRows) wrong(row_.line, "more than {} rows", kMaxRows);
}

Result<SourceFile> SourceRows::finish() {
  TOKENMARK_CHECK(status_);
  if (file_.rows.empty())
    return fail(ErrorKind::invalid_input, "{}: there are no {}in it", workload_.file, any_rows_ ? "rows that can be used " : "rows ");
  if (sessions_.empty()) return std::move(file_);
  // Sessions in the order in which they begin, each with its turns in the file's order.
  std::vector<std::size_t> begins(sessions_.size(), std::numeric_limits<std::size_t>::max());
  std::vector<std::pair<std::size_t, std::size_t>> order;
  for (std::size_t i = 0, begin = 0; i < file_.rows.size(); ++i) {
    const SourceRow& row = file_.rows[i];
    if (!row.continues) {
      begin = i;
      if (row.session >= 0) begin = begins[static_cast<std::size_t>(row.session)] = std::min(begins[static_cast<std::size_t>(row.session)], i);
    }
    order.emplace_back(begin, i);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<SourceRow> rows;
  for (const auto& [begin, i] : order) {
    rows.push_back(file_.rows[i]);
    rows.back().continues = i != begin;
  }
  file_.rows = std::move(rows);
  return std::move(file_);
}

Result<SourceFile> read_source_file(const Workload& workload, const SourceLimits& limits) {
  std::error_code error;
  const auto kind = std::filesystem::status(workload.file, error).type();
  if (kind == std::filesystem::file_type::not_found)
    return fail(ErrorKind::not_found, "workload.file: {}: there is no such file on this machine", workload.file);
  if (kind != std::filesystem::file_type::regular)
    return fail(ErrorKind::invalid_input, "workload.file: {}: not a file that can be read", workload.file);
  TOKENMARK_TRY(SourceColumns columns, source_columns(workload));
  SourceRows rows(workload, limits, std::move(columns));
  const bool is_csv = workload.source == "csv" || workload.source == "azure" || workload.source == "burstgpt";
  TOKENMARK_CHECK(is_csv ? read_csv_rows(workload, rows) : read_json_rows(workload, rows));
  return rows.finish();
}

}  // namespace tokenmark
