#include "plugins/cpu/routing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace tokenmark::cpu_plugin {
namespace {

struct Choice {
  std::vector<std::uint32_t> experts;
  std::vector<float> weights;
};

Choice choose(const tm_model& model, const std::vector<float>& logits, const std::vector<float>& bias = {}) {
  Choice choice{std::vector<std::uint32_t>(model.experts_used), std::vector<float>(model.experts_used)};
  std::vector<float> scores;
  choose_experts(model, logits.data(), bias.empty() ? nullptr : bias.data(), choice.experts.data(), choice.weights.data(), scores);
  return choice;
}

tm_model model_of(std::uint32_t experts, std::uint32_t used, tm_gating gating = TM_GATE_SOFTMAX) {
  tm_model m{};
  m.experts = experts;
  m.experts_used = used;
  m.gating = gating;
  return m;
}

using Experts = std::vector<std::uint32_t>;

TEST(Routing, softmax_goes_over_the_chosen_ones) {
  const auto choice = choose(model_of(4, 2), {1, 3, 2, -1});
  EXPECT_EQ(choice.experts, (Experts{1, 2}));
  EXPECT_FLOAT_EQ(choice.weights[0], 1 / (1 + std::exp(-1.0f)));
  EXPECT_FLOAT_EQ(choice.weights[0] + choice.weights[1], 1);
}

TEST(Routing, softmax_over_all_leaves_the_chosen_ones_their_shares) {
  const auto choice = choose(model_of(3, 2, TM_GATE_SOFTMAX_ALL), {std::log(2.0f), std::log(5.0f), std::log(3.0f)});
  EXPECT_EQ(choice.experts, (Experts{1, 2}));
  EXPECT_FLOAT_EQ(choice.weights[0], 0.5f);
  EXPECT_FLOAT_EQ(choice.weights[1], 0.3f);
}

TEST(Routing, the_lower_number_wins_a_tie) { EXPECT_EQ(choose(model_of(4, 3), {2, 5, 2, 2}).experts, (Experts{1, 0, 2})); }

TEST(Routing, a_bias_joins_for_the_choice_only) {
  tm_model m = model_of(3, 2, TM_GATE_SIGMOID);
  m.gate_normalise = 1;
  m.gate_scale = 2;
  const auto choice = choose(m, {0, 0, 0}, {0, 0.5f, 0.25f});
  EXPECT_EQ(choice.experts, (Experts{1, 2}));
  EXPECT_FLOAT_EQ(choice.weights[0], 1);  // 0.5 of 1, times 2
  m.gate_normalise = 0;
  EXPECT_FLOAT_EQ(choose(m, {0, 0, 0}).weights[0], 1);  // 0.5 times 2
}

TEST(Routing, groups_are_worth_their_two_best) {
  tm_model m = model_of(8, 2, TM_GATE_SIGMOID);
  m.expert_groups = 4;
  m.expert_groups_used = 1;
  // The best expert is alone in its group; the third group's two are better together.
  EXPECT_EQ(choose(m, {9, -9, 0, 0, 2, 1, 0, 0}).experts, (Experts{4, 5}));
}

TEST(Routing, whatever_the_logits_different_experts_are_chosen) {
  const float inf = INFINITY;
  for (const tm_gating gating : {TM_GATE_SOFTMAX, TM_GATE_SIGMOID})
    for (const std::vector<float>& logits : {std::vector<float>{NAN, NAN, NAN, NAN}, {NAN, 1, NAN, 2}, {inf, -inf, inf, NAN}}) {
      tm_model m = model_of(4, 3, gating);
      m.expert_groups = gating == TM_GATE_SIGMOID ? 2 : 0;
      m.expert_groups_used = 2;
      auto experts = choose(m, logits).experts;
      std::sort(experts.begin(), experts.end());
      EXPECT_EQ(std::unique(experts.begin(), experts.end()), experts.end());
      EXPECT_LT(experts.back(), 4u);
    }
  EXPECT_EQ(choose(model_of(4, 2), {NAN, 1, NAN, 2}).experts, (Experts{3, 1}));
}

}  // namespace
}  // namespace tokenmark::cpu_plugin
