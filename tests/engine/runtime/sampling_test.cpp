#include "engine/runtime/sampling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace tokenmark {
namespace {

TEST(UniformDraw, depends_on_seed_and_index_and_nothing_else) {
  EXPECT_EQ(uniform_draw(7, 3), uniform_draw(7, 3));
  std::set<float> seen;
  for (std::uint64_t seed = 0; seed < 30; ++seed)
    for (std::uint64_t index = 0; index < 30; ++index) seen.insert(uniform_draw(seed, index));
  EXPECT_GE(seen.size(), 899u);
}

TEST(UniformDraw, is_uniform_in_zero_to_one) {
  // Chi-square over 20 bins, neighbouring seeds and neighbouring indices: 19 degrees, 43.8 is its 99.9th percentile.
  for (const bool over_seeds : {false, true}) {
    std::vector<int> bins(20);
    constexpr int kDraws = 20000;
    for (std::uint64_t i = 0; i < kDraws; ++i) {
      const float u = over_seeds ? uniform_draw(i, 0) : uniform_draw(0, i);
      ASSERT_GE(u, 0);
      ASSERT_LT(u, 1);
      ++bins[static_cast<std::size_t>(u * 20)];
    }
    double chi_square = 0;
    for (const int count : bins) chi_square += std::pow(count - kDraws / 20.0, 2) / (kDraws / 20.0);
    EXPECT_LT(chi_square, 43.8);
  }
}

TEST(Logprobs, are_the_log_softmax_of_the_row) {
  const float logits[] = {std::log(1.f), std::log(2.f), std::log(5.f), std::log(2.f)};
  TokenEvent event{.token = 1};
  fill_logprobs(logits, 4, 3, event);
  EXPECT_NEAR(event.logprob, std::log(0.2), 1e-6);
  ASSERT_EQ(event.top_logprobs.size(), 3u);
  EXPECT_EQ(event.top_logprobs[0].token, 2);
  EXPECT_EQ(event.top_logprobs[1].token, 1) << "the lowest id on a tie";
  EXPECT_EQ(event.top_logprobs[2].token, 3);
  EXPECT_NEAR(event.top_logprobs[0].logprob, std::log(0.5), 1e-6);
}

TEST(Logprobs, of_large_logits_do_not_overflow) {
  const float logits[] = {30000, 29999};
  TokenEvent event{.token = 0};
  fill_logprobs(logits, 2, 0, event);
  EXPECT_NEAR(event.logprob, -std::log1p(std::exp(-1.0)), 1e-5);
  EXPECT_TRUE(event.top_logprobs.empty());
}

}  // namespace
}  // namespace tokenmark
