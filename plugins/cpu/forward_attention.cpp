// Attention of one layer: rope, the cache, the heads. Steps in which every sequence has one token (decoding) are one
// pass, a key/value head of a sequence at a time with all that belongs to it; a prompt's tokens must all be in the
// cache before the first of them is attended to, which takes two.
#include <cmath>

#include "plugins/cpu/forward.h"

namespace tokenmark::cpu_plugin {
namespace {

// One key/value head of a cache as a cache of its own: blocks are then kv_heads of its blocks apart.
cpu::KvCache head_of(const cpu::KvCache& cache, std::uint32_t kv_head) {
  cpu::KvCache head = cache;
  head.kv_heads = 1;
  head.keys = static_cast<std::byte*>(cache.keys) + kv_head * cpu::key_bytes(head, 1);
  head.values = static_cast<std::byte*>(cache.values) + kv_head * cpu::value_bytes(head, 1);
  return head;
}

std::uint64_t head_slot(const cpu::KvCache& cache, std::int32_t slot) {
  const std::uint64_t block = static_cast<std::uint32_t>(slot) / cache.tokens_per_block;
  const std::uint64_t offset = static_cast<std::uint32_t>(slot) % cache.tokens_per_block;
  return block * cache.kv_heads * cache.tokens_per_block + offset;
}

}  // namespace

void Forward::rope_heads(float* heads, std::uint32_t n, std::int32_t token) const {
  const auto style = model_->rope_style == TM_ROPE_HALF ? cpu::RopeStyle::half : cpu::RopeStyle::interleaved;
  const float* cosines = angles_.as<float>() + static_cast<std::uint64_t>(token) * 2 * rope_.pairs();
  k_->rope(heads, n, model_->head_dim, model_->rope_dim, cosines, cosines + rope_.pairs(), style);
}

void Forward::store_token(const cpu::KvCache& cache, std::int32_t token) {
  float* query_heads = query(token);
  float* keys = query_heads + q_width_;
  rope_heads(query_heads, model_->heads + model_->kv_heads, token);  // keys follow the queries
  k_->kv_write(cache, static_cast<std::uint64_t>(step_->slots[token]), keys, keys + kv_width_);
}

void Forward::store_head(const cpu::KvCache& cache, std::int32_t token, std::uint32_t kv_head) {
  const std::uint32_t group = model_->heads / model_->kv_heads, dim = model_->head_dim;
  float* keys = query(token) + q_width_ + std::uint64_t{kv_head} * dim;
  rope_heads(query(token) + std::uint64_t{kv_head} * group * dim, group, token);
  rope_heads(keys, 1, token);
  k_->kv_write(head_of(cache, kv_head), head_slot(cache, step_->slots[token]), keys, keys + kv_width_);
}

void Forward::run_attention(const cpu::KvCache& cache, const AttentionTask& task, std::uint32_t thread) {
  const std::uint32_t group = model_->heads / model_->kv_heads, dim = model_->head_dim;
  auto& queries = queries_[thread];
  queries.clear();
  for (std::int32_t t = task.begin; t < task.end; ++t)
    for (std::uint32_t h = task.kv_head * group; h < (task.kv_head + 1) * group; ++h)
      queries.push_back({query(t) + std::uint64_t{h} * dim,
                         attended_.as<float>() + static_cast<std::uint64_t>(t) * q_width_ + std::uint64_t{h} * dim,
                         0, static_cast<std::uint32_t>(step_->positions[t]) + 1});
  const std::int32_t* table = step_->block_tables + std::uint64_t{task.sequence} * step_->block_table_stride;
  k_->attention(cache, task.kv_head, table, queries.data(), static_cast<std::uint32_t>(queries.size()),
                1.0f / std::sqrt(static_cast<float>(dim)), nullptr);
}

void Forward::attend(std::uint32_t layer) {
  const cpu::KvCache& cache = caches[layer];
  const bool decoding = step_->n_tokens == step_->n_sequences;
  if (!decoding)
    pool_->run(step_->n_tokens,
               [&](std::uint32_t token, std::uint32_t) { store_token(cache, static_cast<std::int32_t>(token)); });
  pool_->run(static_cast<std::uint32_t>(attention_.size()), [&](std::uint32_t i, std::uint32_t thread) {
    const AttentionTask& task = attention_[i];
    if (decoding) store_head(cache, task.begin, task.kv_head);
    run_attention(cache, task, thread);
  });
}

}  // namespace tokenmark::cpu_plugin
