#include "core/store/run_filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace tokenmark {
namespace {

constexpr char kQuotedComma = '\x01';   // one that does not divide values
constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c == kQuotedComma ? ',' : lower(c); });
  return out;
}

// `part` is in lower case.
bool contains(std::string_view text, std::string_view part) {
  if (part.empty()) return true;
  if (text.size() < part.size()) return false;
  for (std::size_t at = 0; at <= text.size() - part.size(); ++at) {
    std::size_t same = 0;
    while (same < part.size() && lower(text[at + same]) == part[same]) ++same;
    if (same == part.size()) return true;
  }
  return false;
}

bool equal(std::string_view text, std::string_view other) {
  return text.size() == other.size() && contains(text, other);
}

bool is_number_key(RunKey key) {
  return key == RunKey::input || key == RunKey::output || key == RunKey::gpus || key == RunKey::concurrency || key == RunKey::run;
}

std::string lengths_text(const RunRow& row) { return fmt::format("{}/{}", row.input, row.output); }

const SharedText* shared_field(RunKey key, const RunRow& row) {
  switch (key) {
    case RunKey::model: return &row.model;
    case RunKey::device: return &row.device;
    case RunKey::hardware: return &row.hardware;
    case RunKey::precision: return &row.precision;
    case RunKey::framework: return &row.framework;
    case RunKey::node: return &row.node;
    case RunKey::sweep: return &row.sweep_name;
    case RunKey::series: return &row.series;
    case RunKey::source: return &row.source;
    case RunKey::note: return &row.note;
    case RunKey::error: return &row.error;
    default: return nullptr;
  }
}

constexpr std::array kKindTexts = {RunKey::model, RunKey::series, RunKey::device, RunKey::precision, RunKey::framework,
                                   RunKey::hardware, RunKey::node, RunKey::source, RunKey::sweep};

std::int64_t number_of(RunKey key, const RunRow& row) {
  switch (key) {
    case RunKey::input: return row.input;
    case RunKey::output: return row.output;
    case RunKey::gpus: return row.gpus;
    case RunKey::concurrency: return row.concurrency;
    default: return row.id;
  }
}

bool holds_for_text(const RunTerm& term, std::string_view text) {
  return std::any_of(term.values.begin(), term.values.end(), [&](const std::string& value) {
    return term.exact ? equal(text, value) : contains(text, value);
  });
}

bool holds_for_number(const RunTerm& term, std::int64_t number) {
  return std::any_of(term.ranges.begin(), term.ranges.end(),
                     [&](const RunTerm::Range& range) { return number >= range.low && number <= range.high; });
}

bool own_word(const std::string& word, const RunRow& row) {
  if (contains(row.started, word) || contains(run_state_name(row.state), word) || contains(row.note.str(), word)) return true;
  for (const std::string& tag : row.tags)
    if (contains(tag, word)) return true;
  std::array<char, 24> number{'#'};
  const auto end = std::to_chars(number.data() + 1, number.data() + number.size(), row.id).ptr;
  return contains({number.data(), static_cast<std::size_t>(end - number.data())}, word);
}

// ---- reading what was typed ----

struct Piece {
  std::string text;                     // without quotes
  std::size_t quoted_from = std::string::npos;  // first character that was inside quotes
  std::size_t begin = 0, end = 0;       // in the whole text
};

std::vector<Piece> pieces(std::string_view text) {
  std::vector<Piece> all;
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) <= ' ') {
      ++at;
      continue;
    }
    Piece piece;
    piece.begin = at;
    bool quoted = false;
    for (; at < text.size() && (quoted || static_cast<unsigned char>(text[at]) > ' '); ++at) {
      if (text[at] == '"') {
        quoted = !quoted;
        piece.quoted_from = std::min(piece.quoted_from, piece.text.size());
      } else {
        const char c = static_cast<unsigned char>(text[at]) < ' ' ? ' ' : text[at];
        piece.text += quoted && c == ',' ? kQuotedComma : c;
      }
    }
    piece.end = at;
    all.push_back(std::move(piece));
  }
  return all;
}

std::vector<std::string> comma_parts(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t comma = text.find(',');
    if (comma != 0 && !text.empty()) parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<RunTerm::Range> range_of(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    const auto value = whole_number(text);
    return value ? std::optional(RunTerm::Range{*value, *value}) : std::nullopt;
  }
  RunTerm::Range range{-kNoLimit, kNoLimit};
  const std::string_view low = text.substr(0, dots), high = text.substr(dots + 2);
  if (low.empty() && high.empty()) return std::nullopt;
  if (!low.empty()) {
    const auto value = whole_number(low);
    if (!value) return std::nullopt;
    range.low = *value;
  }
  if (!high.empty()) {
    const auto value = whole_number(high);
    if (!value) return std::nullopt;
    range.high = *value;
  }
  return range;
}

// "2026", "2026-05", "2026-05-01", with a time behind the day: what ISO times begin with.
bool is_date(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  if (text.size() < 4 || text.size() > kForm.size() || text.size() == 5 || text.size() == 6 || text.size() == 8 || text.size() == 9)
    return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (kForm[i] == '0' ? text[i] < '0' || text[i] > '9' : lower(text[i]) != lower(kForm[i])) return false;
  return true;
}

Status read_date(RunTerm& term, std::string_view key, const std::string& text) {
  if (!is_date(text))
    return fail(ErrorKind::invalid_input, "{}:{}: not a date; write a year, month or day such as {}:2026-05-01", key, text, key);
  std::string date = text;
  std::transform(date.begin(), date.end(), date.begin(), [](char c) { return c == 't' ? 'T' : c == 'z' ? 'Z' : c; });
  if (key == "before") term.until = date;
  else term.from = date;
  if (key == "on") term.until = date + '\x7f';   // behind all times that begin so
  return {};
}

Status read_value(RunTerm& term, std::string_view key, std::string_view value) {
  if (term.key == RunKey::started) return read_date(term, key, std::string(value));
  for (const std::string& part : comma_parts(value)) {
    if (!is_number_key(term.key)) {
      term.values.push_back(lower(part));
    } else if (const auto range = range_of(part)) {
      term.ranges.push_back(*range);
    } else {
      return fail(ErrorKind::invalid_input, "{}:{}: not a number or a range of them, such as {}:8 or {}:8..64", key, part, key, key);
    }
  }
  return {};
}

const RunKeyName* key_named(std::string_view name) {
  const auto& names = run_key_names();
  const auto found = std::find_if(names.begin(), names.end(), [&](const RunKeyName& one) { return one.name == name; });
  return found == names.end() ? nullptr : &*found;
}

Result<RunTerm> term_of(const Piece& piece) {
  RunTerm term;
  std::string_view text = piece.text;
  std::size_t quoted_from = piece.quoted_from;
  if (text.size() > 1 && text[0] == '-' && quoted_from > 0) {
    term.excluded = true;
    text.remove_prefix(1);
    if (quoted_from != std::string::npos) --quoted_from;
  }
  const std::size_t sign = text.find_first_of(":=");
  if (sign != std::string_view::npos && sign < quoted_from) {
    const std::string name = lower(text.substr(0, sign));
    if (const RunKeyName* known = key_named(name); known != nullptr && known->key != RunKey::starred) {
      term.key = known->key;
      term.exact = text[sign] == '=';
      const std::string_view value = text.substr(sign + 1);
      if (value.empty())
        return fail(ErrorKind::invalid_input, "{}{}: a value is missing after it", name, text[sign]);
      TOKENMARK_CHECK(read_value(term, name, value));
      return term;
    }
  }
  if (quoted_from == std::string::npos && lower(text) == "starred") {
    term.key = RunKey::starred;
    return term;
  }
  term.values.push_back(lower(text));
  return term;
}

std::string quoted(const std::string& value) {
  const bool plain = value.find_first_of(" \t,") == std::string::npos;
  return plain ? value : fmt::format("\"{}\"", value);
}

}  // namespace

const std::vector<RunKeyName>& run_key_names() {
  static const std::vector<RunKeyName> kNames = {
      {RunKey::model, "model", "part of the model's name"},
      {RunKey::hardware, "hardware", "accelerator or processor"},
      {RunKey::device, "device", "device of the engine"},
      {RunKey::precision, "precision", "number format of the weights"},
      {RunKey::framework, "framework", "serving software"},
      {RunKey::node, "node", "where it was measured"},
      {RunKey::sweep, "sweep", "name of its sweep"},
      {RunKey::series, "series", "line of a chart that it belongs to"},
      {RunKey::source, "source", "measured, import or sample"},
      {RunKey::lengths, "lengths", "input and output tokens: 1024/128"},
      {RunKey::input, "in", "input tokens, or a range of them"},
      {RunKey::output, "out", "output tokens, or a range of them"},
      {RunKey::concurrency, "concurrency", "requests in flight, or a range"},
      {RunKey::gpus, "gpus", "accelerators, or a range"},
      {RunKey::state, "state", "done, failed, running, cancelled or interrupted"},
      {RunKey::tag, "tag", "one of its tags"},
      {RunKey::note, "note", "part of its note"},
      {RunKey::error, "error", "part of what went wrong"},
      {RunKey::started, "before", "started before a year, month or day (UTC)"},
      {RunKey::started, "after", "started then or later (UTC)"},
      {RunKey::started, "on", "started in that year, month or on that day (UTC)"},
      {RunKey::starred, "starred", "marked with a star"},
      {RunKey::run, "run", "number of the run, or a range"},
  };
  return kNames;
}

Result<RunFilter> parse_run_filter(std::string_view text) {
  RunFilter filter;
  for (const Piece& piece : pieces(text)) {
    if (piece.text.empty()) continue;
    TOKENMARK_TRY(RunTerm term, term_of(piece));
    filter.terms.push_back(std::move(term));
  }
  return filter;
}

bool holds_for_kind(const RunTerm& term, const RunRow& row) {
  switch (term.key) {
    case RunKey::word: {
      for (const RunKey key : kKindTexts)
        if (holds_for_text(term, shared_field(key, row)->str())) return true;
      return holds_for_text(term, lengths_text(row));
    }
    case RunKey::lengths: return holds_for_text(term, lengths_text(row));
    case RunKey::input:
    case RunKey::output:
    case RunKey::gpus: return holds_for_number(term, number_of(term.key, row));
    case RunKey::note:
    case RunKey::error: return false;
    default: {
      const SharedText* field = shared_field(term.key, row);
      return field != nullptr && holds_for_text(term, field->str());
    }
  }
}

bool holds_for_own(const RunTerm& term, const RunRow& row) {
  switch (term.key) {
    case RunKey::word: return own_word(term.values.front(), row);
    case RunKey::state: return holds_for_text(term, run_state_name(row.state));
    case RunKey::tag:
      return std::any_of(row.tags.begin(), row.tags.end(), [&](const std::string& tag) { return holds_for_text(term, tag); });
    case RunKey::note: return holds_for_text(term, row.note.str());
    case RunKey::error: return holds_for_text(term, row.error.str());
    case RunKey::started:
      return !row.started.empty() && row.started >= term.from && (term.until.empty() || row.started < term.until);
    case RunKey::starred: return row.starred;
    case RunKey::concurrency:
    case RunKey::run: return holds_for_number(term, number_of(term.key, row));
    default: return false;
  }
}

bool matches(const RunFilter& filter, const RunRow& row) {
  return std::all_of(filter.terms.begin(), filter.terms.end(), [&](const RunTerm& term) {
    return (holds_for_kind(term, row) || holds_for_own(term, row)) != term.excluded;
  });
}

bool same_kind(const RunRow& a, const RunRow& b) {
  return a.input == b.input && a.output == b.output && a.gpus == b.gpus &&
         std::all_of(kKindTexts.begin(), kKindTexts.end(),
                     [&](RunKey key) { return *shared_field(key, a) == *shared_field(key, b); });
}

std::vector<std::string> plain_words(const RunFilter& filter) {
  std::vector<std::string> words;
  for (const RunTerm& term : filter.terms)
    if (term.key == RunKey::word && !term.excluded) words.push_back(term.values.front());
  return words;
}

std::vector<std::string> values_of(RunKey key, const RunRow& row) {
  if (key == RunKey::tag) return row.tags;
  std::string value;
  if (key == RunKey::state) value = run_state_name(row.state);
  else if (key == RunKey::lengths) value = row.input > 0 ? lengths_text(row) : std::string();
  else if (key == RunKey::started) value = row.started.substr(0, 10);
  else if (is_number_key(key)) value = std::to_string(number_of(key, row));
  else if (const SharedText* field = shared_field(key, row)) value = *field;
  if (value.empty()) return {};
  return {std::move(value)};
}

std::string with_values(std::string_view text, RunKey key, const std::vector<std::string>& values) {
  std::string out;
  const auto add = [&](std::string_view piece) {
    if (!out.empty()) out += ' ';
    out += piece;
    if (std::count(piece.begin(), piece.end(), '"') % 2 == 1) out += '"';   // one still being typed
  };
  for (const Piece& piece : pieces(text)) {
    const auto term = term_of(piece);
    if (term && term->key == key && !term->excluded) continue;
    add(text.substr(piece.begin, piece.end - piece.begin));
  }
  if (values.empty()) return out;
  const auto& names = run_key_names();
  const auto name = std::find_if(names.begin(), names.end(), [&](const RunKeyName& one) { return one.key == key; });
  std::string list;
  for (const std::string& value : values) {
    if (!list.empty()) list += ',';
    list += quoted(value);
  }
  add(key == RunKey::starred ? std::string(name->name) : fmt::format("{}={}", name->name, list));
  return out;
}

std::vector<std::string> exact_values(std::string_view text, RunKey key) {
  std::vector<std::string> values;
  for (const Piece& piece : pieces(text)) {
    const auto term = term_of(piece);
    if (!term || term->key != key || term->excluded) continue;
    if (key == RunKey::starred) return {"starred"};
    if (term->exact) values.insert(values.end(), term->values.begin(), term->values.end());
  }
  return values;
}

}  // namespace tokenmark
