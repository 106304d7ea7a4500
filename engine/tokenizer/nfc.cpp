// Unicode's canonical normalization (UAX #15) by utf8proc; bytes that are no characters stay as they are.
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "engine/tokenizer/normalizer.h"
#include "engine/tokenizer/utf8.h"

namespace tokenmark {
namespace {

// Below U+0300 nothing combines and everything that decomposes composes again: such text is in form C already.
bool is_simple(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0xCC; });
}

void append_normalized(std::string_view characters, utf8proc_option_t form, std::string& out) {
  if (characters.empty()) return;
  utf8proc_uint8_t* made = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(characters.data()),
                                   static_cast<utf8proc_ssize_t>(characters.size()), &made,
                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | form));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> freed(made, std::free);
  if (length < 0) out += characters;  // no memory: as it was
  else out.append(reinterpret_cast<const char*>(made), static_cast<std::size_t>(length));
}

std::string normalized(std::string_view text, utf8proc_option_t form) {
  std::string out;
  std::size_t begin = 0, at = 0;
  while (at < text.size()) {
    const std::size_t length = utf8_length(text, at);
    at += std::max<std::size_t>(length, 1);
    if (length > 0) continue;
    append_normalized(text.substr(begin, at - 1 - begin), form, out);
    out += text[at - 1];
    begin = at;
  }
  append_normalized(text.substr(begin), form, out);
  return out;
}

}  // namespace

std::string nfd(std::string_view text) { return normalized(text, UTF8PROC_DECOMPOSE); }

std::string nfc(std::string_view text) {
  return is_simple(text) ? std::string(text) : normalized(text, UTF8PROC_COMPOSE);
}

}  // namespace tokenmark
