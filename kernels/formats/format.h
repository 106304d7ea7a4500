// Number formats of weights and caches: names, block sizes, and the exact layout of quantised blocks. The numeric
// values are ggml's type numbers, which GGUF files carry and the plugin ABI repeats; fp8 and mxfp6 have no ggml number
// and use this project's own (files with them carry the key tokenmark.formats).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tokenmark {

enum class Format : std::uint32_t {
  f32 = 0, f16 = 1, q4_0 = 2, q8_0 = 8, q4_k = 12, q5_k = 13, q6_k = 14, bf16 = 30, mxfp4 = 39, fp8 = 56, mxfp6 = 57
};

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

// The K formats: super-blocks of 256 values in 8 blocks of 32 (Q6_K: 16 of 16).
// scales: eight 6-bit scales and eight 6-bit minima (k_scale); value = d * scale * q - dmin * minimum.
// Nibbles: of each 64 values the first 32 are low, the next 32 high.
struct BlockQ4_K {
  static constexpr int kValues = 256;
  std::uint16_t d, dmin;
  std::uint8_t scales[12];
  std::uint8_t q[128];
};
static_assert(sizeof(BlockQ4_K) == 144);

// As Q4_K with a fifth bit: of byte i of `high`, bit b belongs to value 32 * b + i.
struct BlockQ5_K {
  static constexpr int kValues = 256;
  std::uint16_t d, dmin;
  std::uint8_t scales[12];
  std::uint8_t high[32];
  std::uint8_t q[128];
};
static_assert(sizeof(BlockQ5_K) == 176);

// Value 128 h + 32 j + i (j 0…3): its low four bits are in low[64 h + 32 (j % 2) + i], nibble j / 2; its upper two in
// high[32 h + i], bits 2 j; value = d * scales[8 h + 2 j + i / 16] * (q - 32).
struct BlockQ6_K {
  static constexpr int kValues = 256;
  std::uint8_t low[128];
  std::uint8_t high[64];
  std::int8_t scales[16];
  std::uint16_t d;
};
static_assert(sizeof(BlockQ6_K) == 210);

// OCP microscaling: 32 values with a shared scale 2^(e - 127), e = 255: NaN.
// E2M1 elements, nibbles as in Q4_0: 0 .5 1 1.5 2 3 4 6, bit 3 the sign.
struct BlockMxfp4 {
  static constexpr int kValues = 32;
  std::uint8_t e;
  std::uint8_t q[16];
};
static_assert(sizeof(BlockMxfp4) == 17);

// E2M3 elements (sign, exponent with bias 1, three bits of fraction: up to 7.5), value i at bits 6 i of q, lowest first.
struct BlockMxfp6 {
  static constexpr int kValues = 32;
  std::uint8_t e;
  std::uint8_t q[24];
};
static_assert(sizeof(BlockMxfp6) == 25);

// OCP E4M3 elements (up to 448, 0x7f and 0xff NaN) in blocks of 128 with a float scale, as the block-scaled FP8 weights of
// DeepSeek: 128 rows share a scale there, each row carries its own here.
struct BlockFp8 {
  static constexpr int kValues = 128;
  float d;
  std::uint8_t q[128];
};
static_assert(sizeof(BlockFp8) == 132);

// Scale and minimum of block j (0…7) of a Q4_K or Q5_K super-block.
struct KScale {
  std::uint8_t scale, minimum;
};
KScale k_scale(const std::uint8_t* scales, int j);

float e8m0_to_float(std::uint8_t e);   // 2^(e - 127); 255: NaN
float e4m3_to_float(std::uint8_t e4m3);
float e4m3fnuz_to_float(std::uint8_t e4m3);  // AMD's CDNA 3: bias 8, up to 240; 0x80, which would be −0, is NaN
std::uint8_t float_to_e4m3(float value);  // nearest even, saturating; NaN stays NaN
float e2m1_to_float(std::uint8_t nibble);
float e2m3_to_float(std::uint8_t bits);

std::optional<Format> format_from_number(std::uint32_t ggml_type);
std::optional<Format> format_from_name(std::string_view name);  // "q4_0", case does not matter
std::string_view format_name(Format format);

int block_values(Format format);         // values that share one block: 1, 32, 128 or 256
std::size_t block_bytes(Format format);  // bytes of one block
// Bytes of a row; `columns` must be a multiple of block_values.
std::size_t row_bytes(Format format, std::uint64_t columns);

float half_to_float(std::uint16_t half);
std::uint16_t float_to_half(float value);  // round to nearest even
float bf16_to_float(std::uint16_t bf16);
std::uint16_t float_to_bf16(float value);  // round to nearest even

// A block of E4M3 of the FNUZ kind. A byte of it stands for half of what it is in OCP's, so the bytes stay and `scale` is
// halved: exact. Only ±240 has no byte then; a block with it keeps the scale and is written anew, where numbers below
// 2^-6 lose their last bit (2^-10 · scale, four millionths of the block's greatest).
BlockFp8 block_from_fnuz(const std::uint8_t* values, float scale);

// A row in float, and a row from float (ggml's reference rounding). Scalar: for tests, conversion and small
// rows.
void dequantize_row(Format format, const void* row, std::uint64_t columns, float* out);
void quantize_row(Format format, const float* values, std::uint64_t columns, void* out);

}  // namespace tokenmark
