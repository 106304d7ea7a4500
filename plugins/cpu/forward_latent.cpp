// Latent attention in its absorbed form. The cache holds kv_lora + rope_dim values of a token: the normed latent and one
// turned key part for all heads. With c the latent, key of a head = [k_b' c; rope part] and value = v_b c, hence
//   score = q_nope . (k_b' c) + q_rope . rope part = [k_b q_nope; q_rope] . [c; rope part]
//   out   = v_b (weighted sum of c)
// (k_b here is [kv_lora, nope], as the model's files have it for this purpose).
#include <algorithm>
#include <cstring>

#include "plugins/cpu/forward_products.h"

namespace tokenmark::cpu_plugin {

void Forward::project(Vector norm, const LatentAttention& a, bool last) {
  const std::uint32_t tokens = step_->n_tokens;
  const bool narrows = last && wanted_.tokens().size() < tokens;
  const Weight& first = a.q_is_low_rank ? a.q_a : a.q;
  float* q = a.q_is_low_rank ? a_.low_rank_q.as<float>() : a_.q.as<float>();
  const Forms forms(*k_, {&a.kv_a.matrix, &first.matrix});
  work_.clear();
  work_.add({factor({a.kv_a}, forms, tokens, a_.kv.as<float>()), {}, tokens, a.kv_a.matrix.rows});
  if (!narrows) work_.add({factor({first}, forms, tokens, q), {}, tokens, first.matrix.rows});
  project(forms, tokens, normed(norm), kNothing);
  if (narrows) {
    keep_wanted_rows();
    work_.clear();
    work_.add({factor({first}, forms, rows(), q), {}, rows(), first.matrix.rows});
    project(forms, rows(), normed(norm), kNothing);
  }
  if (!a.q_is_low_rank) return;
  const Forms low_rank(*k_, {&a.q.matrix});
  work_.clear();
  work_.add({factor({a.q}, low_rank, rows(), a_.q.as<float>()), {}, rows(), q_width_});
  project(low_rank, rows(),
          [&](std::uint32_t row, std::uint32_t thread) {
            float* out = row_scratch(thread);
            k_->rms_norm(q + std::uint64_t{row} * model_->q_lora, a.q_a_norm, model_->q_lora, model_->rms_epsilon, out);
            return out;
          },
          kNothing);
}

void Forward::store_latents(const LatentAttention& a, const cpu::KvCache& cache) {
  store_all([&](std::uint32_t token) {
    float* latent = a_.kv.as<float>() + std::uint64_t{token} * cache.key_dim;
    k_->rms_norm(latent, a.kv_a_norm, model_->kv_lora, model_->rms_epsilon, latent);
    turn(latent + model_->kv_lora, 1, model_->rope_dim, token);
    k_->kv_write(cache, static_cast<std::uint64_t>(step_->slots[token]), latent, nullptr);
  });
}

// Queries of the rows [begin, end) in the latent's space: [rows][heads][kv_lora + rope_dim].
void Forward::absorb(const LatentAttention& a, std::uint32_t begin, std::uint32_t end) {
  const std::uint32_t heads = model_->heads, dim = model_->head_dim, rope = model_->rope_dim, nope = dim - rope;
  const std::uint64_t key = model_->kv_lora + rope, n = end - begin;
  const Forms forms(*k_, {&a.k_b.matrix});
  float* absorbed = a_.absorbed.as<float>();
  pool_->run(static_cast<std::uint32_t>(n), [&](std::uint32_t i, std::uint32_t) {
    float* q = a_.q.as<float>() + (begin + i) * q_width_;
    turn(q + nope, heads, dim, tokens_of_rows_[begin + i]);
    for (std::uint32_t h = 0; h < heads; ++h) {
      forms.prepare(q + h * dim, h * n + i, heads * n, a_.prepared.bytes());
      std::memcpy(absorbed + (i * heads + h) * key + model_->kv_lora, q + h * dim + nope, rope * sizeof(float));
    }
  });
  work_.clear();
  for (std::uint32_t h = 0; h < heads; ++h)
    work_.add({{a.k_b.at(h), nullptr, h * n * forms.row_bytes(), forms.row_bytes(), absorbed + h * key}, {}, end - begin, heads * key});
  multiply([&](std::uint32_t) { return a_.prepared.bytes(); }, kNothing);
}

// attended = v_b · what the heads of the rows [begin, end) gathered.
void Forward::gather_values(const LatentAttention& a, std::uint32_t begin, std::uint32_t end) {
  const std::uint32_t heads = model_->heads;
  const std::uint64_t n = end - begin, latent = model_->kv_lora;
  const Forms forms(*k_, {&a.v_b.matrix});
  pool_->run(static_cast<std::uint32_t>(n), [&](std::uint32_t i, std::uint32_t) {
    for (std::uint32_t h = 0; h < heads; ++h)
      forms.prepare(a_.gathered.as<float>() + (i * heads + h) * latent, h * n + i, heads * n, a_.prepared.bytes());
  });
  float* attended = a_.attended.as<float>() + begin * attended_width_;
  work_.clear();
  for (std::uint32_t h = 0; h < heads; ++h)
    work_.add({{a.v_b.at(h), nullptr, h * n * forms.row_bytes(), forms.row_bytes(), attended + std::uint64_t{h} * model_->value_dim},
               {}, end - begin, attended_width_});
  multiply([&](std::uint32_t) { return a_.prepared.bytes(); }, kNothing);
}

void Forward::attend(const LatentAttention& a, std::uint32_t layer) {
  const cpu::KvCache& cache = caches_[layer];
  store_latents(a, cache);
  for (std::uint32_t begin = 0; begin < rows(); begin += kLatentRows) {
    const std::uint32_t end = std::min(begin + kLatentRows, rows());
    absorb(a, begin, end);
    const Heads heads{a_.absorbed.as<float>(), a_.gathered.as<float>(), begin, end, nullptr, 0};
    plan_attention(cache, heads);
    pool_->run(static_cast<std::uint32_t>(attention_.size()), [&](std::uint32_t i, std::uint32_t thread) {
      run_attention(cache, heads, attention_[i], thread);
    });
    merge_parts(cache, heads);
    gather_values(a, begin, end);
  }
}

}  // namespace tokenmark::cpu_plugin
