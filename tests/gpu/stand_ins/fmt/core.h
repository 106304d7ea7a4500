// Stands for {fmt} where a machine with a GPU has nothing but a compiler: format() with {} and {:[#][0][width][.digits][type]}
// of numbers and texts, which is all that the code under test says.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>

namespace fmt {

template <class... Args>
using format_string = const char*;

namespace stand_in {

inline std::string printed(std::string_view spec, const char* length, std::string_view types, char type, auto value) {
  std::string pattern = "%";
  const bool has_type = !spec.empty() && types.find(spec.back()) != std::string_view::npos;
  pattern += has_type ? spec.substr(0, spec.size() - 1) : spec;
  pattern += length;
  pattern += has_type ? spec.back() : type;
  char text[512];
  std::snprintf(text, sizeof text, pattern.c_str(), value);
  return text;
}

template <class T>
std::string text_of(std::string_view spec, const T& value) {
  if constexpr (std::is_same_v<T, bool>) return value ? "true" : "false";
  else if constexpr (std::is_same_v<T, char>) return std::string(1, value);
  else if constexpr (std::is_enum_v<T>) return text_of(spec, static_cast<long long>(value));
  else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) return printed(spec, "ll", "xd", 'd', static_cast<long long>(value));
  else if constexpr (std::is_integral_v<T>) return printed(spec, "ll", "xu", 'u', static_cast<unsigned long long>(value));
  else if constexpr (std::is_floating_point_v<T>) return printed(spec, "", "fge", 'g', static_cast<double>(value));
  else return std::string(std::string_view(value));
}

inline void append(std::string& out, std::string_view rest) { out += rest; }

template <class First, class... Others>
void append(std::string& out, std::string_view rest, const First& first, const Others&... others) {
  const std::size_t open = rest.find('{'), close = rest.find('}', open);
  if (close == std::string_view::npos) return append(out, rest);
  out += rest.substr(0, open);
  const std::string_view spec = rest[open + 1] == ':' ? rest.substr(open + 2, close - open - 2) : "";
  out += text_of(spec, first);
  append(out, rest.substr(close + 1), others...);
}

}  // namespace stand_in

template <class... Args>
std::string format(const char* pattern, const Args&... args) {
  std::string out;
  stand_in::append(out, pattern, args...);
  return out;
}

}  // namespace fmt
