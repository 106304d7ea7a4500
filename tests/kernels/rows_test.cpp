#include <cmath>
#include <limits>

#include "kernels/reference/reference.h"
#include "tests/kernels/kernels_fixture.h"

namespace tokenmark::cpu {
namespace {

using Rows = Kernel;
constexpr std::uint64_t kLengths[] = {1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 64, 172, 576, 2048, 5003};

TEST_P(Rows, rms_norm_equals_the_definition) {
  for (std::uint64_t n : kLengths) {
    const auto x = random(n, 3), weight = random(n);
    std::vector<float> expected(n), out(n);
    reference::rms_norm(x.data(), weight.data(), n, 1e-5f, expected.data());
    k().rms_norm(x.data(), weight.data(), n, 1e-5f, out.data());
    for (std::uint64_t i = 0; i < n; ++i)
      ASSERT_NEAR(out[i], expected[i], 1e-6 * (1 + std::abs(expected[i]))) << n;
    std::vector<float> in_place = x;
    k().rms_norm(in_place.data(), weight.data(), n, 1e-5f, in_place.data());
    EXPECT_EQ(in_place, out);
  }
}

TEST_P(Rows, add_is_exact_and_stays_inside) {
  for (std::uint64_t n : kLengths) {
    auto x = random(n + 1), before = x;
    const auto y = random(n);
    k().add(x.data(), y.data(), n);
    for (std::uint64_t i = 0; i < n; ++i) ASSERT_EQ(x[i], before[i] + y[i]);
    ASSERT_EQ(x[n], before[n]);
  }
}

TEST_P(Rows, silu_multiply_equals_the_definition_from_far_left_to_far_right) {
  for (std::uint64_t n : kLengths) {
    auto gate = random(n, 20);
    if (n > 3) gate[0] = -500, gate[1] = 500, gate[2] = 0, gate[3] = -88.5f;
    const auto up = random(n);
    std::vector<float> expected(n), out(n);
    reference::silu_multiply(gate.data(), up.data(), n, expected.data());
    k().silu_multiply(gate.data(), up.data(), n, out.data());
    for (std::uint64_t i = 0; i < n; ++i)
      ASSERT_NEAR(out[i], expected[i], 1e-6 * (1e-6 + std::abs(expected[i]))) << gate[i];
  }
}

TEST_P(Rows, softmax_equals_the_definition_and_forbidden_entries_get_nothing) {
  for (std::uint64_t n : kLengths)
    for (float spread : {0.1f, 5.0f, 60.0f}) {
      auto x = random(n, spread);
      if (n > 4) x[n / 2] = -std::numeric_limits<float>::infinity();
      auto expected = x;
      reference::softmax(expected.data(), n);
      k().softmax(x.data(), n);
      double sum = 0;
      for (std::uint64_t i = 0; i < n; ++i) {
        // The difference to the greatest is rounded to a float: e^x then is off by |x| * 2^-24, at most 1e-5
        // in all.
        ASSERT_NEAR(x[i], expected[i], 1e-5 * std::abs(expected[i]) + 1e-37) << n;
        sum += x[i];
      }
      ASSERT_NEAR(sum, 1, 1e-5);
      if (n > 4) {
        ASSERT_EQ(x[n / 2], 0);
      }
    }
}

TEST_P(Rows, rope_equals_the_definition_in_both_styles_and_leaves_the_rest) {
  for (std::uint32_t head_dim : {8u, 64u, 80u, 128u})
    for (std::uint32_t rope_dim : {2u, head_dim / 2, head_dim})
      for (RopeStyle style : {RopeStyle::interleaved, RopeStyle::half}) {
        constexpr std::uint32_t kHeads = 3;
        const std::int64_t position = static_cast<std::int64_t>(below(3000));
        std::vector<double> frequencies(rope_dim / 2);
        std::vector<float> cosines(rope_dim / 2), sines(rope_dim / 2);
        for (std::uint32_t i = 0; i < rope_dim / 2; ++i) {
          frequencies[i] = std::pow(10000.0, -2.0 * i / rope_dim);
          cosines[i] = static_cast<float>(std::cos(static_cast<double>(position) * frequencies[i]));
          sines[i] = static_cast<float>(std::sin(static_cast<double>(position) * frequencies[i]));
        }
        auto x = random(kHeads * head_dim), expected = x;
        for (std::uint32_t h = 0; h < kHeads; ++h)
          reference::rope(expected.data() + h * head_dim, rope_dim, frequencies.data(), position,
                          style == RopeStyle::interleaved);
        k().rope(x.data(), kHeads, head_dim, rope_dim, cosines.data(), sines.data(), style);
        for (std::size_t i = 0; i < x.size(); ++i)
          ASSERT_NEAR(x[i], expected[i], 1e-6) << head_dim << " " << i;
      }
}

TEST_P(Rows, argmax_takes_the_lowest_of_equals_and_passes_over_nan) {
  for (std::uint64_t n : kLengths) {
    auto x = random(n);
    ASSERT_EQ(k().argmax(x.data(), n), reference::argmax(x.data(), n));
    const std::uint64_t a = below(n), b = below(n);
    x[a] = x[b] = 100;
    ASSERT_EQ(k().argmax(x.data(), n), std::min(a, b)) << n;
    if (n > 20) {
      x[below(n)] = std::nanf(""), x[0] = std::nanf(""), x[n - 1] = std::nanf("");
      ASSERT_EQ(k().argmax(x.data(), n), reference::argmax(x.data(), n)) << n;
    }
  }
  const std::vector<float> nothing(40, std::nanf("")),
      impossible(40, -std::numeric_limits<float>::infinity());
  EXPECT_EQ(k().argmax(nothing.data(), 40), 0u);
  EXPECT_EQ(k().argmax(impossible.data(), 40), 0u);
}

INSTANTIATE_TEST_SUITE_P(Isa, Rows, every_isa(), isa_of);

TEST(Isa, names_lead_back) {
  for (const Kernels* table : compiled_kernels()) EXPECT_EQ(isa_from_name(isa_name(table->isa)), table->isa);
  EXPECT_FALSE(isa_from_name("sse9"));
  EXPECT_TRUE(isa_available(Isa::portable));
  EXPECT_TRUE(isa_available(best_isa()));
}

}  // namespace
}  // namespace tokenmark::cpu
