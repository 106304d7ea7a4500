#include "plugins/cpu/activations.h"

#include <algorithm>

#include "plugins/cpu/products.h"

namespace tokenmark::cpu_plugin {
namespace {

constexpr std::uint64_t kFloat = sizeof(float);

std::uint64_t aligned(std::uint64_t bytes) { return (bytes + 63) / 64 * 64; }

void grow(std::uint64_t& size, std::uint64_t to) { size = std::max(size, to); }

}  // namespace

// Input of `rows` rows for these matrices in `buffer`; a single row may be prepared by each thread for itself.
void ActivationSizes::add_product(const cpu::Kernels& kernels, std::uint64_t rows,
                                  std::initializer_list<const cpu::Matrix*> matrices, std::uint64_t& buffer) {
  const std::uint64_t row = Forms(kernels, matrices).row_bytes();
  grow(buffer, rows * row);
  grow(prepared_row, row);
  for (const cpu::Matrix* m : matrices) {
    grow(kernel_scratch, aligned(kernels.matmul_scratch(m->format, m->columns)));
    grow(row_scratch, aligned(m->columns * kFloat));
  }
}

void ActivationSizes::add_layer(const cpu::Kernels& k, const tm_model& m, std::uint64_t tokens, const Layer& layer) {
  if (const auto* a = std::get_if<Attention>(&layer.attention)) {
    add_product(k, tokens, {&a->q.weight.matrix, &a->k.weight.matrix, &a->v.weight.matrix}, prepared);
    add_product(k, tokens, {&a->output.weight.matrix}, prepared);
  }
  if (const auto* a = std::get_if<LatentAttention>(&layer.attention)) {
    const std::uint64_t rows = std::min<std::uint64_t>(tokens, kLatentRows) * m.heads;
    add_product(k, tokens, {&a->kv_a.matrix, a->q_is_low_rank ? &a->q_a.matrix : &a->q.matrix}, prepared);
    add_product(k, tokens, {&a->q.matrix}, prepared);
    add_product(k, rows, {&a->k_b.matrix}, prepared);
    add_product(k, rows, {&a->v_b.matrix}, prepared);
    add_product(k, tokens, {&a->output.weight.matrix}, prepared);
  }
  const auto add_dense = [&](const Dense& dense) {
    add_product(k, tokens, {&dense.gate.matrix, &dense.up.matrix}, prepared);
    add_product(k, tokens, {&dense.down.matrix}, prepared);
    grow(hidden, tokens * dense.width * kFloat);
  };
  if (const auto* dense = std::get_if<Dense>(&layer.ffn)) add_dense(*dense);
  if (const auto* e = std::get_if<Experts>(&layer.ffn)) {
    const std::uint64_t rows = tokens * m.experts_used;
    add_product(k, tokens, {&e->router.weight.matrix}, prepared);
    add_product(k, tokens, {&e->gate.weight.matrix, &e->up.weight.matrix}, prepared);
    add_product(k, rows, {&e->gate.weight.matrix, &e->up.weight.matrix}, expert_input);
    add_product(k, rows, {&e->down.weight.matrix}, expert_input);
    grow(hidden, rows * m.expert_ffn_width * kFloat);
    grow(router, tokens * m.experts * kFloat);
    grow(expert_out, rows * m.width * kFloat);
    if (e->shared) add_dense(*e->shared);
  }
}

ActivationSizes::ActivationSizes(const cpu::Kernels& kernels, std::uint32_t threads, const tm_model& m,
                                 const tm_executor_options& options, const ModelWeights& shapes,
                                 const cpu::KvCache& cache)
    : threads_(threads) {
  const std::uint64_t tokens = options.max_step_tokens, heads = m.heads;
  residual = tokens * m.width * kFloat;
  q = tokens * heads * m.head_dim * kFloat;
  const std::uint64_t value_dim = executor::cache_shape(m).values_in_keys ? 0 : cache.value_dim;
  kv = tokens * cache.kv_heads * (cache.key_dim + value_dim) * kFloat;
  attended = tokens * heads * m.value_dim * kFloat;
  if (executor::is_latent(m)) {
    low_rank_q = tokens * m.q_lora * kFloat;
    const std::uint64_t rows = std::min<std::uint64_t>(tokens, kLatentRows);
    absorbed = rows * heads * cache.key_dim * kFloat;
    gathered = rows * heads * cache.value_dim * kFloat;
  }
  angles = tokens * std::max(m.rope_dim, 1u) * kFloat;
  logits = std::min<std::uint64_t>(tokens, kLogitRows) * m.vocabulary * kFloat;
  kernel_scratch = aligned(kernels.attention_scratch(cache));
  row_scratch = aligned(m.width * kFloat);
  for (const Layer& layer : shapes.layers) add_layer(kernels, m, tokens, layer);
  add_product(kernels, std::min<std::uint64_t>(tokens, kLogitRows), {&shapes.output.matrix}, prepared);
  if (shapes.mtp) {
    add_layer(kernels, m, tokens, shapes.mtp->layer);
    add_product(kernels, tokens, {&shapes.mtp->merge.matrix}, prepared);
    add_product(kernels, std::min<std::uint64_t>(tokens, kLogitRows), {&shapes.mtp->output.matrix}, prepared);
  }
  grow(prepared, threads * prepared_row);
}

std::uint64_t ActivationSizes::all() const {
  return 2 * residual + q + kv + low_rank_q + attended + absorbed + gathered + 2 * hidden + router + expert_out + angles +
         logits + prepared + expert_input + threads_ * (row_scratch + kernel_scratch);
}

Result<Activations> Activations::allocate(const ActivationSizes& s) {
  Activations a;
  TOKENMARK_TRY(a.residual, Memory::allocate(s.residual));
  TOKENMARK_TRY(a.projected, Memory::allocate(s.residual));
  TOKENMARK_TRY(a.q, Memory::allocate(s.q));
  TOKENMARK_TRY(a.kv, Memory::allocate(s.kv));
  TOKENMARK_TRY(a.low_rank_q, Memory::allocate(s.low_rank_q));
  TOKENMARK_TRY(a.absorbed, Memory::allocate(s.absorbed));
  TOKENMARK_TRY(a.gathered, Memory::allocate(s.gathered));
  TOKENMARK_TRY(a.attended, Memory::allocate(s.attended));
  TOKENMARK_TRY(a.gate, Memory::allocate(s.hidden));
  TOKENMARK_TRY(a.up, Memory::allocate(s.hidden));
  TOKENMARK_TRY(a.router, Memory::allocate(s.router));
  TOKENMARK_TRY(a.expert_out, Memory::allocate(s.expert_out));
  TOKENMARK_TRY(a.angles, Memory::allocate(s.angles));
  TOKENMARK_TRY(a.logits, Memory::allocate(s.logits));
  TOKENMARK_TRY(a.prepared, Memory::allocate(s.prepared));
  TOKENMARK_TRY(a.expert_input, Memory::allocate(s.expert_input));
  TOKENMARK_TRY(a.row_scratch, Memory::allocate(s.threads() * s.row_scratch));
  TOKENMARK_TRY(a.kernel_scratch, Memory::allocate(s.threads() * s.kernel_scratch));
  return a;
}

}  // namespace tokenmark::cpu_plugin
