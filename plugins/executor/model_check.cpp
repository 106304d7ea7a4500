#include "plugins/executor/model_check.h"

#include <cmath>
#include <string_view>

namespace tokenmark::executor {
namespace {

struct Range {
  const char* name;
  std::uint64_t value, low, high;
};

// Generous bounds whose products all fit 64 bits.
Status check_ranges(std::initializer_list<Range> ranges, const char* of) {
  for (const Range& range : ranges)
    if (range.value < range.low || range.value > range.high)
      return fail(ErrorKind::invalid_input, "{}: {} is {}, supported are {} to {}", of, range.name, range.value,
                  range.low, range.high);
  return {};
}

struct Number {
  const char* name;
  float value;
};

// 0 or more, and a number.
Status check_numbers(std::initializer_list<Number> numbers) {
  for (const Number& number : numbers)
    if (!std::isfinite(number.value) || number.value < 0)
      return fail(ErrorKind::invalid_input, "model: {} is {}, it must be 0 or more", number.name, number.value);
  return {};
}

bool positive(float value) { return std::isfinite(value) && value > 0; }

Status check_rope(const tm_model& m) {
  if (m.rope_dim % 2 != 0 || m.rope_dim > m.head_dim)
    return fail(ErrorKind::invalid_input, "model: rope_dim is {}, it must be even and at most head_dim {}",
                m.rope_dim, m.head_dim);
  if (m.rope_style > TM_ROPE_HALF || m.rope_scaling > TM_ROPE_YARN)
    return fail(ErrorKind::invalid_input, "model: rope style {} with scaling {} is not known", m.rope_style,
                m.rope_scaling);
  if (!positive(m.rope_theta))
    return fail(ErrorKind::invalid_input, "model: rope_theta is {}, it must be above 0", m.rope_theta);
  if (m.rope_scaling == TM_ROPE_PLAIN) return {};
  if (!positive(m.rope_factor))
    return fail(ErrorKind::invalid_input, "model: the rope scaling factor is {}, it must be above 0", m.rope_factor);
  if (m.rope_scaling == TM_ROPE_LINEAR) return {};
  const char* name = m.rope_scaling == TM_ROPE_YARN ? "yarn" : "llama3";
  if (!(positive(m.rope_low) && std::isfinite(m.rope_high) && m.rope_high > m.rope_low && m.rope_original_context > 0))
    return fail(ErrorKind::invalid_input,
                "model: {} rope scaling needs 0 < low < high and an original context, it has low {}, high {}, "
                "original context {}",
                name, m.rope_low, m.rope_high, m.rope_original_context);
  if (m.rope_scaling == TM_ROPE_YARN && !(m.rope_theta > 1))
    return fail(ErrorKind::invalid_input, "model: yarn rope scaling needs rope_theta above 1, it is {}", m.rope_theta);
  return check_numbers({{"the rope attention factor", m.rope_attention_factor}});
}

Status check_attention(const tm_model& m) {
  TOKENMARK_CHECK(check_ranges({{"the number of heads", m.heads, 1, 4096},
                                {"the head dimension", m.head_dim, 1, kMaxHeadDim},
                                {"the window", m.window, 0, INT32_MAX},
                                {"the window period", m.window_period, 0, 1024}},
                               "model"));
  TOKENMARK_CHECK(check_numbers({{"the attention scale", m.attention_scale}}));
  if (!is_latent(m)) {
    TOKENMARK_CHECK(check_ranges({{"the number of key/value heads", m.kv_heads, 1, m.heads},
                                  {"the value dimension", m.value_dim, m.head_dim, m.head_dim},
                                  {"q_lora without latent attention (kv_lora)", m.q_lora, 0, 0}},
                                 "model"));
    if (m.heads % m.kv_heads != 0)
      return fail(ErrorKind::invalid_input, "model: {} heads are no multiple of {} key/value heads", m.heads,
                  m.kv_heads);
    return {};
  }
  TOKENMARK_CHECK(check_ranges({{"q_lora", m.q_lora, 0, 1u << 20},
                                {"the value dimension", m.value_dim, 1, kMaxHeadDim},
                                {"kv_lora", m.kv_lora, 1, kMaxLatentDim},
                                {"kv_lora + rope_dim", std::uint64_t{m.kv_lora} + m.rope_dim, 1, kMaxLatentDim},
                                {"rope_dim of latent attention", m.rope_dim, 0, m.head_dim - 1},
                                {"qk_norm with latent attention", m.qk_norm, 0, 0},
                                {"attention_bias with latent attention", m.attention_bias, 0, 0},
                                {"attention_sinks with latent attention", m.attention_sinks, 0, 0},
                                {"the window with latent attention", m.window, 0, 0}},
                               "model"));
  return {};
}

Status check_experts(const tm_model& m) {
  TOKENMARK_CHECK(check_ranges({{"the number of experts", m.experts, 1, 4096},
                                {"the number of experts a token uses", m.experts_used, 1, m.experts},
                                {"the experts' FFN width", m.expert_ffn_width, 1, 1u << 22},
                                {"the shared expert's FFN width", m.shared_ffn_width, 0, 1u << 22},
                                {"the number of dense layers", m.dense_layers, 0, m.layers},
                                {"the gating", m.gating, 0, TM_GATE_SOFTMAX_ALL},
                                {"the number of expert groups", m.expert_groups, 0, m.experts}},
                               "model"));
  TOKENMARK_CHECK(check_numbers({{"the gate scale", m.gate_scale}}));
  if (m.expert_groups == 0) return {};
  if (m.experts % m.expert_groups != 0)
    return fail(ErrorKind::invalid_input, "model: {} experts do not divide into {} groups", m.experts, m.expert_groups);
  const std::uint64_t reachable = std::uint64_t{m.expert_groups_used} * (m.experts / m.expert_groups);
  if (m.gating != TM_GATE_SIGMOID || m.expert_groups_used < 1 || m.expert_groups_used > m.expert_groups ||
      reachable < m.experts_used)
    return fail(ErrorKind::invalid_input,
                "model: {} of {} expert groups with {} experts, {} used, and gating {} cannot be chosen from",
                m.expert_groups_used, m.expert_groups, m.experts, m.experts_used, m.gating);
  return {};
}

Status check_feed_forward(const tm_model& m) {
  TOKENMARK_CHECK(check_ranges({{"the activation", m.activation, 0, TM_SWIGLU_CLAMPED}}, "model"));
  if (m.activation == TM_SWIGLU_CLAMPED && !positive(m.activation_limit))
    return fail(ErrorKind::invalid_input, "model: the activation's limit is {}, it must be above 0", m.activation_limit);
  if (m.experts > 0) TOKENMARK_CHECK(check_experts(m));
  if (!has_experts(m, 0)) TOKENMARK_CHECK(check_ranges({{"the FFN width", m.ffn_width, 1, 1u << 22}}, "model"));
  return {};
}

std::string spelled(std::uint64_t depth, std::uint64_t rows, std::uint64_t columns) {
  return depth == 1 ? fmt::format("{} × {}", rows, columns) : fmt::format("{} × {} × {}", depth, rows, columns);
}

}  // namespace

Status check_model(const tm_model& m) {
  if (m.size < sizeof(tm_model) || m.version != TM_ABI_VERSION)
    return fail(ErrorKind::invalid_input, "model: its struct has {} bytes of version {}, expected {} of version {}",
                m.size, m.version, sizeof(tm_model), TM_ABI_VERSION);
  TOKENMARK_CHECK(check_ranges({{"the number of layers", m.layers, 1, 1024},
                                {"the width", m.width, 1, 1u << 20},
                                {"the vocabulary", m.vocabulary, 1, 1u << 24},
                                {"the number of MTP layers", m.mtp_layers, 0, 1}},
                               "model"));
  TOKENMARK_CHECK(check_numbers({{"rms_epsilon", m.rms_epsilon}}));
  TOKENMARK_CHECK(check_attention(m));
  TOKENMARK_CHECK(check_rope(m));
  return check_feed_forward(m);
}

Status check_options(const tm_executor_options& o) {
  if (o.size < kLeastOptionBytes || o.version != TM_ABI_VERSION)
    return fail(ErrorKind::invalid_input, "options: their struct has {} bytes of version {}, expected {} of version {}",
                o.size, o.version, kLeastOptionBytes, TM_ABI_VERSION);
  TOKENMARK_CHECK(check_ranges({{"tokens_per_block", o.tokens_per_block, 1, 4096},
                                {"blocks", o.blocks, 1, 1u << 30},
                                {"max_sequences", o.max_sequences, 1, 1u << 20},
                                {"max_step_tokens", o.max_step_tokens, 1, 1u << 20}},
                               "options"));
  if (static_cast<std::uint64_t>(o.tokens_per_block) * o.blocks > INT32_MAX)
    return fail(ErrorKind::invalid_input, "options: {} blocks of {} tokens are more slots than a step can name",
                o.blocks, o.tokens_per_block);
  switch (o.kv_format) {
    case TM_F32: case TM_F16: case TM_BF16: case TM_FP8: case TM_Q8_0: return {};
    default: break;
  }
  return fail(ErrorKind::invalid_input,
              "options: the cache format {} is not supported; there are f32 ({}), f16 ({}), bf16 ({}), fp8 ({}), q8_0 ({})",
              o.kv_format, static_cast<int>(TM_F32), static_cast<int>(TM_F16), static_cast<int>(TM_BF16),
              static_cast<int>(TM_FP8), static_cast<int>(TM_Q8_0));
}

Status check_memory(const MemoryNeeds& needs, std::uint64_t available, const std::string& memory) {
  if (needs.all() <= available) return {};
  const auto gib = [](std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 30); };
  return fail(ErrorKind::exhausted,
              "the model needs {:.2f} GiB of {} ({:.2f} weights, {:.2f} KV cache, {:.2f} activations), {:.2f} GiB are "
              "available: take fewer or smaller KV blocks, smaller steps, or weights in a smaller format",
              gib(needs.all()), memory, gib(needs.weights), gib(needs.cache), gib(needs.activations), gib(available));
}

Status check_all(const tm_model& model, const tm_weight_source& source, const tm_executor_options& options) {
  TOKENMARK_CHECK(check_model(model));
  TOKENMARK_CHECK(check_options(options));
  if (source.size < sizeof(tm_weight_source) || source.version != TM_ABI_VERSION || !source.find || !source.read)
    return fail(ErrorKind::invalid_input, "weights: their source is of another version ({}, here {}) or lacks an entry",
                source.version, TM_ABI_VERSION);
  return {};
}

std::uint32_t window_of(const tm_model& m, std::uint32_t layer) {
  const bool all = m.window_period > 1 && layer % m.window_period == m.window_period - 1;
  return all ? 0 : m.window;
}

float attention_scale(const tm_model& m) {
  return m.attention_scale > 0 ? m.attention_scale : 1.0f / std::sqrt(static_cast<float>(m.head_dim));
}

CacheShape cache_shape(const tm_model& m) {
  if (is_latent(m)) return {1, m.kv_lora + m.rope_dim, m.kv_lora, true};
  return {m.kv_heads, m.head_dim, m.value_dim, false};
}

bool has_tensor(const tm_weight_source& source, const std::string& name) {
  tm_tensor tensor{};
  tensor.size = sizeof tensor;
  tensor.version = TM_ABI_VERSION;
  return source.find(source.context, name.c_str(), &tensor) == TM_OK;
}

Result<tm_tensor> find_tensor(const tm_weight_source& source, const std::string& name, Shape shape) {
  tm_tensor tensor{};
  tensor.size = sizeof tensor;
  tensor.version = TM_ABI_VERSION;
  if (source.find(source.context, name.c_str(), &tensor) != TM_OK)
    return fail(ErrorKind::not_found, "the model has no tensor '{}' ({} is expected)", name,
                spelled(shape.depth, shape.rows, shape.columns));
  if (tensor.depth != shape.depth || tensor.rows != shape.rows || tensor.columns != shape.columns)
    return fail(ErrorKind::invalid_input, "tensor '{}' is {}, the model's description wants {}", name,
                spelled(tensor.depth, tensor.rows, tensor.columns), spelled(shape.depth, shape.rows, shape.columns));
  const auto format = format_from_number(tensor.format);
  if (!format)
    return fail(ErrorKind::invalid_input,
                "tensor '{}' has number format {}, supported are f32, f16, bf16, fp8, q8_0, q4_0, q4_k, q5_k, q6_k, "
                "mxfp4, mxfp6",
                name, tensor.format);
  if (shape.columns % static_cast<std::uint64_t>(block_values(*format)) != 0)
    return fail(ErrorKind::invalid_input, "tensor '{}': rows of {} values do not divide into blocks of {} ({})", name,
                shape.columns, block_values(*format), format_name(*format));
  const std::uint64_t bytes = shape.depth * shape.rows * row_bytes(*format, shape.columns);
  if (tensor.bytes != bytes)
    return fail(ErrorKind::invalid_input, "tensor '{}' has {} bytes, {} in {} take {}", name, tensor.bytes,
                spelled(shape.depth, shape.rows, shape.columns), format_name(*format), bytes);
  return tensor;
}

Result<std::vector<float>> read_floats(const tm_weight_source& source, const std::string& name, const tm_tensor& tensor) {
  std::vector<std::byte> raw(tensor.bytes);
  const auto* values = static_cast<const std::byte*>(tensor.mapped);
  if (!values) {
    if (source.read(source.context, name.c_str(), raw.data(), raw.size()) != TM_OK)
      return fail(ErrorKind::io, "the weights of tensor '{}' could not be read", name);
    values = raw.data();
  }
  const auto format = static_cast<Format>(tensor.format);
  const std::uint64_t rows = tensor.depth * tensor.rows;
  std::vector<float> floats(rows * tensor.columns);
  for (std::uint64_t row = 0; row < rows; ++row)
    dequantize_row(format, values + row * row_bytes(format, tensor.columns), tensor.columns,
                   floats.data() + row * tensor.columns);
  return floats;
}

}  // namespace tokenmark::executor
