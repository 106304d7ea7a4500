#include "engine/runtime/kv_size.h"

#include <algorithm>
#include <limits>

#include "engine/runtime/speculation.h"

namespace tokenmark {
namespace {

constexpr std::int32_t kLongestDefaultContext = 8192;

Status check_counts(const EngineOptions& options) {
  const auto positive = [](const char* name, std::int32_t value) -> Status {
    if (value < 1) return fail(ErrorKind::invalid_input, "{} is {}; it must be 1 or more", name, value);
    return {};
  };
  TOKENMARK_CHECK(positive("max_sequences", options.max_sequences));
  TOKENMARK_CHECK(positive("step_tokens", options.step_tokens));
  TOKENMARK_CHECK(positive("tokens_per_block", options.tokens_per_block));
  if (options.context < 0) return fail(ErrorKind::invalid_input, "context is {}; it must be 0 or more", options.context);
  TOKENMARK_CHECK(positive("draft_tokens", options.draft_tokens));
  if (options.draft_tokens > kMaxDraftTokens)
    return fail(ErrorKind::invalid_input, "draft_tokens is {}; at most {} are drafted at once", options.draft_tokens, kMaxDraftTokens);
  if (!(options.admission_free >= 0 && options.admission_free < 1))
    return fail(ErrorKind::invalid_input, "admission_free is {}; it must be 0 or more and below 1", options.admission_free);
  if (!(options.chunk_slowdown == 0 || options.chunk_slowdown >= 1))
    return fail(ErrorKind::invalid_input, "chunk_slowdown is {}; it must be 1 or more, or 0: no limit", options.chunk_slowdown);
  TOKENMARK_CHECK(parse_kv_format(format_name(options.kv_format)));
  return {};
}

// Of a head's keys or values: whole blocks of the format; in FP8 each has a scale of its own instead.
std::uint64_t head_bytes(Format format, std::uint64_t values) {
  if (format == Format::fp8) return values + sizeof(float);
  const auto block = static_cast<std::uint64_t>(block_values(format));
  return row_bytes(format, (values + block - 1) / block * block);
}

}  // namespace

std::uint64_t kv_bytes_per_token(const ModelDescription& model, Format kv_format) {
  const std::uint64_t layers = model.layers + model.mtp_layers;
  if (model.latent.kv_lora > 0)
    return layers * head_bytes(kv_format, std::uint64_t{model.latent.kv_lora} + model.rope_dim);
  const std::uint32_t value_dim = model.value_dim ? model.value_dim : model.head_dim;
  return layers * model.kv_heads * (head_bytes(kv_format, model.head_dim) + head_bytes(kv_format, value_dim));
}

Result<KvSize> size_kv(const ModelDescription& model, const EngineOptions& options, std::uint64_t free_bytes,
                       const ModelDescription* drafter) {
  TOKENMARK_CHECK(check_counts(options));
  const auto model_context = static_cast<std::int32_t>(std::min<std::uint32_t>(model.context, 1u << 30));
  if (options.context > model_context)
    return fail(ErrorKind::invalid_input, "context is {}; the model was made for {} at most", options.context, model_context);
  const std::int32_t wished = options.context > 0 ? options.context : std::min(model_context, kLongestDefaultContext);

  const auto per_block = static_cast<std::uint64_t>(options.tokens_per_block);
  const std::uint64_t token_bytes = kv_bytes_per_token(model, options.kv_format) +
                                    (drafter ? kv_bytes_per_token(*drafter, options.kv_format) : 0);
  const std::uint64_t block_bytes = std::max<std::uint64_t>(1, token_bytes) * per_block;
  const std::uint64_t context_blocks = (static_cast<std::uint64_t>(wished) + per_block - 1) / per_block;
  const std::uint64_t wanted = context_blocks * static_cast<std::uint64_t>(options.max_sequences);
  const std::uint64_t room = (options.kv_bytes > 0 ? options.kv_bytes : free_bytes / 4) / block_bytes;
  // Slot numbers are 32 bits wide.
  const std::uint64_t most = std::numeric_limits<std::int32_t>::max() / per_block;
  const std::uint64_t blocks = std::min({options.kv_bytes > 0 ? room : wanted, room, most});

  if (blocks == 0)
    return fail(ErrorKind::exhausted, "there is no room for a block of {} bytes of keys and values; free memory or give more",
                block_bytes);
  if (blocks < context_blocks && options.context > 0)
    return fail(ErrorKind::exhausted, "a context of {} tokens takes {} bytes of keys and values, there is room for {}",
                options.context, context_blocks * block_bytes, blocks * block_bytes);
  const auto held = static_cast<std::int64_t>(blocks * per_block);
  return KvSize{static_cast<std::int32_t>(blocks), static_cast<std::int32_t>(std::min<std::int64_t>(wished, held)),
                blocks * block_bytes};
}

}  // namespace tokenmark
