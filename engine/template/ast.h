// A template as a tree. Within this folder only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/template/value.h"

namespace tokenmark::jinja {

enum class ExpressionKind {
  literal, name, list, tuple, dict, attribute, item, slice, call, filter, test, negate, plus, logical_not, logical_and,
  logical_or, conditional, concat, add, subtract, multiply, divide, floor_divide, modulo, power, compare
};

struct Expression;
using ExpressionPtr = std::unique_ptr<const Expression>;

struct NamedArgument {
  std::string name;
  ExpressionPtr value;
};

// children: operands in order; attribute, item, call, filter, test: what it is applied to first. conditional: value,
// condition, otherwise (may be null). slice: object, begin, end, step (may be null). dict: key, value, key, value …
struct Expression {
  ExpressionKind kind;
  int line = 0;
  std::string name;                // name, attribute, filter, test
  Value value;                     // literal
  std::vector<ExpressionPtr> children;
  std::vector<NamedArgument> named;    // call, filter, test
  std::vector<std::string> operators;  // compare: between the children: "==", "in", "not in", …
  int depth = 1;
};

enum class StatementKind { text, output, conditional, loop, set, set_block, macro, filter_block, block, break_loop, continue_loop };

struct Statement;
using Body = std::vector<std::unique_ptr<const Statement>>;

struct Branch {
  ExpressionPtr condition;  // null: else
  Body body;
};
struct Parameter {
  std::string name;
  ExpressionPtr otherwise;  // null: none
};

struct Statement {
  StatementKind kind;
  int line = 0;
  std::string text;                  // text; macro: its name
  ExpressionPtr expression;          // output, loop (over what), set; filter_block: the filter on a name of its own
  ExpressionPtr condition;           // loop: if
  std::vector<std::string> targets;  // loop, set: names; several are unpacked
  std::string attribute;             // set: of the namespace targets[0]
  std::vector<Branch> branches;      // conditional
  Body body, otherwise;              // loop, set_block, macro, filter_block, block; loop: else
  std::vector<Parameter> parameters; // macro
};

// Throws TemplateError.
Body parse_template(std::string_view source);

}  // namespace tokenmark::jinja
