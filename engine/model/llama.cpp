#include "engine/model/llama.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <unordered_map>

namespace tokenmark {
namespace {

// Fields are 32 bits; this bound keeps products of two of them far from overflow.
constexpr std::int64_t kMaxField = 1 << 30;

using TensorsByName = std::unordered_map<std::string_view, const Tensor*>;

Result<std::uint32_t> field(const GgufFile& file, const std::string& key, std::optional<std::int64_t> fallback = {}) {
  TOKENMARK_TRY(auto value, file.integer(key));
  if (!value) value = fallback;
  if (!value) return fail(ErrorKind::invalid_input, "{}: key '{}' is missing", file.path(), key);
  if (*value <= 0 || *value > kMaxField)
    return fail(ErrorKind::invalid_input, "{}: key '{}' is {}, expected 1 to {}", file.path(), key, *value, kMaxField);
  return static_cast<std::uint32_t>(*value);
}

Result<float> positive(const GgufFile& file, const std::string& key, std::optional<double> fallback = {}) {
  TOKENMARK_TRY(auto value, file.number(key));
  if (!value) value = fallback;
  if (!value) return fail(ErrorKind::invalid_input, "{}: key '{}' is missing", file.path(), key);
  if (!std::isfinite(*value) || *value <= 0 || *value > 1e30)
    return fail(ErrorKind::invalid_input, "{}: key '{}' is {}, expected a number above 0", file.path(), key, *value);
  return static_cast<float>(*value);
}

Status read_heads(const GgufFile& file, ModelDescription& model) {
  TOKENMARK_TRY(model.heads, field(file, "llama.attention.head_count"));
  TOKENMARK_TRY(model.kv_heads, field(file, "llama.attention.head_count_kv", model.heads));
  if (model.heads % model.kv_heads != 0)
    return fail(ErrorKind::invalid_input, "{}: llama.attention.head_count {} is not a multiple of head_count_kv {}",
                file.path(), model.heads, model.kv_heads);
  if (!file.has("llama.attention.key_length") && model.width % model.heads != 0)
    return fail(ErrorKind::invalid_input, "{}: llama.embedding_length {} is not a multiple of head_count {}", file.path(),
                model.width, model.heads);
  TOKENMARK_TRY(model.head_dim, field(file, "llama.attention.key_length", std::max(model.width / model.heads, 1u)));
  TOKENMARK_TRY(const auto value_dim, field(file, "llama.attention.value_length", model.head_dim));
  if (value_dim != model.head_dim)
    return fail(ErrorKind::invalid_input, "{}: llama.attention.value_length {} differs from key_length {}: not supported",
                file.path(), value_dim, model.head_dim);
  TOKENMARK_TRY(model.rope_dim, field(file, "llama.rope.dimension_count", model.head_dim));
  if (model.rope_dim > model.head_dim || model.rope_dim % 2 != 0)
    return fail(ErrorKind::invalid_input, "{}: llama.rope.dimension_count {} must be even and at most the head's {}",
                file.path(), model.rope_dim, model.head_dim);
  return {};
}

Status read_rope(const GgufFile& file, ModelDescription& model) {
  TOKENMARK_TRY(model.rope_theta, positive(file, "llama.rope.freq_base", 10000.0));
  TOKENMARK_TRY(const auto kind, file.text("llama.rope.scaling.type"));
  const bool old_linear = !kind && file.has("llama.rope.scale_linear");
  if ((!kind || *kind == "none") && !old_linear) return {};
  if (!old_linear && *kind != "linear")
    return fail(ErrorKind::invalid_input, "{}: llama.rope.scaling.type is '{}', supported are none and linear, and Llama 3's"
                " by the tensor rope_freqs.weight", file.path(), *kind);
  model.rope_scaling.kind = RopeScalingKind::linear;
  TOKENMARK_TRY(model.rope_scaling.factor,
                positive(file, old_linear ? "llama.rope.scale_linear" : "llama.rope.scaling.factor"));
  TOKENMARK_TRY(model.rope_scaling.original_context,
                field(file, "llama.rope.scaling.original_context_length", model.context));
  return {};
}

Status check_not_mixture(const GgufFile& file) {
  TOKENMARK_TRY(const auto experts, file.integer("llama.expert_count"));
  if (experts.value_or(0) != 0)
    return fail(ErrorKind::invalid_input, "{}: llama.expert_count is {}: mixtures of experts are not supported yet",
                file.path(), *experts);
  return {};
}

Status check_shape(const GgufFile& file, const TensorsByName& present, const TensorShape& expected) {
  const auto found = present.find(expected.name);
  if (found == present.end())
    return fail(ErrorKind::invalid_input, "{}: tensor '{}' ({} × {}) is missing", file.path(), expected.name,
                expected.rows, expected.columns);
  const Tensor& tensor = *found->second;
  if (tensor.rows != expected.rows || tensor.columns != expected.columns)
    return fail(ErrorKind::invalid_input, "{}: tensor '{}' has {} rows and {} columns, expected {} and {} by the file's keys",
                file.path(), expected.name, tensor.rows, tensor.columns, expected.rows, expected.columns);
  if (expected.rows == 1 && tensor.format != Format::f32)
    return fail(ErrorKind::invalid_input, "{}: tensor '{}' is {}, expected F32 for a vector", file.path(), expected.name,
                format_name(tensor.format));
  return {};
}

// Rotation tables of old converters, which say nothing that the keys do not.
bool may_be_ignored(std::string_view name) {
  return name.ends_with(".attn_rot_embd") || name.ends_with(".attn_rot_embd.weight") ||
         name.ends_with(".rope_freqs.weight");
}

Status check_tensors(const GgufFile& file, const ModelDescription& model, const std::vector<Tensor>& tensors) {
  TensorsByName present;
  for (const Tensor& tensor : tensors) present.emplace(tensor.name, &tensor);
  // Checked first: a layer count out of thin air would make a long list of expectations.
  if (model.layers > tensors.size())
    return fail(ErrorKind::invalid_input, "{}: llama.block_count is {}, the file has {} tensors in all", file.path(),
                model.layers, tensors.size());
  std::vector<TensorShape> expected = llama_tensors(model);
  if (present.contains("rope_freqs.weight")) expected.push_back({"rope_freqs.weight", 1, model.rope_dim / 2});
  for (const TensorShape& shape : expected) {
    TOKENMARK_CHECK(check_shape(file, present, shape));
    present.erase(shape.name);
  }
  for (const auto& [name, tensor] : present)
    if (!may_be_ignored(name))
      return fail(ErrorKind::invalid_input, "{}: tensor '{}' is not part of the llama architecture as it is known here",
                  file.path(), name);
  return {};
}

}  // namespace

std::vector<TensorShape> llama_tensors(const ModelDescription& m) {
  const std::uint64_t q = std::uint64_t{m.heads} * m.head_dim, kv = std::uint64_t{m.kv_heads} * m.head_dim;
  std::vector<TensorShape> list = {{"token_embd.weight", m.vocabulary, m.width}};
  for (std::uint32_t layer = 0; layer < m.layers; ++layer) {
    const auto add = [&](std::string_view part, std::uint64_t rows, std::uint64_t columns) {
      list.push_back({fmt::format("blk.{}.{}.weight", layer, part), rows, columns});
    };
    add("attn_norm", 1, m.width);
    add("attn_q", q, m.width);
    add("attn_k", kv, m.width);
    add("attn_v", kv, m.width);
    add("attn_output", m.width, q);
    add("ffn_norm", 1, m.width);
    add("ffn_gate", m.ffn_width, m.width);
    add("ffn_up", m.ffn_width, m.width);
    add("ffn_down", m.width, m.ffn_width);
  }
  list.push_back({"output_norm.weight", 1, m.width});
  if (!m.tied_output) list.push_back({"output.weight", m.vocabulary, m.width});
  return list;
}

Result<ModelDescription> describe_llama(const GgufFile& file, const std::vector<Tensor>& tensors) {
  ModelDescription model;
  model.architecture = "llama";
  TOKENMARK_TRY(const auto name, file.text("general.name"));
  model.name = name.value_or("");
  TOKENMARK_TRY(model.layers, field(file, "llama.block_count"));
  TOKENMARK_TRY(model.width, field(file, "llama.embedding_length"));
  TOKENMARK_TRY(model.ffn_width, field(file, "llama.feed_forward_length"));
  TOKENMARK_TRY(model.context, field(file, "llama.context_length"));
  TOKENMARK_TRY(model.rms_epsilon, positive(file, "llama.attention.layer_norm_rms_epsilon"));
  TOKENMARK_CHECK(check_not_mixture(file));
  TOKENMARK_CHECK(read_heads(file, model));
  TOKENMARK_CHECK(read_rope(file, model));

  const auto named = [&](std::string_view wanted) {
    return std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& tensor) { return tensor.name == wanted; });
  };
  const auto embedding = named("token_embd.weight");
  if (embedding == tensors.end())
    return fail(ErrorKind::invalid_input, "{}: tensor 'token_embd.weight' is missing", file.path());
  if (embedding->rows > static_cast<std::uint64_t>(kMaxField))
    return fail(ErrorKind::invalid_input, "{}: tensor 'token_embd.weight' has {} rows, at most {} are supported",
                file.path(), embedding->rows, kMaxField);
  model.vocabulary = static_cast<std::uint32_t>(embedding->rows);
  TOKENMARK_TRY(const auto vocabulary, field(file, "llama.vocab_size", model.vocabulary));
  if (vocabulary != model.vocabulary)
    return fail(ErrorKind::invalid_input, "{}: tensor 'token_embd.weight' has {} rows, expected {} by llama.vocab_size",
                file.path(), model.vocabulary, vocabulary);
  model.tied_output = named("output.weight") == tensors.end();
  TOKENMARK_CHECK(check_tensors(file, model, tensors));
  count_weights(tensors, model);
  return model;
}

void count_weights(const std::vector<Tensor>& tensors, ModelDescription& description) {
  std::map<Format, std::uint64_t> bytes;
  description.parameters = description.weight_bytes = 0;
  for (const Tensor& tensor : tensors) {
    description.parameters += tensor.rows * tensor.columns;
    description.weight_bytes += tensor.bytes;
    bytes[tensor.format] += tensor.bytes;
  }
  std::uint64_t most = 0;
  for (const auto& [format, sum] : bytes)
    if (sum > most) most = sum, description.format = format;
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

}  // namespace tokenmark
