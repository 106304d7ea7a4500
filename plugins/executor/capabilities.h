// What plugins say of their devices, made the same way.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "plugins/api/plugin.h"

namespace tokenmark::executor {

constexpr std::uint64_t format_bits(std::initializer_list<tm_format> formats) {
  std::uint64_t bits = 0;
  for (const tm_format format : formats) bits |= std::uint64_t{1} << format;
  return bits;
}

// What fits of a text, with the 0 that ends it.
template <std::size_t N>
void copy_text(char (&to)[N], const std::string& from) {
  to[from.copy(to, N - 1)] = 0;
}

}  // namespace tokenmark::executor
