// A tiny model of each architecture, as golden/make_architectures.py has them.
#pragma once

#include <cmath>

#include "tests/plugins/cpu/formula_weights.h"

namespace tokenmark::test {

inline tm_model tiny_qwen3() {
  tm_model m = small_model();
  m.architecture = "qwen3";
  m.qk_norm = 1;
  m.rms_epsilon = 1e-6f;
  m.rope_scaling = TM_ROPE_PLAIN;
  m.rope_theta = 1e6f;
  return m;
}

inline tm_model tiny_qwen3moe() {
  tm_model m = tiny_qwen3();
  m.architecture = "qwen3moe";
  m.experts = 8;
  m.experts_used = 3;
  m.expert_ffn_width = 32;
  return m;
}

inline tm_model tiny_mixtral() {
  tm_model m = small_model();
  m.rope_scaling = TM_ROPE_PLAIN;
  m.rope_theta = 1e6f;
  m.experts = 4;
  m.experts_used = 2;
  m.expert_ffn_width = 48;
  return m;
}

inline tm_model tiny_gpt_oss() {
  tm_model m = small_model();
  m.architecture = "gpt-oss";
  m.layers = 3;
  m.attention_bias = m.attention_sinks = 1;
  m.window = 8;
  m.window_period = 2;
  m.rope_scaling = TM_ROPE_YARN;
  m.rope_theta = 150000;
  m.rope_factor = 4;
  m.rope_low = 1;
  m.rope_high = 32;
  m.rope_original_context = 64;
  m.rope_attention_factor = 0.1f * std::log(4.0f) + 1;
  m.experts = 8;
  m.experts_used = 4;
  m.expert_ffn_width = 32;
  m.gate_bias = m.expert_bias = 1;
  m.activation = TM_SWIGLU_CLAMPED;
  m.activation_limit = 1.5f;
  return m;
}

inline tm_model tiny_deepseek(bool low_rank_q = true) {
  tm_model m = small_model();
  m.architecture = "deepseek2";
  m.layers = 3;
  m.rms_epsilon = 1e-6f;
  m.heads = m.kv_heads = 4;
  m.head_dim = 24;
  m.value_dim = 20;
  m.q_lora = low_rank_q ? 32 : 0;
  m.kv_lora = 32;
  m.rope_dim = 8;
  m.rope_style = TM_ROPE_INTERLEAVED;
  m.rope_scaling = TM_ROPE_YARN;
  m.rope_theta = 10000;
  m.rope_factor = 40;
  m.rope_low = 1;
  m.rope_high = 32;
  m.rope_original_context = 64;
  m.rope_yarn_rounds = 1;
  m.attention_scale = std::pow(0.1f * std::log(40.0f) + 1, 2.0f) / std::sqrt(24.0f);
  m.experts = 8;
  m.experts_used = 3;
  m.expert_ffn_width = 24;
  m.shared_ffn_width = 48;
  m.dense_layers = 1;
  m.gating = TM_GATE_SIGMOID;
  m.gate_normalise = 1;
  m.gate_scale = 2.5f;
  m.expert_groups = 4;
  m.expert_groups_used = 2;
  return m;
}

inline tm_model tiny_deepseek_with_mtp() {
  tm_model m = tiny_deepseek();
  m.mtp_layers = 1;
  return m;
}

// Random OCP MX blocks (golden/formula.py).
inline void set_mxfp4_experts(const tm_model& m, FormulaWeights& weights) {
  for (std::uint32_t l = 0; l < m.layers; ++l)
    for (const char* name : {"ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"}) {
      const std::string tensor = "blk." + std::to_string(l) + "." + name + ".weight";
      auto& stored = weights.tensors().at(tensor);
      stored.format = Format::mxfp4;
      const std::uint64_t bytes = stored.depth * stored.rows * row_bytes(Format::mxfp4, stored.columns);
      stored.bytes.clear();
      for (std::uint64_t i = 0; i < bytes; ++i) {
        const auto random = static_cast<std::uint8_t>(formula_bits(tensor, i) >> 56);
        stored.bytes.push_back(static_cast<std::byte>(i % 17 == 0 ? 121 + random % 4 : random));
      }
    }
}

}  // namespace tokenmark::test
