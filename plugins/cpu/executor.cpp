#include "plugins/cpu/executor.h"

#include "plugins/executor/llama_forward.h"
#include "plugins/executor/step_check.h"

namespace tokenmark::cpu_plugin {
namespace {

cpu::KvCache cache_shape(const tm_model& model, const tm_executor_options& options) {
  cpu::KvCache cache;
  cache.format = options.kv_format == TM_F32 ? Format::f32 : Format::f16;
  cache.tokens_per_block = options.tokens_per_block;
  cache.kv_heads = model.kv_heads;
  cache.key_dim = model.head_dim;
  cache.value_dim = model.value_dim;
  return cache;
}

Status check(const tm_model& model, const tm_weight_source& source, const tm_executor_options& options) {
  TOKENMARK_CHECK(executor::check_model(model));
  TOKENMARK_CHECK(executor::check_options(options));
  if (source.size < sizeof(tm_weight_source) || source.version != TM_ABI_VERSION || !source.find || !source.read)
    return fail(ErrorKind::invalid_input, "weights: their source is of another version ({}, here {}) or lacks an entry",
                source.version, TM_ABI_VERSION);
  static_assert(executor::kMaxHeadDim <= cpu::kMaxHeadDim);
  return {};
}

// Finds formats and shapes without moving a byte.
struct ShapeLoader {
  Result<cpu::Matrix> matrix(const std::string&, const tm_tensor& tensor) {
    return cpu::Matrix{static_cast<Format>(tensor.format), tensor.rows, tensor.columns, nullptr};
  }
  Result<Vector> vector(const std::string&, const tm_tensor&) { return Vector{}; }
};

}  // namespace

Executor::Executor(Device& device, const tm_model& model, const tm_executor_options& options)
    : device_(device), model_(model), options_(options) {
  model_.architecture = "llama";  // the caller's text need not outlive the call
  tokens_.resize(options.max_step_tokens);
  last_sampled_.assign(options.max_sequences, -1);
}

Result<std::uint64_t> Executor::memory_needed(Device& device, const tm_model& model, const tm_weight_source& source,
                                              const tm_executor_options& options) {
  TOKENMARK_CHECK(check(model, source, options));
  TOKENMARK_TRY(const std::uint64_t weights, weight_bytes(model, source));
  ShapeLoader shapes;
  TOKENMARK_TRY(const auto llama, (executor::load_llama<cpu::Matrix, Vector>(model, source, shapes)));
  const cpu::KvCache shape = cache_shape(model, options);
  const std::uint64_t cache = model.layers * (cpu::key_bytes(shape, options.blocks) + cpu::value_bytes(shape, options.blocks));
  return weights + cache + Forward::activation_bytes(*device.kernels, device.threads, model, options, llama);
}

Result<std::unique_ptr<Executor>> Executor::create(Device& device, const tm_model& model,
                                                   const tm_weight_source& source,
                                                   const tm_executor_options& options) {
  TOKENMARK_CHECK(check(model, source, options));
  const std::lock_guard lock(device.busy);
  std::unique_ptr<Executor> executor(new Executor(device, model, options));
  TOKENMARK_TRY(auto rope, executor::RopeTable::make(model, source));
  TOKENMARK_TRY(executor->weights_, load_weights(model, source, *device.pool));
  TOKENMARK_TRY(auto forward, Forward::make(*device.kernels, *device.pool, executor->model_, options,
                                            executor->weights_.llama, std::move(rope)));
  executor->forward_ = std::make_unique<Forward>(std::move(forward));
  TOKENMARK_CHECK(executor->allocate_caches(*executor->forward_));
  return executor;
}

Status Executor::allocate_caches(Forward& forward) {
  cpu::KvCache cache = cache_shape(model_, options_);
  const std::uint64_t bytes = cpu::key_bytes(cache, options_.blocks);
  TOKENMARK_TRY(cache_, Memory::allocate(2 * bytes * model_.layers));
  for (std::uint32_t layer = 0; layer < model_.layers; ++layer) {
    cache.keys = cache_.bytes() + 2 * layer * bytes;
    cache.values = cache_.bytes() + (2 * layer + 1) * bytes;
    forward.caches.push_back(cache);
  }
  return {};
}

Status Executor::resolve_tokens(const tm_step& step) {
  for (std::uint32_t s = 0; s < step.n_sequences; ++s)
    for (std::int32_t t = step.token_offsets[s]; t < step.token_offsets[s + 1]; ++t) {
      tokens_[static_cast<std::size_t>(t)] =
          step.tokens[t] >= 0 ? step.tokens[t] : last_sampled_[static_cast<std::size_t>(step.sequence_ids[s])];
      if (tokens_[static_cast<std::size_t>(t)] < 0)
        return fail(ErrorKind::invalid_input, "step: token {} is to be the last one sampled for sequence id {}, there is none",
                    t, step.sequence_ids[s]);
    }
  return {};
}

void Executor::remember_samples(const tm_step& step, const tm_step_result& result) {
  for (std::uint32_t i = 0; i < step.n_samples; ++i) {
    const std::uint32_t sequence = executor::sequence_of_row(step, step.sample_rows[i]);
    last_sampled_[static_cast<std::size_t>(step.sequence_ids[sequence])] = result.tokens[i];
  }
}

Status Executor::step(const tm_step& step, tm_step_result& result) {
  TOKENMARK_CHECK(executor::check_step(model_, options_, step, result));
  TOKENMARK_CHECK(resolve_tokens(step));
  const std::lock_guard lock(device_.busy);
  const PinnedHere pinned(device_.cores);
  forward_->begin(step, tokens_.data(), result);
  executor::llama_forward(*forward_, weights_.llama);
  remember_samples(step, result);
  return {};
}

}  // namespace tokenmark::cpu_plugin
