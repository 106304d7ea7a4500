// Names, numbers and sizes of the formats.
#include "kernels/formats/format.h"

#include <algorithm>
#include <array>

namespace tokenmark {
namespace {

struct Description {
  Format format;
  std::string_view name;
  int block_values;
  std::size_t block_bytes;
};

constexpr std::array<Description, 11> kFormats = {{{Format::f32, "f32", 1, 4},
                                                  {Format::f16, "f16", 1, 2},
                                                  {Format::q4_0, "q4_0", 32, sizeof(BlockQ4_0)},
                                                  {Format::q8_0, "q8_0", 32, sizeof(BlockQ8_0)},
                                                  {Format::bf16, "bf16", 1, 2},
                                                  {Format::q4_k, "q4_k", 256, sizeof(BlockQ4_K)},
                                                  {Format::q5_k, "q5_k", 256, sizeof(BlockQ5_K)},
                                                  {Format::q6_k, "q6_k", 256, sizeof(BlockQ6_K)},
                                                  {Format::mxfp4, "mxfp4", 32, sizeof(BlockMxfp4)},
                                                  {Format::mxfp6, "mxfp6", 32, sizeof(BlockMxfp6)},
                                                  {Format::fp8, "fp8", 128, sizeof(BlockFp8)}}};

// A value outside the enumeration is a programmer's error; it reads as f32.
const Description& describe(Format format) {
  for (const Description& description : kFormats)
    if (description.format == format) return description;
  return kFormats[0];
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::optional<Format> format_from_number(std::uint32_t ggml_type) {
  for (const Description& description : kFormats)
    if (static_cast<std::uint32_t>(description.format) == ggml_type) return description.format;
  return std::nullopt;
}

std::optional<Format> format_from_name(std::string_view name) {
  for (const Description& description : kFormats)
    if (std::ranges::equal(name, description.name, {}, lower)) return description.format;
  return std::nullopt;
}

std::string_view format_name(Format format) {
  return describe(format).name;
}
int block_values(Format format) {
  return describe(format).block_values;
}
std::size_t block_bytes(Format format) {
  return describe(format).block_bytes;
}

std::size_t row_bytes(Format format, std::uint64_t columns) {
  const Description& description = describe(format);
  return columns / static_cast<std::uint64_t>(description.block_values) * description.block_bytes;
}

}  // namespace tokenmark
