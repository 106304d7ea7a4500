#include "engine/template/letters.h"

#include <algorithm>
#include <cstdint>

namespace tokenmark::jinja {
namespace {

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// The code of a character of one or two bytes, else 0.
std::uint32_t small_code(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]) < 0x80 ? static_cast<unsigned char>(character[0]) : 0;
  if (character.size() != 2) return 0;
  return (static_cast<std::uint32_t>(character[0]) & 0x1F) << 6 | (static_cast<std::uint32_t>(character[1]) & 0x3F);
}

// From the lower to the upper letter, 0 for what has none.
std::uint32_t distance_of_lower(std::uint32_t code) {
  if (code >= 'a' && code <= 'z') return 0x20;
  if (code >= 0xE0 && code <= 0xFE && code != 0xF7) return 0x20;
  if (code >= 0x3B1 && code <= 0x3C9 && code != 0x3C2) return 0x20;
  if (code >= 0x430 && code <= 0x44F) return 0x20;
  return code >= 0x450 && code <= 0x45F ? 0x50 : 0;
}
std::uint32_t distance_of_upper(std::uint32_t code) {
  for (const std::uint32_t distance : {0x20u, 0x50u})
    if (distance_of_lower(code + distance) == distance) return distance;
  return 0;
}

void append(std::string& out, std::uint32_t code) {
  if (code < 0x80) out += static_cast<char>(code);
  else out += {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
}

void append_cased(std::string& out, std::string_view character, bool upper) {
  const std::uint32_t code = small_code(character);
  const std::uint32_t distance = upper ? distance_of_lower(code) : distance_of_upper(code);
  if (distance == 0) out += character;
  else append(out, upper ? code - distance : code + distance);
}

template <class IsUpper>
std::string cased(std::string_view text, const IsUpper& is_upper) {
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view character = first_character(rest);
    append_cased(out, character, is_upper(static_cast<std::size_t>(character.data() - text.data())));
    rest.remove_prefix(character.size());
  }
  return out;
}

}  // namespace

std::string_view first_character(std::string_view text) {
  std::size_t length = 1;
  if ((static_cast<unsigned char>(text[0]) & 0xC0) == 0xC0)
    while (length < text.size() && length < 4 && continues(text[length])) ++length;
  return text.substr(0, length);
}

std::string_view last_character(std::string_view text) {
  std::size_t begin = text.size() - 1;
  while (begin > 0 && text.size() - begin < 4 && continues(text[begin])) --begin;
  return text.substr(begin);
}

bool is_white_space(std::string_view character) {
  const std::uint32_t code = small_code(character);
  if (code != 0) return (code >= 9 && code <= 13) || (code >= 0x1C && code <= 0x20) || code == 0x85 || code == 0xA0;
  constexpr std::string_view kWide[] = {"\u1680", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};
  return std::ranges::find(kWide, character) != std::end(kWide) || (character >= "\u2000" && character <= "\u200A");
}

bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || static_cast<unsigned char>(byte) >= 0x80;
}

std::string upper_case(std::string_view text) {
  return cased(text, [](std::size_t) { return true; });
}
std::string lower_case(std::string_view text) {
  return cased(text, [](std::size_t) { return false; });
}
std::string capitalized(std::string_view text) {
  return cased(text, [](std::size_t at) { return at == 0; });
}
std::string title_case(std::string_view text) {
  return cased(text, [&](std::size_t at) { return at == 0 || !is_letter(text[at - 1]); });
}

}  // namespace tokenmark::jinja
