#include "plugins/cpu/routing.h"

#include <cmath>
#include <limits>
#include <utility>

namespace tokenmark::cpu_plugin {
namespace {

constexpr float kLeast = -std::numeric_limits<float>::infinity();

// take(place, index) for the `used` best, best first; their scores become NaN, which none is before.
template <class Take>
void take_best(float* scores, std::uint32_t n, std::uint32_t used, Take&& take) {
  for (std::uint32_t i = 0; i < used; ++i) {
    std::uint32_t best = n;
    for (std::uint32_t e = 0; e < n; ++e)
      if (!std::isnan(scores[e]) && (best == n || scores[e] > scores[best])) best = e;
    scores[best] = std::numeric_limits<float>::quiet_NaN();
    take(i, best);
  }
}

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// Experts outside the best groups cannot be chosen; a group is worth its two best. `worth` is [groups].
void keep_best_groups(const tm_model& m, float* scores, float* worth) {
  const std::uint32_t size = m.experts / m.expert_groups;
  for (std::uint32_t g = 0; g < m.expert_groups; ++g) {
    float first = kLeast, second = kLeast;
    for (std::uint32_t e = g * size; e < (g + 1) * size; ++e) {
      if (scores[e] > first) second = std::exchange(first, scores[e]);
      else if (scores[e] > second) second = scores[e];
    }
    worth[g] = size == 1 ? first : first + second;
  }
  take_best(worth, m.expert_groups, m.expert_groups_used, [](std::uint32_t, std::uint32_t) {});
  for (std::uint32_t e = 0; e < m.experts; ++e)
    if (!std::isnan(worth[e / size])) scores[e] = kLeast;
}

}  // namespace

void choose_experts(const tm_model& m, const float* logits, const float* selection_bias, std::uint32_t* experts,
                    float* weights, std::vector<float>& scores) {
  const bool sigmoids = m.gating == TM_GATE_SIGMOID;
  scores.resize(std::size_t{m.experts} + m.expert_groups);
  for (std::uint32_t e = 0; e < m.experts; ++e) {
    const float score = sigmoids ? sigmoid(logits[e]) + (selection_bias ? selection_bias[e] : 0) : logits[e];
    scores[e] = std::isnan(score) ? kLeast : score;
  }
  if (m.expert_groups > 0) keep_best_groups(m, scores.data(), scores.data() + m.experts);
  take_best(scores.data(), m.experts, m.experts_used, [&](std::uint32_t i, std::uint32_t e) { experts[i] = e; });

  const std::uint32_t used = m.experts_used;
  const float greatest = logits[experts[0]], scale = m.gate_scale > 0 ? m.gate_scale : 1;
  float sum = 0;
  for (std::uint32_t i = 0; i < used; ++i) {
    weights[i] = sigmoids ? sigmoid(logits[experts[i]]) : std::exp(logits[experts[i]] - greatest);
    sum += weights[i];
  }
  if (m.gating == TM_GATE_SOFTMAX_ALL) {
    sum = 0;
    for (std::uint32_t e = 0; e < m.experts; ++e) sum += std::exp(logits[e] - greatest);
  }
  const float factor = !sigmoids || m.gate_normalise ? scale / (sum + (sigmoids ? 1e-20f : 0)) : scale;
  for (std::uint32_t i = 0; i < used; ++i) weights[i] *= factor;
}

}  // namespace tokenmark::cpu_plugin
