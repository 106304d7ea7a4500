// The tokens of a template with a place in them, for the parser. Within this folder only.
#pragma once

#include <algorithm>

#include "engine/template/lexer.h"

namespace tokenmark::jinja {

inline constexpr int kDeepest = 200;  // nesting of a template

class TokenCursor {
 protected:
  explicit TokenCursor(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

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
      default: return fmt::format("'{}'", token.text.substr(0, 40));
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
    explicit Nested(TokenCursor& cursor) : cursor(cursor) {
      if (++cursor.depth_ > kDeepest) cursor.wrong(fmt::format("is nested more than {} levels deep", kDeepest));
    }
    ~Nested() { --cursor.depth_; }
    TokenCursor& cursor;
  };

 private:
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace tokenmark::jinja
