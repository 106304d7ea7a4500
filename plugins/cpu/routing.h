// Which experts a token goes to, and with what weights (tm_model's gating, groups and scale).
#pragma once

#include <cstdint>
#include <vector>

#include "plugins/api/plugin.h"

namespace tokenmark::cpu_plugin {

// `logits` [experts]; `selection_bias` [experts] or null. Writes model.experts_used experts, the best first and the
// lower number on a tie, and their weights. What is no number is chosen last. `scores` is memory kept between calls.
void choose_experts(const tm_model& model, const float* logits, const float* selection_bias, std::uint32_t* experts,
                    float* weights, std::vector<float>& scores);

}  // namespace tokenmark::cpu_plugin
