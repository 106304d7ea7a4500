#include <initializer_list>

#include "engine/template/expression_parser.h"

namespace tokenmark::jinja {
namespace {

class Parser : ExpressionParser {
 public:
  explicit Parser(std::vector<Token> tokens) : ExpressionParser(std::move(tokens)) {}

  Body run() {
    Body body = parse_body({});
    if (current().kind != TokenKind::end) wrong(fmt::format("'{}' closes nothing", current().text));
    return body;
  }

 private:
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
    auto made = node(ExpressionKind::name);
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
    made->expression = parse_filters(parse_call(ExpressionKind::filter, take_name("a filter's name"), name_of_body()));
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

  int loops_ = 0;
};

}  // namespace

Body parse_template(std::string_view source) { return Parser(tokenize(source)).run(); }

}  // namespace tokenmark::jinja
