#include "engine/model/description_gguf.h"

#include <cmath>

namespace tokenmark {
namespace {

// Fields are 32 bits; this bound keeps products of two of them far from overflow.
constexpr std::int64_t kMaxField = 1 << 30;
// llama.cpp's numbers of expert_gating_func.
constexpr std::uint32_t kSoftmaxGating = 1, kSigmoidGating = 2;

// The keys of one architecture: "llama." + name.
class Keys {
 public:
  Keys(const GgufFile& file, std::string_view architecture)
      : file_(file), prefix_(std::string(architecture) + ".") {}

  std::string key(std::string_view name) const { return prefix_ + std::string(name); }
  bool has(std::string_view name) const { return file_.has(key(name)); }
  const std::string& path() const { return file_.path(); }
  const GgufFile& file() const { return file_; }

  // A whole number from `lowest` on; an error where it is absent and has no fallback.
  Result<std::uint32_t> field(std::string_view name, std::optional<std::int64_t> fallback = {},
                              std::int64_t lowest = 1) const {
    TOKENMARK_TRY(auto value, file_.integer(key(name)));
    if (!value) value = fallback;
    if (!value) return fail(ErrorKind::invalid_input, "{}: key '{}' is missing", path(), key(name));
    if (*value < lowest || *value > kMaxField)
      return fail(ErrorKind::invalid_input, "{}: key '{}' is {}, expected {} to {}", path(), key(name),
                  *value, lowest, kMaxField);
    return static_cast<std::uint32_t>(*value);
  }
  Result<std::uint32_t> count(std::string_view name) const { return field(name, 0, 0); }  // absent: none

  Result<float> positive(std::string_view name, std::optional<double> fallback = {}) const {
    TOKENMARK_TRY(auto value, file_.number(key(name)));
    if (!value) value = fallback;
    if (!value) return fail(ErrorKind::invalid_input, "{}: key '{}' is missing", path(), key(name));
    if (!std::isfinite(*value) || *value <= 0 || *value > 1e30)
      return fail(ErrorKind::invalid_input, "{}: key '{}' is {}, expected a number above 0", path(),
                  key(name), *value);
    return static_cast<float>(*value);
  }

 private:
  const GgufFile& file_;
  std::string prefix_;
};

Status read_heads(const Keys& keys, ModelDescription& model) {
  TOKENMARK_TRY(model.heads, keys.field("attention.head_count"));
  TOKENMARK_TRY(model.kv_heads, keys.field("attention.head_count_kv", model.heads));
  if (model.heads % model.kv_heads != 0)
    return fail(ErrorKind::invalid_input, "{}: {} {} is not a multiple of head_count_kv {}", keys.path(),
                keys.key("attention.head_count"), model.heads, model.kv_heads);
  if (!keys.has("attention.key_length") && model.width % model.heads != 0)
    return fail(ErrorKind::invalid_input, "{}: {} {} is not a multiple of head_count {}", keys.path(),
                keys.key("embedding_length"), model.width, model.heads);
  TOKENMARK_TRY(model.head_dim, keys.field("attention.key_length", std::max(model.width / model.heads, 1u)));
  TOKENMARK_TRY(const auto value_dim, keys.field("attention.value_length", model.head_dim));
  if (value_dim != model.head_dim)
    return fail(ErrorKind::invalid_input, "{}: {} {} differs from key_length {}: not supported", keys.path(),
                keys.key("attention.value_length"), value_dim, model.head_dim);
  return {};
}

// Files made for the absorbed form give the lengths of the cache as key_length and value_length, and the
// heads' own with the suffix _mla; older ones give the heads' own only.
Status read_latent(const Keys& keys, ModelDescription& model) {
  TOKENMARK_TRY(model.heads, keys.field("attention.head_count"));
  model.kv_heads = 1;
  TOKENMARK_TRY(model.latent.q_lora, keys.count("attention.q_lora_rank"));
  TOKENMARK_TRY(model.latent.kv_lora, keys.field("attention.kv_lora_rank"));
  const bool absorbed = keys.has("attention.key_length_mla");
  TOKENMARK_TRY(model.head_dim, keys.field(absorbed ? "attention.key_length_mla" : "attention.key_length"));
  TOKENMARK_TRY(model.value_dim,
                keys.field(absorbed ? "attention.value_length_mla" : "attention.value_length"));
  return {};
}

Status read_yarn(const Keys& keys, ModelDescription& model) {
  RopeScaling& scaling = model.rope_scaling;
  scaling.kind = RopeScalingKind::yarn;
  TOKENMARK_TRY(scaling.low, keys.positive("rope.scaling.yarn_beta_slow", 1.0));
  TOKENMARK_TRY(scaling.high, keys.positive("rope.scaling.yarn_beta_fast", 32.0));
  TOKENMARK_TRY(const float further, keys.positive("rope.scaling.attn_factor", 1.0));
  float own = 1, all = 0;
  if (keys.has("rope.scaling.yarn_log_multiplier")) {
    TOKENMARK_TRY(all, keys.positive("rope.scaling.yarn_log_multiplier"));
    if (model.latent.kv_lora > 0) all *= 10;  // DeepSeek's converter writes a tenth of mscale_all_dim
    // Files do not say mscale; DeepSeek's models have it either 1 or equal to the other.
    if (model.latent.kv_lora > 0 && std::abs(all - 1) > 1e-6f) own = all;
  }
  apply_yarn_magnitude(own, all, model);
  scaling.attention_factor *= further;
  return {};
}

Status read_rope(const Keys& keys, ModelDescription& model) {
  TOKENMARK_TRY(model.rope_dim, keys.field("rope.dimension_count", model.head_dim));
  if (model.rope_dim > model.head_dim || model.rope_dim % 2 != 0)
    return fail(ErrorKind::invalid_input, "{}: {} {} must be even and at most the head's {}", keys.path(),
                keys.key("rope.dimension_count"), model.rope_dim, model.head_dim);
  TOKENMARK_TRY(model.rope_theta, keys.positive("rope.freq_base", 10000.0));
  TOKENMARK_TRY(const auto kind, keys.file().text(keys.key("rope.scaling.type")));
  const bool old_linear = !kind && keys.has("rope.scale_linear");
  if ((!kind || *kind == "none") && !old_linear) return {};
  if (!old_linear && *kind != "linear" && *kind != "yarn")
    return fail(ErrorKind::invalid_input,
                "{}: {} is '{}', supported are none, linear and yarn, and Llama 3's by the"
                " tensor rope_freqs.weight",
                keys.path(), keys.key("rope.scaling.type"), *kind);
  TOKENMARK_TRY(model.rope_scaling.factor,
                keys.positive(old_linear ? "rope.scale_linear" : "rope.scaling.factor"));
  TOKENMARK_TRY(model.rope_scaling.original_context,
                keys.field("rope.scaling.original_context_length", model.context));
  model.rope_scaling.kind = RopeScalingKind::linear;
  return !old_linear && *kind == "yarn" ? read_yarn(keys, model) : Status();
}

Status read_window(const Keys& keys, ModelDescription& model) {
  TOKENMARK_TRY(model.window, keys.count("attention.sliding_window"));
  if (model.window == 0 && model.window_period > 0)
    return fail(ErrorKind::invalid_input, "{}: key '{}' is missing", keys.path(),
                keys.key("attention.sliding_window"));
  if (model.window == 0) model.window_period = 0;
  if (keys.has("attention.sliding_window_pattern")) {
    TOKENMARK_TRY(model.window_period, keys.count("attention.sliding_window_pattern"));
  }
  return {};
}

Status read_latent_experts(const Keys& keys, Experts& experts) {
  TOKENMARK_TRY(experts.dense_layers, keys.count("leading_dense_block_count"));
  TOKENMARK_TRY(const std::uint32_t shared, keys.count("expert_shared_count"));
  if (shared > 1024)
    return fail(ErrorKind::invalid_input, "{}: key '{}' is {}, expected 0 to 1024", keys.path(),
                keys.key("expert_shared_count"), shared);
  const std::uint64_t shared_width = std::uint64_t{shared} * experts.ffn_width;
  if (shared_width > static_cast<std::uint64_t>(kMaxField))
    return fail(ErrorKind::invalid_input,
                "{}: {} shared experts are {} values wide, at most {} are supported", keys.path(), shared,
                shared_width, kMaxField);
  experts.shared_ffn_width = static_cast<std::uint32_t>(shared_width);
  TOKENMARK_TRY(experts.scale, keys.positive("expert_weights_scale", 1.0));
  TOKENMARK_TRY(const auto normalise, keys.file().boolean(keys.key("expert_weights_norm")));
  experts.normalise = normalise.value_or(false);
  TOKENMARK_TRY(const auto gating, keys.field("expert_gating_func", kSoftmaxGating, 0));
  if (gating > kSigmoidGating)
    return fail(ErrorKind::invalid_input, "{}: key '{}' is {}, supported are 1 (softmax) and 2 (sigmoid)",
                keys.path(), keys.key("expert_gating_func"), gating);
  experts.gating = gating == kSigmoidGating ? Gating::sigmoid : Gating::softmax;
  TOKENMARK_TRY(experts.groups, keys.count("expert_group_count"));
  TOKENMARK_TRY(experts.groups_used, keys.count("expert_group_used_count"));
  if (experts.groups <= 1) experts.groups = experts.groups_used = 0;
  return {};
}

Status read_feed_forward(const Keys& keys, const Architecture& row, ModelDescription& model) {
  Experts& experts = model.experts;
  TOKENMARK_TRY(experts.count, keys.count("expert_count"));
  if (experts.count > 0 && row.experts == Mixture::never)
    return fail(ErrorKind::invalid_input,
                "{}: key '{}' is {}: mixtures of experts are not part of the architecture {}", keys.path(),
                keys.key("expert_count"), experts.count, row.name);
  if (experts.count == 0 && row.experts == Mixture::always)
    return fail(ErrorKind::invalid_input, "{}: key '{}' is missing", keys.path(), keys.key("expert_count"));
  const bool only_experts = experts.count > 0 && keys.has("expert_feed_forward_length");
  TOKENMARK_TRY(model.ffn_width, keys.field("feed_forward_length",
                                            only_experts ? std::optional<std::int64_t>(0) : std::nullopt,
                                            only_experts ? 0 : 1));
  if (experts.count == 0) {
    experts.gate_bias = experts.bias = false;
    return {};
  }
  TOKENMARK_TRY(experts.used, keys.field("expert_used_count"));
  TOKENMARK_TRY(experts.ffn_width, keys.field("expert_feed_forward_length", model.ffn_width));
  return row.latent ? read_latent_experts(keys, experts) : Status();
}

}  // namespace

Result<ModelDescription> read_description(const GgufFile& file) {
  TOKENMARK_TRY(const auto architecture, file.text("general.architecture"));
  if (!architecture)
    return fail(ErrorKind::invalid_input, "{}: key 'general.architecture' is missing", file.path());
  const Architecture* row = find_architecture(*architecture);
  if (!row)
    return fail(ErrorKind::invalid_input, "{}: architecture '{}' is not known; known are {}", file.path(),
                printable(*architecture), known_architectures());
  ModelDescription model;
  apply_architecture(*row, model);
  TOKENMARK_TRY(const auto name, file.text("general.name"));
  model.name = name.value_or("");
  const Keys keys(file, row->name);
  TOKENMARK_TRY(const std::uint32_t blocks, keys.field("block_count"));
  if (blocks > kMostLayers)
    return fail(ErrorKind::invalid_input, "{}: {} is {}, at most {} are supported", file.path(),
                keys.key("block_count"), blocks, kMostLayers);
  TOKENMARK_TRY(model.mtp_layers, keys.count("nextn_predict_layers"));
  if (model.mtp_layers >= blocks)
    return fail(ErrorKind::invalid_input, "{}: {} is {}, which leaves no layers of block_count {}",
                file.path(), keys.key("nextn_predict_layers"), model.mtp_layers, blocks);
  model.layers = blocks - model.mtp_layers;
  TOKENMARK_TRY(model.width, keys.field("embedding_length"));
  TOKENMARK_TRY(model.context, keys.field("context_length"));
  TOKENMARK_TRY(model.rms_epsilon, keys.positive("attention.layer_norm_rms_epsilon"));
  TOKENMARK_CHECK(row->latent ? read_latent(keys, model) : read_heads(keys, model));
  if (keys.has("attention.scale")) {
    TOKENMARK_TRY(model.attention_scale, keys.positive("attention.scale"));
  }
  TOKENMARK_CHECK(read_rope(keys, model));
  TOKENMARK_CHECK(read_window(keys, model));
  TOKENMARK_CHECK(read_feed_forward(keys, *row, model));
  if (const Status checked = check_description(model); !checked)
    return fail(checked.error().kind, "{}: {}", file.path(), checked.error().message);
  return model;
}

namespace {

void add_attention(const ModelDescription& model, const std::string& prefix, GgufMetadata& metadata) {
  const auto add = [&](std::string_view name, auto value) {
    metadata.add(prefix + std::string(name), value);
  };
  add("attention.head_count", model.heads);
  add("attention.head_count_kv", model.kv_heads);
  if (model.latent.kv_lora > 0) {
    if (model.latent.q_lora > 0) add("attention.q_lora_rank", model.latent.q_lora);
    add("attention.kv_lora_rank", model.latent.kv_lora);
    add("attention.key_length", model.latent.kv_lora + model.rope_dim);
    add("attention.value_length", model.latent.kv_lora);
    add("attention.key_length_mla", model.head_dim);
    add("attention.value_length_mla", model.value_dim);
  } else {
    add("attention.key_length", model.head_dim);
    add("attention.value_length", model.head_dim);
    if (model.attention_scale > 0) add("attention.scale", model.attention_scale);
  }
  if (model.window > 0) add("attention.sliding_window", model.window);
  add("attention.layer_norm_rms_epsilon", model.rms_epsilon);
}

void add_rope(const ModelDescription& model, const std::string& prefix, GgufMetadata& metadata) {
  const auto add = [&](std::string_view name, auto value) {
    metadata.add(prefix + std::string(name), value);
  };
  const RopeScaling& scaling = model.rope_scaling;
  add("rope.dimension_count", model.rope_dim);
  add("rope.freq_base", model.rope_theta);
  if (scaling.kind != RopeScalingKind::linear && scaling.kind != RopeScalingKind::yarn) return;
  add("rope.scaling.type", scaling.kind == RopeScalingKind::yarn ? "yarn" : "linear");
  add("rope.scaling.factor", scaling.factor);
  add("rope.scaling.original_context_length", scaling.original_context);
  if (scaling.kind == RopeScalingKind::linear) return;
  add("rope.scaling.yarn_beta_fast", scaling.high);
  add("rope.scaling.yarn_beta_slow", scaling.low);
  float expected = yarn_magnitude(scaling.factor);
  if (model.latent.kv_lora > 0 && model.attention_scale > 0) {
    // The inverse of read_yarn: mscale_all_dim from the softmax' scale.
    const float magnitude = std::sqrt(model.attention_scale * std::sqrt(static_cast<float>(model.head_dim)));
    float all = (magnitude - 1) / (yarn_magnitude(scaling.factor) - 1);
    if (std::abs(all - 1) < 1e-4f) all = 1;
    add("rope.scaling.yarn_log_multiplier", 0.1f * all);
    expected = 1;
  }
  const float own = scaling.attention_factor > 0 ? scaling.attention_factor : 1;
  if (std::abs(own - expected) > 1e-5f) add("rope.scaling.attn_factor", own / expected);
}

void add_experts(const ModelDescription& model, const std::string& prefix, GgufMetadata& metadata) {
  const auto add = [&](std::string_view name, auto value) {
    metadata.add(prefix + std::string(name), value);
  };
  const Experts& experts = model.experts;
  add("expert_count", experts.count);
  add("expert_used_count", experts.used);
  add("expert_feed_forward_length", experts.ffn_width);
  if (model.latent.kv_lora == 0) return;
  add("leading_dense_block_count", experts.dense_layers);
  add("expert_shared_count", experts.shared_ffn_width / experts.ffn_width);
  add("expert_weights_scale", experts.scale);
  add("expert_weights_norm", experts.normalise);
  add("expert_gating_func", experts.gating == Gating::sigmoid ? kSigmoidGating : kSoftmaxGating);
  if (experts.groups > 1) {
    add("expert_group_count", experts.groups);
    add("expert_group_used_count", experts.groups_used);
  }
}

}  // namespace

void add_description(const ModelDescription& model, GgufMetadata& metadata) {
  const std::string prefix = model.architecture + ".";
  const auto add = [&](std::string_view name, auto value) {
    metadata.add(prefix + std::string(name), value);
  };
  metadata.add("general.architecture", model.architecture);
  add("block_count", model.layers + model.mtp_layers);
  if (model.mtp_layers > 0) add("nextn_predict_layers", model.mtp_layers);
  add("context_length", model.context);
  add("embedding_length", model.width);
  // Programs that know no mixture without a dense width take the experts'.
  add("feed_forward_length", model.ffn_width > 0 ? model.ffn_width : model.experts.ffn_width);
  add("vocab_size", model.vocabulary);
  add_attention(model, prefix, metadata);
  add_rope(model, prefix, metadata);
  if (model.experts.count > 0) add_experts(model, prefix, metadata);
}

std::string file_tensor_name(const ModelDescription& model, std::string name) {
  constexpr std::string_view kNorm = ".ffn_norm.";
  const std::size_t at = name.find(kNorm);
  if (model.architecture == "gpt-oss" && at != std::string::npos)
    name.replace(at, kNorm.size(), ".post_attention_norm.");
  return name;
}

}  // namespace tokenmark
