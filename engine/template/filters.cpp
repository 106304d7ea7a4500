// Filters by name.
#include <algorithm>
#include <cmath>
#include <map>

#include "engine/template/interpreter.h"
#include "engine/template/letters.h"

namespace tokenmark::jinja {
namespace {

using Filter = Value (*)(Interpreter&, const Value&, const Arguments&);

void need_defined(const Value& value) {
  if (value.is_undefined()) raise("'{}' is undefined", value.undefined_name());
}

bool flag(const Arguments& given, std::size_t place, std::string_view name, bool otherwise = false) {
  const Value* value = argument(given, place, name);
  return value ? value->truth() : otherwise;
}

// As in Jinja these filters make nothing of nothing, where a loop over it would be an error.
List items_if_any(Interpreter& interpreter, const Value& value) {
  return value.truth() ? interpreter.items_of(value) : List();
}

// "name" or "name.inner.0".
Value deep_attribute(Interpreter& interpreter, Value value, const std::string& path) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    const bool number = !part.empty() && part.size() < 10 && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    value = interpreter.item(value, number ? Value(static_cast<std::int64_t>(std::stoi(part))) : Value(part));
    begin = end + 1;
  }
  return value;
}

Value to_json(Interpreter& interpreter, const Value& value, const Arguments& given) {
  JsonStyle style;
  style.ascii = flag(given, 0, "ensure_ascii");
  style.sorted = flag(given, 3, "sort_keys");
  style.indent = static_cast<int>(std::clamp<std::int64_t>(integer_argument(given, 1, "indent", -1), -1, 16));
  if (const Value* separators = argument(given, 2, "separators"); separators && separators->list() && separators->list()->size() == 2) {
    style.item_separator = text_of((*separators->list())[0], interpreter.budget());
    style.key_separator = text_of((*separators->list())[1], interpreter.budget());
  }
  need_defined(value);
  std::string out;
  append_json(value, out, style, interpreter.budget());
  return Value(std::move(out));
}

Value length(Interpreter& interpreter, const Value& value, const Arguments&) {
  std::size_t count = 0;
  if (value.text()) {
    interpreter.budget().bytes(value.text()->size());
    count = characters(*value.text()).size();
  } else if (value.list()) {
    count = value.list()->size();
  } else if (value.dict()) {
    count = value.dict()->entries().size();
  } else if (!value.is_undefined()) {
    raise("{} has no length", value.type());
  }
  return Value(static_cast<std::int64_t>(count));
}

Value otherwise(Interpreter&, const Value& value, const Arguments& given) {
  const bool missing = value.is_undefined() || (flag(given, 1, "boolean") && !value.truth());
  const Value* instead = argument(given, 0, "default_value");
  return !missing ? value : instead ? *instead : Value("");
}

Value join(Interpreter& interpreter, const Value& value, const Arguments& given) {
  const Value* separator = argument(given, 0, "d");
  const Value* of = argument(given, 1, "attribute");
  std::string out;
  bool first = true;
  for (const Value& item : interpreter.items_of(value)) {
    if (!std::exchange(first, false) && separator) append_text(*separator, out, interpreter.budget());
    append_text(of && of->text() ? deep_attribute(interpreter, item, *of->text()) : item, out, interpreter.budget());
  }
  return Value(std::move(out));
}

Value items(Interpreter& interpreter, const Value& value, const Arguments& given) {
  if (value.is_undefined()) return Value::list({});
  if (!value.dict()) raise("'items' needs a mapping, not {}", value.type());
  return call_method(interpreter, value, "items", given);
}

Value first_or_last(Interpreter& interpreter, const Value& value, bool first) {
  const List list = interpreter.items_of(value);
  if (list.empty()) return Undefined{first ? "the first item of nothing" : "the last item of nothing"};
  return first ? list.front() : list.back();
}

Value to_int(Interpreter&, const Value& value, const Arguments& given) {
  const Value* instead = argument(given, 0, "default");
  const Value fallback = instead ? *instead : Value(std::int64_t{0});
  if (value.integer()) return value;
  if (value.is_number()) return std::fabs(value.number()) < 9e18 ? Value(static_cast<std::int64_t>(value.number())) : fallback;
  if (!value.text()) return fallback;
  const std::string text(strip(*value.text(), nullptr, true, true));
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(std::fabs(number) < 9e15)) return fallback;
  return Value(static_cast<std::int64_t>(number));
}

Value to_float(Interpreter&, const Value& value, const Arguments& given) {
  if (value.is_number()) return Value(value.number());
  const std::string text(value.text() ? strip(*value.text(), nullptr, true, true) : std::string_view());
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (!text.empty() && *end == '\0') return Value(number);
  const Value* instead = argument(given, 0, "default");
  return instead ? *instead : Value(0.0);
}

Value indent(Interpreter& interpreter, const Value& value, const Arguments& given) {
  const Value* width = argument(given, 0, "width");
  const std::string space = width && width->text() ? *width->text()
                            : std::string(static_cast<std::size_t>(std::clamp<std::int64_t>(integer_argument(given, 0, "width", 4), 0, 200)), ' ');
  const bool first = flag(given, 1, "first"), blank = flag(given, 2, "blank");
  std::string out;
  const std::string text = text_of(value, interpreter.budget());
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const bool skipped = begin == 0 ? !first : end == begin && !blank;
    interpreter.budget().bytes(space.size() + 16);
    if (!skipped) out += space;
    out.append(text, begin, end + 1 - begin);
    begin = end + 1;
  }
  return Value(std::move(out));
}

// Sorts by a key; strings without regard to case unless asked for.
void sort_by(List& list, Interpreter& interpreter, bool case_sensitive, bool reverse, const auto& key_of) {
  std::vector<std::pair<Value, Value>> keyed;
  for (Value& item : list) {
    Value key = key_of(item);
    if (key.text() && !case_sensitive) key = Value(lower_case(*key.text()));
    keyed.emplace_back(std::move(key), std::move(item));
  }
  interpreter.budget().spend(list.size() * 20);
  std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    return reverse ? less(b.first, a.first) : less(a.first, b.first);
  });
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = std::move(keyed[i].second);
}

Value sort(Interpreter& interpreter, const Value& value, const Arguments& given) {
  List list = interpreter.items_of(value);
  const Value* of = argument(given, 2, "attribute");
  sort_by(list, interpreter, flag(given, 1, "case_sensitive"), flag(given, 0, "reverse"), [&](const Value& item) {
    return of && of->text() ? deep_attribute(interpreter, item, *of->text()) : item;
  });
  return Value::list(std::move(list));
}

Value dictsort(Interpreter& interpreter, const Value& value, const Arguments& given) {
  if (!value.dict()) raise("'dictsort' needs a mapping, not {}", value.type());
  const Value* by = argument(given, 1, "by");
  const std::size_t part = by && by->text() && *by->text() == "value" ? 1 : 0;
  List pairs = *call_method(interpreter, value, "items", {}).list();
  sort_by(pairs, interpreter, flag(given, 0, "case_sensitive"), flag(given, 2, "reverse"),
          [&](const Value& pair) { return (*pair.list())[part]; });
  return Value::list(std::move(pairs));
}

Value unique(Interpreter& interpreter, const Value& value, const Arguments&) {
  List kept;
  for (const Value& item : interpreter.items_of(value))
    if (std::ranges::none_of(kept, [&](const Value& other) { return equal(item, other, interpreter.budget()); }))
      kept.push_back(item);
  return Value::list(std::move(kept));
}

Value map(Interpreter& interpreter, const Value& value, const Arguments& given) {
  List out;
  const Value* of = argument(given, given.positional.size(), "attribute");
  Arguments rest;
  if (!of && !given.positional.empty()) rest.positional.assign(given.positional.begin() + 1, given.positional.end());
  for (const Value& item : items_if_any(interpreter, value)) {
    if (of && of->text()) {
      Value found = deep_attribute(interpreter, item, *of->text());
      const Value* instead = argument(given, given.positional.size(), "default");
      out.push_back(found.is_undefined() && instead ? *instead : std::move(found));
    } else {
      out.push_back(interpreter.apply_filter(text_argument(given, 0, {}, "map"), item, rest));
    }
  }
  return Value::list(std::move(out));
}

// select, reject, selectattr, rejectattr.
Value choose(Interpreter& interpreter, const Value& value, const Arguments& given, bool by_attribute, bool wanted) {
  const std::size_t test_at = by_attribute ? 1 : 0;
  Arguments rest;
  for (std::size_t i = test_at + 1; i < given.positional.size(); ++i) rest.positional.push_back(given.positional[i]);
  List out;
  for (const Value& item : items_if_any(interpreter, value)) {
    const Value tested = by_attribute ? deep_attribute(interpreter, item, text_argument(given, 0, {}, "selectattr")) : item;
    const bool holds = given.positional.size() > test_at
                           ? interpreter.apply_test(text_argument(given, test_at, {}, "select"), tested, rest)
                           : tested.truth();
    if (holds == wanted) out.push_back(item);
  }
  return Value::list(std::move(out));
}

Value extreme(Interpreter& interpreter, const Value& value, bool largest) {
  const List list = interpreter.items_of(value);
  if (list.empty()) return Undefined{"the least or largest of nothing"};
  const Value* best = &list[0];
  for (const Value& item : list)
    if (largest ? less(*best, item) : less(item, *best)) best = &item;
  return *best;
}

Value sum(Interpreter& interpreter, const Value& value, const Arguments& given) {
  const Value* of = argument(given, 0, "attribute");
  Value total(std::int64_t{0});
  for (const Value& item : interpreter.items_of(value))
    total = add(total, of && of->text() ? deep_attribute(interpreter, item, *of->text()) : item, interpreter.budget());
  return total;
}

Value escape(Interpreter& interpreter, const Value& value, const Arguments&) {
  std::string out;
  for (const char c : text_of(value, interpreter.budget()))
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&#34;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  return Value(std::move(out));
}

Value round(Interpreter&, const Value& value, const Arguments& given) {
  if (!value.is_number()) raise("'round' needs a number, not {}", value.type());
  const double scale = std::pow(10, static_cast<double>(std::clamp<std::int64_t>(integer_argument(given, 0, "precision", 0), -10, 10)));
  return Value(std::nearbyint(value.number() * scale) / scale);
}

Value reverse(Interpreter& interpreter, const Value& value, const Arguments&) {
  List list = interpreter.items_of(value);
  std::ranges::reverse(list);
  if (!value.text()) return Value::list(std::move(list));
  std::string text;
  for (const Value& letter : list) text += *letter.text();
  return Value(std::move(text));
}

// A method of strings as a filter.
template <const char* kName>
Value text_method(Interpreter& interpreter, const Value& value, const Arguments& given) {
  return call_method(interpreter, Value(text_of(value, interpreter.budget())), kName, given);
}
constexpr char kUpper[] = "upper", kLower[] = "lower", kTitle[] = "title", kCapitalize[] = "capitalize", kStrip[] = "strip",
               kReplace[] = "replace";

const std::map<std::string_view, Filter>& filters() {
  static const std::map<std::string_view, Filter> known = {
      {"tojson", to_json},
      {"length", length},
      {"count", length},
      {"default", otherwise},
      {"d", otherwise},
      {"join", join},
      {"items", items},
      {"int", to_int},
      {"float", to_float},
      {"indent", indent},
      {"sort", sort},
      {"dictsort", dictsort},
      {"unique", unique},
      {"map", map},
      {"sum", sum},
      {"escape", escape},
      {"e", escape},
      {"round", round},
      {"reverse", reverse},
      {"trim", text_method<kStrip>},
      {"upper", text_method<kUpper>},
      {"lower", text_method<kLower>},
      {"title", text_method<kTitle>},
      {"capitalize", text_method<kCapitalize>},
      {"replace", text_method<kReplace>},
      {"safe", [](Interpreter&, const Value& value, const Arguments&) { return value; }},
      {"string", [](Interpreter& i, const Value& value, const Arguments&) { return Value(text_of(value, i.budget())); }},
      {"list", [](Interpreter& i, const Value& value, const Arguments&) { return Value::list(i.items_of(value)); }},
      {"first", [](Interpreter& i, const Value& value, const Arguments&) { return first_or_last(i, value, true); }},
      {"last", [](Interpreter& i, const Value& value, const Arguments&) { return first_or_last(i, value, false); }},
      {"min", [](Interpreter& i, const Value& value, const Arguments&) { return extreme(i, value, false); }},
      {"max", [](Interpreter& i, const Value& value, const Arguments&) { return extreme(i, value, true); }},
      {"select", [](Interpreter& i, const Value& v, const Arguments& a) { return choose(i, v, a, false, true); }},
      {"reject", [](Interpreter& i, const Value& v, const Arguments& a) { return choose(i, v, a, false, false); }},
      {"selectattr", [](Interpreter& i, const Value& v, const Arguments& a) { return choose(i, v, a, true, true); }},
      {"rejectattr", [](Interpreter& i, const Value& v, const Arguments& a) { return choose(i, v, a, true, false); }},
      {"attr", [](Interpreter& i, const Value& v, const Arguments& a) { return i.attribute(v, text_argument(a, 0, "name", "attr")); }},
      {"abs", [](Interpreter& i, const Value& v, const Arguments&) {
         return v.is_number() && v.number() < 0 ? arithmetic(ExpressionKind::subtract, Value(std::int64_t{0}), v, i.budget()) : v;
       }},
  };
  return known;
}

// ---- tests -------------------------------------------------------------------------------------------------------

using Test = bool (*)(Interpreter&, const Value&, const Value&);

bool is_whole(const Value& value) { return value.integer() != nullptr; }

const std::map<std::string_view, Test>& tests() {
  using V = const Value&;
  using I = Interpreter&;
  constexpr Test kEqual = [](I i, V a, V b) { return equal(a, b, i.budget()); };
  constexpr Test kUnequal = [](I i, V a, V b) { return !equal(a, b, i.budget()); };
  constexpr Test kLess = [](I, V a, V b) { return less(a, b); };
  constexpr Test kGreater = [](I, V a, V b) { return less(b, a); };
  constexpr Test kAtLeast = [](I, V a, V b) { return !less(a, b); };
  constexpr Test kAtMost = [](I, V a, V b) { return !less(b, a); };
  static const std::map<std::string_view, Test> known = {
      {"defined", [](I, V a, V) { return !a.is_undefined(); }},
      {"undefined", [](I, V a, V) { return a.is_undefined(); }},
      {"none", [](I, V a, V) { return a.is_none(); }},
      {"string", [](I, V a, V) { return a.text() != nullptr; }},
      {"mapping", [](I, V a, V) { return a.dict() != nullptr; }},
      {"iterable", [](I, V a, V) { return a.text() || a.list() || a.dict() || a.is_undefined(); }},
      {"sequence", [](I, V a, V) { return a.text() || a.list() || a.dict() || a.is_undefined(); }},
      {"number", [](I, V a, V) { return a.is_number(); }},
      {"integer", [](I, V a, V) { return is_whole(a); }},
      {"float", [](I, V a, V) { return a.real() != nullptr; }},
      {"boolean", [](I, V a, V) { return a.boolean() != nullptr; }},
      {"true", [](I, V a, V) { return a.boolean() && *a.boolean(); }},
      {"false", [](I, V a, V) { return a.boolean() && !*a.boolean(); }},
      {"callable", [](I, V a, V) { return a.callable() != nullptr; }},
      {"odd", [](I, V a, V) { return is_whole(a) && *a.integer() % 2 != 0; }},
      {"even", [](I, V a, V) { return is_whole(a) && *a.integer() % 2 == 0; }},
      {"divisibleby", [](I, V a, V b) { return is_whole(a) && is_whole(b) && *b.integer() > 0 && *a.integer() % *b.integer() == 0; }},
      {"upper", [](I, V a, V) { return a.text() && upper_case(*a.text()) == *a.text() && lower_case(*a.text()) != *a.text(); }},
      {"lower", [](I, V a, V) { return a.text() && lower_case(*a.text()) == *a.text() && upper_case(*a.text()) != *a.text(); }},
      {"in", [](I i, V a, V b) { return contains(b, a, i.budget()); }},
      {"sameas", kEqual},
      {"equalto", kEqual},
      {"eq", kEqual},
      {"==", kEqual},
      {"ne", kUnequal},
      {"!=", kUnequal},
      {"lt", kLess},
      {"lessthan", kLess},
      {"<", kLess},
      {"gt", kGreater},
      {"greaterthan", kGreater},
      {">", kGreater},
      {"ge", kAtLeast},
      {">=", kAtLeast},
      {"le", kAtMost},
      {"<=", kAtMost},
  };
  return known;
}

}  // namespace

Value Interpreter::apply_filter(const std::string& name, const Value& value, const Arguments& arguments) {
  const auto found = filters().find(name);
  if (found == filters().end()) raise("the filter '{}' is not known", name);
  return found->second(*this, value, arguments);
}

bool Interpreter::apply_test(const std::string& name, const Value& value, const Arguments& arguments) {
  const auto found = tests().find(name);
  if (found == tests().end()) raise("the test '{}' is not known", name);
  return found->second(*this, value, arguments.positional.empty() ? Value() : arguments.positional[0]);
}

}  // namespace tokenmark::jinja
