#include "core/quality/answers.h"

#include <fmt/core.h>

#include <boost/multiprecision/cpp_int.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace tokenmark {
namespace {

using Rational = boost::multiprecision::cpp_rational;
using boost::multiprecision::cpp_int;

constexpr std::size_t kMaxNumber = 400;  // characters; a longer one is compared as text

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Where `word` (in upper case) last begins in `text`, whatever the case.
std::size_t find_last(std::string_view text, std::string_view word) {
  for (std::size_t at = text.size() >= word.size() ? text.size() - word.size() + 1 : 0; at-- > 0;)
    if (std::equal(word.begin(), word.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                   [](char a, char b) { return a == upper(b); }))
      return at;
  return std::string_view::npos;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  std::string out;
  std::size_t from = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, from)) {
    out.append(text, from, at - from).append(by);
    from = at + what.size();
  }
  text = out.append(text, from);
}

void remove_all(std::string& text, std::string_view what) { replace_all(text, what, {}); }

// The end of the braced group that begins at `open`, or npos.
std::size_t closing_brace(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

// \text{x}, \mathrm{x} … become x.
void unwrap(std::string& text, std::string_view command) {
  for (auto at = text.find(command); at != std::string::npos; at = text.find(command, at)) {
    const std::size_t open = at + command.size() - 1, close = closing_brace(text, open);
    if (close == std::string::npos) return;
    text.erase(close, 1);
    text.erase(at, command.size());
  }
}

// One argument of \frac: {…} or a single character.
bool take_argument(std::string_view& rest, std::string& argument) {
  if (rest.empty()) return false;
  const std::size_t close = rest[0] == '{' ? closing_brace(rest, 0) : 0;
  if (close == std::string_view::npos) return false;
  argument = rest[0] == '{' ? rest.substr(1, close - 1) : rest.substr(0, 1);
  rest.remove_prefix(close + 1);
  return true;
}

// \frac{a}{b} and \frac12 become (a)/(b).
std::string with_fractions_as_slashes(std::string text) {
  for (auto at = text.find("\\frac"); at != std::string::npos; at = text.find("\\frac", at)) {
    std::string_view rest = std::string_view(text).substr(at + 5);
    std::string above, below;
    if (!take_argument(rest, above) || !take_argument(rest, below)) return text;
    text = fmt::format("{}({})/({}){}", std::string_view(text).substr(0, at), above, below, rest);
  }
  return text;
}

std::string plain(std::string_view answer) {
  std::string text(trim(answer));
  for (const auto wrapper : {"\\text{", "\\textbf{", "\\mathrm{", "\\mbox{", "\\mathbf{"}) unwrap(text, wrapper);
  for (const auto noise : {"\\left", "\\right", "\\!", "\\,", "\\;", "\\:", "\\ ", "^\\circ", "^{\\circ}", "\\$", "$", "\\(", "\\)"})
    remove_all(text, noise);
  replace_all(text, "\\dfrac", "\\frac");
  replace_all(text, "\\tfrac", "\\frac");
  replace_all(text, "\\%", "%");
  text = with_fractions_as_slashes(std::move(text));
  std::erase_if(text, is_space);
  while (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

// "1,234,567.5" → digits without the commas, where they stand for thousands; nothing where they do not.
std::optional<std::string> without_thousands(std::string_view text) {
  if (text.find(',') == std::string_view::npos) return std::string(text);
  const std::string_view whole = text.substr(0, text.find('.'));
  if (text.find(',', whole.size()) != std::string_view::npos) return std::nullopt;
  std::size_t since = 0;
  bool first = true;
  for (std::size_t i = 0; i <= whole.size(); ++i) {
    if (i < whole.size() && whole[i] != ',') { ++since; continue; }
    if (first ? since == 0 || since > 3 : since != 3) return std::nullopt;
    first = false;
    since = 0;
  }
  std::string digits(text);
  remove_all(digits, ",");
  return digits;
}

// Without brackets around a single number; a comma inside makes them a tuple's.
std::string_view without_brackets(std::string_view text) {
  while (text.size() > 2 && text.front() == '(' && text.back() == ')' && text.find(',') == std::string_view::npos)
    text = text.substr(1, text.size() - 2);
  return text;
}

std::optional<Rational> decimal(std::string_view text) {
  bool negative = false;
  text = without_brackets(text);
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) { negative = text[0] == '-'; text.remove_prefix(1); }
  text = without_brackets(text);
  const auto digits = without_thousands(text);
  if (!digits || digits->empty() || digits->size() > kMaxNumber) return std::nullopt;
  cpp_int value = 0, scale = 1;
  bool point = false, any = false;
  for (const char c : *digits) {
    if (c == '.' && !point) { point = true; continue; }
    if (!is_digit(c)) return std::nullopt;
    any = true;
    value = value * 10 + (c - '0');
    if (point) scale *= 10;
  }
  if (!any) return std::nullopt;
  const Rational number(value, scale);
  return negative ? Rational(-number) : number;
}

std::optional<Rational> rational(std::string_view text) {
  bool percent = false, negative = false;
  if (!text.empty() && text.back() == '%') { percent = true; text.remove_suffix(1); }
  const auto slash = text.find('/');
  std::optional<Rational> value;
  if (slash == std::string_view::npos) {
    value = decimal(text);
  } else {
    if (text[0] == '-' && text.size() > 1 && text[1] == '(') { negative = true; text.remove_prefix(1); }
    const auto cut = text.find('/');
    const auto above = decimal(text.substr(0, cut)), below = decimal(text.substr(cut + 1));
    if (above && below && *below != 0) value = *above / *below;
  }
  if (!value) return std::nullopt;
  if (negative) *value = -*value;
  if (percent) *value /= 100;
  return value;
}

// The parts of "(a,b)", "[a,b)" …; the brackets belong to the answer.
std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text.substr(1, text.size() - 2)) {
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    if (c == ',' && depth == 0) parts.emplace_back();
    else parts.back() += c;
  }
  return parts;
}

bool bracketed(std::string_view text) {
  return text.size() > 2 && (text.front() == '(' || text.front() == '[') && (text.back() == ')' || text.back() == ']');
}

bool same_plain(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto first = rational(a), second = rational(b);
  if (first || second) return first && second && *first == *second;
  if (!bracketed(a) || !bracketed(b) || a.front() != b.front() || a.back() != b.back()) return false;
  const auto left = parts_of(a), right = parts_of(b);
  return left.size() > 1 && std::equal(left.begin(), left.end(), right.begin(), right.end(), same_plain);
}

std::optional<std::string> last_number(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0 && !is_digit(text[end - 1])) --end;
  if (end == 0) return std::nullopt;
  std::size_t begin = end;
  const auto inside = [&](std::size_t i) {
    return is_digit(text[i]) || ((text[i] == '.' || text[i] == ',' || text[i] == '/') && i > 0 && is_digit(text[i - 1]));
  };
  while (begin > 0 && (inside(begin - 1) || (text[begin - 1] == '.' && begin < text.size() && is_digit(text[begin])))) --begin;
  if (begin > 0 && text[begin - 1] == '-') --begin;
  if (end < text.size() && text[end] == '%') ++end;
  return std::string(text.substr(begin, end - begin));
}

// The line behind `mark`'s end.
std::string rest_of_line(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  return std::string(trim(rest.substr(0, rest.find('\n'))));
}

// "**(C)**" → C: the first letter behind what only decorates it, if no other letter follows directly.
std::optional<char> lone_letter(std::string_view text, char last_letter) {
  constexpr std::string_view kDecoration = " \t:*_$([{\"'`";
  const auto at = text.find_first_not_of(kDecoration);
  if (at == std::string_view::npos) return std::nullopt;
  const char letter = upper(text[at]);
  if (letter < 'A' || letter > last_letter) return std::nullopt;
  if (at + 1 < text.size() && (is_letter(text[at + 1]) || is_digit(text[at + 1]))) return std::nullopt;
  return letter;
}

}  // namespace

std::optional<std::string> last_boxed(std::string_view text) {
  const std::size_t boxed = text.rfind("\\boxed"), framed = text.rfind("\\fbox");
  const std::size_t at = boxed == std::string_view::npos ? framed : framed == std::string_view::npos ? boxed : std::max(boxed, framed);
  if (at == std::string_view::npos) return std::nullopt;
  std::size_t open = at + (text.substr(at).starts_with("\\boxed") ? 6 : 5);
  while (open < text.size() && text[open] == ' ') ++open;
  if (open < text.size() && text[open] != '{') {  // \boxed 7
    const std::string_view rest = text.substr(open);
    return std::string(trim(rest.substr(0, rest.find_first_of("$\n"))));
  }
  const std::size_t close = closing_brace(text, open);
  if (close == std::string_view::npos) return std::nullopt;
  return std::string(text.substr(open + 1, close - open - 1));
}

std::optional<char> extract_choice(std::string_view answer, char last_letter) {
  for (std::string_view rest = answer;;) {
    const std::size_t at = find_last(rest, "ANSWER");
    if (at == std::string_view::npos) break;
    std::string_view behind = answer.substr(at + 6);
    if (behind.starts_with(" is") || behind.starts_with(" IS")) behind.remove_prefix(3);
    if (const auto letter = lone_letter(behind, last_letter)) return letter;
    rest = rest.substr(0, at);
  }
  if (const auto boxed = last_boxed(answer))
    if (const auto letter = lone_letter(plain(*boxed), last_letter)) return letter;
  const std::string_view all = trim(answer);
  if (all.size() <= 4) return lone_letter(all, last_letter);
  return std::nullopt;
}

std::optional<std::string> extract_exact(std::string_view answer) {
  if (auto boxed = last_boxed(answer)) return boxed;
  if (const auto at = answer.rfind("####"); at != std::string_view::npos) return rest_of_line(answer, at + 4);
  for (const std::string_view mark : {"ANSWER IS", "ANSWER:"}) {
    const std::size_t at = find_last(answer, mark);
    if (at == std::string_view::npos) continue;
    std::string line = rest_of_line(answer, at + mark.size());
    while (!line.empty() && (line.front() == ':' || line.front() == '*' || is_space(line.front()))) line.erase(0, 1);
    while (!line.empty() && (line.back() == '.' || line.back() == '*')) line.pop_back();
    if (!line.empty() && (rational(plain(line)) || line.find(' ') == std::string::npos)) return line;
    if (const auto number = last_number(line)) return number;
  }
  return last_number(answer);
}

bool same_answer(std::string_view given, std::string_view expected) { return same_plain(plain(given), plain(expected)); }

}  // namespace tokenmark
