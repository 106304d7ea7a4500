#include <algorithm>
#include <cmath>
#include <cstddef>

#include "kernels/reference/reference.h"
#include "tests/kernels/matmul_fixture.h"

namespace tokenmark::cpu {
namespace {

constexpr Format kFormats[] = {Format::q8_0, Format::q4_0};  // the float formats: matmul_floats_test.cpp

bool quantized(Format format) {
  return block_values(format) > 1;
}

// What quantised products multiply: each block of 32 inputs rounded to steps of its greatest magnitude / 127.
std::vector<float> rounded_input(const std::vector<float>& x) {
  std::vector<float> rounded(x.size());
  for (std::size_t b = 0; b < x.size(); b += 32) {
    float greatest = 0;
    for (std::size_t i = b; i < b + 32; ++i) greatest = std::max(greatest, std::abs(x[i]));
    const float scale = greatest / 127, inverse = scale != 0 ? 1 / scale : 0;
    for (std::size_t i = b; i < b + 32; ++i) rounded[i] = scale * std::nearbyint(x[i] * inverse);
  }
  return rounded;
}

// The magnitudes that a product of row r adds up: quantised weights count up to their format's bias.
std::vector<double> magnitudes(const Problem& p, std::uint64_t r) {
  std::vector<float> row(p.columns);
  const std::byte* blocks = p.weights.data() + r * row_bytes(p.format, p.columns);
  dequantize_row(p.format, blocks, p.columns, row.data());
  std::vector<double> sizes(p.columns);
  for (std::uint64_t c = 0; c < p.columns; ++c) {
    sizes[c] = std::abs(row[c]);
    if (!quantized(p.format)) continue;
    std::uint16_t d;
    std::copy_n(blocks + c / 32 * block_bytes(p.format), 2, reinterpret_cast<std::byte*>(&d));
    sizes[c] += std::abs(half_to_float(d)) * (p.format == Format::q8_0 ? 128.0 : 8.0);
  }
  return sizes;
}

void expect_close(const Problem& p, const std::vector<float>& out) {
  const std::vector<float> x = quantized(p.format) ? rounded_input(p.x) : p.x;
  std::vector<float> expected(p.rows * p.tokens);
  reference::matmul(p.format, p.weights.data(), p.rows, p.columns, x.data(), p.tokens, expected.data());
  for (std::uint64_t r = 0; r < p.rows; ++r) {
    const std::vector<double> weights = magnitudes(p, r);
    for (std::uint64_t t = 0; t < p.tokens; ++t) {
      double magnitude = 0;
      for (std::uint64_t c = 0; c < p.columns; ++c) magnitude += weights[c] * std::abs(x[t * p.columns + c]);
      // A sum of n terms in any order is off by at most n * 2^-24 of their magnitude; lanes and blocks make n
      // small.
      const double bound = magnitude * 0x1p-24 * (8 + static_cast<double>(p.columns) / 4) + 1e-30;
      ASSERT_NEAR(out[t * p.rows + r], expected[t * p.rows + r], bound)
          << format_name(p.format) << " " << p.rows << "x" << p.columns << " row " << r << " token " << t
          << "/" << p.tokens;
    }
  }
}

TEST_P(Matmul, equals_the_definition_on_every_shape) {
  for (Format format : kFormats)
    for (std::uint64_t columns : {0, 32, 64, 160, 256, 512, 576, 1056, 2080})
      for (std::uint64_t tokens : {0, 1, 2, 3, 4, 5, 7, 8, 13, 33}) {
        const Problem p = problem(format, 1 + below(40), columns, tokens);
        expect_close(p, multiply(p));
      }
}

TEST_P(Matmul, many_tokens_cross_the_cache_blocks) {
  for (Format format : kFormats) {
    const Problem p = problem(format, 35, 96, 700);
    expect_close(p, multiply(p));
  }
}

TEST_P(Matmul, a_row_is_the_same_however_rows_are_split) {
  for (Format format : kFormats)
    for (std::uint64_t tokens : {1, 3, 8, 21}) {
      const Problem p = problem(format, 67, 1184, tokens);
      const std::vector<float> whole = multiply(p);
      EXPECT_EQ(multiply(p, {16, 16, 32, 67}), whole) << format_name(format);
      EXPECT_EQ(multiply(p, {48, 64, 67}), whole) << format_name(format);
    }
}

TEST_P(Matmul, writes_only_the_rows_asked_for) {
  for (Format format : kFormats) {
    const Problem p = problem(format, 40, 64, 9);
    const Aligned weights = pack(p), prepared = prepare(p), scratch = aligned(k().matmul_scratch(format, 64));
    std::vector<float> out(50 * 9, 77.0f);
    k().matmul({format, 40, 64, weights.get()}, prepared.get(), 9, 16, 23, out.data(), 50, scratch.get());
    for (std::uint64_t t = 0; t < 9; ++t)
      for (std::uint64_t r = 0; r < 50; ++r) ASSERT_EQ(out[t * 50 + r] == 77.0f, r < 16 || r >= 23) << r;
  }
}

TEST_P(Matmul, extreme_blocks_do_not_overflow) {
  // The most negative weights against the greatest inputs: sums of bytes at their limits.
  for (Format format : {Format::q8_0, Format::q4_0}) {
    Problem p = problem(format, 17, 2048, 9);
    const std::uint8_t fill = format == Format::q8_0 ? 0x80 : 0x00;
    for (std::size_t i = 0; i < p.weights.size(); ++i)
      if (i % block_bytes(format) >= 2) p.weights[i] = std::byte{fill};
    for (std::size_t i = 0; i < p.x.size(); ++i) p.x[i] = i / p.columns % 2 ? 3.0f : -3.0f;
    expect_close(p, multiply(p));
  }
}

TEST_P(Matmul, an_input_of_zeros_or_tiny_numbers_gives_finite_results) {
  for (Format format : {Format::q8_0, Format::q4_0}) {
    Problem p = problem(format, 3, 64, 2);
    std::fill(p.x.begin(), p.x.end(), 0.0f);
    for (std::size_t i = 0; i < p.columns; ++i) p.x[i] = 1e-42f;
    for (float value : multiply(p)) ASSERT_NEAR(value, 0, 1e-30);
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, Matmul, every_isa(), isa_of);

}  // namespace
}  // namespace tokenmark::cpu
