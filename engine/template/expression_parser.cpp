#include "engine/template/expression_parser.h"

namespace tokenmark::jinja {

using Kind = ExpressionKind;

std::unique_ptr<Expression> ExpressionParser::node(Kind kind) const {
  auto made = std::make_unique<Expression>();
  made->kind = kind;
  made->line = current().line;
  return made;
}

ExpressionPtr ExpressionParser::finish(std::unique_ptr<Expression> made) const {
  for (const auto& child : made->children)
    if (child) made->depth = std::max(made->depth, child->depth + 1);
  for (const auto& argument : made->named) made->depth = std::max(made->depth, argument.value->depth + 1);
  if (made->depth > kDeepest) wrong(fmt::format("an expression is nested more than {} levels deep", kDeepest));
  return made;
}

ExpressionPtr ExpressionParser::with(Kind kind, ExpressionPtr first, ExpressionPtr second) const {
  auto made = node(kind);
  made->line = first->line;
  made->children.push_back(std::move(first));
  if (second) made->children.push_back(std::move(second));
  return finish(std::move(made));
}

ExpressionPtr ExpressionParser::literal(Value value) const {
  auto made = node(Kind::literal);
  made->value = std::move(value);
  return made;
}

ExpressionPtr ExpressionParser::parse_expression(bool with_condition) {
  const Nested nested(*this);
  ExpressionPtr value = parse_or();
  while (with_condition && is_name("if")) {
    auto made = node(Kind::conditional);
    take();
    made->children.push_back(std::move(value));
    made->children.push_back(parse_or());
    made->children.push_back(accept_name("else") ? parse_expression() : nullptr);
    value = finish(std::move(made));
  }
  return value;
}

// Several values without brackets are a tuple.
ExpressionPtr ExpressionParser::parse_tuple(bool with_condition) {
  ExpressionPtr first = parse_expression(with_condition);
  if (!is(",")) return first;
  auto made = node(Kind::tuple);
  made->children.push_back(std::move(first));
  while (accept(",")) {
    if (current().kind == TokenKind::block_end || current().kind == TokenKind::variable_end || is(")")) break;
    made->children.push_back(parse_expression(with_condition));
  }
  return finish(std::move(made));
}

ExpressionPtr ExpressionParser::parse_or() {
  ExpressionPtr left = parse_and();
  while (accept_name("or")) left = with(Kind::logical_or, std::move(left), parse_and());
  return left;
}

ExpressionPtr ExpressionParser::parse_and() {
  ExpressionPtr left = parse_not();
  while (accept_name("and")) left = with(Kind::logical_and, std::move(left), parse_not());
  return left;
}

ExpressionPtr ExpressionParser::parse_not() {
  const Nested nested(*this);
  if (accept_name("not")) return with(Kind::logical_not, parse_not());
  return parse_compare();
}

std::string ExpressionParser::comparison() {
  for (const std::string_view symbol : {"==", "!=", "<=", ">=", "<", ">"})
    if (accept(symbol)) return std::string(symbol);
  if (accept_name("in")) return "in";
  if (is_name("not") && ahead().kind == TokenKind::name && ahead().text == "in") {
    take();
    take();
    return "not in";
  }
  return {};
}

ExpressionPtr ExpressionParser::parse_compare() {
  ExpressionPtr left = parse_sum();
  std::string op = comparison();
  if (op.empty()) return left;
  auto made = node(Kind::compare);
  made->children.push_back(std::move(left));
  for (; !op.empty(); op = comparison()) {
    made->operators.push_back(op);
    made->children.push_back(parse_sum());
  }
  return finish(std::move(made));
}

ExpressionPtr ExpressionParser::parse_sum() {
  ExpressionPtr left = parse_concat();
  for (;;) {
    if (accept("+")) left = with(Kind::add, std::move(left), parse_concat());
    else if (accept("-")) left = with(Kind::subtract, std::move(left), parse_concat());
    else return left;
  }
}

ExpressionPtr ExpressionParser::parse_concat() {
  ExpressionPtr left = parse_product();
  while (accept("~")) left = with(Kind::concat, std::move(left), parse_product());
  return left;
}

ExpressionPtr ExpressionParser::parse_product() {
  ExpressionPtr left = parse_power();
  for (;;) {
    if (accept("*")) left = with(Kind::multiply, std::move(left), parse_power());
    else if (accept("/")) left = with(Kind::divide, std::move(left), parse_power());
    else if (accept("//")) left = with(Kind::floor_divide, std::move(left), parse_power());
    else if (accept("%")) left = with(Kind::modulo, std::move(left), parse_power());
    else return left;
  }
}

ExpressionPtr ExpressionParser::parse_power() {
  ExpressionPtr left = parse_unary(true);
  while (accept("**")) left = with(Kind::power, std::move(left), parse_unary(true));
  return left;
}

ExpressionPtr ExpressionParser::parse_unary(bool filters) {
  const Nested nested(*this);
  ExpressionPtr value = accept("-")   ? with(Kind::negate, parse_unary(false))
                        : accept("+") ? with(Kind::plus, parse_unary(false))
                                      : parse_primary();
  value = parse_postfix(std::move(value));
  return filters ? parse_filters(std::move(value)) : std::move(value);
}

ExpressionPtr ExpressionParser::parse_primary() {
  const Token token = current();
  switch (token.kind) {
    case TokenKind::name: return parse_name();
    case TokenKind::integer: take(); return literal(Value(token.integer));
    case TokenKind::real: take(); return literal(Value(token.real));
    case TokenKind::string: {
      std::string text;
      while (current().kind == TokenKind::string) text += take().text;
      return literal(Value(std::move(text)));
    }
    default: break;
  }
  if (accept("(")) return parse_parentheses();
  if (is("[")) return parse_list();
  if (is("{")) return parse_dict();
  wrong(fmt::format("expected a value, found {}", shown(token)));
}

ExpressionPtr ExpressionParser::parse_name() {
  auto made = node(Kind::name);
  made->name = take().text;
  if (made->name == "true" || made->name == "True") return literal(Value(true));
  if (made->name == "false" || made->name == "False") return literal(Value(false));
  if (made->name == "none" || made->name == "None") return literal(Value());
  return made;
}

ExpressionPtr ExpressionParser::parse_parentheses() {
  if (accept(")")) return finish(node(Kind::tuple));
  ExpressionPtr inside = parse_tuple();
  expect(")");
  return inside;
}

ExpressionPtr ExpressionParser::parse_list() {
  auto made = node(Kind::list);
  expect("[");
  while (!is("]")) {
    made->children.push_back(parse_expression());
    if (!accept(",")) break;
  }
  expect("]");
  return finish(std::move(made));
}

ExpressionPtr ExpressionParser::parse_dict() {
  auto made = node(Kind::dict);
  expect("{");
  while (!is("}")) {
    made->children.push_back(parse_expression());
    expect(":");
    made->children.push_back(parse_expression());
    if (!accept(",")) break;
  }
  expect("}");
  return finish(std::move(made));
}

ExpressionPtr ExpressionParser::parse_postfix(ExpressionPtr value) {
  for (;;) {
    if (is(".")) value = parse_attribute(std::move(value));
    else if (is("[")) value = parse_subscript(std::move(value));
    else if (is("(")) value = parse_call(Kind::call, "", std::move(value));
    else return value;
  }
}

ExpressionPtr ExpressionParser::parse_attribute(ExpressionPtr value) {
  auto made = node(Kind::attribute);
  expect(".");
  if (current().kind == TokenKind::integer) {
    made->kind = Kind::item;
    made->children.push_back(std::move(value));
    made->children.push_back(literal(Value(take().integer)));
  } else {
    made->name = take_name("a name after '.'");
    made->children.push_back(std::move(value));
  }
  return finish(std::move(made));
}

ExpressionPtr ExpressionParser::parse_subscript(ExpressionPtr value) {
  auto made = node(Kind::item);
  expect("[");
  made->children.push_back(std::move(value));
  const auto part = [&] { return is(":") || is("]") ? nullptr : parse_expression(); };
  made->children.push_back(part());
  if (is(":")) {
    made->kind = Kind::slice;
    for (int i = 0; i < 2; ++i) made->children.push_back(accept(":") ? part() : nullptr);
  } else if (!made->children.back()) {
    wrong("expected what to look up between '[' and ']'");
  }
  expect("]");
  return finish(std::move(made));
}

ExpressionPtr ExpressionParser::parse_call(Kind kind, std::string name, ExpressionPtr target) {
  auto made = node(kind);
  made->name = std::move(name);
  made->children.push_back(std::move(target));
  if (accept("(")) {
    while (!is(")")) {
      if (is("*") || is("**")) wrong("unpacked arguments (*) are not known here");
      if (current().kind == TokenKind::name && ahead().kind == TokenKind::symbol && ahead().text == "=") {
        std::string argument = take().text;
        take();
        made->named.push_back({std::move(argument), parse_expression()});
      } else {
        made->children.push_back(parse_expression());
      }
      if (!accept(",")) break;
    }
    expect(")");
  }
  return finish(std::move(made));
}

ExpressionPtr ExpressionParser::parse_filters(ExpressionPtr value) {
  for (;;) {
    if (accept("|")) value = parse_call(Kind::filter, take_name("a filter's name"), std::move(value));
    else if (is_name("is")) value = parse_test(std::move(value));
    else if (is("(")) value = parse_call(Kind::call, "", std::move(value));
    else return value;
  }
}

// An argument of a test may stand without brackets: "is divisibleby 3".
ExpressionPtr ExpressionParser::parse_test(ExpressionPtr value) {
  take();
  const bool negated = accept_name("not");
  std::string name = take_name("a test's name");
  ExpressionPtr test;
  const bool bare_argument =
      (current().kind == TokenKind::name && !is_name("else") && !is_name("or") && !is_name("and") && !is_name("if") &&
       !is_name("in") && !is_name("is") && !is_name("not")) ||
      current().kind == TokenKind::string || current().kind == TokenKind::integer ||
      current().kind == TokenKind::real || is("[") || is("{");
  if (is("(") || !bare_argument) {
    test = parse_call(Kind::test, std::move(name), std::move(value));
  } else {
    auto made = node(Kind::test);
    made->name = std::move(name);
    made->children.push_back(std::move(value));
    made->children.push_back(parse_postfix(parse_primary()));
    test = finish(std::move(made));
  }
  return negated ? with(Kind::logical_not, std::move(test)) : std::move(test);
}

}  // namespace tokenmark::jinja
