#include "plugins/cpu/executor.h"

#include "base/available_memory.h"
#include "plugins/executor/forward.h"
#include "plugins/executor/step_check.h"

namespace tokenmark::cpu_plugin {
namespace {

constexpr std::uint64_t kCacheAlignment = 64;

static_assert(executor::kMaxHeadDim <= cpu::kMaxHeadDim && executor::kMaxLatentDim <= cpu::kMaxHeadDim);

// Without memory yet.
cpu::KvCache layer_cache(const tm_model& model, const tm_executor_options& options) {
  const auto shape = executor::cache_shape(model);
  cpu::KvCache cache;
  cache.format = static_cast<Format>(options.kv_format);
  cache.tokens_per_block = options.tokens_per_block;
  cache.blocks = options.blocks;
  cache.kv_heads = shape.kv_heads;
  cache.key_dim = shape.key_dim;
  cache.value_dim = shape.value_dim;
  return cache;
}

// Bytes of one layer's keys and values; the values' are 0 where they lie in the keys.
struct CacheBytes {
  std::uint64_t keys, values;

  CacheBytes(const tm_model& model, const tm_executor_options& options) {
    const auto aligned = [](std::uint64_t bytes) { return (bytes + kCacheAlignment - 1) / kCacheAlignment * kCacheAlignment; };
    const cpu::KvCache cache = layer_cache(model, options);
    keys = aligned(cpu::key_bytes(cache));
    values = executor::cache_shape(model).values_in_keys ? 0 : aligned(cpu::value_bytes(cache));
  }
};

std::uint32_t cached_layers(const tm_model& model) { return model.layers + model.mtp_layers; }

struct Needs {
  PlannedWeights weights;
  ActivationSizes activations;
  std::uint64_t cache;
  std::uint64_t all() const { return weights.bytes + activations.all() + cache; }
};

Result<Needs> needs_of(const Device& device, const tm_model& model, const tm_weight_source& source,
                       const tm_executor_options& options) {
  TOKENMARK_CHECK(executor::check_all(model, source, options));
  TOKENMARK_TRY(auto weights, plan_weights(*device.kernels, model, source));
  const ActivationSizes activations(*device.kernels, device.threads, model, options, weights.shapes,
                                    layer_cache(model, options));
  const CacheBytes cache(model, options);
  Needs needs{std::move(weights), activations, 0};
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60;  // its sums must be numbers, whatever a description claims
  if (needs.weights.bytes > kMost || cache.keys + cache.values > kMost / cached_layers(model))
    return fail(ErrorKind::exhausted, "the model's weights or its KV cache of {} layers take more than an exbibyte",
                cached_layers(model));
  needs.cache = cached_layers(model) * (cache.keys + cache.values);
  return needs;
}

Status check_memory(const Needs& needs) {
  const std::uint64_t available = available_memory_bytes();
  if (available == 0) return {};  // not known
  return executor::check_memory({needs.weights.bytes, needs.cache, needs.activations.all()}, available, "memory");
}

}  // namespace

Executor::Executor(Device& device, const tm_model& model, const tm_executor_options& options)
    : device_(device), architecture_(model.architecture ? model.architecture : ""), model_(model), options_(options) {
  model_.architecture = architecture_.c_str();  // the caller's text need not outlive the call
  tokens_.resize(options.max_step_tokens);
  last_sampled_.assign(options.max_sequences, -1);
}

Result<std::uint64_t> Executor::memory_needed(Device& device, const tm_model& model, const tm_weight_source& source,
                                              const tm_executor_options& options) {
  return needs_of(device, model, source, options).map([](const Needs& needs) { return needs.all(); });
}

Result<std::unique_ptr<Executor>> Executor::create(Device& device, const tm_model& model,
                                                   const tm_weight_source& source,
                                                   const tm_executor_options& options) {
  TOKENMARK_TRY(const Needs needs, needs_of(device, model, source, options));
  TOKENMARK_CHECK(check_memory(needs));
  const std::lock_guard lock(device.busy);
  std::unique_ptr<Executor> e(new Executor(device, model, options));
  TOKENMARK_TRY(auto rope, executor::RopeTable::make(model, source));
  TOKENMARK_TRY(e->weights_, load_weights(*device.kernels, *device.pool, model, source, needs.weights.bytes));
  TOKENMARK_TRY(auto caches, e->allocate_caches());
  TOKENMARK_TRY(auto forward, Forward::make(*device.kernels, *device.pool, e->model_, needs.activations, std::move(rope),
                                            std::move(caches)));
  e->forward_ = std::make_unique<Forward>(std::move(forward));
  return e;
}

Result<std::vector<cpu::KvCache>> Executor::allocate_caches() {
  const CacheBytes bytes(model_, options_);
  const std::uint32_t layers = cached_layers(model_);
  TOKENMARK_TRY(cache_, Memory::allocate(layers * (bytes.keys + bytes.values)));
  std::vector<cpu::KvCache> caches(layers, layer_cache(model_, options_));
  for (std::uint32_t layer = 0; layer < layers; ++layer) {
    caches[layer].keys = cache_.bytes() + layer * (bytes.keys + bytes.values);
    if (bytes.values > 0) caches[layer].values = static_cast<std::byte*>(caches[layer].keys) + bytes.keys;
  }
  return caches;
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
  if (step.previous_hidden) executor::forward_mtp(*forward_, weights_.model);
  else executor::forward(*forward_, weights_.model);
  remember_samples(step, result);
  return {};
}

}  // namespace tokenmark::cpu_plugin
