// Number formats of weights: names, block sizes, and the exact layout of quantised blocks. The numeric values
// are ggml's type numbers, which GGUF files carry and the plugin ABI repeats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tokenmark {

enum class Format : std::uint32_t { f32 = 0, f16 = 1, q4_0 = 2, q8_0 = 8, bf16 = 30 };

// Block of 32 values: scale d (IEEE half) and signed bytes; value = d * q.
struct BlockQ8_0 {
  static constexpr int kValues = 32;
  std::uint16_t d;
  std::int8_t q[32];
};
static_assert(sizeof(BlockQ8_0) == 34);

// Block of 32 values: byte i holds value i in its low nibble and value i + 16 in its high one; value = d * (q
// - 8).
struct BlockQ4_0 {
  static constexpr int kValues = 32;
  std::uint16_t d;
  std::uint8_t q[16];
};
static_assert(sizeof(BlockQ4_0) == 18);

std::optional<Format> format_from_number(std::uint32_t ggml_type);
std::optional<Format> format_from_name(std::string_view name);  // "q4_0", case does not matter
std::string_view format_name(Format format);

int block_values(Format format);         // values that share one block: 1 or 32
std::size_t block_bytes(Format format);  // bytes of one block
// Bytes of a row; `columns` must be a multiple of block_values.
std::size_t row_bytes(Format format, std::uint64_t columns);

float half_to_float(std::uint16_t half);
std::uint16_t float_to_half(float value);  // round to nearest even
float bf16_to_float(std::uint16_t bf16);
std::uint16_t float_to_bf16(float value);  // round to nearest even

// A row in float, and a row from float (ggml's reference rounding). Scalar: for tests, conversion and small
// rows.
void dequantize_row(Format format, const void* row, std::uint64_t columns, float* out);
void quantize_row(Format format, const float* values, std::uint64_t columns, void* out);

}  // namespace tokenmark
