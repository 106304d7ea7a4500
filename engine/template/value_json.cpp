// Values from JSON and back.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/template/value.h"

namespace tokenmark::jinja {
namespace {

constexpr std::size_t kDeepestJson = 64;

// Builds values as the JSON library reads; that keeps the order of keys.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return put(Value()); }
  bool boolean(bool value) override { return put(Value(value)); }
  bool number_integer(number_integer_t value) override { return put(Value(static_cast<std::int64_t>(value))); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > INT64_MAX) return put(Value(static_cast<double>(value)));
    return put(Value(static_cast<std::int64_t>(value)));
  }
  bool number_float(number_float_t value, const string_t&) override { return put(Value(value)); }
  bool string(string_t& value) override { return put(Value(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(true); }
  bool start_array(std::size_t) override { return open(false); }
  bool key(string_t& value) override {
    open_.back().key = std::move(value);
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    error = fmt::format("is wrong at byte {}", position);
    return false;
  }

  Value result;
  std::string error;

 private:
  struct Open {
    bool object;
    std::string key = {};
    Dict dict = {};
    List list = {};
  };
  bool open(bool object) {
    if (open_.size() >= kDeepestJson) {
      error = fmt::format("is nested more than {} levels deep", kDeepestJson);
      return false;
    }
    open_.push_back({object});
    return true;
  }
  bool close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    return put(closed.object ? Value::dict(std::move(closed.dict)) : Value::list(std::move(closed.list)));
  }
  bool put(Value value) {
    if (open_.empty()) result = std::move(value);
    else if (open_.back().object) open_.back().dict.set(open_.back().key, std::move(value));
    else open_.back().list.push_back(std::move(value));
    return true;
  }
  std::vector<Open> open_;
};

void append_string(const std::string& text, std::string& out, bool ascii) {
  out += nlohmann::json(text).dump(-1, ' ', ascii, nlohmann::json::error_handler_t::replace);
}

void new_line(std::string& out, const JsonStyle& style, int level) {
  if (style.indent < 0) return;
  out += '\n';
  out.append(static_cast<std::size_t>(std::min(style.indent, 16) * level), ' ');
}

// What stands between items: with an indent there is no space before the line's end.
std::string item_separator(const JsonStyle& style) {
  return style.indent >= 0 && style.item_separator == ", " ? "," : style.item_separator;
}

}  // namespace

void append_json(const Value& value, std::string& out, const JsonStyle& style, Budget& budget, int level) {
  budget.step();
  const auto each = [&](char open, char close, const auto& items, const auto& write) {
    out += open;
    bool first = true;
    for (const auto& item : items) {
      if (!std::exchange(first, false)) out += item_separator(style);
      new_line(out, style, level + 1);
      write(item);
    }
    if (!items.empty()) new_line(out, style, level);
    out += close;
  };
  if (const std::string* text = value.text()) {
    budget.bytes(text->size());
    append_string(*text, out, style.ascii);
  } else if (value.list()) {
    each('[', ']', *value.list(), [&](const Value& item) { append_json(item, out, style, budget, level + 1); });
  } else if (value.dict()) {
    auto entries = value.dict()->entries();
    if (style.sorted) std::ranges::stable_sort(entries, {}, [](const auto& entry) { return entry.first; });
    each('{', '}', entries, [&](const auto& entry) {
      append_string(entry.first, out, style.ascii);
      out += style.key_separator;
      append_json(entry.second, out, style, budget, level + 1);
    });
  } else if (value.is_none()) {
    out += "null";
  } else if (value.boolean()) {
    out += *value.boolean() ? "true" : "false";
  } else if (value.real() && !std::isfinite(*value.real())) {
    out += std::isnan(*value.real()) ? "NaN" : *value.real() < 0 ? "-Infinity" : "Infinity";
  } else if (value.is_number()) {
    append_text(value, out, budget);
  } else {
    raise("{} cannot be written as JSON", value.type());
  }
}

Result<Value> value_from_json(std::string_view json) {
  Builder builder;
  if (nlohmann::json::sax_parse(json, &builder)) return std::move(builder.result);
  return fail(ErrorKind::invalid_input, "the JSON {}", builder.error);
}

}  // namespace tokenmark::jinja
