#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/tokenizer/regex.h"

#include <pcre2.h>

namespace tokenmark {

struct Regex::Code {
  explicit Code(pcre2_code* compiled) : code(compiled) {}
  ~Code() { pcre2_code_free(code); }
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  pcre2_code* code;
  bool jit = false;
};

Regex::Regex(std::unique_ptr<const Code> code) : code_(std::move(code)) {}
Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

Result<Regex> Regex::compile(std::string_view expression) {
  constexpr std::size_t kLongest = 64u << 10;
  if (expression.size() > kLongest)
    return fail(ErrorKind::invalid_input, "a pre-tokenizer expression has {} bytes, at most {} are taken",
                expression.size(), kLongest);
  int number = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(
      reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(),
      PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &number, &offset,
      nullptr);
  if (!code)
    return fail(ErrorKind::invalid_input, "pre-tokenizer expression '{}' is wrong at byte {} (PCRE2 error {})",
                expression.substr(0, 200), offset, number);
  auto owned = std::make_unique<Code>(code);
  owned->jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;  // where there is no JIT the interpreter runs
  return Regex(std::move(owned));
}

Regex::Matcher::Matcher(const Regex& regex, std::string_view text)
    : regex_(&regex), text_(text), matches_(pcre2_match_data_create(1, nullptr)) {}

Regex::Matcher::~Matcher() { pcre2_match_data_free(static_cast<pcre2_match_data*>(matches_)); }

std::pair<std::size_t, std::size_t> Regex::Matcher::find(std::size_t from) {
  auto* matches = static_cast<pcre2_match_data*>(matches_);
  const auto* text = reinterpret_cast<PCRE2_SPTR>(text_.data());
  constexpr auto kNone = std::string_view::npos;
  if (from >= text_.size() || !matches) return {kNone, kNone};
  // pcre2_jit_match leaves out the checks of arguments, which cost as much as a short match.
  const std::uint32_t options = PCRE2_NOTEMPTY;
  const int found = regex_->code_->jit
                        ? pcre2_jit_match(regex_->code_->code, text, text_.size(), from, options, matches, nullptr)
                        : pcre2_match(regex_->code_->code, text, text_.size(), from, options, matches, nullptr);
  if (found < 0) return {kNone, kNone};
  const PCRE2_SIZE* range = pcre2_get_ovector_pointer(matches);
  if (range[1] <= range[0]) return {kNone, kNone};  // \K in a look-around
  return {range[0], range[1]};
}

Result<std::string> from_oniguruma(std::string_view expression) {
  constexpr std::string_view kSpaces =
      R"(\x09-\x0D\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";
  // White space at a line's end. Tried from each of n spaces that something follows it would take n² steps; the
  // look-behind lets only the first one try.
  if (expression == R"(\s+$)") return fmt::format("(?<![{0}])[{0}]+$", kSpaces);
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (c == '\\' && i + 1 < expression.size()) {
      const char escaped = expression[++i];
      if (escaped == 's') out += in_class ? std::string(kSpaces) : fmt::format("[{}]", kSpaces);
      else if (escaped == 'S' && !in_class) out += fmt::format("[^{}]", kSpaces);
      else out += {'\\', escaped};
      continue;
    }
    const bool named = expression.substr(i, 2) == "[:";
    if (in_class && ((c == '[' && !named) || expression.substr(i, 2) == "&&"))
      return fail(ErrorKind::invalid_input, "pre-tokenizer expression '{}' has a set within a set at byte {}, which is"
                  " not known here", expression.substr(0, 200), i);
    if (in_class && named) {  // [:alpha:]
      const std::size_t end = std::min(expression.find(":]", i), expression.size() - 1);
      out += expression.substr(i, end + 1 - i);
      i = end;
      if (i + 1 < expression.size()) out += expression[++i];
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    out += c;
  }
  return out;
}

}  // namespace tokenmark
