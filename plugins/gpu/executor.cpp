#include "plugins/gpu/executor.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "plugins/executor/forward.h"
#include "plugins/executor/step_check.h"
#include "plugins/gpu/tuner.h"

namespace tokenmark::gpu {
namespace {

constexpr std::uint32_t kGraphRows[] = {1, 2, 3, 4, 5, 6, 7, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256};

std::uint32_t cached_layers(const tm_model& model) { return model.layers + model.mtp_layers; }

// Sequences of one token each, which all sample.
bool is_decoding(const tm_step& step) {
  return step.n_tokens == step.n_sequences && step.n_samples == step.n_tokens && step.n_logits == 0 && step.n_hidden == 0 && !step.previous_hidden;
}

// As the step is.
StepCounts counts_of(const tm_step& step, const WantedRows& wanted) {
  StepCounts counts;
  counts.tokens = step.n_tokens;
  counts.sequences = step.n_sequences;
  counts.block_table_stride = step.block_table_stride;
  counts.rows = static_cast<std::uint32_t>(wanted.tokens().size());
  counts.logit_rows = static_cast<std::uint32_t>(wanted.logit_rows().size());
  counts.samples = step.n_samples;
  counts.hidden = step.n_hidden;
  return counts;
}

// Of a decoding step, padded: the least bucket that holds it.
StepCounts bucket_for(std::uint32_t sequences, std::uint32_t stride, const tm_executor_options& options) {
  const auto* bucket = std::lower_bound(std::begin(kGraphRows), std::end(kGraphRows), sequences);
  const std::uint32_t most = std::min(options.max_step_tokens, options.max_sequences);
  const std::uint32_t rows = bucket != std::end(kGraphRows) && *bucket <= most ? *bucket : sequences;
  const std::uint32_t wide = std::min(std::bit_ceil(std::max(stride, 1u)), std::max(stride, options.blocks));
  return {rows, rows, wide, rows, rows, rows, 0};
}

// The largest that a step's arrays can be.
std::size_t largest_arrays(const tm_model& model, const tm_executor_options& options) {
  const std::uint32_t of_context = (model.context + options.tokens_per_block - 1) / options.tokens_per_block + 1;
  const std::uint32_t stride = std::bit_ceil(std::min(std::max(of_context, 1u), options.blocks));
  const std::uint32_t tokens = options.max_step_tokens;
  return step_bytes({tokens, options.max_sequences, stride, tokens, tokens, tokens, tokens});
}

Result<executor::MemoryNeeds> needs_of(Gpu& gpu, const tm_model& model, const tm_weight_source& source, const tm_executor_options& options,
                                       const Part& part) {
  TOKENMARK_CHECK(executor::check_all(model, source, options));
  TOKENMARK_TRY(const CacheLayout layout, cache_layout(model, options));
  executor::MemoryNeeds needs;
  TOKENMARK_TRY(needs.weights, weight_bytes(model, source, part.output_rows));
  needs.cache = std::uint64_t{cached_layers(model)} * layout.bytes();
  TOKENMARK_TRY(const std::uint64_t activations, Forward::memory_needed(gpu, model, options, part.share.sums != nullptr));
  needs.activations = activations + largest_arrays(model, options);
  return needs;
}

}  // namespace

Executor::Executor(Gpu& gpu, const tm_model& model, const tm_executor_options& options, const Part& part)
    : gpu_(gpu), part_(part), architecture_(model.architecture ? model.architecture : ""), model_(model), options_(options),
      was_sampled_(options.max_sequences + 1, false) {
  model_.architecture = architecture_.c_str();  // the caller's text need not outlive the call
}

Executor::~Executor() {
  [[maybe_unused]] const Status done = gpu_.wait();
  for (InFlight& slot : in_flight_) {
    slot.done.reset();
    gpu_.release_pinned(slot.arrays);
    gpu_.release_pinned(slot.tokens);
  }
}

Result<std::uint64_t> Executor::memory_needed(Gpu& gpu, const tm_model& model, const tm_weight_source& source,
                                              const tm_executor_options& options, const Part& part) {
  return needs_of(gpu, model, source, options, part).map([](const executor::MemoryNeeds& needs) { return needs.all(); });
}

Result<std::unique_ptr<Executor>> Executor::create(Gpu& gpu, const tm_model& model, const tm_weight_source& source,
                                                   const tm_executor_options& options, const Part& part) {
  TOKENMARK_TRY(const executor::MemoryNeeds needs, needs_of(gpu, model, source, options, part));
  TOKENMARK_TRY(const std::uint64_t free, gpu.free_memory());
  TOKENMARK_CHECK(executor::check_memory(needs, free, gpu.facts().name + "'s memory"));
  TuningTable table;
  if (const char* text = executor::tuning_of(options)) {
    auto read = read_table(text, tuning_head(gpu.facts()));
    if (!read) return fail(read.error().kind, "the table of measured choices: {}", read.error().message);
    table = std::move(*read);
  }
  std::unique_ptr<Executor> e(new Executor(gpu, model, options, part));
  TOKENMARK_TRY(const auto rope, executor::RopeTable::make(model, source));
  TOKENMARK_TRY(e->weights_, load_weights(gpu, model, source, part.output_rows));
  TOKENMARK_TRY(const CacheLayout layout, cache_layout(model, options));
  TOKENMARK_CHECK(e->allocate(layout));
  std::vector<Cache> caches;
  for (std::uint32_t layer = 0; layer < cached_layers(model); ++layer) caches.push_back(layout.at(e->cache_.get() + layer * layout.bytes()));
  TOKENMARK_TRY(e->forward_, Forward::make(gpu, e->model_, options, rope, std::move(caches), table, part.share));
  return e;
}

Status Executor::allocate(const CacheLayout& layout) {
  TOKENMARK_TRY(cache_, DeviceArray<std::byte>::make(gpu_, std::size_t{cached_layers(model_)} * layout.bytes()));
  TOKENMARK_CHECK(gpu_.fill(cache_.get(), 0, cache_.bytes()));
  array_bytes_ = largest_arrays(model_, options_);
  TOKENMARK_TRY(arrays_, DeviceArray<std::byte>::make(gpu_, array_bytes_));
  for (InFlight& slot : in_flight_) {
    TOKENMARK_TRY(void* const arrays, gpu_.allocate_pinned(array_bytes_));
    slot.arrays = static_cast<std::byte*>(arrays);
    TOKENMARK_TRY(void* const tokens, gpu_.allocate_pinned(options_.max_step_tokens * sizeof(std::int32_t)));
    slot.tokens = static_cast<std::int32_t*>(tokens);
  }
  return {};
}

Status Executor::check_known_tokens(const tm_step& step) const {
  for (std::uint32_t s = 0; s < step.n_sequences; ++s)
    for (std::int32_t t = step.token_offsets[s]; t < step.token_offsets[s + 1]; ++t)
      if (step.tokens[t] < 0 && !was_sampled_[static_cast<std::size_t>(step.sequence_ids[s])])
        return fail(ErrorKind::invalid_input, "step: token {} is to be the last one sampled for sequence id {}, there is none", t,
                    step.sequence_ids[s]);
  return {};
}

Status Executor::run_forward(const StepCounts& counts, const WantedBack& wanted) {
  forward_->begin(counts, step_pointers(counts, arrays_.get()), wanted);
  if (wanted.step && wanted.step->previous_hidden) executor::forward_mtp(*forward_, weights_.model);
  else executor::forward(*forward_, weights_.model);
  return forward_->end();
}

// A step of nothing but padding: kernels are found and modules loaded by the first launch, which no capture allows.
Status Executor::run_padding(const StepCounts& counts) {
  const std::int32_t no_tokens = 0;
  tm_step empty{};
  empty.token_offsets = &no_tokens;
  InFlight& slot = in_flight_[(first_ + under_way_) % kStepsInFlight];
  write_step(empty, WantedRows(empty), counts, static_cast<std::int32_t>(options_.max_sequences), slot.arrays);
  TOKENMARK_CHECK(gpu_.copy_in(arrays_.get(), slot.arrays, step_bytes(counts)));
  TOKENMARK_CHECK(run_forward(counts, {}));
  return gpu_.wait();
}

Result<const Graph*> Executor::graph_for(const StepCounts& counts) {
  auto& graph = graphs_[counts];
  if (graph) return graph.get();
  TOKENMARK_CHECK(run_padding(counts));
  TOKENMARK_CHECK(gpu_.begin_capture());
  const Status captured = run_forward(counts, {});
  auto made = gpu_.end_capture();
  TOKENMARK_CHECK(captured);
  if (!made) return tl::unexpected(made.error());
  graph = std::move(*made);
  return graph.get();
}

Status Executor::warm(std::span<const std::uint32_t> step_tokens) {
  if (under_way_ > 0) return fail(ErrorKind::invalid_input, "warm: {} steps are under way", under_way_);
  const std::uint32_t stride = (model_.context + options_.tokens_per_block - 1) / options_.tokens_per_block;
  for (const std::uint32_t tokens : step_tokens) {
    if (tokens < 1 || tokens > std::min(options_.max_sequences, options_.max_step_tokens)) continue;  // no decoding step
    TOKENMARK_TRY([[maybe_unused]] const Graph* graph, graph_for(bucket_for(tokens, std::min(stride, options_.blocks), options_)));
  }
  return {};
}

Status Executor::check(const tm_step& step, const tm_step_result& result) const {
  TOKENMARK_CHECK(executor::check_step(model_, options_, step, result));
  TOKENMARK_CHECK(check_known_tokens(step));
  if (under_way_ == kStepsInFlight) return fail(ErrorKind::invalid_input, "step: {} steps are under way, one must be waited for first", under_way_);
  const StepCounts counts = is_decoding(step) ? bucket_for(step.n_sequences, step.block_table_stride, options_) : counts_of(step, WantedRows(step));
  if (step_bytes(counts) > array_bytes_)
    return fail(ErrorKind::invalid_input, "step: its block tables are {} blocks wide, more than the model's context of {} tokens needs",
                step.block_table_stride, model_.context);
  return {};
}

// A rank beside the first is told the step only.
Status Executor::step(const tm_step& step, tm_step_result& result) {
  const WantedRows wanted(step);
  const StepCounts counts = is_decoding(step) ? bucket_for(step.n_sequences, step.block_table_stride, options_) : counts_of(step, wanted);
  InFlight& slot = in_flight_[(first_ + under_way_) % kStepsInFlight];
  const Graph* graph = nullptr;
  if (is_decoding(step)) {
    TOKENMARK_TRY(graph, graph_for(counts));
  }
  write_step(step, wanted, counts, static_cast<std::int32_t>(options_.max_sequences), slot.arrays);
  TOKENMARK_CHECK(gpu_.copy_in(arrays_.get(), slot.arrays, step_bytes(counts)));
  TOKENMARK_CHECK(graph ? gpu_.launch(*graph) : run_forward(counts, {&step, &wanted, part_.share.rank == 0 ? &result : nullptr}));
  TOKENMARK_CHECK(gpu_.copy_out(slot.tokens, forward_->sampled(), step.n_samples * sizeof(std::int32_t)));
  TOKENMARK_TRY(slot.done, gpu_.record());
  slot.result = &result;
  slot.samples = part_.share.rank == 0 ? step.n_samples : 0;
  ++under_way_;
  for (std::uint32_t i = 0; i < step.n_samples; ++i)
    was_sampled_[static_cast<std::size_t>(step.sequence_ids[executor::sequence_of_row(step, step.sample_rows[i])])] = true;
  return {};
}

Status Executor::wait() {
  if (under_way_ == 0) return {};
  InFlight& slot = in_flight_[first_];
  first_ = (first_ + 1) % kStepsInFlight;
  --under_way_;
  TOKENMARK_CHECK(gpu_.wait(*slot.done));
  std::copy_n(slot.tokens, slot.samples, slot.result->tokens);
  return {};
}

}  // namespace tokenmark::gpu
