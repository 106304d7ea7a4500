// Products of packed weights; those of the float formats: matmul_floats_test.cpp.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "kernels/reference/reference.h"
#include "tests/kernels/matmul_fixture.h"

namespace tokenmark::cpu {
namespace {

constexpr Format kFormats[] = {Format::q4_0, Format::q8_0,  Format::q4_k, Format::q5_k,
                               Format::q6_k, Format::mxfp4, Format::mxfp6};

bool k_format(Format format) {
  return block_values(format) == 256;
}

std::uint64_t up_to_blocks(Format format, std::uint64_t columns) {
  const auto block = static_cast<std::uint64_t>(block_values(format));
  return (columns + block - 1) / block * block;
}

// What bytes multiply: each 32 inputs (the K formats: 256) rounded to steps of their greatest magnitude / 127.
std::vector<float> rounded_input(Format format, const std::vector<float>& x) {
  const std::size_t block = k_format(format) ? 256 : 32;
  std::vector<float> rounded(x.size());
  for (std::size_t b = 0; b < x.size(); b += block) {
    float greatest = 0;
    for (std::size_t i = b; i < b + block; ++i) greatest = std::max(greatest, std::abs(x[i]));
    const float scale = greatest / 127, inverse = scale > 0x1p-126f ? 1 / scale : 0;
    for (std::size_t i = b; i < b + block; ++i) rounded[i] = scale * std::nearbyint(x[i] * inverse);
  }
  return rounded;
}

// The magnitudes that a product of row r adds up: weights with a minimum are two terms.
std::vector<double> magnitudes(const Problem& p, std::uint64_t r) {
  std::vector<float> row(p.columns);
  const std::byte* blocks = p.weights.data() + r * row_bytes(p.format, p.columns);
  dequantize_row(p.format, blocks, p.columns, row.data());
  std::vector<double> sizes(p.columns);
  for (std::uint64_t c = 0; c < p.columns; ++c) {
    sizes[c] = std::abs(row[c]);
    if (p.format != Format::q4_k && p.format != Format::q5_k) continue;
    BlockQ4_K block;  // Q5_K begins as Q4_K does
    std::memcpy(&block, blocks + c / 256 * block_bytes(p.format), sizeof(block));
    const double minimum =
        std::abs(half_to_float(block.dmin)) * k_scale(block.scales, static_cast<int>(c % 256 / 32)).minimum;
    sizes[c] += 2 * minimum;
  }
  return sizes;
}

class PackedMatmul : public Matmul {
 protected:
  // The portable products round no inputs.
  bool rounds() const { return GetParam() != Isa::portable; }
  // amx rounds weights and inputs of many tokens to BF16, each product by at most 2^-8 of itself.
  bool by_bf16(const Problem& p) const {
    return GetParam() == Isa::amx && p.tokens >= (p.format == Format::q6_k ? 32 : 48);
  }

  void expect_close(const Problem& p, const std::vector<float>& out) {
    const std::vector<float> x = rounds() && !by_bf16(p) ? rounded_input(p.format, p.x) : p.x;
    std::vector<float> expected(p.rows * p.tokens);
    reference::matmul(p.format, p.weights.data(), p.rows, p.columns, x.data(), p.tokens, expected.data());
    // A block's products are whole numbers and add up exactly: what is rounded are a sum of so many terms, each 2^-24 of
    // its magnitude, and a few scales.
    const double terms = static_cast<double>(p.columns) / (rounds() ? (p.format == Format::q6_k ? 16 : 32) : 1) + 8;
    std::vector<float> row(p.columns);
    for (std::uint64_t r = 0; r < p.rows; ++r) {
      const std::vector<double> weights = magnitudes(p, r);
      dequantize_row(p.format, p.weights.data() + r * row_bytes(p.format, p.columns), p.columns, row.data());
      for (std::uint64_t t = 0; t < p.tokens; ++t) {
        double magnitude = 0, products = 0;
        for (std::uint64_t c = 0; c < p.columns; ++c) {
          magnitude += weights[c] * std::abs(x[t * p.columns + c]);
          products += std::abs(double{row[c]} * double{x[t * p.columns + c]});
        }
        const double rounding = by_bf16(p) ? products * 0x1.02p-8 : 0;
        ASSERT_NEAR(out[t * p.rows + r], expected[t * p.rows + r], magnitude * 0x1p-24 * terms + rounding + 1e-30)
            << format_name(p.format) << " " << p.rows << "x" << p.columns << " row " << r << " token " << t << "/"
            << p.tokens;
      }
    }
  }
};

TEST_P(PackedMatmul, equals_the_definition_on_every_shape) {
  for (Format format : kFormats)
    for (std::uint64_t columns : {0, 32, 64, 160, 256, 512, 576, 1056, 2080}) {
      if (columns % static_cast<std::uint64_t>(block_values(format)) != 0) continue;
      for (std::uint64_t tokens : {0, 1, 2, 3, 5, 6, 7, 8, 13, 33}) {
        const Problem p = problem(format, 1 + below(tokens > 6 ? 70 : 35), columns, tokens);
        expect_close(p, multiply(p));
      }
    }
}

TEST_P(PackedMatmul, many_tokens_cross_the_cache_blocks) {
  for (Format format : kFormats) {
    const Problem p = problem(format, 35, up_to_blocks(format, 96), 300);
    expect_close(p, multiply(p));
    const Problem long_rows = problem(format, 50, up_to_blocks(format, 2400), 51);
    expect_close(long_rows, multiply(long_rows));
  }
  const Problem wide = problem(Format::q4_k, 16, 8192, 120);  // whose inputs do not fit the second-level cache at once
  expect_close(wide, multiply(wide));
}

TEST_P(PackedMatmul, a_row_is_the_same_however_rows_are_split) {
  for (Format format : kFormats)
    for (std::uint64_t tokens : {1, 3, 8, 21, 49}) {
      const Problem p = problem(format, 67, up_to_blocks(format, 1184), tokens);
      const std::vector<float> whole = multiply(p);
      EXPECT_EQ(multiply(p, {16, 16, 32, 67}), whole) << format_name(format);
      EXPECT_EQ(multiply(p, {48, 64, 67}), whole) << format_name(format);
    }
}

TEST_P(PackedMatmul, a_token_is_the_same_alone_and_among_others) {
  for (Format format : kFormats) {
    const Problem all = problem(format, 37, up_to_blocks(format, 800), 21);
    const std::vector<float> together = multiply(all);
    for (std::uint64_t n : {1, 2, 5, 6, 7, 16}) {
      Problem some = all;
      some.tokens = n;
      some.x.resize(n * some.columns);
      EXPECT_EQ(multiply(some), std::vector<float>(together.begin(), together.begin() + static_cast<long>(n * some.rows)))
          << format_name(format) << " " << n;
    }
  }
}

TEST_P(PackedMatmul, writes_only_the_rows_asked_for) {
  for (Format format : kFormats) {
    const Problem p = problem(format, 40, 256, 9);
    const Aligned weights = pack(p), prepared = prepare(p), scratch = aligned(k().matmul_scratch(format, 256));
    std::vector<float> out(50 * 9, 77.0f);
    k().matmul({format, 40, 256, weights.get()}, prepared.get(), 9, 16, 23, out.data(), 50, scratch.get());
    for (std::uint64_t t = 0; t < 9; ++t)
      for (std::uint64_t r = 0; r < 50; ++r) ASSERT_EQ(out[t * 50 + r] == 77.0f, r < 16 || r >= 23) << r;
  }
}

// Every bit of a block set to `fill` but for the steps that scale it.
template <class Block>
void fill_blocks(Problem& p, int fill) {
  for (std::size_t at = 0; at < p.weights.size(); at += sizeof(Block)) {
    Block block;
    std::memset(&block, fill, sizeof(block));
    if constexpr (requires { block.e; }) block.e = 120;
    if constexpr (requires { block.d; }) block.d = 0x2c00;  // 1/16
    if constexpr (requires { block.dmin; }) block.dmin = 0x2800;
    std::memcpy(p.weights.data() + at, &block, sizeof(block));
  }
}

void fill_blocks(Problem& p, int fill) {
  switch (p.format) {
    case Format::q4_0: return fill_blocks<BlockQ4_0>(p, fill);
    case Format::q8_0: return fill_blocks<BlockQ8_0>(p, fill);
    case Format::q4_k: return fill_blocks<BlockQ4_K>(p, fill);
    case Format::q5_k: return fill_blocks<BlockQ5_K>(p, fill);
    case Format::q6_k: return fill_blocks<BlockQ6_K>(p, fill);
    case Format::mxfp4: return fill_blocks<BlockMxfp4>(p, fill);
    default: return fill_blocks<BlockMxfp6>(p, fill);
  }
}

TEST_P(PackedMatmul, extreme_blocks_do_not_overflow) {
  // Weights at their limits against inputs at theirs: the greatest sums of bytes that there are.
  for (Format format : kFormats)
    for (int fill : {0x00, 0xff, 0x80, 0x7f, 0x77}) {
      Problem p = problem(format, 17, 2048, 9);
      fill_blocks(p, fill);
      for (std::size_t i = 0; i < p.x.size(); ++i) p.x[i] = i / p.columns % 2 ? 3.0f : -3.0f;
      expect_close(p, multiply(p));
    }
}

TEST_P(PackedMatmul, a_block_of_zeros_adds_nothing) {
  for (Format format : kFormats) {
    Problem p = problem(format, 18, 512, 8);
    const std::size_t row = row_bytes(format, 512);
    std::memset(p.weights.data() + 3 * row, 0, row / 2);  // half of one row, all of another
    std::memset(p.weights.data() + 17 * row, 0, row);
    const std::vector<float> out = multiply(p);
    expect_close(p, out);
    for (std::uint64_t t = 0; t < p.tokens; ++t) EXPECT_EQ(out[t * p.rows + 17], 0.0f) << format_name(format);
  }
}

TEST_P(PackedMatmul, a_scale_that_is_not_a_number_spoils_its_row_alone) {
  for (Format format : {Format::mxfp4, Format::mxfp6})
    for (std::uint64_t tokens : {1, 9}) {
      Problem p = problem(format, 20, 288, tokens);
      const std::vector<float> before = multiply(p);
      p.weights[5 * row_bytes(format, 288) + 3 * block_bytes(format)] = std::byte{255};
      const std::vector<float> after = multiply(p);
      for (std::uint64_t t = 0; t < tokens; ++t)
        for (std::uint64_t r = 0; r < p.rows; ++r) {
          if (r == 5)
            EXPECT_TRUE(std::isnan(after[t * p.rows + r]));
          else
            EXPECT_EQ(after[t * p.rows + r], before[t * p.rows + r]);
        }
    }
}

TEST_P(PackedMatmul, smallest_and_greatest_powers_of_two_scale_exactly) {
  for (int e : {0, 1, 2, 250}) {
    Problem p = problem(Format::mxfp4, 16, 32, 1);
    fill_blocks(p, 0x22);  // ones
    for (std::size_t r = 0; r < 16; ++r) p.weights[r * sizeof(BlockMxfp4)] = static_cast<std::byte>(e);
    for (std::size_t i = 0; i < 32; ++i) p.x[i] = i == 7 ? 127.0f : 0.0f;
    for (float value : multiply(p)) EXPECT_EQ(value, std::ldexp(127.0f, e - 127)) << e;
  }
}

TEST_P(PackedMatmul, an_input_of_zeros_or_tiny_numbers_gives_finite_results) {
  for (Format format : kFormats) {
    Problem p = problem(format, 3, 256, 2);
    std::fill(p.x.begin(), p.x.end(), 0.0f);
    for (std::size_t i = 0; i < p.columns; ++i) p.x[i] = 1e-42f;
    for (float value : multiply(p)) ASSERT_NEAR(value, 0, 1e-30);
  }
}

// Rounding the input costs what eight bits cost: one scale for 256 columns about 1.3 times one for 32.
TEST_P(PackedMatmul, the_error_of_the_rounded_input_is_that_of_eight_bits) {
  if (!rounds()) GTEST_SKIP() << "the portable products round no inputs";
  for (Format format : kFormats) {
    const Problem p = problem(format, 64, 4096, 8);
    std::vector<float> exact(p.rows * p.tokens);
    reference::matmul(format, p.weights.data(), p.rows, p.columns, p.x.data(), p.tokens, exact.data());
    const std::vector<float> out = multiply(p);
    double error = 0, size = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      error += (out[i] - exact[i]) * (out[i] - exact[i]);
      size += exact[i] * exact[i];
    }
    EXPECT_LT(std::sqrt(error / size), k_format(format) ? 0.008 : 0.0063) << format_name(format);
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, PackedMatmul, every_isa(), isa_of);

}  // namespace
}  // namespace tokenmark::cpu
