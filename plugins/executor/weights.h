// A model's weights as a device holds them, and the one list of what they are called and how large they are.
// `Matrix` (one matrix or, of experts and heads, several of a kind) and `Vector` are the device's handles; both are
// copied freely (a tied output is the embedding's handle). A default-made handle stands for a tensor that is not there.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "plugins/executor/model_check.h"

namespace tokenmark::executor {

template <class Matrix, class Vector>
struct Linear {
  Matrix weight{};
  Vector bias{};
};

// Heads with keys and values of their own or shared by groups of them.
template <class Matrix, class Vector>
struct Attention {
  Linear<Matrix, Vector> q, k, v, output;
  Vector q_norm{}, k_norm{}, sinks{};
  std::uint32_t window = 0;  // 0: all keys
};

// Multi-head latent attention in its absorbed form: a head's query is brought to the latent's space by k_b, and what
// it gathers there to values by v_b.
template <class Matrix, class Vector>
struct LatentAttention {
  bool q_is_low_rank = false;
  Matrix q_a{};
  Vector q_a_norm{};
  Matrix q{}, kv_a{};
  Vector kv_a_norm{};
  Matrix k_b{}, v_b{};
  Linear<Matrix, Vector> output;
};

template <class Matrix>
struct Dense {
  Matrix gate{}, up{}, down{};
  std::uint32_t width = 0;
};

template <class Matrix, class Vector>
struct Experts {
  Linear<Matrix, Vector> router;
  Vector selection_bias{};
  Linear<Matrix, Vector> gate, up, down;  // a matrix, and a row of the bias, for each expert
  std::optional<Dense<Matrix>> shared;
};

template <class Matrix, class Vector>
struct Layer {
  Vector attention_norm{};
  std::variant<Attention<Matrix, Vector>, LatentAttention<Matrix, Vector>> attention;
  Vector ffn_norm{};
  std::variant<Dense<Matrix>, Experts<Matrix, Vector>> ffn;
};

// The layer behind the last that predicts the token after next. It was trained on what the model's head sees: the
// previous hidden state passes the model's output norm before the layer's. Its own state passes its own output norm.
template <class Matrix, class Vector>
struct MtpLayer {
  Matrix embedding{};
  Vector embedding_norm{}, model_norm{}, hidden_norm{};
  Matrix merge{};
  Layer<Matrix, Vector> layer;
  Vector output_norm{};
  Matrix output{};
};

template <class Matrix, class Vector>
struct Weights {
  Matrix embedding{};
  std::vector<Layer<Matrix, Vector>> layers;
  Vector output_norm{};
  Matrix output{};
  std::optional<MtpLayer<Matrix, Vector>> mtp;
};

// Brings every weight to the device through `Loader`, which offers
//   Result<Matrix> matrix(const std::string& name, const tm_tensor&);
//   Result<Matrix> embedding(const std::string& name, const tm_tensor&);  // rows are looked up, never multiplied with
//   Result<Vector> vector(const std::string& name, const tm_tensor&);     // also several vectors one after another
template <class Matrix, class Vector, class Loader>
class WeightsLoader {
 public:
  // `model` must have passed check_model. `output_rows`: of the output matrix, all of the vocabulary or a part.
  WeightsLoader(const tm_model& model, const tm_weight_source& source, Loader& loader, std::uint64_t output_rows)
      : m_(model), source_(source), loader_(loader), output_rows_(output_rows) {}

  Result<Weights<Matrix, Vector>> load() {
    Weights<Matrix, Vector> w;
    const Shape vocabulary{1, m_.vocabulary, m_.width};
    if (has_tensor(source_, "output.weight")) {
      TOKENMARK_CHECK(embedding(w.embedding, "token_embd.weight"));
      TOKENMARK_CHECK(matrix(w.output, "output.weight", {1, output_rows_, m_.width}));
    } else {
      TOKENMARK_CHECK(matrix(w.embedding, "token_embd.weight", vocabulary));
      w.output = w.embedding;
    }
    w.layers.resize(m_.layers);
    for (std::uint32_t l = 0; l < m_.layers; ++l) TOKENMARK_CHECK(load_layer(w.layers[l], l));
    TOKENMARK_CHECK(vector(w.output_norm, "output_norm.weight", m_.width));
    if (m_.mtp_layers > 0) TOKENMARK_CHECK(load_mtp(w));
    return w;
  }

 private:
  Status matrix(Matrix& out, const std::string& name, Shape shape) {
    TOKENMARK_TRY(const tm_tensor tensor, find_tensor(source_, name, shape));
    TOKENMARK_TRY(out, loader_.matrix(name, tensor));
    return {};
  }
  Status embedding(Matrix& out, const std::string& name) {
    TOKENMARK_TRY(const tm_tensor tensor, find_tensor(source_, name, {1, m_.vocabulary, m_.width}));
    TOKENMARK_TRY(out, loader_.embedding(name, tensor));
    return {};
  }
  Status vector(Vector& out, const std::string& name, std::uint64_t columns, std::uint64_t rows = 1) {
    TOKENMARK_TRY(const tm_tensor tensor, find_tensor(source_, name, {1, rows, columns}));
    TOKENMARK_TRY(out, loader_.vector(name, tensor));
    return {};
  }
  // `name` without ".weight"; experts' biases are one row an expert.
  Status linear(Linear<Matrix, Vector>& out, const std::string& name, Shape shape, bool bias) {
    TOKENMARK_CHECK(matrix(out.weight, name + ".weight", shape));
    if (bias) TOKENMARK_CHECK(vector(out.bias, name + ".bias", shape.rows, shape.depth));
    return {};
  }

  Status load_layer(Layer<Matrix, Vector>& layer, std::uint32_t l) {
    const std::string blk = fmt::format("blk.{}.", l);
    TOKENMARK_CHECK(vector(layer.attention_norm, blk + "attn_norm.weight", m_.width));
    if (is_latent(m_)) {
      TOKENMARK_CHECK(load(layer.attention.template emplace<1>(), blk));
    } else {
      auto& attention = layer.attention.template emplace<0>();
      attention.window = window_of(m_, l);
      TOKENMARK_CHECK(load(attention, blk));
    }
    TOKENMARK_CHECK(vector(layer.ffn_norm, blk + "ffn_norm.weight", m_.width));
    if (has_experts(m_, l)) return load(layer.ffn.template emplace<1>(), blk);
    return load(layer.ffn.template emplace<0>(), blk, "", m_.ffn_width);
  }

  Status load(Attention<Matrix, Vector>& a, const std::string& blk) {
    const std::uint64_t heads = std::uint64_t{m_.heads} * m_.head_dim, kv = std::uint64_t{m_.kv_heads} * m_.head_dim;
    const bool bias = m_.attention_bias != 0;
    TOKENMARK_CHECK(linear(a.q, blk + "attn_q", {1, heads, m_.width}, bias));
    TOKENMARK_CHECK(linear(a.k, blk + "attn_k", {1, kv, m_.width}, bias));
    TOKENMARK_CHECK(linear(a.v, blk + "attn_v", {1, kv, m_.width}, bias));
    // Qwen2 has the others' biases only.
    TOKENMARK_CHECK(linear(a.output, blk + "attn_output", {1, m_.width, heads},
                           bias && has_tensor(source_, blk + "attn_output.bias")));
    if (m_.qk_norm) {
      TOKENMARK_CHECK(vector(a.q_norm, blk + "attn_q_norm.weight", m_.head_dim));
      TOKENMARK_CHECK(vector(a.k_norm, blk + "attn_k_norm.weight", m_.head_dim));
    }
    if (m_.attention_sinks) TOKENMARK_CHECK(vector(a.sinks, blk + "attn_sinks.weight", m_.heads));
    return {};
  }

  Status load(LatentAttention<Matrix, Vector>& a, const std::string& blk) {
    const std::uint64_t heads = m_.heads, nope = m_.head_dim - m_.rope_dim, q_width = heads * m_.head_dim;
    a.q_is_low_rank = m_.q_lora > 0;
    if (a.q_is_low_rank) {
      TOKENMARK_CHECK(matrix(a.q_a, blk + "attn_q_a.weight", {1, m_.q_lora, m_.width}));
      TOKENMARK_CHECK(vector(a.q_a_norm, blk + "attn_q_a_norm.weight", m_.q_lora));
      TOKENMARK_CHECK(matrix(a.q, blk + "attn_q_b.weight", {1, q_width, m_.q_lora}));
    } else {
      TOKENMARK_CHECK(matrix(a.q, blk + "attn_q.weight", {1, q_width, m_.width}));
    }
    TOKENMARK_CHECK(matrix(a.kv_a, blk + "attn_kv_a_mqa.weight", {1, m_.kv_lora + m_.rope_dim, m_.width}));
    TOKENMARK_CHECK(vector(a.kv_a_norm, blk + "attn_kv_a_norm.weight", m_.kv_lora));
    TOKENMARK_CHECK(matrix(a.k_b, blk + "attn_k_b.weight", {heads, m_.kv_lora, nope}));
    TOKENMARK_CHECK(matrix(a.v_b, blk + "attn_v_b.weight", {heads, m_.value_dim, m_.kv_lora}));
    return linear(a.output, blk + "attn_output", {1, m_.width, heads * m_.value_dim}, false);
  }

  Status load(Dense<Matrix>& d, const std::string& blk, const char* suffix, std::uint32_t width) {
    d.width = width;
    TOKENMARK_CHECK(matrix(d.gate, blk + "ffn_gate" + suffix + ".weight", {1, width, m_.width}));
    TOKENMARK_CHECK(matrix(d.up, blk + "ffn_up" + suffix + ".weight", {1, width, m_.width}));
    return matrix(d.down, blk + "ffn_down" + suffix + ".weight", {1, m_.width, width});
  }

  Status load(Experts<Matrix, Vector>& e, const std::string& blk) {
    const std::uint64_t n = m_.experts, ffn = m_.expert_ffn_width;
    const bool bias = m_.expert_bias != 0;
    TOKENMARK_CHECK(linear(e.router, blk + "ffn_gate_inp", {1, n, m_.width}, m_.gate_bias != 0));
    if (m_.gating == TM_GATE_SIGMOID) TOKENMARK_CHECK(vector(e.selection_bias, blk + "exp_probs_b.bias", n));
    TOKENMARK_CHECK(linear(e.gate, blk + "ffn_gate_exps", {n, ffn, m_.width}, bias));
    TOKENMARK_CHECK(linear(e.up, blk + "ffn_up_exps", {n, ffn, m_.width}, bias));
    TOKENMARK_CHECK(linear(e.down, blk + "ffn_down_exps", {n, m_.width, ffn}, bias));
    if (m_.shared_ffn_width == 0) return {};
    return load(e.shared.emplace(), blk, "_shexp", m_.shared_ffn_width);
  }

  Status load_mtp(Weights<Matrix, Vector>& w) {
    auto& mtp = w.mtp.emplace();
    const std::string nextn = fmt::format("blk.{}.nextn.", m_.layers);
    TOKENMARK_CHECK(load_layer(mtp.layer, m_.layers));
    TOKENMARK_CHECK(matrix(mtp.merge, nextn + "eh_proj.weight", {1, m_.width, 2ull * m_.width}));
    TOKENMARK_CHECK(vector(mtp.embedding_norm, nextn + "enorm.weight", m_.width));
    TOKENMARK_CHECK(vector(mtp.hidden_norm, nextn + "hnorm.weight", m_.width));
    mtp.model_norm = w.output_norm;
    mtp.embedding = w.embedding;
    mtp.output = w.output;
    mtp.output_norm = w.output_norm;
    if (has_tensor(source_, nextn + "embed_tokens.weight"))
      TOKENMARK_CHECK(embedding(mtp.embedding, nextn + "embed_tokens.weight"));
    if (has_tensor(source_, nextn + "shared_head_head.weight"))
      TOKENMARK_CHECK(matrix(mtp.output, nextn + "shared_head_head.weight", {1, output_rows_, m_.width}));
    if (has_tensor(source_, nextn + "shared_head_norm.weight"))
      TOKENMARK_CHECK(vector(mtp.output_norm, nextn + "shared_head_norm.weight", m_.width));
    return {};
  }

  const tm_model& m_;
  const tm_weight_source& source_;
  Loader& loader_;
  std::uint64_t output_rows_;
};

template <class Matrix, class Vector, class Loader>
Result<Weights<Matrix, Vector>> load_weights(const tm_model& model, const tm_weight_source& source, Loader& loader, std::uint64_t output_rows) {
  return WeightsLoader<Matrix, Vector, Loader>(model, source, loader, output_rows).load();
}
template <class Matrix, class Vector, class Loader>
Result<Weights<Matrix, Vector>> load_weights(const tm_model& model, const tm_weight_source& source, Loader& loader) {
  return load_weights<Matrix, Vector>(model, source, loader, model.vocabulary);
}

}  // namespace tokenmark::executor
