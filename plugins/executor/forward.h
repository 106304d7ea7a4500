// The forward pass of one step, written once for every architecture and every device. `Ops` is the device: it owns the
// step's activations and offers a few fused operations on all of the step's tokens, so that a device may keep each one
// in a single launch (or a single pass of its threads) and nothing but these names crosses the border:
//
//   residual  [rows][width]   the stream that layers add to; a row is a token of the step
//   attended  [rows][heads value_dim]
//   hidden    [rows][ffn width]
//
//   embed(matrix)                        residual = rows of the embedding
//   merge_previous(mtp)                  residual = W · [embedding_norm(residual); hidden_norm(last_norm(h))], h the
//                                        step's previous_hidden, last_norm the model's or the MTP layer's own
//   project(norm, attention, last)       queries, keys, values (latent: query, latent) = W · rms_norm(residual). `last`:
//                                        from here on only the rows that somebody wants something of are gone on with;
//                                        keys and values are still made of all
//   attend(attention, cache)             norms, rope, keys and values into the cache, attended = attention
//   add_attention(linear)                residual += W · attended
//   project_ffn(norm, dense)             hidden = activation(gate · n, up · n), n = rms_norm(residual)
//   add_ffn(dense)                       residual += W · hidden
//   route(norm, experts)                 n and, for each row, its experts and their weights, kept for add_experts
//   add_experts(experts)                 residual += sum of weight · expert(n)
//   finish(norm, output)                 the wanted hidden states and logits, and a token for each sampled row
#pragma once

#include "plugins/executor/weights.h"

namespace tokenmark::executor {

template <class Ops, class Matrix, class Vector>
void feed_forward(Ops& ops, const Vector& norm, const Dense<Matrix>& dense) {
  ops.project_ffn(norm, dense);
  ops.add_ffn(dense);
}

template <class Ops, class Matrix, class Vector>
void feed_forward(Ops& ops, const Vector& norm, const Experts<Matrix, Vector>& experts) {
  ops.route(norm, experts);
  if (experts.shared) feed_forward(ops, norm, *experts.shared);  // reads the residual before the experts add to it
  ops.add_experts(experts);
}

template <class Ops, class Matrix, class Vector>
void block(Ops& ops, const Layer<Matrix, Vector>& layer, std::uint32_t cache, bool last) {
  std::visit(
      [&](const auto& attention) {
        ops.project(layer.attention_norm, attention, last);
        ops.attend(attention, cache);
        ops.add_attention(attention.output);
      },
      layer.attention);
  std::visit([&](const auto& ffn) { feed_forward(ops, layer.ffn_norm, ffn); }, layer.ffn);
}

template <class Ops, class Matrix, class Vector>
void forward(Ops& ops, const Weights<Matrix, Vector>& weights) {
  ops.embed(weights.embedding);
  const auto layers = static_cast<std::uint32_t>(weights.layers.size());
  for (std::uint32_t l = 0; l < layers; ++l) block(ops, weights.layers[l], l, l + 1 == layers);
  ops.finish(weights.output_norm, weights.output);
}

// A step of the MTP layer alone; its keys and values have a cache of their own behind the layers'.
template <class Ops, class Matrix, class Vector>
void forward_mtp(Ops& ops, const Weights<Matrix, Vector>& weights) {
  const auto& mtp = *weights.mtp;
  ops.embed(mtp.embedding);
  ops.merge_previous(mtp);
  block(ops, mtp.layer, static_cast<std::uint32_t>(weights.layers.size()), true);
  ops.finish(mtp.output_norm, mtp.output);
}

}  // namespace tokenmark::executor
