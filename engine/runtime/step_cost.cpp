#include "engine/runtime/step_cost.h"

#include <algorithm>
#include <cmath>

#include "engine/model/architecture.h"
#include "engine/runtime/kv_size.h"

namespace tokenmark {
namespace {

double windowed_layers(const ModelDescription& d) {
  if (d.window == 0) return 0;
  return d.window_period > 1 ? d.layers - d.layers / d.window_period : d.layers;
}

// Keys that the positions 0 to n − 1 attend to, together; a window of 0 is none.
double keys_of_prompt(double n, double window) {
  const double short_ones = window > 0 ? std::min(n, window) : n;
  return short_ones * (short_ones + 1) / 2 + (n - short_ones) * window;
}

}  // namespace

StepCost::StepCost(const Model& model, Format kv_format) {
  const ModelDescription& d = model.description;
  if (d.experts.count > 0) experts_ = d.experts.count, experts_used_ = d.experts.used;
  window_ = d.window;
  windowed_layers_ = windowed_layers(d);
  full_layers_ = d.layers - windowed_layers_;
  const bool untied = model.weights->find("output.weight") != nullptr;
  for (const Tensor& tensor : model.weights->tensors()) {
    const bool embedding = tensor.name == "token_embd.weight";
    if ((embedding && untied) || layer_of(tensor.name).value_or(0) >= d.layers) continue;
    const double values = static_cast<double>(tensor.rows) * static_cast<double>(tensor.columns);
    const bool expert = tensor.depth > 1;
    (expert ? expert_bytes_ : shared_bytes_) += static_cast<double>(tensor.bytes);
    if (embedding || tensor.name == "output.weight") output_multiply_adds_ += values;
    else if (tensor.rows > 1 && !tensor.name.ends_with(".bias")) layer_multiply_adds_ += expert ? values * experts_used_ : values;
  }
  key_bytes_ = static_cast<double>(kv_bytes_per_token(d, kv_format)) / (d.layers + d.mtp_layers);
  const double value_dim = d.value_dim > 0 ? d.value_dim : d.head_dim;
  key_multiply_adds_ = d.latent.kv_lora > 0 ? d.heads * (2.0 * d.latent.kv_lora + d.rope_dim) : d.heads * (d.head_dim + value_dim);
}

double StepCost::decode_bytes(double sequences, double keys) const {
  const double reached = 1 - std::pow(1 - experts_used_ / experts_, sequences);
  const double windowed_keys = std::min(keys, window_);
  return shared_bytes_ + expert_bytes_ * reached +
         sequences * key_bytes_ * (full_layers_ * keys + windowed_layers_ * windowed_keys);
}

double StepCost::prompt_operations(double tokens) const {
  const double keys = full_layers_ * keys_of_prompt(tokens, 0) + windowed_layers_ * keys_of_prompt(tokens, window_);
  return 2 * (tokens * layer_multiply_adds_ + output_multiply_adds_ + keys * key_multiply_adds_);
}

}  // namespace tokenmark
