// Runs a template's tree. One per render. Within this folder only; everything throws TemplateError.
#pragma once

#include <chrono>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/template/ast.h"

namespace tokenmark::jinja {

struct Limits {
  std::uint64_t steps = 4'000'000;
  std::size_t output_bytes = 64u << 20;
};

class Interpreter {
 public:
  Interpreter(const Dict& variables, const Limits& limits, std::chrono::system_clock::time_point now);

  std::string run(const Body& body);

  Budget& budget() { return budget_; }
  Value apply_filter(const std::string& name, const Value& value, const Arguments& arguments);
  bool apply_test(const std::string& name, const Value& value, const Arguments& arguments);
  Value attribute(const Value& value, const std::string& name);
  Value item(const Value& value, const Value& key);
  List items_of(const Value& value);  // of what can be looped over

 private:
  using Scope = std::unordered_map<std::string, Value>;
  enum class Flow { next, broken, continued };

  Value evaluate(const Expression& expression);
  Value evaluate_here(const Expression& expression);
  Value evaluate_binary(const Expression& expression);
  Value evaluate_slice(const Expression& expression);
  Value evaluate_call(const Expression& expression);
  Value evaluate_dict(const Expression& expression);
  bool evaluate_comparison(const Expression& expression);
  Arguments arguments(const Expression& expression);
  Value lookup(const std::string& name);

  Flow run_body(const Body& body, std::string& out);
  Flow run_statement(const Statement& statement, std::string& out);
  Flow run_loop(const Statement& statement, std::string& out);
  List loop_items(const Statement& statement);
  void run_set(const Statement& statement);
  void define_macro(const Statement& statement);
  Value call_macro(const Statement& macro, const Arguments& arguments, std::size_t scopes);
  std::string run_inner(const Body& body);
  void bind(const std::vector<std::string>& targets, const Value& value);
  void write(const Value& value, std::string& out);
  void check_size(const std::string& out) const;

  Limits limits_;
  Budget budget_;
  std::chrono::system_clock::time_point now_;
  std::vector<Scope> scopes_;
  int depth_ = 0;
};

// The parts of the language that are not its grammar.
bool has_method(const Value& value, const std::string& name);
Value call_method(Interpreter& interpreter, const Value& object, const std::string& name, const Arguments& arguments);
void add_globals(std::unordered_map<std::string, Value>& scope, Interpreter& interpreter,
                 std::chrono::system_clock::time_point now);
Value add(const Value& left, const Value& right, Budget& budget);
Value arithmetic(ExpressionKind kind, const Value& left, const Value& right, Budget& budget);
bool less(const Value& left, const Value& right);
bool contains(const Value& container, const Value& value, Budget& budget);
Value slice(const Value& value, const Value& begin, const Value& end, const Value& step, Budget& budget);
std::vector<std::string_view> characters(std::string_view text);  // of UTF-8; stray bytes are one each

// The argument at a place or of a name; null: not given.
const Value* argument(const Arguments& arguments, std::size_t place, std::string_view name = {});
const std::string& text_argument(const Arguments& arguments, std::size_t place, std::string_view name,
                                 std::string_view of);
std::int64_t integer_argument(const Arguments& arguments, std::size_t place, std::string_view name, std::int64_t otherwise);
std::string_view strip(std::string_view text, const Value* of, bool left, bool right);

}  // namespace tokenmark::jinja
