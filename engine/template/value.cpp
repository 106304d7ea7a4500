#include "engine/template/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tokenmark::jinja {
namespace {

constexpr int kDeepest = 100;

int depth_inside(const Value& value) {
  if (value.space()) raise("a namespace cannot be part of another value");
  return value.depth();
}
int checked(int depth) {
  if (depth > kDeepest) raise("a value is nested more than {} levels deep", kDeepest);
  return depth;
}

}  // namespace

const Value* Dict::find(std::string_view key) const {
  const auto found = places_.find(std::string(key));
  return found == places_.end() ? nullptr : &entries_[found->second].second;
}

void Dict::set(std::string key, Value value) {
  const auto [found, added] = places_.try_emplace(key, entries_.size());
  if (added) entries_.emplace_back(std::move(key), std::move(value));
  else entries_[found->second].second = std::move(value);
}

Value Value::list(List items, bool tuple) {
  int depth = 0;
  for (const Value& item : items) depth = std::max(depth, depth_inside(item));
  Value value;
  value.held_ = std::make_shared<const ListBox>(ListBox{std::move(items), checked(depth + 1), tuple});
  return value;
}

Value Value::dict(Dict entries) {
  int depth = 0;
  for (const auto& entry : entries.entries()) depth = std::max(depth, depth_inside(entry.second));
  Value value;
  value.held_ = std::make_shared<const DictBox>(DictBox{std::move(entries), checked(depth + 1)});
  return value;
}

const List* Value::list() const {
  const auto* box = pointed<const ListBox>();
  return box ? &box->items : nullptr;
}
bool Value::is_tuple() const {
  const auto* box = pointed<const ListBox>();
  return box && box->tuple;
}
const Dict* Value::dict() const {
  const auto* box = pointed<const DictBox>();
  return box ? &box->dict : nullptr;
}
Namespace* Value::space() const { return pointed<Namespace>(); }

const std::string& Value::undefined_name() const {
  static const std::string kNone;
  const auto* undefined = pointed<const Undefined>();
  return undefined ? undefined->name : kNone;
}

int Value::depth() const {
  if (const auto* box = pointed<const ListBox>()) return box->depth;
  if (const auto* box = pointed<const DictBox>()) return box->depth;
  return 0;
}

double Value::number() const {
  if (boolean()) return *boolean() ? 1 : 0;
  if (integer()) return static_cast<double>(*integer());
  return real() ? *real() : 0;
}

bool Value::truth() const {
  if (is_undefined() || is_none()) return false;
  if (is_number()) return number() != 0;
  if (text()) return !text()->empty();
  if (list()) return !list()->empty();
  if (dict()) return !dict()->entries().empty();
  return true;
}

std::string_view Value::type() const {
  if (is_undefined()) return "undefined";
  if (is_none()) return "none";
  if (boolean()) return "bool";
  if (integer()) return "int";
  if (real()) return "float";
  if (text()) return "str";
  if (list()) return is_tuple() ? "tuple" : "list";
  if (dict()) return "dict";
  return space() ? "namespace" : "function";
}

bool equal(const Value& a, const Value& b, Budget& budget) {
  budget.step();
  if (a.integer() && b.integer()) return *a.integer() == *b.integer();
  if (a.is_number() && b.is_number()) return a.number() == b.number();
  if (a.text() && b.text()) return *a.text() == *b.text();
  if (a.list() && b.list()) {
    if (a.is_tuple() != b.is_tuple()) return false;
    return std::equal(a.list()->begin(), a.list()->end(), b.list()->begin(), b.list()->end(),
                      [&](const Value& x, const Value& y) { return equal(x, y, budget); });
  }
  if (a.dict() && b.dict()) {
    if (a.dict()->entries().size() != b.dict()->entries().size()) return false;
    for (const auto& [key, value] : a.dict()->entries()) {
      const Value* other = b.dict()->find(key);
      if (!other || !equal(value, *other, budget)) return false;
    }
    return true;
  }
  if (a.space() || b.space()) return a.space() == b.space();
  return (a.is_none() && b.is_none()) || (a.is_undefined() && b.is_undefined());
}

// ---- text --------------------------------------------------------------------------------------------------------

std::string number_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  char buffer[32];
  const bool small_exponent = number == 0 || (std::fabs(number) >= 1e-4 && std::fabs(number) < 1e16);
  const auto format = small_exponent ? std::chars_format::fixed : std::chars_format::scientific;
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, number, format).ptr);
  if (small_exponent && text.find('.') == std::string::npos) text += ".0";
  return text;
}

namespace {

void append_quoted(std::string_view text, std::string& out) {
  const char quote = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"' : '\'';
  out += quote;
  for (const char c : text) {
    if (c == quote || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else if (c == '\t') out += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else out += c;
  }
  out += quote;
}

void append_list(const Value& value, std::string& out, Budget& budget) {
  out += value.is_tuple() ? '(' : '[';
  bool first = true;
  for (const Value& item : *value.list()) {
    if (!std::exchange(first, false)) out += ", ";
    append_repr(item, out, budget);
  }
  if (value.is_tuple() && value.list()->size() == 1) out += ',';
  out += value.is_tuple() ? ')' : ']';
}

}  // namespace

void append_repr(const Value& value, std::string& out, Budget& budget) {
  budget.step();
  if (const std::string* text = value.text()) {
    budget.bytes(text->size());
    return append_quoted(*text, out);
  }
  if (value.list()) return append_list(value, out, budget);
  if (const Dict* dict = value.dict()) {
    out += '{';
    bool first = true;
    for (const auto& [key, entry] : dict->entries()) {
      if (!std::exchange(first, false)) out += ", ";
      append_quoted(key, out);
      out += ": ";
      append_repr(entry, out, budget);
    }
    out += '}';
    return;
  }
  if (value.is_undefined()) out += "Undefined";
  else append_text(value, out, budget);
}

void append_text(const Value& value, std::string& out, Budget& budget) {
  budget.step();
  if (const std::string* text = value.text()) {
    budget.bytes(text->size());
    out += *text;
  } else if (value.is_none()) {
    out += "None";
  } else if (value.boolean()) {
    out += *value.boolean() ? "True" : "False";
  } else if (value.integer()) {
    out += std::to_string(*value.integer());
  } else if (value.real()) {
    out += number_text(*value.real());
  } else if (value.list() || value.dict()) {
    append_repr(value, out, budget);
  } else if (value.space()) {
    out += "<Namespace>";
  } else if (value.callable()) {
    out += fmt::format("<function {}>", value.callable()->name);
  }
}

std::string text_of(const Value& value, Budget& budget) {
  std::string text;
  append_text(value, text, budget);
  return text;
}

}  // namespace tokenmark::jinja
