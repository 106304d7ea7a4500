#include "engine/template/lexer.h"

#include <algorithm>
#include <charconv>

#include "engine/template/value.h"

namespace tokenmark::jinja {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

void append_code_point(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
  } else if (code < 0x10000) {
    out += {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)),
            static_cast<char>(0x80 | (code & 63))};
  } else {
    out += {static_cast<char>(0xF0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 63)),
            static_cast<char>(0x80 | (code >> 6 & 63)), static_cast<char>(0x80 | (code & 63))};
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::vector<Token> run() {
    while (at_ < source_.size()) {
      const std::size_t tag = next_tag();
      add_text(tag);
      if (tag == source_.size()) break;
      at_ = tag;
      read_tag();
    }
    add(TokenKind::end, "");
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void wrong(const std::string& what) const { throw TemplateError{what, line_}; }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
  bool here(std::string_view text) const { return source_.substr(at_).starts_with(text); }
  void add(TokenKind kind, std::string text) { tokens_.push_back({kind, std::move(text), line_}); }
  void advance(std::size_t to) {
    line_ += static_cast<int>(std::count(source_.begin() + static_cast<std::ptrdiff_t>(at_),
                                         source_.begin() + static_cast<std::ptrdiff_t>(to), '\n'));
    at_ = to;
  }

  std::size_t next_tag() const {
    for (std::size_t at = source_.find('{', at_); at != std::string_view::npos; at = source_.find('{', at + 1))
      if (at + 1 < source_.size() && (source_[at + 1] == '{' || source_[at + 1] == '%' || source_[at + 1] == '#')) return at;
    return source_.size();
  }

  // The text before a tag, less what the tag's sign or lstrip_blocks takes from its end.
  void add_text(std::size_t end) {
    std::string_view text = source_.substr(at_, end - at_);
    const char kind = end + 1 < source_.size() ? source_[end + 1] : '\0', sign = end + 2 < source_.size() ? source_[end + 2] : '\0';
    if (end < source_.size() && sign == '-') {
      while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    } else if (end < source_.size() && kind != '{' && sign != '+') {
      const std::size_t line = text.rfind('\n') + 1;  // npos + 1 is 0
      const std::string_view indent = text.substr(line);
      if ((line > 0 || at_line_start_) && std::ranges::all_of(indent, is_space)) text = text.substr(0, line);
    }
    if (!text.empty()) add(TokenKind::text, std::string(text));
    advance(end);
  }

  void read_tag() {
    const char kind = source_[at_ + 1];
    at_ += 2;
    if (kind == '#') return skip_comment();
    if (peek() == '-' || peek() == '+') ++at_;
    if (kind == '%' && raw_block()) return;
    add(kind == '{' ? TokenKind::variable_begin : TokenKind::block_begin, "");
    read_inside(kind == '{' ? "}}" : "%}");
    add(kind == '{' ? TokenKind::variable_end : TokenKind::block_end, "");
  }

  // Just behind a tag: what its sign or trim_blocks takes from the text that follows.
  void end_tag(char sign, bool block) {
    const std::size_t begin = at_;
    std::size_t end = at_;
    if (sign == '-')
      while (end < source_.size() && is_space(source_[end])) ++end;
    else if (block && sign != '+' && peek() == '\n') ++end;
    advance(end);
    at_line_start_ = end > begin && source_[end - 1] == '\n';
  }

  void skip_comment() {
    const std::size_t end = source_.find("#}", at_);
    if (end == std::string_view::npos) wrong("a comment is not closed by '#}'");
    const char sign = end > at_ ? source_[end - 1] : '\0';
    advance(end + 2);
    end_tag(sign, true);
  }

  // {% raw %} … {% endraw %}: everything between is text.
  bool raw_block() {
    const auto word_tag = [&](std::size_t at, std::string_view word, char& sign) -> std::size_t {
      while (at < source_.size() && is_space(source_[at])) ++at;
      if (!source_.substr(at).starts_with(word)) return 0;
      at += word.size();
      while (at < source_.size() && is_space(source_[at])) ++at;
      sign = at < source_.size() ? source_[at] : '\0';
      if (sign == '-' || sign == '+') ++at;
      return source_.substr(at).starts_with("%}") ? at + 2 : 0;
    };
    char sign = '\0';
    const std::size_t begin = word_tag(at_, "raw", sign);
    if (begin == 0) return false;
    advance(begin);
    end_tag(sign, true);
    for (std::size_t tag = source_.find("{%", at_); tag != std::string_view::npos; tag = source_.find("{%", tag + 2)) {
      const bool signed_tag = tag + 2 < source_.size() && (source_[tag + 2] == '-' || source_[tag + 2] == '+');
      const std::size_t end = word_tag(tag + (signed_tag ? 3 : 2), "endraw", sign);
      if (end == 0) continue;
      add_text(tag);
      advance(end);
      end_tag(sign, true);
      return true;
    }
    wrong("a raw block is not closed by '{% endraw %}'");
  }

  void read_inside(std::string_view close) {
    int open = 0;  // brackets: "}}" may close two dictionaries
    for (;;) {
      while (at_ < source_.size() && is_space(source_[at_])) advance(at_ + 1);
      if (at_ >= source_.size()) wrong(fmt::format("a tag is not closed by '{}'", close));
      const bool has_sign = (peek() == '-' || peek() == '+') && source_.substr(at_ + 1).starts_with(close);
      if (open == 0 && (has_sign || here(close))) {
        const char sign = has_sign ? peek() : '\0';
        at_ += close.size() + (has_sign ? 1 : 0);
        return end_tag(sign, close == "%}");
      }
      const char c = peek();
      if (begins_name(c)) read_name();
      else if (is_digit(c)) read_number();
      else if (c == '"' || c == '\'') read_string();
      else open += read_symbol();
    }
  }

  void read_name() {
    const std::size_t begin = at_;
    while (at_ < source_.size() && (begins_name(source_[at_]) || is_digit(source_[at_]))) ++at_;
    add(TokenKind::name, std::string(source_.substr(begin, at_ - begin)));
  }

  void read_number() {
    std::string digits;
    bool real = false;
    for (; at_ < source_.size(); ++at_) {
      const char c = source_[at_];
      if (c == '_' && is_digit(peek(1))) continue;
      const bool point = c == '.' && !real && is_digit(peek(1));
      const bool exponent = (c == 'e' || c == 'E') && (is_digit(peek(1)) || ((peek(1) == '-' || peek(1) == '+') && is_digit(peek(2))));
      const bool sign = (c == '-' || c == '+') && !digits.empty() && (digits.back() == 'e' || digits.back() == 'E');
      if (!is_digit(c) && !point && !exponent && !sign) break;
      real = real || point || exponent;
      digits += c;
    }
    Token token{real ? TokenKind::real : TokenKind::integer, digits, line_};
    const auto result = real ? std::from_chars(digits.data(), digits.data() + digits.size(), token.real)
                             : std::from_chars(digits.data(), digits.data() + digits.size(), token.integer);
    if (result.ec != std::errc() || result.ptr != digits.data() + digits.size()) wrong(fmt::format("the number {} is too large", digits));
    tokens_.push_back(std::move(token));
  }

  std::uint32_t read_hex(int digits) {
    std::uint32_t code = 0;
    const std::string_view text = source_.substr(at_, static_cast<std::size_t>(digits));
    const auto result = std::from_chars(text.data(), text.data() + text.size(), code, 16);
    if (result.ptr != text.data() + digits || code > 0x10FFFF) wrong("a string has a wrong escape");
    at_ += static_cast<std::size_t>(digits);
    return code;
  }

  void read_string() {
    const int line = line_;
    const char quote = source_[at_++];
    std::string text;
    while (peek() != quote) {
      if (at_ >= source_.size()) throw TemplateError{"a string is not closed", line};
      const char c = source_[at_];
      if (c != '\\') {
        text += c;
        advance(at_ + 1);
        continue;
      }
      const char escaped = peek(1);
      advance(std::min(at_ + 2, source_.size()));
      constexpr std::string_view kFrom = "ntrbfav0", kTo("\n\t\r\b\f\a\v\0", 8);
      if (const std::size_t known = kFrom.find(escaped); escaped != '\0' && known != std::string_view::npos) text += kTo[known];
      else if (escaped == 'x') append_code_point(text, read_hex(2));
      else if (escaped == 'u') append_code_point(text, read_hex(4));
      else if (escaped == 'U') append_code_point(text, read_hex(8));
      else if (escaped == '\n') continue;
      else if (escaped == '\\' || escaped == '\'' || escaped == '"') text += escaped;
      else text += {'\\', escaped};
    }
    ++at_;
    tokens_.push_back({TokenKind::string, std::move(text), line});
  }

  // How many brackets it opens.
  int read_symbol() {
    for (const std::string_view symbol : {"//", "**", "==", "!=", "<=", ">="})
      if (here(symbol)) {
        add(TokenKind::symbol, std::string(symbol));
        at_ += 2;
        return 0;
      }
    const char c = peek();
    if (std::string_view("+-*/%~<>=()[]{},.:|").find(c) == std::string_view::npos)
      wrong(fmt::format("the character '{}' has no meaning here", c));
    add(TokenKind::symbol, std::string(1, c));
    ++at_;
    return c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool at_line_start_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) {
  std::string text;
  text.reserve(source.size());
  for (std::size_t i = 0; i < source.size(); ++i) {
    const bool carriage_return = source[i] == '\r';
    if (carriage_return && i + 1 < source.size() && source[i + 1] == '\n') continue;
    text += carriage_return ? '\n' : source[i];
  }
  if (text.ends_with('\n')) text.pop_back();  // the file's last line end is not part of the template
  return Lexer(text).run();
}

}  // namespace tokenmark::jinja
