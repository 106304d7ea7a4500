#include "kernels/cpu/sampling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "kernels/reference/reference.h"

namespace tokenmark::cpu {
namespace {

std::uint32_t draw(const std::vector<float>& logits, const Sampling& sampling) {
  SamplingScratch scratch;
  return sample(kernels(best_isa()), logits.data(), logits.size(), sampling, scratch);
}

std::vector<float> random_logits(std::size_t n, float spread, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0, spread);
  std::vector<float> logits(n);
  for (float& logit : logits) logit = normal(generator);
  return logits;
}

// The draw must be the inverse of the distribution's cumulative sum at `uniform`, up to rounding at its
// steps.
void expect_inverse_of(const std::vector<double>& distribution, const std::vector<float>& logits,
                       Sampling sampling) {
  for (int i = 0; i < 400; ++i) {
    sampling.uniform = (static_cast<float>(i) + 0.5f) / 400;
    const std::uint32_t id = draw(logits, sampling);
    ASSERT_LT(id, distribution.size());
    ASSERT_GT(distribution[id], 0) << "drew a token that was filtered out";
    double before = 0;
    for (std::uint32_t j = 0; j < id; ++j) before += distribution[j];
    ASSERT_GE(sampling.uniform, before - 1e-5);
    ASSERT_LE(sampling.uniform, before + distribution[id] + 1e-5);
  }
}

TEST(Sampling, temperature_zero_takes_the_most_likely_and_the_lowest_on_a_tie) {
  EXPECT_EQ(draw({0, 3, 1, 3}, {.temperature = 0, .uniform = 0.99f}), 1u);
}

TEST(Sampling, follows_the_distribution_of_every_combination_of_filters) {
  struct Case {
    float temperature;
    std::int32_t top_k;
    float min_p, top_p;
  };
  const Case cases[] = {{1, 0, 0, 1},
                        {0.7f, 0, 0, 1},
                        {2, 5, 0, 1},
                        {1, 1, 0, 1},
                        {1, 0, 0.1f, 1},
                        {1, 0, 0, 0.9f},
                        {1.3f, 40, 0.02f, 0.95f},
                        {1, 0, 0, 0.0f},
                        {1, 500, 1, 0.5f},
                        {0.2f, 300, 0.001f, 0.999f}};
  unsigned seed = 1;
  for (const Case& c : cases)
    for (std::size_t n : {1, 7, 300}) {
      const auto logits = random_logits(n, 3, ++seed);
      const auto distribution =
          reference::sampling_distribution(logits.data(), n, c.temperature, c.top_k, c.min_p, c.top_p);
      expect_inverse_of(distribution, logits, {c.temperature, c.top_p, c.min_p, c.top_k, 0});
    }
}

TEST(Sampling, top_k_of_one_is_greedy_with_ties_to_the_lower_id) {
  for (float uniform : {0.0f, 0.5f, 0.999f}) {
    EXPECT_EQ(draw({1, 5, 5, 2}, {.temperature = 1, .top_k = 1, .uniform = uniform}), 1u);
  }
}

TEST(Sampling, a_tiny_temperature_does_not_overflow) {
  const auto logits = random_logits(1000, 10, 3);
  EXPECT_EQ(draw(logits, {.temperature = 1e-6f, .uniform = 0.999f}), draw(logits, {.temperature = 0}));
}

TEST(Sampling, impossible_tokens_are_never_drawn) {
  const float none = -std::numeric_limits<float>::infinity();
  for (float uniform : {0.0f, 0.4f, 0.9999f}) {
    EXPECT_EQ(draw({none, std::nanf(""), 2, none}, {.temperature = 1, .uniform = uniform}), 2u);
    EXPECT_EQ(draw({std::nanf(""), std::nanf("")}, {.temperature = 1, .uniform = uniform}), 0u);
  }
}

TEST(Sampling, the_same_logits_and_number_give_the_same_token_on_every_instruction_set) {
  const auto logits = random_logits(5000, 2, 9);
  for (const Kernels* table : compiled_kernels()) {
    if (!isa_available(table->isa)) continue;
    SamplingScratch scratch;
    for (int i = 0; i < 50; ++i) {
      const Sampling sampling{0.8f, 0.95f, 0, 100, static_cast<float>(i) / 50};
      ASSERT_EQ(sample(*table, logits.data(), logits.size(), sampling, scratch),
                draw(logits, sampling));
    }
  }
}

}  // namespace
}  // namespace tokenmark::cpu
