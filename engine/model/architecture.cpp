#include "engine/model/architecture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace tokenmark {
namespace {

// Llama's files hold queries and keys permuted for interleaved rotation; the others as they were trained.
constexpr Architecture kArchitectures[] = {
    {.name = "llama", .rope_interleaved = true, .experts = Mixture::perhaps},  // Mistral and Mixtral too
    {.name = "qwen2", .bias = Bias::qkv},
    {.name = "qwen3", .qk_norm = true},
    {.name = "qwen3moe", .qk_norm = true, .experts = Mixture::always},
    {.name = "gpt-oss",
     .bias = Bias::all,
     .sinks = true,
     .window_period = 2,
     .experts = Mixture::always,
     .gate_bias = true,
     .expert_bias = true,
     .yarn_rounds = false,
     .activation = Activation::swiglu_clamped,
     .activation_limit = 7},
    {.name = "deepseek2", .rope_interleaved = true, .latent = true, .experts = Mixture::perhaps},
};

// Collects the tensors of a description, layer by layer.
class TensorList {
 public:
  explicit TensorList(const ModelDescription& model)
      : m_(model), row_(*find_architecture(model.architecture)) {}

  std::vector<TensorShape> make() {
    list_.push_back({"token_embd.weight", m_.vocabulary, m_.width});
    for (layer_ = 0; layer_ < m_.layers + m_.mtp_layers; ++layer_) add_layer();
    list_.push_back({"output_norm.weight", 1, m_.width, 1, true});
    if (!m_.tied_output) list_.push_back({"output.weight", m_.vocabulary, m_.width});
    return std::move(list_);
  }

 private:
  TensorShape& matrix(std::string_view part, std::uint64_t rows, std::uint64_t columns,
                      std::uint32_t depth = 1) {
    list_.push_back({fmt::format("blk.{}.{}.weight", layer_, part), rows, columns, depth});
    return list_.back();
  }
  TensorShape& vector(std::string_view part, std::uint64_t columns, std::uint64_t rows = 1) {
    list_.push_back({fmt::format("blk.{}.{}", layer_, part), rows, columns, 1, true});
    return list_.back();
  }

  void add_layer() {
    vector("attn_norm.weight", m_.width);
    if (m_.latent.kv_lora > 0)
      add_latent_attention();
    else
      add_attention();
    vector("ffn_norm.weight", m_.width);
    if (m_.experts.count > 0 && layer_ >= m_.experts.dense_layers)
      add_experts();
    else
      add_feed_forward("", m_.ffn_width);
    if (layer_ >= m_.layers) add_mtp();
  }

  void add_attention() {
    const std::uint64_t q = std::uint64_t{m_.heads} * m_.head_dim,
                        kv = std::uint64_t{m_.kv_heads} * m_.head_dim;
    matrix("attn_q", q, m_.width);
    matrix("attn_k", kv, m_.width);
    matrix("attn_v", kv, m_.width);
    matrix("attn_output", m_.width, q);
    if (m_.attention_bias) {
      vector("attn_q.bias", q);
      vector("attn_k.bias", kv);
      vector("attn_v.bias", kv);
      vector("attn_output.bias", m_.width).optional = row_.bias != Bias::all;
    }
    if (m_.qk_norm) {
      vector("attn_q_norm.weight", m_.head_dim);
      vector("attn_k_norm.weight", m_.head_dim);
    }
    if (m_.attention_sinks) vector("attn_sinks.weight", m_.heads);
  }

  void add_latent_attention() {
    const std::uint64_t q = std::uint64_t{m_.heads} * m_.head_dim, latent = m_.latent.kv_lora;
    const std::uint64_t value_dim = m_.value_dim ? m_.value_dim : m_.head_dim;
    if (m_.latent.q_lora > 0) {
      matrix("attn_q_a", m_.latent.q_lora, m_.width);
      vector("attn_q_a_norm.weight", m_.latent.q_lora);
      matrix("attn_q_b", q, m_.latent.q_lora);
    } else {
      matrix("attn_q", q, m_.width);
    }
    matrix("attn_kv_a_mqa", latent + m_.rope_dim, m_.width);
    vector("attn_kv_a_norm.weight", latent);
    matrix("attn_k_b", latent, m_.head_dim - m_.rope_dim, m_.heads);
    matrix("attn_v_b", value_dim, latent, m_.heads);
    matrix("attn_output", m_.width, m_.heads * value_dim);
  }

  void add_feed_forward(std::string_view kind, std::uint64_t width, std::uint32_t depth = 1) {
    matrix(fmt::format("ffn_gate{}", kind), width, m_.width, depth);
    matrix(fmt::format("ffn_up{}", kind), width, m_.width, depth);
    matrix(fmt::format("ffn_down{}", kind), m_.width, width, depth);
  }

  void add_experts() {
    const Experts& e = m_.experts;
    matrix("ffn_gate_inp", e.count, m_.width);
    if (e.gate_bias) vector("ffn_gate_inp.bias", e.count);
    if (m_.latent.kv_lora > 0) vector("exp_probs_b.bias", e.count).optional = e.gating == Gating::softmax;
    add_feed_forward("_exps", e.ffn_width, e.count);
    if (e.bias) {
      vector("ffn_gate_exps.bias", e.ffn_width, e.count);
      vector("ffn_up_exps.bias", e.ffn_width, e.count);
      vector("ffn_down_exps.bias", m_.width, e.count);
    }
    if (e.shared_ffn_width > 0) add_feed_forward("_shexp", e.shared_ffn_width);
  }

  void add_mtp() {
    matrix("nextn.eh_proj", m_.width, 2ull * m_.width);
    vector("nextn.enorm.weight", m_.width);
    vector("nextn.hnorm.weight", m_.width);
    vector("nextn.shared_head_norm.weight", m_.width).optional = true;
    matrix("nextn.shared_head_head", m_.vocabulary, m_.width).optional = true;
    matrix("nextn.embed_tokens", m_.vocabulary, m_.width).optional = true;
  }

  const ModelDescription& m_;
  const Architecture& row_;
  std::uint32_t layer_ = 0;
  std::vector<TensorShape> list_;
};

}  // namespace

std::optional<std::uint32_t> layer_of(std::string_view name) {
  if (!name.starts_with("blk.")) return std::nullopt;
  std::uint32_t layer = 0;
  for (const char c : name.substr(4)) {
    if (c < '0' || c > '9') break;
    layer = layer * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return layer;
}

std::span<const Architecture> architectures() {
  return kArchitectures;
}

const Architecture* find_architecture(std::string_view name) {
  for (const Architecture& row : kArchitectures)
    if (row.name == name) return &row;
  return nullptr;
}

std::string known_architectures() {
  std::string names;
  for (const Architecture& row : kArchitectures) names += (names.empty() ? "" : ", ") + std::string(row.name);
  return names;
}

void apply_architecture(const Architecture& row, ModelDescription& model) {
  model.architecture = row.name;
  model.rope_interleaved = row.rope_interleaved;
  model.qk_norm = row.qk_norm;
  model.attention_bias = row.bias != Bias::none;
  model.attention_sinks = row.sinks;
  model.window_period = row.window_period;
  model.activation = row.activation;
  model.activation_limit = row.activation_limit;
  model.experts.gate_bias = row.gate_bias;
  model.experts.bias = row.expert_bias;
  model.rope_scaling.rounded_bounds = row.yarn_rounds;
}

std::vector<TensorShape> model_tensors(const ModelDescription& description) {
  return TensorList(description).make();
}

void count_weights(const std::vector<Tensor>& tensors, ModelDescription& model) {
  std::map<Format, std::uint64_t> bytes;
  model.parameters = model.active_parameters = model.weight_bytes = 0;
  for (const Tensor& tensor : tensors) {
    model.weight_bytes += tensor.bytes;
    bytes[tensor.format] += tensor.bytes;
    if (layer_of(tensor.name).value_or(0) >= model.layers || tensor.name == "rope_freqs.weight") continue;
    const std::uint64_t values = tensor.depth * tensor.rows * tensor.columns;
    model.parameters += values;
    const bool looked_up =
        tensor.name == "token_embd.weight" && !model.tied_output;  // a row of it, not a product
    if (looked_up) continue;
    const bool chosen = tensor.name.find("_exps.") != std::string::npos && model.experts.count > 0;
    model.active_parameters += chosen ? values / model.experts.count * model.experts.used : values;
  }
  std::uint64_t most = 0;
  for (const auto& [format, sum] : bytes)
    if (sum > most) most = sum, model.format = format;
}

Status check_description(const ModelDescription& m) {
  constexpr ErrorKind kWrong = ErrorKind::invalid_input;
  if (m.layers == 0 || m.layers > kMostLayers || m.mtp_layers > 1)
    return fail(kWrong, "{} layers and {} MTP layers are not supported", m.layers, m.mtp_layers);
  if (m.heads == 0 || m.kv_heads == 0 || m.heads % m.kv_heads != 0)
    return fail(kWrong, "{} heads are not a multiple of {} key and value heads", m.heads, m.kv_heads);
  if (m.rope_dim > m.head_dim || m.rope_dim % 2 != 0)
    return fail(kWrong, "{} rotated values must be even and at most the head's {}", m.rope_dim, m.head_dim);
  if (m.latent.kv_lora > 0 && m.rope_dim == m.head_dim)
    return fail(kWrong, "latent attention rotates all {} values of a head, expected fewer", m.head_dim);
  const Experts& e = m.experts;
  if (e.count > 0 && (e.used == 0 || e.used > e.count || e.ffn_width == 0))
    return fail(kWrong, "{} of {} experts with a width of {} are impossible", e.used, e.count, e.ffn_width);
  if (e.dense_layers > m.layers)
    return fail(kWrong, "{} dense layers are more than the {} layers", e.dense_layers, m.layers);
  if (m.ffn_width == 0 && (e.count == 0 || e.dense_layers > 0))
    return fail(kWrong, "the feed-forward width is missing");
  if (e.groups > 1 && e.gating == Gating::softmax)
    return fail(kWrong, "{} groups of experts with softmax are not supported, only with sigmoids", e.groups);
  if (e.groups > 1 && (e.count % e.groups != 0 || e.groups_used == 0 || e.groups_used > e.groups))
    return fail(kWrong, "{} of {} groups of {} experts are impossible", e.groups_used, e.groups, e.count);
  if (e.groups > 1 && (e.count / e.groups < 2 || e.count / e.groups * e.groups_used < e.used))
    return fail(kWrong, "{} groups of {} experts each hold fewer than the {} that are used", e.groups_used,
                e.count / e.groups, e.used);
  return {};
}

std::vector<float> llama3_rope_divisors(const ModelDescription& m) {
  const RopeScaling& scaling = m.rope_scaling;
  const double original = scaling.original_context;
  std::vector<float> divisors;
  for (std::uint32_t i = 0; i < m.rope_dim / 2; ++i) {
    const double frequency = std::pow(static_cast<double>(m.rope_theta), -2.0 * i / m.rope_dim);
    const double wavelength = 2 * std::numbers::pi / frequency;
    const double smooth = (original / wavelength - scaling.low) / (scaling.high - scaling.low);
    const double share = std::clamp(smooth, 0.0, 1.0);  // 1: fast, untouched; 0: slow, fully stretched
    divisors.push_back(static_cast<float>(1 / ((1 - share) / scaling.factor + share)));
  }
  return divisors;
}

float yarn_magnitude(float factor, float multiplier) {
  return factor <= 1 ? 1.0f : 0.1f * multiplier * std::log(factor) + 1;
}

void apply_yarn_magnitude(float own, float all, ModelDescription& model) {
  RopeScaling& scaling = model.rope_scaling;
  const float of_all = all > 0 ? yarn_magnitude(scaling.factor, all) : 1.0f;
  scaling.attention_factor = yarn_magnitude(scaling.factor, own) / of_all;
  if (all > 0 && model.latent.kv_lora > 0)
    model.attention_scale = of_all * of_all / std::sqrt(static_cast<float>(model.head_dim));
}

}  // namespace tokenmark
