#include "plugins/executor/llama_check.h"

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

bool positive(float value) { return std::isfinite(value) && value > 0; }

Status check_rope(const tm_model& m) {
  if (m.rope_dim % 2 != 0 || m.rope_dim > m.head_dim)
    return fail(ErrorKind::invalid_input, "model: rope_dim is {}, it must be even and at most head_dim {}",
                m.rope_dim, m.head_dim);
  if (m.rope_style > TM_ROPE_HALF || m.rope_scaling > TM_ROPE_LLAMA3)
    return fail(ErrorKind::invalid_input, "model: rope style {} with scaling {} is not known", m.rope_style,
                m.rope_scaling);
  if (!positive(m.rope_theta))
    return fail(ErrorKind::invalid_input, "model: rope_theta is {}, it must be above 0", m.rope_theta);
  if (m.rope_scaling == TM_ROPE_PLAIN) return {};
  if (!positive(m.rope_factor))
    return fail(ErrorKind::invalid_input, "model: the rope scaling factor is {}, it must be above 0", m.rope_factor);
  if (m.rope_scaling == TM_ROPE_LLAMA3 &&
      !(positive(m.rope_low) && std::isfinite(m.rope_high) && m.rope_high > m.rope_low && m.rope_original_context > 0))
    return fail(ErrorKind::invalid_input,
                "model: llama3 rope scaling needs 0 < low < high and an original context, it has low {}, high {}, "
                "original context {}",
                m.rope_low, m.rope_high, m.rope_original_context);
  return {};
}


}  // namespace

Status check_model(const tm_model& m) {
  if (m.size < sizeof(tm_model) || m.version != TM_ABI_VERSION)
    return fail(ErrorKind::invalid_input, "model: its struct has {} bytes of version {}, expected {} of version {}",
                m.size, m.version, sizeof(tm_model), TM_ABI_VERSION);
  if (!m.architecture || std::string_view(m.architecture) != "llama")
    return fail(ErrorKind::invalid_input, "model: architecture '{}' is not supported; there is: llama",
                m.architecture ? m.architecture : "");
  TOKENMARK_CHECK(check_ranges({{"the number of layers", m.layers, 1, 1024},
                                {"the width", m.width, 1, 1u << 20},
                                {"the FFN width", m.ffn_width, 1, 1u << 22},
                                {"the number of heads", m.heads, 1, 4096},
                                {"the number of key/value heads", m.kv_heads, 1, m.heads},
                                {"the head dimension", m.head_dim, 1, kMaxHeadDim},
                                {"the value dimension", m.value_dim, m.head_dim, m.head_dim},
                                {"the vocabulary", m.vocabulary, 1, 1u << 24}},
                               "model"));
  if (m.heads % m.kv_heads != 0)
    return fail(ErrorKind::invalid_input, "model: {} heads are no multiple of {} key/value heads", m.heads,
                m.kv_heads);
  if (!std::isfinite(m.rms_epsilon) || m.rms_epsilon < 0)
    return fail(ErrorKind::invalid_input, "model: rms_epsilon is {}, it must be 0 or more", m.rms_epsilon);
  return check_rope(m);
}

Status check_options(const tm_executor_options& o) {
  if (o.size < sizeof(tm_executor_options) || o.version != TM_ABI_VERSION)
    return fail(ErrorKind::invalid_input, "options: their struct has {} bytes of version {}, expected {} of version {}",
                o.size, o.version, sizeof(tm_executor_options), TM_ABI_VERSION);
  TOKENMARK_CHECK(check_ranges({{"tokens_per_block", o.tokens_per_block, 1, 4096},
                                {"blocks", o.blocks, 1, 1u << 30},
                                {"max_sequences", o.max_sequences, 1, 1u << 20},
                                {"max_step_tokens", o.max_step_tokens, 1, 1u << 20}},
                               "options"));
  if (static_cast<std::uint64_t>(o.tokens_per_block) * o.blocks > INT32_MAX)
    return fail(ErrorKind::invalid_input, "options: {} blocks of {} tokens are more slots than a step can name",
                o.blocks, o.tokens_per_block);
  if (o.kv_format != TM_F16 && o.kv_format != TM_F32)
    return fail(ErrorKind::invalid_input, "options: the cache format {} is not supported; there are f16 ({}) and f32 ({})",
                o.kv_format, static_cast<int>(TM_F16), static_cast<int>(TM_F32));
  return {};
}

bool has_tensor(const tm_weight_source& source, const std::string& name) {
  tm_tensor tensor{};
  tensor.size = sizeof tensor;
  tensor.version = TM_ABI_VERSION;
  return source.find(source.context, name.c_str(), &tensor) == TM_OK;
}

Result<tm_tensor> find_tensor(const tm_weight_source& source, const std::string& name, std::uint64_t rows,
                              std::uint64_t columns) {
  tm_tensor tensor{};
  tensor.size = sizeof tensor;
  tensor.version = TM_ABI_VERSION;
  if (source.find(source.context, name.c_str(), &tensor) != TM_OK)
    return fail(ErrorKind::not_found, "the model has no tensor '{}'", name);
  if (tensor.rows != rows || tensor.columns != columns)
    return fail(ErrorKind::invalid_input, "tensor '{}' is {} × {}, the model's description wants {} × {}", name,
                tensor.rows, tensor.columns, rows, columns);
  const auto format = format_from_number(tensor.format);
  if (!format)
    return fail(ErrorKind::invalid_input, "tensor '{}' has number format {}, supported are f32, f16, bf16, q8_0, q4_0",
                name, tensor.format);
  if (columns % static_cast<std::uint64_t>(block_values(*format)) != 0)
    return fail(ErrorKind::invalid_input, "tensor '{}': rows of {} values do not divide into blocks of {} ({})", name,
                columns, block_values(*format), format_name(*format));
  if (tensor.bytes != rows * row_bytes(*format, columns))
    return fail(ErrorKind::invalid_input, "tensor '{}' has {} bytes, {} × {} in {} take {}", name, tensor.bytes, rows,
                columns, format_name(*format), rows * row_bytes(*format, columns));
  return tensor;
}

}  // namespace tokenmark::executor
