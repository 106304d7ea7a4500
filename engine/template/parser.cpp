#include <algorithm>
#include <initializer_list>

#include "engine/template/ast.h"
#include "engine/template/lexer.h"

namespace tokenmark::jinja {
namespace {

constexpr int kDeepest = 200;

using Kind = ExpressionKind;

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Body run() {
    Body body = parse_body({});
    if (current().kind != TokenKind::end) wrong(fmt::format("'{}' closes nothing", current().text));
    return body;
  }

 private:
  // ---- tokens ----------------------------------------------------------------------------------------------------

  const Token& current() const { return tokens_[at_]; }
  const Token& ahead() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  Token take() { return at_ + 1 < tokens_.size() ? tokens_[at_++] : tokens_[at_]; }
  [[noreturn]] void wrong(const std::string& what) const { throw TemplateError{what, current().line}; }
  bool is(std::string_view symbol) const { return current().kind == TokenKind::symbol && current().text == symbol; }
  bool is_name(std::string_view name) const { return current().kind == TokenKind::name && current().text == name; }
  bool accept(std::string_view symbol) {
    const bool found = is(symbol);
    if (found) take();
    return found;
  }
  bool accept_name(std::string_view name) {
    const bool found = is_name(name);
    if (found) take();
    return found;
  }
  static std::string shown(const Token& token) {
    switch (token.kind) {
      case TokenKind::end: return "the end of the template";
      case TokenKind::block_end: return "'%}'";
      case TokenKind::variable_end: return "'}}'";
      default: return "'" + token.text.substr(0, 40) + "'";
    }
  }
  void expect(std::string_view symbol) {
    if (!accept(symbol)) wrong(fmt::format("expected '{}', found {}", symbol, shown(current())));
  }
  void expect_name(std::string_view name) {
    if (!accept_name(name)) wrong(fmt::format("expected '{}', found {}", name, shown(current())));
  }
  std::string take_name(std::string_view what) {
    if (current().kind != TokenKind::name) wrong(fmt::format("expected {}, found {}", what, shown(current())));
    return take().text;
  }
  void end_block() {
    if (current().kind != TokenKind::block_end) wrong(fmt::format("expected '%}}', found {}", shown(current())));
    take();
  }

  // Nesting of the source; that of the tree is checked where nodes are made.
  struct Nested {
    explicit Nested(Parser& parser) : parser(parser) {
      if (++parser.depth_ > kDeepest) parser.wrong(fmt::format("is nested more than {} levels deep", kDeepest));
    }
    ~Nested() { --parser.depth_; }
    Parser& parser;
  };

  // ---- expressions -----------------------------------------------------------------------------------------------

  std::unique_ptr<Expression> node(Kind kind) const {
    auto made = std::make_unique<Expression>();
    made->kind = kind;
    made->line = current().line;
    return made;
  }
  ExpressionPtr finish(std::unique_ptr<Expression> made) const {
    for (const auto& child : made->children)
      if (child) made->depth = std::max(made->depth, child->depth + 1);
    for (const auto& argument : made->named) made->depth = std::max(made->depth, argument.value->depth + 1);
    if (made->depth > kDeepest) wrong(fmt::format("an expression is nested more than {} levels deep", kDeepest));
    return made;
  }
  ExpressionPtr with(Kind kind, ExpressionPtr first, ExpressionPtr second = nullptr) const {
    auto made = node(kind);
    made->line = first->line;
    made->children.push_back(std::move(first));
    if (second) made->children.push_back(std::move(second));
    return finish(std::move(made));
  }
  ExpressionPtr literal(Value value) const {
    auto made = node(Kind::literal);
    made->value = std::move(value);
    return made;
  }

  ExpressionPtr parse_expression(bool with_condition = true) {
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
  ExpressionPtr parse_tuple(bool with_condition = true) {
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
  ExpressionPtr parse_or() {
    ExpressionPtr left = parse_and();
    while (accept_name("or")) left = with(Kind::logical_or, std::move(left), parse_and());
    return left;
  }
  ExpressionPtr parse_and() {
    ExpressionPtr left = parse_not();
    while (accept_name("and")) left = with(Kind::logical_and, std::move(left), parse_not());
    return left;
  }
  ExpressionPtr parse_not() {
    const Nested nested(*this);
    if (accept_name("not")) return with(Kind::logical_not, parse_not());
    return parse_compare();
  }
  std::string comparison() {
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
  ExpressionPtr parse_compare() {
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
  ExpressionPtr parse_sum() {
    ExpressionPtr left = parse_concat();
    for (;;) {
      if (accept("+")) left = with(Kind::add, std::move(left), parse_concat());
      else if (accept("-")) left = with(Kind::subtract, std::move(left), parse_concat());
      else return left;
    }
  }
  ExpressionPtr parse_concat() {
    ExpressionPtr left = parse_product();
    while (accept("~")) left = with(Kind::concat, std::move(left), parse_product());
    return left;
  }
  ExpressionPtr parse_product() {
    ExpressionPtr left = parse_power();
    for (;;) {
      if (accept("*")) left = with(Kind::multiply, std::move(left), parse_power());
      else if (accept("/")) left = with(Kind::divide, std::move(left), parse_power());
      else if (accept("//")) left = with(Kind::floor_divide, std::move(left), parse_power());
      else if (accept("%")) left = with(Kind::modulo, std::move(left), parse_power());
      else return left;
    }
  }
  ExpressionPtr parse_power() {
    ExpressionPtr left = parse_unary(true);
    while (accept("**")) left = with(Kind::power, std::move(left), parse_unary(true));
    return left;
  }
  ExpressionPtr parse_unary(bool filters) {
    const Nested nested(*this);
    ExpressionPtr value = accept("-")   ? with(Kind::negate, parse_unary(false))
                          : accept("+") ? with(Kind::plus, parse_unary(false))
                                        : parse_primary();
    value = parse_postfix(std::move(value));
    return filters ? parse_filters(std::move(value)) : std::move(value);
  }

  ExpressionPtr parse_primary() {
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
  ExpressionPtr parse_name() {
    auto made = node(Kind::name);
    made->name = take().text;
    if (made->name == "true" || made->name == "True") return literal(Value(true));
    if (made->name == "false" || made->name == "False") return literal(Value(false));
    if (made->name == "none" || made->name == "None") return literal(Value());
    return made;
  }
  ExpressionPtr parse_parentheses() {
    if (accept(")")) return finish(node(Kind::tuple));
    ExpressionPtr inside = parse_tuple();
    expect(")");
    return inside;
  }
  ExpressionPtr parse_list() {
    auto made = node(Kind::list);
    expect("[");
    while (!is("]")) {
      made->children.push_back(parse_expression());
      if (!accept(",")) break;
    }
    expect("]");
    return finish(std::move(made));
  }
  ExpressionPtr parse_dict() {
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

  ExpressionPtr parse_postfix(ExpressionPtr value) {
    for (;;) {
      if (is(".")) value = parse_attribute(std::move(value));
      else if (is("[")) value = parse_subscript(std::move(value));
      else if (is("(")) value = parse_call(Kind::call, "", std::move(value));
      else return value;
    }
  }
  ExpressionPtr parse_attribute(ExpressionPtr value) {
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
  ExpressionPtr parse_subscript(ExpressionPtr value) {
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
  ExpressionPtr parse_call(Kind kind, std::string name, ExpressionPtr target) {
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
  ExpressionPtr parse_filters(ExpressionPtr value) {
    for (;;) {
      if (accept("|")) value = parse_call(Kind::filter, take_name("a filter's name"), std::move(value));
      else if (is_name("is")) value = parse_test(std::move(value));
      else if (is("(")) value = parse_call(Kind::call, "", std::move(value));
      else return value;
    }
  }
  // An argument of a test may stand without brackets: "is divisibleby 3".
  ExpressionPtr parse_test(ExpressionPtr value) {
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

  // ---- statements ------------------------------------------------------------------------------------------------

  using Names = std::initializer_list<std::string_view>;

  // Up to a block whose first word is one of `ends`; the word is left to be read.
  Body parse_body(Names ends) {
    const Nested nested(*this);
    Body body;
    for (;;) {
      const Token token = current();
      if (token.kind == TokenKind::end) {
        if (ends.size() > 0) wrong(fmt::format("'{}' is missing", *(ends.end() - 1)));
        return body;
      }
      take();
      if (token.kind == TokenKind::text) {
        auto text = statement(StatementKind::text, token.line);
        text->text = token.text;
        body.push_back(std::move(text));
      } else if (token.kind == TokenKind::variable_begin) {
        auto output = statement(StatementKind::output, token.line);
        output->expression = parse_tuple();
        if (current().kind != TokenKind::variable_end) wrong(fmt::format("expected '}}}}', found {}", shown(current())));
        take();
        body.push_back(std::move(output));
      } else {
        if (current().kind == TokenKind::name && std::ranges::find(ends, current().text) != ends.end()) return body;
        if (ends.size() == 0 && current().kind == TokenKind::name && current().text.starts_with("end"))
          wrong(fmt::format("'{}' closes nothing", current().text));
        body.push_back(parse_statement(token.line));
      }
    }
  }

  static std::unique_ptr<Statement> statement(StatementKind kind, int line) {
    auto made = std::make_unique<Statement>();
    made->kind = kind;
    made->line = line;
    return made;
  }

  std::unique_ptr<const Statement> parse_statement(int line) {
    const std::string word = take_name("a statement");
    if (word == "if") return parse_if(line);
    if (word == "for") return parse_for(line);
    if (word == "set") return parse_set(line);
    if (word == "macro") return parse_macro(line);
    if (word == "filter") return parse_filter_block(line);
    if (word == "generation") return parse_generation(line);
    if (word == "break" || word == "continue") {
      auto made = statement(word == "break" ? StatementKind::break_loop : StatementKind::continue_loop, line);
      if (loops_ == 0) wrong(fmt::format("'{}' stands outside of a loop", word));
      end_block();
      return made;
    }
    throw TemplateError{fmt::format("the statement '{}' is not known; known are if, for, set, macro, filter, generation, "
                                    "break, continue and raw", word), line};
  }

  std::unique_ptr<const Statement> parse_if(int line) {
    auto made = statement(StatementKind::conditional, line);
    for (bool more = true; more;) {
      Branch branch;
      branch.condition = parse_tuple(false);
      end_block();
      branch.body = parse_body({"elif", "else", "endif"});
      made->branches.push_back(std::move(branch));
      more = accept_name("elif");
    }
    if (accept_name("else")) {
      end_block();
      made->branches.push_back({nullptr, parse_body({"endif"})});
    }
    expect_name("endif");
    end_block();
    return made;
  }

  std::vector<std::string> parse_targets() {
    const bool bracket = accept("(");
    std::vector<std::string> targets{take_name("a variable's name")};
    while (accept(",")) targets.push_back(take_name("a variable's name"));
    if (bracket) expect(")");
    return targets;
  }

  std::unique_ptr<const Statement> parse_for(int line) {
    auto made = statement(StatementKind::loop, line);
    made->targets = parse_targets();
    expect_name("in");
    made->expression = parse_tuple(false);
    if (accept_name("if")) made->condition = parse_expression();
    if (is_name("recursive")) wrong("recursive loops are not known here");
    end_block();
    ++loops_;
    made->body = parse_body({"else", "endfor"});
    --loops_;
    if (accept_name("else")) {
      end_block();
      made->otherwise = parse_body({"endfor"});
    }
    expect_name("endfor");
    end_block();
    return made;
  }

  std::unique_ptr<const Statement> parse_set(int line) {
    auto made = statement(StatementKind::set, line);
    made->targets = parse_targets();
    if (made->targets.size() == 1 && accept(".")) made->attribute = take_name("a name after '.'");
    if (accept("=")) {
      made->expression = parse_tuple();
      end_block();
      return made;
    }
    made->kind = StatementKind::set_block;
    if (made->targets.size() > 1) wrong("a block can be set to one variable only");
    if (is("|")) made->expression = parse_filters(name_of_body());
    end_block();
    made->body = parse_body({"endset"});
    expect_name("endset");
    end_block();
    return made;
  }

  // What the filters of a block are applied to; no variable can have this name.
  ExpressionPtr name_of_body() const {
    auto made = node(Kind::name);
    made->name = " body";
    return made;
  }

  std::unique_ptr<const Statement> parse_macro(int line) {
    auto made = statement(StatementKind::macro, line);
    made->text = take_name("a macro's name");
    expect("(");
    while (!is(")")) {
      Parameter parameter{take_name("a parameter's name"), nullptr};
      if (accept("=")) parameter.otherwise = parse_expression();
      made->parameters.push_back(std::move(parameter));
      if (!accept(",")) break;
    }
    expect(")");
    end_block();
    const int loops = std::exchange(loops_, 0);
    made->body = parse_body({"endmacro"});
    loops_ = loops;
    expect_name("endmacro");
    if (current().kind == TokenKind::name) take();  // {% endmacro name %}
    end_block();
    return made;
  }

  std::unique_ptr<const Statement> parse_filter_block(int line) {
    auto made = statement(StatementKind::filter_block, line);
    made->expression = parse_filters(parse_call(Kind::filter, take_name("a filter's name"), name_of_body()));
    end_block();
    made->body = parse_body({"endfilter"});
    expect_name("endfilter");
    end_block();
    return made;
  }

  // Marks what an assistant said, for training; rendered like any text.
  std::unique_ptr<const Statement> parse_generation(int line) {
    auto made = statement(StatementKind::block, line);
    end_block();
    made->body = parse_body({"endgeneration"});
    expect_name("endgeneration");
    end_block();
    return made;
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0, loops_ = 0;
};

}  // namespace

Body parse_template(std::string_view source) { return Parser(tokenize(source)).run(); }

}  // namespace tokenmark::jinja
