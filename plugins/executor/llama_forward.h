// The Llama forward pass of one step, written once for every device. `Ops` is the device: it owns the step's
// activations and offers a few fused operations on all of the step's tokens, so that a device may keep each one in a
// single launch (or a single pass of its threads) and nothing but these names crosses the border:
//
//   residual  [tokens][width]   the stream that layers add to
//   qkv       [tokens][(heads + 2 kv_heads) head_dim]
//   attended  [tokens][heads head_dim]
//   hidden    [tokens][ffn_width]
//
//   embed(matrix)                       residual = rows of the embedding
//   project_qkv(norm, q, k, v)          qkv = W · rms_norm(residual)
//   attend(layer)                       rope on q and k, keys and values into the layer's cache, attended = attention
//   add_attention(matrix)               residual += W · attended
//   project_ffn(norm, gate, up)         hidden = silu(gate · n) * (up · n), n = rms_norm(residual)
//   add_ffn(matrix)                     residual += W · hidden
//   finish(norm, output)                logits of the wanted rows, and a token for each sampled row
#pragma once

#include "plugins/executor/llama_weights.h"

namespace tokenmark::executor {

template <class Ops, class Matrix, class Vector>
void llama_forward(Ops& ops, const LlamaWeights<Matrix, Vector>& weights) {
  ops.embed(weights.embedding);
  for (std::uint32_t l = 0; l < weights.layers.size(); ++l) {
    const auto& layer = weights.layers[l];
    ops.project_qkv(layer.attn_norm, layer.attn_q, layer.attn_k, layer.attn_v);
    ops.attend(l);
    ops.add_attention(layer.attn_output);
    ops.project_ffn(layer.ffn_norm, layer.ffn_gate, layer.ffn_up);
    ops.add_ffn(layer.ffn_down);
  }
  ops.finish(weights.output_norm, weights.output);
}

}  // namespace tokenmark::executor
