// Expressions of a template, by recursive descent in the order of Jinja's precedence. Within this folder only.
#pragma once

#include "engine/template/ast.h"
#include "engine/template/token_cursor.h"

namespace tokenmark::jinja {

class ExpressionParser : protected TokenCursor {
 protected:
  using TokenCursor::TokenCursor;

  std::unique_ptr<Expression> node(ExpressionKind kind) const;
  ExpressionPtr parse_expression(bool with_condition = true);
  // Several values without brackets are a tuple.
  ExpressionPtr parse_tuple(bool with_condition = true);
  ExpressionPtr parse_call(ExpressionKind kind, std::string name, ExpressionPtr target);
  ExpressionPtr parse_filters(ExpressionPtr value);

 private:
  ExpressionPtr finish(std::unique_ptr<Expression> made) const;
  ExpressionPtr with(ExpressionKind kind, ExpressionPtr first, ExpressionPtr second = nullptr) const;
  ExpressionPtr literal(Value value) const;
  ExpressionPtr parse_or();
  ExpressionPtr parse_and();
  ExpressionPtr parse_not();
  std::string comparison();
  ExpressionPtr parse_compare();
  ExpressionPtr parse_sum();
  ExpressionPtr parse_concat();
  ExpressionPtr parse_product();
  ExpressionPtr parse_power();
  ExpressionPtr parse_unary(bool filters);
  ExpressionPtr parse_primary();
  ExpressionPtr parse_name();
  ExpressionPtr parse_parentheses();
  ExpressionPtr parse_list();
  ExpressionPtr parse_dict();
  ExpressionPtr parse_postfix(ExpressionPtr value);
  ExpressionPtr parse_attribute(ExpressionPtr value);
  ExpressionPtr parse_subscript(ExpressionPtr value);
  // An argument of a test may stand without brackets: "is divisibleby 3".
  ExpressionPtr parse_test(ExpressionPtr value);
};

}  // namespace tokenmark::jinja
