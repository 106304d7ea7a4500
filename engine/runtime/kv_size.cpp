#include "engine/runtime/kv_size.h"

#include <algorithm>
#include <limits>

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
  if (options.kv_format != Format::f16 && options.kv_format != Format::f32)
    return fail(ErrorKind::invalid_input, "the cache can be f16 or f32 only");
  return {};
}

}  // namespace

std::uint64_t kv_bytes_per_token(const ModelDescription& model, Format kv_format) {
  const std::uint64_t value_bytes = kv_format == Format::f32 ? 4 : 2;
  return 2ull * model.layers * model.kv_heads * model.head_dim * value_bytes;
}

Result<KvSize> size_kv(const ModelDescription& model, const EngineOptions& options, std::uint64_t free_bytes) {
  TOKENMARK_CHECK(check_counts(options));
  const auto model_context = static_cast<std::int32_t>(std::min<std::uint32_t>(model.context, 1u << 30));
  if (options.context > model_context)
    return fail(ErrorKind::invalid_input, "context is {}; the model was made for {} at most", options.context, model_context);
  const std::int32_t wished = options.context > 0 ? options.context : std::min(model_context, kLongestDefaultContext);

  const auto per_block = static_cast<std::uint64_t>(options.tokens_per_block);
  const std::uint64_t block_bytes = std::max<std::uint64_t>(1, kv_bytes_per_token(model, options.kv_format)) * per_block;
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
