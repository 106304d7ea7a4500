#include <simdjson.h>

#include <fstream>

#include "core/workload/source_rows.h"

namespace tokenmark {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxObject = 64 << 20;  // bytes; a longer one is a brace that is not closed

// The objects of a file, one after the other, whether they stand in an array or one a line; no more than one is held.
class ObjectStream {
 public:
  explicit ObjectStream(std::ifstream& in) : in_(in), buffer_(1 << 16) {}
  std::int64_t line() const { return begin_line_; }  // where the object begins

  // True with an object in `object`; false at the end or with `problem` set.
  bool next(std::string& object, std::string& problem) {
    object.clear();
    int c = skip_separators();
    begin_line_ = line_;
    if (c < 0) return false;
    if (c != '{') {
      problem = fmt::format("expected a JSON object, found '{}'", c >= 0x20 && c < 0x7F ? std::string(1, static_cast<char>(c)) : fmt::format("\\x{:02x}", c));
      return false;
    }
    int depth = 0;
    for (bool in_string = false, escaped = false; c >= 0; c = get()) {
      object += static_cast<char>(c);
      if (escaped) escaped = false;
      else if (in_string && c == '\\') escaped = true;
      else if (c == '"') in_string = !in_string;
      else if (!in_string && (c == '{' || c == '[')) ++depth;
      else if (!in_string && (c == '}' || c == ']') && --depth == 0) return true;
      if (object.size() > kMaxObject) break;
    }
    problem = object.size() > kMaxObject ? fmt::format("the object that begins here has more than {} bytes", kMaxObject)
                                         : std::string("the object that begins here is not closed");
    return false;
  }

 private:
  int get() {
    if (at_ == size_) {
      in_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
      size_ = static_cast<std::size_t>(in_.gcount());
      at_ = 0;
      if (size_ == 0) return -1;
    }
    const char c = buffer_[at_++];
    line_ += c == '\n';
    return static_cast<unsigned char>(c);
  }
  // White space, commas and the brackets of an array around all; a byte order mark.
  int skip_separators() {
    for (;;) {
      const int c = get();
      if (c == 0xEF && line_ == 1 && at_ == 1) {
        if (get() == 0xBB && get() == 0xBF) continue;
        return 0xEF;
      }
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != ',' && c != '[' && c != ']') return c;
    }
  }

  std::ifstream& in_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, size_ = 0;
  std::int64_t line_ = 1, begin_line_ = 1;
};

void set_value(SourceRows& rows, std::int64_t line, const SourceColumn& column, const dom::element& value) {
  const auto& [name, field] = column;
  if (field == SourceField::blocks) {
    dom::array list;
    if (value.get(list) != simdjson::SUCCESS) return rows.wrong(line, "{} must be a list of whole numbers", name);
    for (const dom::element one : list) {
      std::int64_t id = 0;
      std::uint64_t large = 0;
      if (one.get(id) == simdjson::SUCCESS) rows.add_block(static_cast<std::uint64_t>(id));
      else if (one.get(large) == simdjson::SUCCESS) rows.add_block(large);
      else return rows.wrong(line, "{} must be a list of whole numbers", name);
    }
    return;
  }
  std::string_view text;
  double number = 0;
  if (value.get(text) == simdjson::SUCCESS) rows.set_text(column, text);
  else if (value.get(number) == simdjson::SUCCESS) rows.set_number(column, number);
  else if (!value.is_null()) rows.wrong(line, "{} must be a text or a number", name);
}

void set_values(SourceRows& rows, std::int64_t line, const dom::object& object) {
  for (const SourceColumn& column : rows.columns())
    if (dom::element value; object[column.first].get(value) == simdjson::SUCCESS) set_value(rows, line, column, value);
}

// One row, or a session's turns: what is said of the session holds for its first turn.
void add_object(SourceRows& rows, std::int64_t line, const dom::object& object) {
  dom::array turns;
  if (object["turns"].get(turns) != simdjson::SUCCESS) {
    rows.begin(line);
    set_values(rows, line, object);
    if (rows.status()) rows.end();
    return;
  }
  bool first = true;
  for (const dom::element one : turns) {
    dom::object turn;
    if (one.get(turn) != simdjson::SUCCESS) return rows.wrong(line, "turns must be a list of objects");
    rows.begin(line, !first);
    if (first) set_values(rows, line, object);
    set_values(rows, line, turn);
    if (rows.status()) rows.end();
    first = false;
  }
  if (first) rows.wrong(line, "turns is empty");
}

// The text of an entry of a conversation; false: it has none.
bool entry_text(const dom::element& entry, std::string_view& text) {
  return entry["value"].get(text) == simdjson::SUCCESS || entry["content"].get(text) == simdjson::SUCCESS;
}

// Conversations of fewer than two entries, or with an empty first one, are left out, as the peers do.
void add_conversation(SourceRows& rows, std::int64_t line, const dom::object& object, std::int32_t turns) {
  dom::array entries;
  if (object["conversations"].get(entries) != simdjson::SUCCESS && object["conversation"].get(entries) != simdjson::SUCCESS)
    return rows.wrong(line, "conversations is missing or no list");
  std::vector<std::string_view> texts;
  for (const dom::element entry : entries) {
    std::string_view text;
    if (!entry_text(entry, text)) return rows.wrong(line, "entry {} of conversations has no text named value", texts.size());
    texts.push_back(text);
    if (texts.size() == 2 * static_cast<std::size_t>(turns)) break;
  }
  for (std::size_t i = 0; i + 1 < texts.size() && !texts[i].empty(); i += 2) {
    rows.begin(line, i > 0);
    rows.set_text({"value", SourceField::prompt}, texts[i]);
    rows.set_text({"value", SourceField::answer}, texts[i + 1]);
    rows.end();
  }
}

}  // namespace

Status read_json_rows(const Workload& workload, SourceRows& rows) {
  std::ifstream in(workload.file, std::ios::binary);
  if (!in) return fail(ErrorKind::io, "workload.file: {}: cannot be opened", workload.file);
  ObjectStream objects(in);
  dom::parser parser;
  std::string text, problem;
  while (rows.status() && !rows.full() && objects.next(text, problem)) {
    dom::object object;
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    if (const auto error = parser.parse(text).get(object); error != simdjson::SUCCESS)
      rows.wrong(objects.line(), "not JSON: {}", simdjson::error_message(error));
    else if (workload.source == "sharegpt")
      add_conversation(rows, objects.line(), object, workload.turns);
    else
      add_object(rows, objects.line(), object);
  }
  if (!problem.empty()) rows.wrong(objects.line(), "{}", problem);
  if (in.bad()) return fail(ErrorKind::io, "workload.file: {}: reading it failed", workload.file);
  return rows.status();
}

}  // namespace tokenmark
