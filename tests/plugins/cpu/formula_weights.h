// Small models in memory: weights from a formula (the same as in golden/formula.py), in any format.
#pragma once

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "kernels/formats/format.h"
#include "plugins/api/plugin.h"

namespace tokenmark::test {

inline tm_model small_model() {
  tm_model m{};
  m.size = sizeof m;
  m.version = TM_ABI_VERSION;
  m.architecture = "llama";
  m.layers = 2;
  m.width = 64;
  m.ffn_width = 96;
  m.heads = 8;
  m.kv_heads = 2;
  m.head_dim = 16;
  m.value_dim = 16;
  m.rope_dim = 16;
  m.vocabulary = 96;
  m.context = 512;
  m.rms_epsilon = 1e-5f;
  m.rope_style = TM_ROPE_HALF;
  m.rope_scaling = TM_ROPE_LLAMA3;
  m.rope_theta = 500000;
  m.rope_factor = 8;
  m.rope_low = 1;
  m.rope_high = 4;
  m.rope_original_context = 64;
  return m;
}

inline std::uint64_t formula_bits(const std::string& name, std::uint64_t i) {
  std::uint64_t x = 0xCBF29CE484222325u;
  for (const unsigned char byte : name) x = (x ^ byte) * 0x100000001B3u;
  x += i + 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// 24 random bits a value from the tensor's name and the index: exact in float.
inline std::vector<float> formula(const std::string& name, std::uint64_t n, double scale, double offset = 0) {
  std::vector<float> values;
  for (std::uint64_t i = 0; i < n; ++i)
    values.push_back(static_cast<float>(offset + scale * (static_cast<double>(formula_bits(name, i) >> 40) / (1 << 24) - 0.5)));
  return values;
}

class FormulaWeights {
 public:
  // All tensors that the description asks for: matrices in `format`, norms and biases in F32.
  explicit FormulaWeights(const tm_model& m, Format format = Format::f32, bool untied = true, bool mapped = true)
      : mapped_(mapped), m_(m), format_(format) {
    add("token_embd.weight", format, m.vocabulary, m.width, 4);
    if (untied) add("output.weight", format, m.vocabulary, m.width, 0.5);
    add("output_norm.weight", Format::f32, 1, m.width, 0.5, 1);
    for (std::uint32_t l = 0; l < m.layers + m.mtp_layers; ++l) add_layer("blk." + std::to_string(l) + ".", l);
    if (m.mtp_layers == 0) return;
    const std::string nextn = "blk." + std::to_string(m.layers) + ".nextn.";
    matrix(nextn + "eh_proj", m.width, 2ull * m.width);
    for (const char* name : {"enorm", "hnorm", "shared_head_norm"}) norm(nextn + name, m.width);
  }

  void add(const std::string& name, Format format, std::uint64_t rows, std::uint64_t columns, double scale,
           double offset = 0, std::uint32_t depth = 1) {
    set(name, format, rows, columns, formula(name, depth * rows * columns, scale, offset), depth);
  }

  void set(const std::string& name, Format format, std::uint64_t rows, std::uint64_t columns,
           const std::vector<float>& values, std::uint32_t depth = 1) {
    Stored stored{format, rows, columns, std::vector<std::byte>(depth * rows * row_bytes(format, columns)), depth};
    for (std::uint64_t r = 0; r < depth * rows; ++r)
      quantize_row(format, values.data() + r * columns, columns, stored.bytes.data() + r * row_bytes(format, columns));
    tensors_[name] = std::move(stored);
  }

  struct Stored {
    Format format;
    std::uint64_t rows, columns;
    std::vector<std::byte> bytes;
    std::uint32_t depth = 1;
  };
  std::map<std::string, Stored>& tensors() { return tensors_; }

  tm_weight_source source() {
    tm_weight_source s{};
    s.size = sizeof s;
    s.version = TM_ABI_VERSION;
    s.context = this;
    s.find = [](void* context, const char* name, tm_tensor* out) {
      auto& self = *static_cast<FormulaWeights*>(context);
      const auto found = self.tensors_.find(name);
      if (found == self.tensors_.end()) return TM_NOT_FOUND;
      const Stored& stored = found->second;
      out->format = static_cast<std::uint32_t>(stored.format);
      out->depth = stored.depth;
      out->rows = stored.rows;
      out->columns = stored.columns;
      out->bytes = stored.bytes.size();
      out->mapped = self.mapped_ ? stored.bytes.data() : nullptr;
      return TM_OK;
    };
    s.read = [](void* context, const char* name, void* destination, std::uint64_t bytes) {
      auto& self = *static_cast<FormulaWeights*>(context);
      const auto found = self.tensors_.find(name);
      if (found == self.tensors_.end()) return TM_NOT_FOUND;
      if (bytes != found->second.bytes.size()) return TM_INVALID;
      std::memcpy(destination, found->second.bytes.data(), bytes);
      return TM_OK;
    };
    s.read_rows = [](void* context, const char* name, std::uint64_t first, std::uint64_t count, void* destination) {
      auto& self = *static_cast<FormulaWeights*>(context);
      const auto found = self.tensors_.find(name);
      if (found == self.tensors_.end()) return TM_NOT_FOUND;
      const Stored& stored = found->second;
      const std::uint64_t row = row_bytes(stored.format, stored.columns);
      if (first + count > stored.depth * stored.rows) return TM_INVALID;
      std::memcpy(destination, stored.bytes.data() + first * row, count * row);
      return TM_OK;
    };
    return s;
  }

 private:
  void matrix(const std::string& name, std::uint64_t rows, std::uint64_t columns, std::uint32_t depth = 1) {
    add(name + ".weight", format_, rows, columns, 0.5, 0, depth);
  }
  void norm(const std::string& name, std::uint64_t n) { add(name + ".weight", Format::f32, 1, n, 0.5, 1); }
  void bias(bool there, const std::string& name, std::uint64_t n, std::uint64_t rows = 1) {
    if (there) add(name + ".bias", Format::f32, rows, n, 0.5);
  }

  void add_layer(const std::string& blk, std::uint32_t l) {
    norm(blk + "attn_norm", m_.width);
    norm(blk + "ffn_norm", m_.width);
    if (m_.kv_lora > 0) add_latent(blk);
    else add_attention(blk);
    if (m_.experts > 0 && l >= m_.dense_layers) add_experts(blk);
    else add_dense(blk, "", m_.ffn_width);
  }

  void add_attention(const std::string& blk) {
    const std::uint64_t heads = std::uint64_t{m_.heads} * m_.head_dim, kv = std::uint64_t{m_.kv_heads} * m_.head_dim;
    const bool biased = m_.attention_bias;
    matrix(blk + "attn_q", heads, m_.width);
    matrix(blk + "attn_k", kv, m_.width);
    matrix(blk + "attn_v", kv, m_.width);
    matrix(blk + "attn_output", m_.width, heads);
    bias(biased, blk + "attn_q", heads);
    bias(biased, blk + "attn_k", kv);
    bias(biased, blk + "attn_v", kv);
    bias(biased, blk + "attn_output", m_.width);
    if (m_.qk_norm) norm(blk + "attn_q_norm", m_.head_dim);
    if (m_.qk_norm) norm(blk + "attn_k_norm", m_.head_dim);
    if (m_.attention_sinks) add(blk + "attn_sinks.weight", Format::f32, 1, m_.heads, 4);
  }

  void add_latent(const std::string& blk) {
    const std::uint64_t q_width = std::uint64_t{m_.heads} * m_.head_dim;
    if (m_.q_lora > 0) {
      matrix(blk + "attn_q_a", m_.q_lora, m_.width);
      norm(blk + "attn_q_a_norm", m_.q_lora);
    }
    matrix(blk + (m_.q_lora > 0 ? "attn_q_b" : "attn_q"), q_width, m_.q_lora > 0 ? m_.q_lora : m_.width);
    matrix(blk + "attn_kv_a_mqa", m_.kv_lora + m_.rope_dim, m_.width);
    norm(blk + "attn_kv_a_norm", m_.kv_lora);
    matrix(blk + "attn_k_b", m_.kv_lora, m_.head_dim - m_.rope_dim, m_.heads);
    matrix(blk + "attn_v_b", m_.value_dim, m_.kv_lora, m_.heads);
    matrix(blk + "attn_output", m_.width, std::uint64_t{m_.heads} * m_.value_dim);
  }

  void add_dense(const std::string& blk, const std::string& suffix, std::uint64_t width) {
    matrix(blk + "ffn_gate" + suffix, width, m_.width);
    matrix(blk + "ffn_up" + suffix, width, m_.width);
    matrix(blk + "ffn_down" + suffix, m_.width, width);
  }

  void add_experts(const std::string& blk) {
    matrix(blk + "ffn_gate_inp", m_.experts, m_.width);
    bias(m_.gate_bias, blk + "ffn_gate_inp", m_.experts);
    bias(m_.gating == TM_GATE_SIGMOID, blk + "exp_probs_b", m_.experts);
    matrix(blk + "ffn_gate_exps", m_.expert_ffn_width, m_.width, m_.experts);
    matrix(blk + "ffn_up_exps", m_.expert_ffn_width, m_.width, m_.experts);
    matrix(blk + "ffn_down_exps", m_.width, m_.expert_ffn_width, m_.experts);
    bias(m_.expert_bias, blk + "ffn_gate_exps", m_.expert_ffn_width, m_.experts);
    bias(m_.expert_bias, blk + "ffn_up_exps", m_.expert_ffn_width, m_.experts);
    bias(m_.expert_bias, blk + "ffn_down_exps", m_.width, m_.experts);
    if (m_.shared_ffn_width > 0) add_dense(blk, "_shexp", m_.shared_ffn_width);
  }

  bool mapped_;
  tm_model m_{};
  Format format_ = Format::f32;
  std::map<std::string, Stored> tensors_;
};

}  // namespace tokenmark::test
