#include "kernels/cpu/packed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

namespace tokenmark::cpu {
namespace {

constexpr Format kPacked[] = {Format::q4_0, Format::q8_0, Format::q4_k, Format::q5_k, Format::q6_k, Format::mxfp4,
                              Format::mxfp6};

// Every bit pattern is a valid block.
std::vector<std::byte> random_rows(Format format, std::uint64_t rows, std::uint64_t columns) {
  std::mt19937 generator(7);
  std::vector<std::byte> bytes(rows * row_bytes(format, columns));
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(generator());
  return bytes;
}

std::vector<std::uint32_t> bits(const std::vector<float>& values) {
  std::vector<std::uint32_t> words(values.size());
  std::memcpy(words.data(), values.data(), values.size() * sizeof(float));
  return words;
}

struct PackedMatrix {
  Matrix matrix;
  std::vector<std::byte> memory;
};

PackedMatrix pack(Format format, const std::vector<std::byte>& rows, std::uint64_t n, std::uint64_t columns) {
  PackedMatrix packed{{format, n, columns, nullptr}, {}};
  const std::size_t panel = packed_panel_bytes(format, columns);
  packed.memory.assign((n + 15) / 16 * panel, std::byte{0xee});  // nothing counts on zeros
  for (std::uint64_t r = 0; r < n; r += 16)
    pack_panel_values(format, rows.data() + r * row_bytes(format, columns), std::min<std::uint64_t>(16, n - r), columns,
                      packed.memory.data() + r / 16 * panel);
  packed.matrix.values = packed.memory.data();
  return packed;
}

TEST(Packed, a_packed_row_unpacks_to_what_the_format_says_bit_for_bit) {
  for (Format format : kPacked)
    for (std::uint64_t columns : {32, 96, 256, 288, 512, 1248, 2880}) {
      if (columns % static_cast<std::uint64_t>(block_values(format)) != 0) continue;
      for (std::uint64_t n : {1, 15, 16, 21, 32}) {
        const std::vector<std::byte> rows = random_rows(format, n, columns);
        const PackedMatrix packed = pack(format, rows, n, columns);
        for (std::uint64_t r = 0; r < n; ++r) {
          std::vector<float> out(columns), expected(columns);
          unpack_packed_row(packed.matrix, r, out.data());
          dequantize_row(format, rows.data() + r * row_bytes(format, columns), columns, expected.data());
          ASSERT_EQ(bits(out), bits(expected)) << format_name(format) << " " << n << "x" << columns << " row " << r;
        }
      }
    }
}

TEST(Packed, the_layout_is_the_one_described) {
  // One row of values that name their column, in the third row of a panel.
  std::vector<std::byte> rows(3 * sizeof(BlockQ8_0));
  BlockQ8_0 q8{0x3c00, {}};
  for (int i = 0; i < 32; ++i) q8.q[i] = static_cast<std::int8_t>(i + 1);
  std::memcpy(rows.data() + 2 * sizeof(q8), &q8, sizeof(q8));
  const PackedMatrix bytes = pack(Format::q8_0, rows, 3, 32);
  for (std::size_t c = 0; c < 32; ++c)
    EXPECT_EQ(static_cast<std::size_t>(bytes.memory[64 + c / 4 * 64 + 2 * 4 + c % 4]), c + 1);
  EXPECT_EQ(bytes.memory[2 * 2 + 1], std::byte{0x3c});

  BlockQ4_0 q4{0x3c00, {}};
  for (int i = 0; i < 16; ++i) q4.q[i] = static_cast<std::uint8_t>(i | (15 - i) << 4);  // column c: c, then 31 - c
  rows.assign(3 * sizeof(q4), {});
  std::memcpy(rows.data() + 2 * sizeof(q4), &q4, sizeof(q4));
  const PackedMatrix nibbles = pack(Format::q4_0, rows, 3, 32);
  for (std::size_t c = 0; c < 32; ++c) {
    const auto byte = static_cast<std::size_t>(nibbles.memory[64 + c / 4 % 4 * 64 + 2 * 4 + c % 4]);
    EXPECT_EQ(c < 16 ? byte & 15 : byte >> 4, c < 16 ? c : 31 - c);
  }
}

TEST(Packed, packing_costs_at_most_one_percent_of_memory) {
  for (Format format : kPacked) {
    const double packed = static_cast<double>(packed_panel_bytes(format, 4096));
    EXPECT_LE(packed, 1.01 * 16 * static_cast<double>(row_bytes(format, 4096))) << format_name(format);
    EXPECT_EQ(packed_panel_bytes(format, 4096) % 64, 0u);
  }
}

TEST(Packed, other_formats_have_no_layout_here) {
  for (Format format : {Format::f32, Format::f16, Format::bf16, Format::fp8}) EXPECT_FALSE(has_packed_layout(format));
  for (Format format : kPacked) EXPECT_TRUE(has_packed_layout(format));
}

}  // namespace
}  // namespace tokenmark::cpu
