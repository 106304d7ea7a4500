// Operators, methods of strings and mappings, and the global functions.
#include <algorithm>
#include <cmath>
#include <ctime>
#include <set>

#include "engine/template/interpreter.h"
#include "engine/template/letters.h"

namespace tokenmark::jinja {
namespace {

[[noreturn]] void mismatch(std::string_view what, const Value& left, const Value& right) {
  for (const Value* value : {&left, &right})
    if (value->is_undefined()) raise("'{}' is undefined", value->undefined_name());
  raise("cannot {} {} and {}", what, left.type(), right.type());
}

std::string repeated(std::string_view text, std::int64_t times, Budget& budget) {
  if (times <= 0 || text.empty()) return {};
  if (static_cast<std::uint64_t>(times) > (1u << 26) / text.size()) raise("repeats a text too often");
  budget.bytes(text.size() * static_cast<std::size_t>(times));
  std::string out;
  for (; times > 0; --times) out += text;
  return out;
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0); }

Value integer_arithmetic(ExpressionKind kind, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  bool overflow = false;
  const bool division = kind == ExpressionKind::divide || kind == ExpressionKind::floor_divide || kind == ExpressionKind::modulo;
  if (division && b == 0) raise("division by zero");
  if (division && a == INT64_MIN && b == -1) raise("a number is too large");
  switch (kind) {
    case ExpressionKind::add: overflow = __builtin_add_overflow(a, b, &result); break;
    case ExpressionKind::subtract: overflow = __builtin_sub_overflow(a, b, &result); break;
    case ExpressionKind::multiply: overflow = __builtin_mul_overflow(a, b, &result); break;
    case ExpressionKind::divide: return Value(static_cast<double>(a) / static_cast<double>(b));
    case ExpressionKind::floor_divide: result = floor_divide(a, b); break;
    case ExpressionKind::modulo: result = a - floor_divide(a, b) * b; break;
    default: {
      const double power = std::pow(static_cast<double>(a), static_cast<double>(b));
      if (b < 0) return Value(power);
      overflow = std::fabs(power) > 9e15;
      if (!overflow) result = static_cast<std::int64_t>(power);
    }
  }
  if (overflow) raise("a number is too large");
  return Value(result);
}

Value real_arithmetic(ExpressionKind kind, double a, double b) {
  switch (kind) {
    case ExpressionKind::add: return Value(a + b);
    case ExpressionKind::subtract: return Value(a - b);
    case ExpressionKind::multiply: return Value(a * b);
    case ExpressionKind::power: return Value(std::pow(a, b));
    default: break;
  }
  if (b == 0) raise("division by zero");
  if (kind == ExpressionKind::divide) return Value(a / b);
  const double quotient = std::floor(a / b);
  return Value(kind == ExpressionKind::floor_divide ? quotient : a - quotient * b);
}

// "%s and %d" % values.
Value formatted(const std::string& format, const Value& values, Budget& budget) {
  const List items = values.is_tuple() ? *values.list() : List{values};
  std::string out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      out += format[i];
      continue;
    }
    const char kind = ++i < format.size() ? format[i] : '\0';
    if (kind == '%') {
      out += '%';
      continue;
    }
    if (kind != 's' && kind != 'd' && kind != 'i' && kind != 'r') raise("the format '%{}' is not known here", kind);
    if (next >= items.size()) raise("a format asks for more values than there are");
    kind == 'r' ? append_repr(items[next], out, budget) : append_text(items[next], out, budget);
    ++next;
  }
  return Value(std::move(out));
}

}  // namespace

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> found;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = 1;
    while (at + length < text.size() && length < 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0xC0 &&
           (static_cast<unsigned char>(text[at + length]) & 0xC0) == 0x80)
      ++length;
    found.push_back(text.substr(at, length));
    at += length;
  }
  return found;
}

Value add(const Value& left, const Value& right, Budget& budget) {
  if (left.text() && right.text()) {
    budget.bytes(left.text()->size() + right.text()->size());
    return Value(*left.text() + *right.text());
  }
  if (left.list() && right.list() && left.is_tuple() == right.is_tuple()) {
    budget.spend(left.list()->size() + right.list()->size());
    List both = *left.list();
    both.insert(both.end(), right.list()->begin(), right.list()->end());
    return Value::list(std::move(both), left.is_tuple());
  }
  return arithmetic(ExpressionKind::add, left, right, budget);
}

Value arithmetic(ExpressionKind kind, const Value& left, const Value& right, Budget& budget) {
  const bool whole = (left.integer() || left.boolean()) && (right.integer() || right.boolean());
  const auto integer = [](const Value& value) { return value.integer() ? *value.integer() : *value.boolean() ? 1 : 0; };
  if (whole) return integer_arithmetic(kind, integer(left), integer(right));
  if (left.is_number() && right.is_number()) return real_arithmetic(kind, left.number(), right.number());
  if (kind == ExpressionKind::multiply && left.text() && right.integer())
    return Value(repeated(*left.text(), *right.integer(), budget));
  if (kind == ExpressionKind::modulo && left.text()) return formatted(*left.text(), right, budget);
  mismatch(kind == ExpressionKind::add ? "add" : kind == ExpressionKind::subtract ? "subtract" : "calculate with", left, right);
}

bool less(const Value& left, const Value& right) {
  if (left.is_number() && right.is_number()) return left.number() < right.number();
  if (left.text() && right.text()) return *left.text() < *right.text();
  mismatch("compare", left, right);
}

bool contains(const Value& container, const Value& value, Budget& budget) {
  if (container.text()) {
    if (!value.text()) mismatch("look for one in the other:", value, container);
    budget.bytes(container.text()->size());
    return container.text()->find(*value.text()) != std::string::npos;
  }
  if (container.dict()) return value.text() && container.dict()->find(*value.text());
  if (container.list())
    return std::ranges::any_of(*container.list(), [&](const Value& item) { return equal(item, value, budget); });
  if (container.is_undefined()) return false;
  raise("cannot look for something in {}", container.type());
}

Value slice(const Value& value, const Value& begin, const Value& end, const Value& step, Budget& budget) {
  if (!value.list() && !value.text()) mismatch("slice", value, begin);
  List letters;
  if (value.text())
    for (const std::string_view letter : characters(*value.text())) letters.emplace_back(letter);
  const List& items = value.list() ? *value.list() : letters;
  const auto size = static_cast<std::int64_t>(items.size());
  budget.spend(items.size());
  const std::int64_t by = step.integer() ? *step.integer() : 1;
  if (by == 0) raise("a slice's step is 0");
  const auto place = [&](const Value& bound, std::int64_t otherwise) {
    if (!bound.integer()) return otherwise;
    const std::int64_t at = *bound.integer() < 0 ? std::max(*bound.integer(), -size - 1) + size : *bound.integer();
    return by > 0 ? std::clamp<std::int64_t>(at, 0, size) : std::clamp<std::int64_t>(at, -1, size - 1);
  };
  const std::int64_t from = place(begin, by > 0 ? 0 : size - 1), to = place(end, by > 0 ? size : -1);
  List part;
  for (std::int64_t at = from; by > 0 ? at < to : at > to;) {
    part.push_back(items[static_cast<std::size_t>(at)]);
    if (__builtin_add_overflow(at, by, &at)) break;
  }
  if (value.list()) return Value::list(std::move(part), value.is_tuple());
  std::string text;
  for (const Value& letter : part) text += *letter.text();
  return Value(std::move(text));
}

// ---- arguments ---------------------------------------------------------------------------------------------------

const Value* argument(const Arguments& arguments, std::size_t place, std::string_view name) {
  if (place < arguments.positional.size()) return &arguments.positional[place];
  for (const auto& [given, value] : arguments.named)
    if (!name.empty() && given == name) return &value;
  return nullptr;
}

const std::string& text_argument(const Arguments& arguments, std::size_t place, std::string_view name, std::string_view of) {
  const Value* value = argument(arguments, place, name);
  if (!value || !value->text()) raise("'{}' needs a string, not {}", of, value ? value->type() : "nothing");
  return *value->text();
}

std::int64_t integer_argument(const Arguments& arguments, std::size_t place, std::string_view name, std::int64_t otherwise) {
  const Value* value = argument(arguments, place, name);
  return value && value->integer() ? *value->integer() : otherwise;
}

std::string_view strip(std::string_view text, const Value* of, bool left, bool right) {
  const bool white = !of || !of->text();
  const auto taken = [&](std::string_view letter) {
    return white ? is_white_space(letter) : of->text()->find(letter) != std::string::npos;
  };
  while (left && !text.empty()) {
    const std::string_view letter = first_character(text);
    if (!taken(letter)) break;
    text.remove_prefix(letter.size());
  }
  while (right && !text.empty()) {
    const std::string_view letter = last_character(text);
    if (!taken(letter)) break;
    text.remove_suffix(letter.size());
  }
  return text;
}

// ---- methods -----------------------------------------------------------------------------------------------------

namespace {

const std::set<std::string_view> kTextMethods = {
    "split", "rsplit", "strip", "lstrip", "rstrip", "startswith", "endswith", "replace", "upper", "lower", "title", "capitalize",
    "find", "rfind", "count", "join", "splitlines", "isdigit", "isspace", "isalpha", "isalnum", "isupper", "islower", "removeprefix",
    "removesuffix", "index", "format", "rpartition", "partition", "zfill"};
const std::set<std::string_view> kDictMethods = {"items", "get", "keys", "values"};

List split(std::string_view text, const Value* separator, std::int64_t most) {
  List parts;
  if (!separator || separator->is_none()) {
    text = strip(text, nullptr, true, false);
    while (!text.empty()) {
      std::size_t end = 0;
      while (end < text.size() && !is_white_space(first_character(text.substr(end)))) end += first_character(text.substr(end)).size();
      if (most >= 0 && static_cast<std::int64_t>(parts.size()) >= most) end = strip(text, nullptr, false, true).size();
      parts.emplace_back(text.substr(0, end));
      text = strip(text.substr(end), nullptr, true, false);
    }
    return parts;
  }
  if (!separator->text() || separator->text()->empty()) raise("'split' needs a separator that is not empty");
  for (std::size_t at; (most < 0 || static_cast<std::int64_t>(parts.size()) < most) &&
                       (at = text.find(*separator->text())) != std::string_view::npos;) {
    parts.emplace_back(text.substr(0, at));
    text = text.substr(at + separator->text()->size());
  }
  parts.emplace_back(text);
  return parts;
}

List split_from_right(std::string_view text, const std::string& separator, std::int64_t most) {
  List parts;
  if (separator.empty()) raise("'rsplit' needs a separator that is not empty");
  for (std::size_t at; (most < 0 || static_cast<std::int64_t>(parts.size()) < most) &&
                       (at = text.rfind(separator)) != std::string_view::npos;) {
    parts.emplace_back(text.substr(at + separator.size()));
    text = text.substr(0, at);
  }
  parts.emplace_back(text);
  std::ranges::reverse(parts);
  return parts;
}

List cut_at(std::string_view text, const std::string& separator, bool from_right) {
  const std::size_t at = from_right ? text.rfind(separator) : text.find(separator);
  const std::string_view none;
  if (at == std::string_view::npos) return from_right ? List{none, none, text} : List{text, none, none};
  return {text.substr(0, at), separator, text.substr(at + separator.size())};
}

List lines(std::string_view text) {
  List found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    found.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

std::string replaced(std::string_view text, const std::string& from, const std::string& to, std::int64_t most, Budget& budget) {
  if (from.empty()) raise("'replace' of an empty string is not known here");
  std::string out;
  for (std::size_t at; most != 0 && (at = text.find(from)) != std::string_view::npos; --most) {
    budget.bytes(at + to.size() + 16);
    out.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
  }
  return out.append(text);
}

// A string, or one of a tuple of strings.
bool has_affix(const std::string& text, const Value* affix, bool at_end) {
  const auto has = [&](const Value& value) {
    return value.text() && (at_end ? text.ends_with(*value.text()) : text.starts_with(*value.text()));
  };
  if (affix && affix->list()) return std::ranges::any_of(*affix->list(), has);
  if (!affix || !affix->text()) raise("'{}' needs a string", at_end ? "endswith" : "startswith");
  return has(*affix);
}

// Places count characters, not bytes.
Value place_of(const std::string& text, const std::string& wanted, bool last, bool must) {
  const std::size_t at = last ? text.rfind(wanted) : text.find(wanted);
  if (at == std::string::npos && must) raise("'{}' is not in the string", wanted);
  if (at == std::string::npos) return Value(std::int64_t{-1});
  return Value(static_cast<std::int64_t>(characters(std::string_view(text).substr(0, at)).size()));
}

std::int64_t count_of(std::string_view text, const std::string& wanted) {
  if (wanted.empty()) raise("'count' of an empty string is not known here");
  std::int64_t count = 0;
  for (std::size_t at = 0; (at = text.find(wanted, at)) != std::string_view::npos; at += wanted.size()) ++count;
  return count;
}

// "{} and {name}".format(…).
Value braces(const std::string& format, const Arguments& given, Budget& budget) {
  std::string out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format.compare(i, 2, "{{") == 0 || format.compare(i, 2, "}}") == 0) {
      out += format[i++];
      continue;
    }
    if (format[i] != '{') {
      out += format[i];
      continue;
    }
    const std::size_t end = format.find('}', i);
    if (end == std::string::npos) raise("'format' has a '{{' that is not closed");
    const std::string name = format.substr(i + 1, end - i - 1);
    const bool number = !name.empty() && name.size() < 4 && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
    const Value* value = name.empty() ? argument(given, next++)
                         : number     ? argument(given, static_cast<std::size_t>(std::stoi(name)))
                                      : argument(given, given.positional.size(), name);
    if (!value) raise("'format' has no value for '{{{}}}'", name);
    append_text(*value, out, budget);
    i = end;
  }
  return Value(std::move(out));
}

Value joined(Interpreter& interpreter, const std::string& separator, const Value& value) {
  std::string out;
  bool first = true;
  for (const Value& item : interpreter.items_of(value)) {
    if (!std::exchange(first, false)) out += separator;
    interpreter.budget().bytes(separator.size());
    append_text(item, out, interpreter.budget());
  }
  return Value(std::move(out));
}

Value call_text_method(Interpreter& interpreter, const std::string& text, const std::string& name, const Arguments& given) {
  Budget& budget = interpreter.budget();
  budget.bytes(text.size());
  const Value* first = argument(given, 0);
  const auto wanted = [&](std::size_t place = 0) -> const std::string& { return text_argument(given, place, {}, name); };
  const auto only = [&](auto is) { return Value(!text.empty() && std::ranges::all_of(text, is)); };
  const auto cased = [&](bool upper) {
    return Value(upper ? upper_case(text) == text && lower_case(text) != text : lower_case(text) == text && upper_case(text) != text);
  };
  if (name == "split") return Value::list(split(text, argument(given, 0, "sep"), integer_argument(given, 1, "maxsplit", -1)));
  if (name == "rsplit") return Value::list(split_from_right(text, text_argument(given, 0, "sep", name), integer_argument(given, 1, "maxsplit", -1)));
  if (name == "splitlines") return Value::list(lines(text));
  if (name == "partition" || name == "rpartition") return Value::list(cut_at(text, wanted(), name == "rpartition"), true);
  if (name == "strip" || name == "lstrip" || name == "rstrip")
    return Value(strip(text, first, name != "rstrip", name != "lstrip"));
  if (name == "startswith" || name == "endswith") return Value(has_affix(text, first, name == "endswith"));
  if (name == "removeprefix") return Value(text.starts_with(wanted()) ? text.substr(wanted().size()) : text);
  if (name == "removesuffix") return Value(text.ends_with(wanted()) ? text.substr(0, text.size() - wanted().size()) : text);
  if (name == "replace") return Value(replaced(text, wanted(0), wanted(1), integer_argument(given, 2, "count", -1), budget));
  if (name == "upper") return Value(upper_case(text));
  if (name == "lower") return Value(lower_case(text));
  if (name == "title") return Value(title_case(text));
  if (name == "capitalize") return Value(capitalized(text));
  if (name == "find" || name == "index") return place_of(text, wanted(), false, name == "index");
  if (name == "rfind") return place_of(text, wanted(), true, false);
  if (name == "count") return Value(count_of(text, wanted()));
  if (name == "join") return joined(interpreter, text, first ? *first : Value());
  if (name == "format") return braces(text, given, budget);
  if (name == "isdigit") return only([](char c) { return c >= '0' && c <= '9'; });
  if (name == "isspace") return Value(!text.empty() && strip(text, nullptr, true, false).empty());
  if (name == "isalpha") return only([](char c) { return is_letter(c); });
  if (name == "isalnum") return only([](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
  if (name == "isupper" || name == "islower") return cased(name == "isupper");
  const auto width = static_cast<std::size_t>(std::clamp<std::int64_t>(integer_argument(given, 0, "width", 0), 0, 1000));  // zfill
  return Value(std::string(width > text.size() ? width - text.size() : 0, '0') + text);
}

Value call_dict_method(const Dict& dict, const std::string& name, const Arguments& given, Budget& budget) {
  budget.spend(name == "get" ? 1 : dict.entries().size());
  if (name == "get") {
    const Value* key = argument(given, 0);
    const Value* found = key && key->text() ? dict.find(*key->text()) : nullptr;
    const Value* otherwise = argument(given, 1, "default");
    return found ? *found : otherwise ? *otherwise : Value();
  }
  List list;
  for (const auto& [key, value] : dict.entries())
    list.push_back(name == "keys" ? Value(key) : name == "values" ? value : Value::list({Value(key), value}, true));
  return Value::list(std::move(list));
}

}  // namespace

bool has_method(const Value& value, const std::string& name) {
  return value.text() ? kTextMethods.contains(name) : value.dict() && kDictMethods.contains(name);
}

Value call_method(Interpreter& interpreter, const Value& object, const std::string& name, const Arguments& arguments) {
  if (object.text()) return call_text_method(interpreter, *object.text(), name, arguments);
  return call_dict_method(*object.dict(), name, arguments, interpreter.budget());
}

// ---- global functions --------------------------------------------------------------------------------------------

namespace {

Value range(const Arguments& given, Budget& budget) {
  const std::size_t count = given.positional.size();
  if (count < 1 || count > 3) raise("'range' takes one to three numbers");
  for (const Value& bound : given.positional)
    if (!bound.integer()) raise("'range' needs whole numbers, not {}", bound.type());
  const std::int64_t from = count > 1 ? *given.positional[0].integer() : 0;
  const std::int64_t to = *given.positional[count > 1 ? 1 : 0].integer();
  const std::int64_t by = count > 2 ? *given.positional[2].integer() : 1;
  if (by == 0) raise("the step of 'range' is 0");
  List numbers;
  for (std::int64_t at = from; by > 0 ? at < to : at > to;) {
    budget.step();
    numbers.emplace_back(at);
    if (numbers.size() > 100'000) raise("'range' makes more than 100000 numbers");
    if (__builtin_add_overflow(at, by, &at)) break;
  }
  return Value::list(std::move(numbers));
}

Value make_namespace(const Arguments& given) {
  auto space = std::make_shared<Namespace>();
  if (const Value* start = argument(given, 0); start && start->dict()) space->dict = *start->dict();
  for (const auto& [name, value] : given.named) {
    if (value.space() || value.callable()) raise("a namespace cannot hold a {}", value.type());
    space->dict.set(name, value);
  }
  return Value(std::move(space));
}

Value make_dict(const Arguments& given) {
  Dict dict;
  if (const Value* start = argument(given, 0); start && start->dict()) dict = *start->dict();
  for (const auto& [name, value] : given.named) dict.set(name, value);
  return Value::dict(std::move(dict));
}

Value format_time(const Arguments& given, std::chrono::system_clock::time_point now) {
  const std::string& format = text_argument(given, 0, "format", "strftime_now");
  if (format.size() > 200) raise("the format of 'strftime_now' is too long");
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm local{};
  localtime_r(&seconds, &local);
  char text[1024];
  return Value(std::string(text, std::strftime(text, sizeof text, format.c_str(), &local)));
}

}  // namespace

void add_globals(std::unordered_map<std::string, Value>& scope, Interpreter& interpreter,
                 std::chrono::system_clock::time_point now) {
  const auto add = [&](const char* name, std::function<Value(const Arguments&)> call) {
    scope.emplace(name, Value(Callable{name, std::move(call)}));
  };
  add("range", [&interpreter](const Arguments& given) { return range(given, interpreter.budget()); });
  add("namespace", make_namespace);
  add("dict", make_dict);
  add("strftime_now", [now](const Arguments& given) { return format_time(given, now); });
  add("raise_exception", [](const Arguments& given) -> Value {
    raise("the template says: {}", text_argument(given, 0, "message", "raise_exception"));
  });
}

}  // namespace tokenmark::jinja
