// What a template's expressions give: Jinja's values as small, shared and, but for namespaces, immutable things.
// Any thread may read a Value that no render is using. Strings are UTF-8.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace tokenmark::jinja {

class Value;
using List = std::vector<Value>;

// Keys in the order in which they came first.
class Dict {
 public:
  const Value* find(std::string_view key) const;
  void set(std::string key, Value value);
  const std::vector<std::pair<std::string, Value>>& entries() const { return entries_; }

 private:
  std::vector<std::pair<std::string, Value>> entries_;
  std::unordered_map<std::string, std::size_t> places_;
};

struct Undefined {
  std::string name;  // of what is not there, for messages
};
struct None {};

struct ListBox {
  List items;
  int depth = 1;
  bool tuple = false;
};
struct DictBox {
  Dict dict;
  int depth = 1;
};
struct Namespace {  // the one thing that can change: {% set ns.x = … %}
  Dict dict;
};

struct Arguments {
  List positional;
  std::vector<std::pair<std::string, Value>> named;
};
// `name`: for messages.
struct Callable {
  std::string name;
  std::function<Value(const Arguments&)> call;
};

class Value {
 public:
  Value() : held_(None{}) {}
  Value(Undefined undefined) : held_(std::make_shared<const Undefined>(std::move(undefined))) {}
  Value(bool value) : held_(value) {}
  Value(std::int64_t value) : held_(value) {}
  Value(double value) : held_(value) {}
  Value(std::string text) : held_(std::make_shared<const std::string>(std::move(text))) {}
  Value(std::string_view text) : Value(std::string(text)) {}
  Value(const char* text) : Value(std::string(text)) {}
  Value(Callable callable) : held_(std::make_shared<const Callable>(std::move(callable))) {}
  Value(std::shared_ptr<Namespace> space) : held_(std::move(space)) {}
  // Throw TemplateError where values are nested too deeply or hold a namespace.
  static Value list(List items, bool tuple = false);
  static Value dict(Dict entries);

  bool is_undefined() const { return holds<std::shared_ptr<const Undefined>>(); }
  bool is_none() const { return holds<None>(); }
  const bool* boolean() const { return std::get_if<bool>(&held_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&held_); }
  const double* real() const { return std::get_if<double>(&held_); }
  const std::string* text() const { return pointed<const std::string>(); }
  const List* list() const;
  bool is_tuple() const;
  const Dict* dict() const;           // of a mapping; not a namespace's
  Namespace* space() const;
  const Callable* callable() const { return pointed<const Callable>(); }
  const std::string& undefined_name() const;

  bool is_number() const { return boolean() || integer() || real(); }
  double number() const;              // 0 if it is none
  bool truth() const;
  std::string_view type() const;      // Python's name, for messages: "str"
  int depth() const;

 private:
  template <class T>
  bool holds() const { return std::holds_alternative<T>(held_); }
  template <class T>
  T* pointed() const {
    const auto* held = std::get_if<std::shared_ptr<T>>(&held_);
    return held ? held->get() : nullptr;
  }
  std::variant<None, bool, std::int64_t, double, std::shared_ptr<const Undefined>, std::shared_ptr<const std::string>,
               std::shared_ptr<const ListBox>, std::shared_ptr<const DictBox>, std::shared_ptr<Namespace>,
               std::shared_ptr<const Callable>>
      held_;
};

// What goes wrong while a template is read or rendered; never leaves this library.
struct TemplateError {
  std::string message;
  int line = 0;  // 0: not known yet
};

template <class... Args>
[[noreturn]] void raise(fmt::format_string<Args...> format, Args&&... args) {
  throw TemplateError{fmt::format(format, std::forward<Args>(args)...)};
}

// Work is counted in steps, and what is built in bytes, so that a hostile template ends.
class Budget {
 public:
  explicit Budget(std::uint64_t steps) : left_(steps) {}
  void step() { spend(1); }
  void bytes(std::size_t count) { spend(count / 16); }
  void spend(std::uint64_t steps) {
    if (steps > left_) raise("takes more work than is allowed");
    left_ -= steps;
  }

 private:
  std::uint64_t left_;
};

bool equal(const Value& a, const Value& b, Budget& budget);
// As Python's str() and repr() write it.
void append_text(const Value& value, std::string& out, Budget& budget);
void append_repr(const Value& value, std::string& out, Budget& budget);
std::string text_of(const Value& value, Budget& budget);
std::string number_text(double number);

struct JsonStyle {
  int indent = -1;  // -1: on one line
  std::string item_separator = ", ", key_separator = ": ";
  bool ascii = false, sorted = false;
};
void append_json(const Value& value, std::string& out, const JsonStyle& style, Budget& budget, int level = 0);

// Keys keep their order; nesting beyond 64 is refused.
Result<Value> value_from_json(std::string_view json);

}  // namespace tokenmark::jinja
