// Products of the formats that are floats of some width, FP8 with a scale for each block among them.
#include <cmath>
#include <cstring>

#include "kernels/reference/reference.h"
#include "tests/kernels/matmul_fixture.h"

namespace tokenmark::cpu {
namespace {

constexpr Format kFormats[] = {Format::f32, Format::f16, Format::bf16, Format::fp8};

class MatmulFloats : public Matmul {
 protected:
  // What the table multiplies with: where it has dot products of BF16, BF16 and FP8 meet an input rounded to BF16.
  std::vector<float> input(const Problem& p) const {
    std::vector<float> x = p.x;
    const bool bf16_products = GetParam() == Isa::avx512_bf16 || GetParam() == Isa::amx;
    if (bf16_products && (p.format == Format::bf16 || p.format == Format::fp8))
      for (float& value : x) value = bf16_to_float(float_to_bf16(value));
    return x;
  }

  // amx rounds FP8's weights times their scales to BF16 where there are more than a few tokens, and leaves F16's smallest
  // parts out where there are many.
  double weight_rounding(const Problem& p) const {
    if (GetParam() != Isa::amx) return 0;
    if (p.format == Format::f16) return p.tokens >= 32 ? 0x1p-15 : 0;
    return p.format == Format::fp8 && p.tokens >= 4 ? 0x1.01p-9 : 0;
  }

  void expect_close(const Problem& p, const std::vector<float>& out) const {
    const std::vector<float> x = input(p);
    std::vector<float> expected(p.rows * p.tokens), row(p.columns);
    reference::matmul(p.format, p.weights.data(), p.rows, p.columns, x.data(), p.tokens, expected.data());
    for (std::uint64_t r = 0; r < p.rows; ++r) {
      dequantize_row(p.format, p.weights.data() + r * row_bytes(p.format, p.columns), p.columns, row.data());
      for (std::uint64_t t = 0; t < p.tokens; ++t) {
        double magnitude = 0;
        for (std::uint64_t c = 0; c < p.columns; ++c) magnitude += std::abs(double{row[c]} * double{x[t * p.columns + c]});
        // A sum of n terms in any order is off by at most n * 2^-24 of their magnitude; blocks make n small.
        const double bound =
            magnitude * (0x1p-24 * (8 + static_cast<double>(p.columns) / 4) + weight_rounding(p)) + 1e-30;
        ASSERT_NEAR(out[t * p.rows + r], expected[t * p.rows + r], bound)
            << format_name(p.format) << " " << p.rows << "x" << p.columns << " row " << r << " token " << t << "/"
            << p.tokens;
      }
    }
  }
};

TEST_P(MatmulFloats, equal_the_definition_on_every_shape) {
  for (Format format : kFormats)
    for (std::uint64_t columns : {0, 128, 256, 640, 1152, 2176})
      for (std::uint64_t tokens : {0, 1, 2, 3, 4, 5, 7, 8, 13, 16, 17, 33}) {
        const Problem p = problem(format, 1 + below(50), columns, tokens);
        expect_close(p, multiply(p));
      }
}

TEST_P(MatmulFloats, take_any_number_of_columns_where_the_format_has_no_blocks) {
  for (Format format : {Format::f32, Format::f16, Format::bf16})
    for (std::uint64_t columns = 1; columns < 100; columns += 3) {
      const Problem p = problem(format, 1 + below(19), columns, 1 + below(40));
      expect_close(p, multiply(p));
    }
}

TEST_P(MatmulFloats, many_tokens_cross_the_cache_blocks) {
  for (Format format : kFormats) {
    const Problem narrow = problem(format, 35, 128, 700), wide = problem(format, 49, 4608, 111);
    expect_close(narrow, multiply(narrow));
    expect_close(wide, multiply(wide));
  }
}

TEST_P(MatmulFloats, a_row_is_the_same_however_rows_are_split) {
  for (Format format : kFormats)
    for (std::uint64_t tokens : {1, 3, 8, 21, 37}) {
      const Problem p = problem(format, 67, 1152, tokens);
      const std::vector<float> whole = multiply(p);
      EXPECT_EQ(multiply(p, {16, 16, 32, 67}), whole) << format_name(format);
      EXPECT_EQ(multiply(p, {48, 64, 67}), whole) << format_name(format);
    }
}

// More rows, columns and tokens than any blocking for the caches takes at once.
TEST_P(MatmulFloats, a_token_is_the_same_alone_and_among_others) {
  for (Format format : {Format::f32, Format::bf16}) {
    Problem p = problem(format, 290, 2080, 330);
    const std::vector<float> all = multiply(p);
    Problem one = p;
    one.tokens = 1;
    for (std::uint64_t t : {0, 95, 96, 300, 329}) {
      one.x.assign(p.x.data() + t * p.columns, p.x.data() + (t + 1) * p.columns);
      ASSERT_EQ(multiply(one), std::vector<float>(all.data() + t * p.rows, all.data() + (t + 1) * p.rows)) << t;
    }
  }
}

TEST_P(MatmulFloats, write_only_the_rows_asked_for) {
  for (Format format : kFormats)
    for (std::uint64_t tokens : {1, 9, 40}) {
      const Problem p = problem(format, 40, 128, tokens);
      const Aligned weights = pack(p), prepared = prepare(p), scratch = aligned(k().matmul_scratch(format, 128));
      std::vector<float> out(50 * tokens, 77.0f);
      k().matmul({format, 40, 128, weights.get()}, prepared.get(), static_cast<std::uint32_t>(tokens), 16, 23, out.data(),
                 50, scratch.get());
      for (std::uint64_t t = 0; t < tokens; ++t)
        for (std::uint64_t r = 0; r < 50; ++r) ASSERT_EQ(out[t * 50 + r] == 77.0f, r < 16 || r >= 23) << r;
    }
}

TEST_P(MatmulFloats, a_packed_row_unpacks_to_what_was_packed) {
  for (Format format : kFormats) {
    const Problem p = problem(format, 37, 384, 1);
    const Aligned weights = pack(p);
    for (std::uint64_t r = 0; r < p.rows; ++r) {
      std::vector<float> out(p.columns), expected(p.columns);
      k().unpack_row({format, p.rows, p.columns, weights.get()}, r, out.data());
      dequantize_row(format, p.weights.data() + r * row_bytes(format, p.columns), p.columns, expected.data());
      ASSERT_EQ(out, expected) << format_name(format) << " row " << r;
    }
  }
}

// All of them, the smallest ones below the normal numbers included.
TEST_P(MatmulFloats, every_number_of_fp8_is_multiplied_as_what_it_is) {
  Problem p = problem(Format::fp8, 16, 128, 128);
  std::fill(p.x.begin(), p.x.end(), 0.0f);
  for (std::uint64_t t = 0; t < p.tokens; ++t) p.x[t * p.columns + t] = 1;
  for (std::uint64_t r = 0; r < p.rows; ++r) {
    BlockFp8 block{r % 2 ? 0.5f : 3.0f, {}};
    for (std::uint64_t i = 0; i < 128; ++i) {
      const auto code = static_cast<std::uint8_t>(r % 4 < 2 ? i : 128 + i);
      block.q[i] = (code & 127) == 127 ? 0 : code;
    }
    std::memcpy(p.weights.data() + r * sizeof(block), &block, sizeof(block));
  }
  const std::vector<float> out = multiply(p);
  for (std::uint64_t r = 0; r < p.rows; ++r) {
    std::vector<float> row(128);
    dequantize_row(Format::fp8, p.weights.data() + r * sizeof(BlockFp8), 128, row.data());
    for (std::uint64_t t = 0; t < 128; ++t) ASSERT_EQ(out[t * p.rows + r], row[t]) << r << " " << t;
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, MatmulFloats, every_isa(), isa_of);

}  // namespace
}  // namespace tokenmark::cpu
