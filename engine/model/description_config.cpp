#include "engine/model/description_config.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/model/gguf.h"

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxField = 1 << 30;  // as in description_gguf.cpp

struct HubClass {
  std::string_view name, architecture;
  ExpertNames experts = ExpertNames::none;
};
constexpr HubClass kClasses[] = {{"LlamaForCausalLM", "llama"},
                                 {"MistralForCausalLM", "llama"},
                                 {"MixtralForCausalLM", "llama", ExpertNames::mixtral},
                                 {"Qwen2ForCausalLM", "qwen2"},
                                 {"Qwen3ForCausalLM", "qwen3"},
                                 {"Qwen3MoeForCausalLM", "qwen3moe", ExpertNames::separate},
                                 {"GptOssForCausalLM", "gpt-oss", ExpertNames::gpt_oss},
                                 {"DeepseekV2ForCausalLM", "deepseek2", ExpertNames::separate},
                                 {"DeepseekV3ForCausalLM", "deepseek2", ExpertNames::separate}};

// An object of the config; null counts as absent, as it does for transformers.
class Object {
 public:
  Object(const json& object, const std::string& path) : object_(object), path_(path) {}

  const json* find(const char* key) const {
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }
  const std::string& path() const { return path_; }

  Result<std::uint32_t> field(const char* key, std::optional<std::int64_t> fallback = {},
                              std::int64_t lowest = 1) const {
    const json* value = find(key);
    if (!value && !fallback) return fail(ErrorKind::invalid_input, "{}: '{}' is missing", path_, key);
    if (value && !value->is_number_integer()) return wrong(key, *value, "a whole number");
    const bool huge = value && value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX;
    const std::int64_t number = value ? (huge ? INT64_MAX : value->get<std::int64_t>()) : *fallback;
    if (number < lowest || number > kMaxField)
      return fail(ErrorKind::invalid_input, "{}: '{}' is {}, expected {} to {}", path_, key, number, lowest,
                  kMaxField);
    return static_cast<std::uint32_t>(number);
  }
  Result<float> positive(const char* key, std::optional<double> fallback = {}) const {
    const json* value = find(key);
    if (!value && !fallback) return fail(ErrorKind::invalid_input, "{}: '{}' is missing", path_, key);
    if (value && !value->is_number()) return wrong(key, *value, "a number");
    const double number = value ? value->get<double>() : *fallback;
    if (!std::isfinite(number) || number <= 0 || number > 1e30)
      return fail(ErrorKind::invalid_input, "{}: '{}' is {}, expected a number above 0", path_, key, number);
    return static_cast<float>(number);
  }
  Result<bool> flag(const char* key, bool fallback) const {
    const json* value = find(key);
    if (value && !value->is_boolean()) return wrong(key, *value, "true or false");
    return value ? value->get<bool>() : fallback;
  }
  Result<std::string> text(const char* key, const char* fallback) const {
    const json* value = find(key);
    if (value && !value->is_string()) return wrong(key, *value, "a string");
    return value ? printable(value->get_ref<const std::string&>()) : std::string(fallback);
  }
  // Settings that would change the result in a way that is not built.
  Status must_be(const char* key, const json& wanted) const {
    const json* value = find(key);
    if (value && *value != wanted)
      return fail(ErrorKind::invalid_input, "{}: '{}' is {}, only {} is supported", path_, key, shown(*value),
                  wanted.dump());
    return {};
  }

 private:
  static std::string shown(const json& value) {
    return printable(value.dump(-1, ' ', true, json::error_handler_t::replace));
  }
  tl::unexpected<Error> wrong(const char* key, const json& value, const char* expected) const {
    return fail(ErrorKind::invalid_input, "{}: '{}' is {}, expected {}", path_, key, shown(value), expected);
  }
  const json& object_;
  const std::string& path_;
};

Result<const HubClass*> class_of(const Object& config) {
  const json* list = config.find("architectures");
  if (!list || !list->is_array() || list->empty() || !list->front().is_string())
    return fail(ErrorKind::invalid_input, "{}: 'architectures' is missing", config.path());
  const std::string& name = list->front().get_ref<const std::string&>();
  std::string known;
  for (const HubClass& one : kClasses) {
    if (one.name == name) return &one;
    known += (known.empty() ? "" : ", ") + std::string(one.name);
  }
  return fail(ErrorKind::invalid_input, "{}: architecture '{}' is not known; known are {}", config.path(),
              printable(name), known);
}

Status read_yarn(const Object& rope, ModelDescription& model) {
  RopeScaling& scaling = model.rope_scaling;
  TOKENMARK_TRY(scaling.high, rope.positive("beta_fast", 32.0));
  TOKENMARK_TRY(scaling.low, rope.positive("beta_slow", 1.0));
  TOKENMARK_TRY(scaling.rounded_bounds, rope.flag("truncate", true));
  const auto multiplier = [&](const char* key) -> Result<float> {
    const json* value = rope.find(key);
    if (!value || (value->is_number() && *value == 0)) return 0.0f;
    return rope.positive(key);
  };
  TOKENMARK_TRY(const float own, multiplier("mscale"));
  TOKENMARK_TRY(const float all, multiplier("mscale_all_dim"));
  apply_yarn_magnitude(own > 0 ? own : 1, all, model);
  if (own == 0 && all > 0)
    scaling.attention_factor = yarn_magnitude(scaling.factor);  // as transformers: both or none
  if (rope.find("attention_factor")) {
    TOKENMARK_TRY(scaling.attention_factor, rope.positive("attention_factor"));
  }
  return {};
}

// transformers 5 keeps all of it in rope_parameters; before, rope_theta stood alone beside rope_scaling.
Status read_rope(const Object& config, ModelDescription& model) {
  static const json kNone = json::object();
  const json* found = config.find("rope_parameters");
  if (!found) found = config.find("rope_scaling");
  if (found && !found->is_object())
    return fail(ErrorKind::invalid_input, "{}: its rope settings are not an object", config.path());
  const Object rope(found ? *found : kNone, config.path());
  const bool inside = rope.find("rope_theta") != nullptr;
  TOKENMARK_TRY(model.rope_theta, (inside ? rope : config).positive("rope_theta", 10000.0));
  TOKENMARK_CHECK(rope.must_be("partial_rotary_factor", 1.0));
  TOKENMARK_CHECK(config.must_be("partial_rotary_factor", 1.0));
  TOKENMARK_TRY(const std::string kind,
                rope.find("rope_type") ? rope.text("rope_type", "") : rope.text("type", "default"));
  if (kind == "default") return {};
  RopeScaling& scaling = model.rope_scaling;
  if (kind != "linear" && kind != "llama3" && kind != "yarn")
    return fail(ErrorKind::invalid_input,
                "{}: rope_type is '{}', supported are default, linear, llama3 and yarn", config.path(), kind);
  TOKENMARK_TRY(scaling.factor, rope.positive("factor"));
  TOKENMARK_TRY(scaling.original_context, rope.field("original_max_position_embeddings", model.context));
  scaling.kind = RopeScalingKind::linear;
  if (kind == "llama3") {
    scaling.kind = RopeScalingKind::llama3;
    TOKENMARK_TRY(scaling.low, rope.positive("low_freq_factor"));
    TOKENMARK_TRY(scaling.high, rope.positive("high_freq_factor"));
    if (scaling.high <= scaling.low)
      return fail(ErrorKind::invalid_input, "{}: high_freq_factor {} is not above low_freq_factor {}",
                  config.path(), scaling.high, scaling.low);
  } else if (kind == "yarn") {
    scaling.kind = RopeScalingKind::yarn;
    return read_yarn(rope, model);
  }
  return {};
}

// Layers that see a window only: none, all, or all but each period-th.
Status read_layer_types(const Object& config, const json& types, ModelDescription& model) {
  if (!types.is_array() || types.size() != model.layers)
    return fail(ErrorKind::invalid_input, "{}: 'layer_types' does not have the {} layers", config.path(),
                model.layers);
  std::vector<bool> windowed;
  for (const json& type : types) {
    if (type != "sliding_attention" && type != "full_attention")
      return fail(ErrorKind::invalid_input, "{}: 'layer_types' has a kind of attention that is not known",
                  config.path());
    windowed.push_back(type == "sliding_attention");
  }
  const auto full = std::find(windowed.begin(), windowed.end(), false);
  if (full == windowed.begin() && std::find(windowed.begin(), windowed.end(), true) == windowed.end()) {
    model.window = model.window_period = 0;
    return {};
  }
  model.window_period = full == windowed.end() ? 0 : static_cast<std::uint32_t>(full - windowed.begin()) + 1;
  for (std::size_t layer = 0; layer < windowed.size(); ++layer) {
    const std::size_t period = model.window_period;
    if (windowed[layer] != (period == 0 || layer % period != period - 1))
      return fail(ErrorKind::invalid_input, "{}: 'layer_types' has no regular order, which is not supported",
                  config.path());
  }
  return {};
}

Status read_window(const Object& config, const HubClass& kind, ModelDescription& model) {
  TOKENMARK_TRY(model.window, config.field("sliding_window", 0, 0));
  const bool qwen = kind.architecture.starts_with("qwen");
  TOKENMARK_TRY(const bool used, config.flag("use_sliding_window", !qwen));
  if (!used || kind.architecture == "deepseek2" || kind.name == "LlamaForCausalLM") model.window = 0;
  if (model.window == 0) {
    model.window_period = 0;
    if (kind.architecture == "gpt-oss")
      return fail(ErrorKind::invalid_input, "{}: 'sliding_window' is missing", config.path());
    return {};
  }
  if (const json* types = config.find("layer_types")) return read_layer_types(config, *types, model);
  if (qwen)
    return fail(ErrorKind::invalid_input, "{}: 'use_sliding_window' without 'layer_types' is not supported",
                config.path());
  return {};
}

Status read_latent(const Object& config, ModelDescription& model) {
  TOKENMARK_TRY(model.latent.q_lora, config.field("q_lora_rank", 0, 0));
  TOKENMARK_TRY(model.latent.kv_lora, config.field("kv_lora_rank"));
  TOKENMARK_TRY(const std::uint32_t nope, config.field("qk_nope_head_dim"));
  TOKENMARK_TRY(model.rope_dim, config.field("qk_rope_head_dim"));
  TOKENMARK_TRY(model.value_dim, config.field("v_head_dim"));
  TOKENMARK_TRY(model.rope_interleaved, config.flag("rope_interleave", true));
  TOKENMARK_TRY(
      model.mtp_layers,
      config.field(config.find("num_mtp_layers") ? "num_mtp_layers" : "num_nextn_predict_layers", 0, 0));
  model.kv_heads = 1;
  model.head_dim = nope + model.rope_dim;
  return {};
}

Status read_heads(const Object& config, ModelDescription& model) {
  TOKENMARK_TRY(model.kv_heads, config.field("num_key_value_heads", model.heads));
  if (!config.find("head_dim") && model.width % model.heads != 0)
    return fail(ErrorKind::invalid_input, "{}: hidden_size {} is not a multiple of num_attention_heads {}",
                config.path(), model.width, model.heads);
  TOKENMARK_TRY(model.head_dim, config.field("head_dim", std::max(model.width / model.heads, 1u)));
  model.rope_dim = model.head_dim;
  model.rope_interleaved = false;
  return {};
}

Status read_latent_experts(const Object& config, const HubClass& kind, Experts& experts) {
  const bool v3 = kind.name == "DeepseekV3ForCausalLM";
  TOKENMARK_TRY(experts.count, config.field("n_routed_experts", 0, 0));
  if (experts.count == 0) return {};
  TOKENMARK_TRY(experts.ffn_width, config.field("moe_intermediate_size"));
  TOKENMARK_TRY(const std::uint32_t shared, config.field("n_shared_experts", 0, 0));
  if (std::uint64_t{shared} * experts.ffn_width > static_cast<std::uint64_t>(kMaxField))
    return fail(ErrorKind::invalid_input, "{}: {} shared experts of width {} are impossible", config.path(),
                shared, experts.ffn_width);
  experts.shared_ffn_width = shared * experts.ffn_width;
  TOKENMARK_TRY(experts.dense_layers, config.field("first_k_dense_replace", 0, 0));
  TOKENMARK_TRY(const std::string scoring, config.text("scoring_func", v3 ? "sigmoid" : "softmax"));
  if (scoring != "sigmoid" && scoring != "softmax")
    return fail(ErrorKind::invalid_input, "{}: 'scoring_func' is '{}', supported are sigmoid and softmax",
                config.path(), scoring);
  experts.gating = scoring == "sigmoid" ? Gating::sigmoid : Gating::softmax;
  TOKENMARK_TRY(experts.normalise, config.flag("norm_topk_prob", v3));
  TOKENMARK_TRY(experts.scale, config.positive("routed_scaling_factor", 1.0));
  TOKENMARK_TRY(experts.groups, config.field("n_group", 0, 0));
  TOKENMARK_TRY(experts.groups_used, config.field("topk_group", 0, 0));
  if (experts.groups <= 1) experts.groups = experts.groups_used = 0;
  // V2's groups are scored by their best expert, V3's by the sum of their two best.
  if (experts.groups > 1) TOKENMARK_CHECK(config.must_be("topk_method", "noaux_tc"));
  return config.must_be("moe_layer_freq", 1);
}

Status read_experts(const Object& config, const HubClass& kind, ModelDescription& model) {
  Experts& experts = model.experts;
  switch (kind.experts) {
    case ExpertNames::none:
      return {};
    case ExpertNames::mixtral:
    case ExpertNames::gpt_oss: {
      TOKENMARK_TRY(experts.count, config.field("num_local_experts"));
      experts.ffn_width = model.ffn_width;
      break;
    }
    case ExpertNames::separate: {
      if (kind.architecture == "deepseek2") {
        TOKENMARK_CHECK(read_latent_experts(config, kind, experts));
        break;
      }
      TOKENMARK_TRY(experts.count,
                    config.field(config.find("num_experts") ? "num_experts" : "num_local_experts"));
      TOKENMARK_TRY(experts.ffn_width, config.field("moe_intermediate_size"));
      TOKENMARK_TRY(experts.normalise, config.flag("norm_topk_prob", false));
      TOKENMARK_CHECK(config.must_be("decoder_sparse_step", 1));
      TOKENMARK_CHECK(config.must_be("mlp_only_layers", json::array()));
    }
  }
  if (experts.count == 0) return {};
  TOKENMARK_TRY(experts.used,
                config.field(config.find("experts_per_token") ? "experts_per_token" : "num_experts_per_tok"));
  if (kind.experts == ExpertNames::gpt_oss) {
    TOKENMARK_TRY(model.activation_limit, config.positive("swiglu_limit", model.activation_limit));
    TOKENMARK_CHECK(config.must_be("swiglu_alpha", 1.702));
  }
  return {};
}

Status read_quantisation(const Object& config, ModelConfig& model) {
  const json* found = config.find("quantization_config");
  if (!found) return {};
  if (!found->is_object())
    return fail(ErrorKind::invalid_input, "{}: 'quantization_config' is not an object", config.path());
  const Object quantisation(*found, config.path());
  TOKENMARK_TRY(const std::string method, quantisation.text("quant_method", ""));
  if (method != "fp8" && method != "mxfp4" && method != "compressed-tensors")
    return fail(ErrorKind::invalid_input,
                "{}: weights quantised by '{}' are not supported, only fp8 and mxfp4", config.path(), method);
  if (const json* block = quantisation.find("weight_block_size")) {
    if (!block->is_array() || block->size() != 2 || !(*block)[0].is_number_unsigned() ||
        !(*block)[1].is_number_unsigned() || (*block)[0].get<std::uint64_t>() - 1 >= 1 << 20 ||
        (*block)[1].get<std::uint64_t>() - 1 >= 1 << 20)
      return fail(ErrorKind::invalid_input, "{}: 'weight_block_size' is not two sizes", config.path());
    model.scale_rows = (*block)[0].get<std::uint32_t>();
    model.scale_columns = (*block)[1].get<std::uint32_t>();
  }
  return {};
}

Status read_all(const Object& config, const HubClass& kind, ModelConfig& result) {
  ModelDescription& model = result.description;
  TOKENMARK_TRY(model.layers, config.field("num_hidden_layers"));
  TOKENMARK_TRY(model.width, config.field("hidden_size"));
  TOKENMARK_TRY(model.ffn_width, config.field("intermediate_size"));
  TOKENMARK_TRY(model.vocabulary, config.field("vocab_size"));
  TOKENMARK_TRY(model.context, config.field("max_position_embeddings"));
  TOKENMARK_TRY(model.rms_epsilon, config.positive("rms_norm_eps", 1e-6));
  TOKENMARK_TRY(model.heads, config.field("num_attention_heads"));
  TOKENMARK_CHECK(kind.architecture == "deepseek2" ? read_latent(config, model) : read_heads(config, model));
  TOKENMARK_TRY(model.attention_bias, config.flag("attention_bias", model.attention_bias));
  if (kind.architecture == "qwen2") model.attention_bias = true;
  if (kind.architecture == "deepseek2") TOKENMARK_CHECK(config.must_be("attention_bias", false));
  TOKENMARK_CHECK(config.must_be("mlp_bias", false));
  TOKENMARK_CHECK(config.must_be("hidden_act", "silu"));
  result.tied_said = config.find("tie_word_embeddings") != nullptr;
  TOKENMARK_TRY(model.tied_output, config.flag("tie_word_embeddings", false));
  TOKENMARK_CHECK(read_rope(config, model));
  TOKENMARK_CHECK(read_window(config, kind, model));
  TOKENMARK_CHECK(read_experts(config, kind, model));
  return read_quantisation(config, result);
}

}  // namespace

Result<ModelConfig> read_config(const json& document, const std::string& path) {
  const Object config(document, path);
  TOKENMARK_TRY(const HubClass* kind, class_of(config));
  ModelConfig result;
  result.expert_names = kind->experts;
  apply_architecture(*find_architecture(kind->architecture), result.description);
  TOKENMARK_CHECK(read_all(config, *kind, result));
  if (const Status checked = check_description(result.description); !checked)
    return fail(checked.error().kind, "{}: {}", path, checked.error().message);
  return result;
}

}  // namespace tokenmark
