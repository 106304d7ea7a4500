// A Llama's weights as a device holds them, and the one list of what they are called and how large they are.
// `Matrix` and `Vector` are the device's handles; both are copied freely (a tied output is the embedding's handle).
#pragma once

#include <string>
#include <vector>

#include "plugins/executor/llama_check.h"

namespace tokenmark::executor {

template <class Matrix, class Vector>
struct LlamaLayer {
  Vector attn_norm;
  Matrix attn_q, attn_k, attn_v, attn_output;
  Vector ffn_norm;
  Matrix ffn_gate, ffn_up, ffn_down;
};

template <class Matrix, class Vector>
struct LlamaWeights {
  Matrix embedding;
  std::vector<LlamaLayer<Matrix, Vector>> layers;
  Vector output_norm;
  Matrix output;
};

// Brings every weight to the device through `loader`, which offers
//   Result<Matrix> matrix(const std::string& name, const tm_tensor&);
//   Result<Vector> vector(const std::string& name, const tm_tensor&);
// `model` must have passed check_model.
template <class Matrix, class Vector, class Loader>
Result<LlamaWeights<Matrix, Vector>> load_llama(const tm_model& model, const tm_weight_source& source, Loader& loader) {
  const auto matrix = [&](Matrix& out, const std::string& name, std::uint64_t rows, std::uint64_t columns) -> Status {
    TOKENMARK_TRY(const tm_tensor tensor, find_tensor(source, name, rows, columns));
    TOKENMARK_TRY(out, loader.matrix(name, tensor));
    return {};
  };
  const auto vector = [&](Vector& out, const std::string& name) -> Status {
    TOKENMARK_TRY(const tm_tensor tensor, find_tensor(source, name, 1, model.width));
    TOKENMARK_TRY(out, loader.vector(name, tensor));
    return {};
  };
  const std::uint64_t width = model.width, ffn = model.ffn_width;
  const std::uint64_t heads = std::uint64_t{model.heads} * model.head_dim;
  const std::uint64_t kv_heads = std::uint64_t{model.kv_heads} * model.head_dim;

  LlamaWeights<Matrix, Vector> weights;
  TOKENMARK_CHECK(matrix(weights.embedding, "token_embd.weight", model.vocabulary, width));
  weights.layers.resize(model.layers);
  for (std::uint32_t l = 0; l < model.layers; ++l) {
    auto& layer = weights.layers[l];
    const std::string prefix = fmt::format("blk.{}.", l);
    TOKENMARK_CHECK(vector(layer.attn_norm, prefix + "attn_norm.weight"));
    TOKENMARK_CHECK(matrix(layer.attn_q, prefix + "attn_q.weight", heads, width));
    TOKENMARK_CHECK(matrix(layer.attn_k, prefix + "attn_k.weight", kv_heads, width));
    TOKENMARK_CHECK(matrix(layer.attn_v, prefix + "attn_v.weight", kv_heads, width));
    TOKENMARK_CHECK(matrix(layer.attn_output, prefix + "attn_output.weight", width, heads));
    TOKENMARK_CHECK(vector(layer.ffn_norm, prefix + "ffn_norm.weight"));
    TOKENMARK_CHECK(matrix(layer.ffn_gate, prefix + "ffn_gate.weight", ffn, width));
    TOKENMARK_CHECK(matrix(layer.ffn_up, prefix + "ffn_up.weight", ffn, width));
    TOKENMARK_CHECK(matrix(layer.ffn_down, prefix + "ffn_down.weight", width, ffn));
  }
  TOKENMARK_CHECK(vector(weights.output_norm, "output_norm.weight"));
  weights.output = weights.embedding;
  if (has_tensor(source, "output.weight"))
    TOKENMARK_CHECK(matrix(weights.output, "output.weight", model.vocabulary, width));
  return weights;
}

}  // namespace tokenmark::executor
