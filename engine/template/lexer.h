// A template's source as text and the tokens within its tags, with white space treated as chat templates expect:
// trim_blocks and lstrip_blocks are on. Within this folder only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tokenmark::jinja {

enum class TokenKind { text, variable_begin, variable_end, block_begin, block_end, name, string, integer, real, symbol, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;  // string: its value
  int line = 1;
  std::int64_t integer = 0;
  double real = 0;
};

// Throws TemplateError.
std::vector<Token> tokenize(std::string_view source);

}  // namespace tokenmark::jinja
