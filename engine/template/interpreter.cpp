#include "engine/template/interpreter.h"

#include <algorithm>

namespace tokenmark::jinja {
namespace {

constexpr int kDeepestCall = 400;  // expressions and statements within each other, through macros too

struct Deeper {
  explicit Deeper(int& depth) : depth_(depth) {
    if (depth_ >= kDeepestCall) raise("macros call each other too deeply");
    ++depth_;
  }
  ~Deeper() { --depth_; }
  int& depth_;
};

}  // namespace

Interpreter::Interpreter(const Dict& variables, const Limits& limits, std::chrono::system_clock::time_point now)
    : limits_(limits), budget_(limits.steps), now_(now), scopes_(2) {
  add_globals(scopes_[0], *this, now);
  for (const auto& [name, value] : variables.entries()) scopes_[0].insert_or_assign(name, value);
}

std::string Interpreter::run(const Body& body) {
  std::string out;
  run_body(body, out);
  return out;
}

void Interpreter::check_size(const std::string& out) const {
  if (out.size() > limits_.output_bytes) raise("writes more than {} bytes", limits_.output_bytes);
}

// ---- expressions -------------------------------------------------------------------------------------------------

Value Interpreter::lookup(const std::string& name) {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
    if (const auto found = scope->find(name); found != scope->end()) return found->second;
  return Undefined{name};
}

Value Interpreter::evaluate(const Expression& expression) {
  budget_.step();
  const Deeper deeper(depth_);
  try {
    return evaluate_here(expression);
  } catch (TemplateError& error) {
    if (error.line == 0) error.line = expression.line;
    throw;
  }
}

Value Interpreter::evaluate_here(const Expression& expression) {
  using Kind = ExpressionKind;
  const auto child = [&](std::size_t i) { return evaluate(*expression.children[i]); };
  switch (expression.kind) {
    case Kind::literal: return expression.value;
    case Kind::name: return lookup(expression.name);
    case Kind::list:
    case Kind::tuple: {
      List items;
      for (std::size_t i = 0; i < expression.children.size(); ++i) items.push_back(child(i));
      return Value::list(std::move(items), expression.kind == Kind::tuple);
    }
    case Kind::dict: return evaluate_dict(expression);
    case Kind::attribute: return attribute(child(0), expression.name);
    case Kind::item: return item(child(0), child(1));
    case Kind::slice: return evaluate_slice(expression);
    case Kind::call: return evaluate_call(expression);
    case Kind::filter: return apply_filter(expression.name, child(0), arguments(expression));
    case Kind::test: return Value(apply_test(expression.name, child(0), arguments(expression)));
    case Kind::logical_not: return Value(!child(0).truth());
    case Kind::logical_and: {
      Value left = child(0);
      return left.truth() ? child(1) : left;
    }
    case Kind::logical_or: {
      Value left = child(0);
      return left.truth() ? left : child(1);
    }
    case Kind::conditional:
      if (child(1).truth()) return child(0);
      return expression.children[2] ? child(2) : Value(Undefined{"the value of an 'if' without 'else'"});
    case Kind::negate: return arithmetic(Kind::subtract, Value(std::int64_t{0}), child(0), budget_);
    case Kind::plus: return child(0);
    case Kind::compare: return Value(evaluate_comparison(expression));
    default: return evaluate_binary(expression);
  }
}

Value Interpreter::evaluate_binary(const Expression& expression) {
  const Value left = evaluate(*expression.children[0]), right = evaluate(*expression.children[1]);
  if (expression.kind == ExpressionKind::add) return add(left, right, budget_);
  if (expression.kind != ExpressionKind::concat) return arithmetic(expression.kind, left, right, budget_);
  std::string text = text_of(left, budget_);
  append_text(right, text, budget_);
  check_size(text);
  return Value(std::move(text));
}

Value Interpreter::evaluate_slice(const Expression& expression) {
  const auto part = [&](std::size_t i) { return expression.children[i] ? evaluate(*expression.children[i]) : Value(); };
  return slice(part(0), part(1), part(2), part(3), budget_);
}

Value Interpreter::evaluate_dict(const Expression& expression) {
  Dict dict;
  for (std::size_t i = 0; i + 1 < expression.children.size(); i += 2) {
    const Value key = evaluate(*expression.children[i]);
    if (!key.text()) raise("a dictionary's key must be a string here, not {}", key.type());
    dict.set(*key.text(), evaluate(*expression.children[i + 1]));
  }
  return Value::dict(std::move(dict));
}

Arguments Interpreter::arguments(const Expression& expression) {
  Arguments given;
  for (std::size_t i = 1; i < expression.children.size(); ++i) given.positional.push_back(evaluate(*expression.children[i]));
  for (const NamedArgument& named : expression.named) given.named.emplace_back(named.name, evaluate(*named.value));
  return given;
}

Value Interpreter::evaluate_call(const Expression& expression) {
  const Expression& target = *expression.children[0];
  if (target.kind == ExpressionKind::attribute) {
    const Value object = evaluate(*target.children[0]);
    if (has_method(object, target.name)) return call_method(*this, object, target.name, arguments(expression));
    const Value found = attribute(object, target.name);
    if (found.callable()) return found.callable()->call(arguments(expression));
    if (object.is_undefined()) raise("'{}' is undefined", object.undefined_name());
    raise("{} has no method '{}' here", object.type(), target.name);
  }
  const Value function = evaluate(target);
  if (function.is_undefined()) raise("the function '{}' is undefined", function.undefined_name());
  if (!function.callable()) raise("{} is not a function", function.type());
  return function.callable()->call(arguments(expression));
}

bool Interpreter::evaluate_comparison(const Expression& expression) {
  Value left = evaluate(*expression.children[0]);
  for (std::size_t i = 0; i < expression.operators.size(); ++i) {
    Value right = evaluate(*expression.children[i + 1]);
    const std::string& op = expression.operators[i];
    const bool holds = op == "=="       ? equal(left, right, budget_)
                       : op == "!="     ? !equal(left, right, budget_)
                       : op == "in"     ? contains(right, left, budget_)
                       : op == "not in" ? !contains(right, left, budget_)
                       : op == "<"      ? less(left, right)
                       : op == ">"      ? less(right, left)
                       : op == "<="     ? !less(right, left)
                                        : !less(left, right);
    if (!holds) return false;
    left = std::move(right);
  }
  return true;
}

// As in Jinja "x.items" is the method even where the mapping has such a key; x['items'] is the entry.
Value Interpreter::attribute(const Value& value, const std::string& name) {
  if (value.is_undefined()) raise("'{}' is undefined", value.undefined_name());
  if (has_method(value, name))
    return Callable{name, [this, value, name](const Arguments& given) { return call_method(*this, value, name, given); }};
  const Dict* dict = value.space() ? &value.space()->dict : value.dict();
  const Value* found = dict ? dict->find(name) : nullptr;
  return found ? *found : Value(Undefined{name});
}

Value Interpreter::item(const Value& value, const Value& key) {
  if (value.is_undefined()) raise("'{}' is undefined", value.undefined_name());
  if (key.text()) {
    const Value* found = value.dict() ? value.dict()->find(*key.text()) : nullptr;
    return found ? *found : attribute(value, *key.text());
  }
  if (!key.integer() && !key.boolean()) return Undefined{fmt::format("an item of {}", value.type())};
  auto at = static_cast<std::int64_t>(key.number());
  const Undefined outside{fmt::format("item {}", at)};
  const auto in_range = [&](std::size_t size) {
    if (at < 0) at += static_cast<std::int64_t>(size);
    return at >= 0 && at < static_cast<std::int64_t>(size);
  };
  if (value.list()) return in_range(value.list()->size()) ? (*value.list())[static_cast<std::size_t>(at)] : Value(outside);
  if (!value.text()) return outside;
  budget_.bytes(value.text()->size());
  const auto letters = characters(*value.text());
  return in_range(letters.size()) ? Value(letters[static_cast<std::size_t>(at)]) : Value(outside);
}

List Interpreter::items_of(const Value& value) {
  List items;
  if (value.list()) items = *value.list();
  else if (value.dict())
    for (const auto& entry : value.dict()->entries()) items.emplace_back(entry.first);
  else if (value.text())
    for (const std::string_view letter : characters(*value.text())) items.emplace_back(letter);
  else if (!value.is_undefined()) raise("{} cannot be looped over", value.type());
  budget_.spend(items.size());
  return items;
}

// ---- statements --------------------------------------------------------------------------------------------------

Interpreter::Flow Interpreter::run_body(const Body& body, std::string& out) {
  for (const auto& statement : body) {
    budget_.step();
    const Deeper deeper(depth_);
    try {
      if (const Flow flow = run_statement(*statement, out); flow != Flow::next) return flow;
    } catch (TemplateError& error) {
      if (error.line == 0) error.line = statement->line;
      throw;
    }
  }
  return Flow::next;
}

void Interpreter::write(const Value& value, std::string& out) {
  append_text(value, out, budget_);
  check_size(out);
}

Interpreter::Flow Interpreter::run_statement(const Statement& statement, std::string& out) {
  switch (statement.kind) {
    case StatementKind::text:
      budget_.bytes(statement.text.size());
      out += statement.text;
      check_size(out);
      break;
    case StatementKind::output: write(evaluate(*statement.expression), out); break;
    case StatementKind::conditional:
      for (const Branch& branch : statement.branches)
        if (!branch.condition || evaluate(*branch.condition).truth()) return run_body(branch.body, out);
      break;
    case StatementKind::loop: return run_loop(statement, out);
    case StatementKind::set: run_set(statement); break;
    case StatementKind::set_block:
    case StatementKind::filter_block: {
      Value text(run_inner(statement.body));
      if (statement.expression) {
        scopes_.push_back({{" body", text}});
        text = evaluate(*statement.expression);
        scopes_.pop_back();
      }
      if (statement.kind == StatementKind::filter_block) write(text, out);
      else scopes_.back().insert_or_assign(statement.targets[0], std::move(text));
      break;
    }
    case StatementKind::macro: define_macro(statement); break;
    case StatementKind::block: return run_body(statement.body, out);
    case StatementKind::break_loop: return Flow::broken;
    case StatementKind::continue_loop: return Flow::continued;
  }
  return Flow::next;
}

std::string Interpreter::run_inner(const Body& body) {
  std::string text;
  scopes_.emplace_back();
  run_body(body, text);
  scopes_.pop_back();
  return text;
}

void Interpreter::bind(const std::vector<std::string>& targets, const Value& value) {
  if (targets.size() == 1) {
    scopes_.back().insert_or_assign(targets[0], value);
    return;
  }
  const List items = items_of(value);
  if (items.size() != targets.size()) raise("{} values cannot be given to {} names", items.size(), targets.size());
  for (std::size_t i = 0; i < items.size(); ++i) scopes_.back().insert_or_assign(targets[i], items[i]);
}

void Interpreter::run_set(const Statement& statement) {
  const Value value = evaluate(*statement.expression);
  if (statement.attribute.empty()) return bind(statement.targets, value);
  const Value target = lookup(statement.targets[0]);
  if (!target.space()) raise("'{}' is no namespace, so that '.{}' cannot be set", statement.targets[0], statement.attribute);
  if (value.space() || value.callable()) raise("a namespace cannot hold a {}", value.type());
  target.space()->dict.set(statement.attribute, value);
}

List Interpreter::loop_items(const Statement& statement) {
  List items = items_of(evaluate(*statement.expression));
  if (!statement.condition) return items;
  List wanted;
  for (Value& each : items) {
    scopes_.emplace_back();
    bind(statement.targets, each);
    if (evaluate(*statement.condition).truth()) wanted.push_back(std::move(each));
    scopes_.pop_back();
  }
  return wanted;
}

namespace {

// The variable 'loop' of one round.
Value loop_variable(const List& items, std::size_t i) {
  const auto number = [](std::size_t n) { return Value(static_cast<std::int64_t>(n)); };
  const auto neighbour = [&](bool there, std::size_t at) { return there ? items[at] : Value(Undefined{"a loop's neighbour item"}); };
  Dict loop;
  loop.set("index", number(i + 1));
  loop.set("index0", number(i));
  loop.set("revindex", number(items.size() - i));
  loop.set("revindex0", number(items.size() - i - 1));
  loop.set("first", Value(i == 0));
  loop.set("last", Value(i + 1 == items.size()));
  loop.set("length", number(items.size()));
  loop.set("previtem", neighbour(i > 0, i - 1));
  loop.set("nextitem", neighbour(i + 1 < items.size(), i + 1));
  loop.set("cycle", Value(Callable{"cycle", [i](const Arguments& given) {
    if (given.positional.empty()) raise("cycle needs values");
    return given.positional[i % given.positional.size()];
  }}));
  return Value::dict(std::move(loop));
}

}  // namespace

Interpreter::Flow Interpreter::run_loop(const Statement& statement, std::string& out) {
  const List items = loop_items(statement);
  if (items.empty()) {
    scopes_.emplace_back();
    const Flow flow = run_body(statement.otherwise, out);
    scopes_.pop_back();
    return flow;
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    budget_.spend(10);
    scopes_.emplace_back();
    scopes_.back().emplace("loop", loop_variable(items, i));
    bind(statement.targets, items[i]);
    const Flow flow = run_body(statement.body, out);
    scopes_.pop_back();
    if (flow == Flow::broken) break;
  }
  return Flow::next;
}

void Interpreter::define_macro(const Statement& statement) {
  const std::size_t scopes = scopes_.size();
  Callable macro{statement.text, [this, &statement, scopes](const Arguments& given) {
    return call_macro(statement, given, scopes);
  }};
  scopes_.back().insert_or_assign(statement.text, Value(std::move(macro)));
}

// A macro sees the scopes in which it was defined and its own.
Value Interpreter::call_macro(const Statement& macro, const Arguments& given, std::size_t scopes) {
  const Deeper deeper(depth_);
  if (given.positional.size() > macro.parameters.size())
    raise("the macro '{}' takes {} arguments, not {}", macro.text, macro.parameters.size(), given.positional.size());
  for (const auto& [name, value] : given.named)
    if (std::ranges::find(macro.parameters, name, &Parameter::name) == macro.parameters.end())
      raise("the macro '{}' has no parameter '{}'", macro.text, name);
  scopes = std::min(scopes, scopes_.size());
  std::vector<Scope> hidden(std::make_move_iterator(scopes_.begin() + static_cast<std::ptrdiff_t>(scopes)),
                            std::make_move_iterator(scopes_.end()));
  scopes_.resize(scopes);
  scopes_.emplace_back();
  for (std::size_t i = 0; i < macro.parameters.size(); ++i) {
    const Parameter& parameter = macro.parameters[i];
    const Value* value = argument(given, i, parameter.name);
    Value bound = value ? *value : parameter.otherwise ? evaluate(*parameter.otherwise) : Value(Undefined{parameter.name});
    scopes_.back().insert_or_assign(parameter.name, std::move(bound));
  }
  std::string out;
  run_body(macro.body, out);
  scopes_.resize(scopes);
  std::ranges::move(hidden, std::back_inserter(scopes_));
  return Value(std::move(out));
}

}  // namespace tokenmark::jinja
