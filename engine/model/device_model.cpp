#include "engine/model/device_model.h"

namespace tokenmark {
namespace {

const WeightSource& source_of(void* context) { return *static_cast<const WeightSource*>(context); }

tm_status find(void* context, const char* name, tm_tensor* out) {
  const Tensor* tensor = source_of(context).find(name);
  if (!tensor) return TM_NOT_FOUND;
  out->format = static_cast<std::uint32_t>(tensor->format);
  out->depth = tensor->depth;
  out->rows = tensor->rows;
  out->columns = tensor->columns;
  out->bytes = tensor->bytes;
  out->mapped = tensor->mapped;
  return TM_OK;
}

tm_status read(void* context, const char* name, void* destination, std::uint64_t bytes) {
  const Tensor* tensor = source_of(context).find(name);
  if (!tensor) return TM_NOT_FOUND;
  if (bytes != tensor->bytes) return TM_INVALID;
  return source_of(context).read(*tensor, static_cast<std::byte*>(destination)) ? TM_OK : TM_UNAVAILABLE;
}

tm_status read_rows(void* context, const char* name, std::uint64_t first, std::uint64_t count, void* destination) {
  const Tensor* tensor = source_of(context).find(name);
  if (!tensor) return TM_NOT_FOUND;
  if (first > tensor->depth * tensor->rows || count > tensor->depth * tensor->rows - first) return TM_INVALID;
  return source_of(context).read_rows(*tensor, first, count, static_cast<std::byte*>(destination)) ? TM_OK
                                                                                                    : TM_UNAVAILABLE;
}

tm_rope_scaling scaling(RopeScalingKind kind) {
  switch (kind) {
    case RopeScalingKind::none: return TM_ROPE_PLAIN;
    case RopeScalingKind::linear: return TM_ROPE_LINEAR;
    case RopeScalingKind::llama3: return TM_ROPE_LLAMA3;
    case RopeScalingKind::yarn: return TM_ROPE_YARN;
  }
  return TM_ROPE_PLAIN;
}

// What the description says by a flag: softmax over all or over the chosen ones only.
tm_gating gating(const Experts& experts) {
  if (experts.gating == Gating::sigmoid) return TM_GATE_SIGMOID;
  return experts.normalise ? TM_GATE_SOFTMAX : TM_GATE_SOFTMAX_ALL;
}

}  // namespace

tm_model device_model(const ModelDescription& d) {
  tm_model m{};
  m.size = sizeof m;
  m.version = TM_ABI_VERSION;
  m.architecture = d.architecture.c_str();
  m.layers = d.layers;
  m.width = d.width;
  m.vocabulary = d.vocabulary;
  m.context = d.context;
  m.rms_epsilon = d.rms_epsilon;

  m.heads = d.heads;
  m.kv_heads = d.kv_heads;
  m.head_dim = d.head_dim;
  m.value_dim = d.value_dim ? d.value_dim : d.head_dim;
  m.attention_scale = d.attention_scale;
  m.qk_norm = d.qk_norm;
  m.attention_bias = d.attention_bias;
  m.attention_sinks = d.attention_sinks;
  m.window = d.window;
  m.window_period = d.window_period;
  m.q_lora = d.latent.q_lora;
  m.kv_lora = d.latent.kv_lora;

  m.rope_dim = d.rope_dim;
  m.rope_style = d.rope_interleaved ? TM_ROPE_INTERLEAVED : TM_ROPE_HALF;
  m.rope_theta = d.rope_theta;
  m.rope_scaling = scaling(d.rope_scaling.kind);
  m.rope_factor = d.rope_scaling.factor;
  m.rope_low = d.rope_scaling.low;
  m.rope_high = d.rope_scaling.high;
  m.rope_original_context = d.rope_scaling.original_context;
  m.rope_attention_factor = d.rope_scaling.attention_factor;
  m.rope_yarn_rounds = d.rope_scaling.rounded_bounds;

  m.ffn_width = d.ffn_width;
  m.activation = d.activation == Activation::swiglu_clamped ? TM_SWIGLU_CLAMPED : TM_SILU;
  m.activation_limit = d.activation_limit;
  m.experts = d.experts.count;
  m.experts_used = d.experts.used;
  m.expert_ffn_width = d.experts.ffn_width;
  m.shared_ffn_width = d.experts.shared_ffn_width;
  m.dense_layers = d.experts.dense_layers;
  m.gating = gating(d.experts);
  m.gate_bias = d.experts.gate_bias;
  m.expert_bias = d.experts.bias;
  m.gate_normalise = d.experts.normalise;
  m.gate_scale = d.experts.scale;
  m.expert_groups = d.experts.groups;
  m.expert_groups_used = d.experts.groups_used;
  m.mtp_layers = d.mtp_layers;
  return m;
}

tm_weight_source device_weights(const Model& model) {
  tm_weight_source source{};
  source.size = sizeof source;
  source.version = TM_ABI_VERSION;
  source.context = const_cast<WeightSource*>(model.weights.get());  // read only through const members above
  source.find = find;
  source.read = read;
  source.read_rows = read_rows;
  return source;
}

}  // namespace tokenmark
