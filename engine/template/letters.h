// Letters and their case: of ASCII, Latin-1, Greek and Cyrillic, which is what templates meet in roles and names.
#pragma once

#include <string>
#include <string_view>

namespace tokenmark::jinja {

std::string_view first_character(std::string_view text);  // of UTF-8, not empty; a stray byte is one
std::string_view last_character(std::string_view text);
bool is_white_space(std::string_view character);          // as Python's str.isspace
bool is_letter(char byte);                                // ASCII letters and everything beyond ASCII
std::string upper_case(std::string_view text);
std::string lower_case(std::string_view text);
std::string capitalized(std::string_view text);
std::string title_case(std::string_view text);

}  // namespace tokenmark::jinja
