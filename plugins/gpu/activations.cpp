#include "plugins/gpu/activations.h"

#include <algorithm>

namespace tokenmark::gpu {

ActivationSizes::ActivationSizes(const tm_model& m, const tm_executor_options& options, bool shares) {
  const std::uint64_t tokens = options.max_step_tokens, heads = m.heads;
  const executor::CacheShape cache = executor::cache_shape(m);
  const std::uint64_t q_width = heads * m.head_dim;
  latent = executor::is_latent(m);
  residual = tokens * m.width;
  projected = tokens * (latent ? cache.key_dim + q_width : q_width + std::uint64_t{m.kv_heads} * (m.head_dim + m.value_dim));
  queries = tokens * heads * cache.key_dim;
  attended = tokens * heads * m.value_dim;
  if (latent) {
    low_rank = tokens * m.q_lora;
    absorbed = tokens * heads * m.kv_lora;
    gathered = tokens * heads * cache.value_dim;
  }
  hidden = tokens * std::max({m.ffn_width, m.shared_ffn_width});
  if (m.mtp_layers > 0) {
    merged = tokens * 2 * m.width;
    previous = tokens * m.width;
  }
  logits = std::min<std::uint64_t>(tokens, kLogitRows) * m.vocabulary;
  if (shares) {
    logits = (logits + 7) / 8 * 8;  // as sums over ranks want them
    partial = residual;
  }
  samples = tokens;
  sequence_ids = options.max_sequences + 1;
}

std::uint64_t ActivationSizes::bytes() const {
  return (2 * residual + projected + low_rank + absorbed + previous + logits + partial) * sizeof(float) +
         attended * (latent ? sizeof(float) : sizeof(std::uint16_t)) +
         (queries + gathered + hidden + merged + partial) * sizeof(std::uint16_t) + (samples + sequence_ids) * sizeof(std::int32_t);
}

Result<Activations> Activations::allocate(Gpu& gpu, const ActivationSizes& s) {
  Activations a;
  TOKENMARK_TRY(a.residual, DeviceArray<float>::make(gpu, s.residual));
  TOKENMARK_TRY(a.other_residual, DeviceArray<float>::make(gpu, s.residual));
  TOKENMARK_TRY(a.projected, DeviceArray<float>::make(gpu, s.projected));
  TOKENMARK_TRY(a.low_rank, DeviceArray<float>::make(gpu, s.low_rank));
  TOKENMARK_TRY(a.absorbed, DeviceArray<float>::make(gpu, s.absorbed));
  TOKENMARK_TRY(a.previous, DeviceArray<float>::make(gpu, s.previous));
  TOKENMARK_TRY(a.logits, DeviceArray<float>::make(gpu, s.logits));
  TOKENMARK_TRY(a.partial, DeviceArray<float>::make(gpu, s.partial));
  TOKENMARK_TRY(a.narrow, DeviceArray<std::uint16_t>::make(gpu, s.partial));
  TOKENMARK_TRY(a.queries, DeviceArray<std::uint16_t>::make(gpu, s.queries));
  TOKENMARK_TRY(a.gathered, DeviceArray<std::uint16_t>::make(gpu, s.gathered));
  TOKENMARK_TRY(a.attended, DeviceArray<std::uint16_t>::make(gpu, s.latent ? 0 : s.attended));
  TOKENMARK_TRY(a.latent_attended, DeviceArray<float>::make(gpu, s.latent ? s.attended : 0));
  TOKENMARK_TRY(a.hidden, DeviceArray<std::uint16_t>::make(gpu, s.hidden));
  TOKENMARK_TRY(a.merged, DeviceArray<std::uint16_t>::make(gpu, s.merged));
  TOKENMARK_TRY(a.sampled, DeviceArray<std::int32_t>::make(gpu, s.samples));
  TOKENMARK_TRY(a.last_sampled, DeviceArray<std::int32_t>::make(gpu, s.sequence_ids));
  TOKENMARK_CHECK(gpu.fill(a.last_sampled.get(), 0, a.last_sampled.bytes()));
  return a;
}

}  // namespace tokenmark::gpu
