#include "plugins/gpu/forward.h"

#include <algorithm>

#include "kernels/gpu/rows_arguments.h"

namespace tokenmark::gpu {
namespace {

constexpr std::uint32_t kNormScratchBytes = 256;  // of merge_norms: a float a warp

ProductSizes product_sizes(const tm_model& m, const tm_executor_options& options) {
  const std::uint64_t heads = m.heads;
  const std::uint32_t stored = executor::is_latent(m) ? 0 : m.heads + 2 * m.kv_heads;
  return {options.max_step_tokens, std::max({std::uint64_t{m.width} * (m.mtp_layers > 0 ? 2 : 1), std::uint64_t{m.ffn_width}, std::uint64_t{m.shared_ffn_width},
                                             heads * m.head_dim, heads * m.value_dim, heads * m.kv_lora, std::uint64_t{m.q_lora}}), stored};
}

}  // namespace

Result<std::uint64_t> Forward::memory_needed(Gpu& gpu, const tm_model& model, const tm_executor_options& options, bool shares) {
  TOKENMARK_TRY(const AttentionKernels attention, AttentionKernels::make(gpu, model, options));
  const std::uint64_t rope = std::uint64_t{model.context} * model.rope_dim * sizeof(float);
  return ActivationSizes(model, options, shares).bytes() + attention.scratch_bytes() + Products::bytes(gpu.facts(), product_sizes(model, options)) +
         ExpertProducts::bytes(model, options.max_step_tokens) + sampling_scratch_bytes(options.max_step_tokens, model.vocabulary) + rope;
}

Result<std::unique_ptr<Forward>> Forward::make(Gpu& gpu, const tm_model& model, const tm_executor_options& options,
                                               const executor::RopeTable& rope, std::vector<Cache> caches, const TuningTable& table, const Share& share) {
  std::unique_ptr<Forward> f(new Forward(gpu, model, share));
  f->caches_ = std::move(caches);
  TOKENMARK_TRY(f->rope_, make_rope_table(gpu, rope, model.context));
  TOKENMARK_TRY(f->a_, Activations::allocate(gpu, ActivationSizes(model, options, share.sums != nullptr)));
  TOKENMARK_TRY(f->attention_, AttentionKernels::make(gpu, model, options));
  TOKENMARK_TRY(f->attention_scratch_, DeviceArray<std::byte>::make(gpu, f->attention_.scratch_bytes()));
  f->attention_.use_scratch(f->attention_scratch_.get());
  f->attention_.use(table);
  TOKENMARK_TRY(f->products_, Products::make(gpu, product_sizes(model, options), table));
  TOKENMARK_TRY(f->experts_, ExpertProducts::make(gpu, model, options.max_step_tokens));
  TOKENMARK_TRY(f->sampling_scratch_, DeviceArray<std::byte>::make(gpu, sampling_scratch_bytes(options.max_step_tokens, model.vocabulary)));
  return f;
}

// ---- a step ---------------------------------------------------------------------------------------------------------

void Forward::begin(const StepCounts& counts, const StepPointers& arrays, const WantedBack& wanted) {
  counts_ = counts;
  arrays_ = arrays;
  wanted_ = wanted;
  residual_ = a_.residual.get();
  spare_ = a_.other_residual.get();
  narrowed_ = routed_ = partial_begun_ = false;
  status_ = {};
  run([&] { return attention_.plan(gpu_, arrays_.step, rows()); });
}

Status Forward::end() { return status_; }

ProductInput Forward::normed_residual(Vector norm, const std::int32_t* row_list) const {
  return {.floats = residual_, .pitch = model_.width, .norm = norm, .epsilon = model_.rms_epsilon, .row_list = row_list};
}

void Forward::embed(const Matrix& embedding) {
  const EmbedArguments args{embedding, arrays_.step.tokens, arrays_.sequence_ids, a_.last_sampled.get(), residual_};
  run([&] { return launch(gpu_, "embed", {counts_.tokens}, 0, args); });
}

void Forward::merge_previous(const MtpLayer& mtp) {
  const Vector last_norm = wanted_.step->previous_is_mtp ? mtp.output_norm : mtp.model_norm;
  const MergeNormsArguments args{residual_, a_.previous.get(), mtp.embedding_norm, last_norm, mtp.hidden_norm, a_.merged.get(), model_.width, model_.rms_epsilon};
  run([&] { return gpu_.copy_in(a_.previous.get(), wanted_.step->previous_hidden, std::size_t{counts_.tokens} * model_.width * sizeof(float)); });
  run([&] { return launch(gpu_, "merge_norms", {counts_.tokens}, kNormScratchBytes, args); });
  const ProductInput in{.bf16 = a_.merged.get(), .pitch = 2 * std::uint64_t{model_.width}};
  const ProductOutput out{mtp.merge, nullptr, spare_, model_.width};
  run([&] { return products_.project(in, counts_.tokens, {&out, 1}); });
  std::swap(residual_, spare_);
}

// On one GPU the product itself adds; of several each makes its part, and all are summed.
void Forward::add_to_residual(const ProductInput& in, const Matrix& w, Vector bias) {
  if (!share_.sums) return run([&] { return products_.add_product(in, rows().count, w, bias, residual_); });
  const ProductOutput out{w, bias, a_.partial.get(), model_.width};
  run([&] { return products_.project(in, rows().count, {&out, 1}); });
  partial_begun_ = true;
}

void Forward::sum_over_ranks() {
  if (!share_.sums) return;
  run([&] { return share_.sums->add(share_.rank, a_.partial.get(), a_.narrow.get(), residual_, std::uint64_t{rows().count} * model_.width); });
  partial_begun_ = false;
}

// From here on the rows are the wanted ones.
void Forward::keep_wanted_rows() {
  if (narrowed_ || !counts_.narrows()) return;
  narrowed_ = true;
  const GatherRowsArguments args{residual_, arrays_.wanted.tokens, spare_, model_.width};
  run([&] { return launch(gpu_, "gather_rows", {counts_.rows}, 0, args); });
  std::swap(residual_, spare_);
  run([&] { return attention_.plan(gpu_, arrays_.step, rows()); });
}

// ---- attention ------------------------------------------------------------------------------------------------------

// Unless rows become fewer, the products wait for attend, which knows the cache that they may be stored to at once.
void Forward::project(Vector norm, const Attention& a, bool last) {
  const std::uint64_t q_width = a.q.weight.rows, kv_width = a.k.weight.rows, v_width = a.v.weight.rows;
  const std::uint64_t kv_pitch = kv_width + v_width;
  keys_ = a_.projected.get() + std::uint64_t{counts_.tokens} * q_width;
  kv_pitch_ = kv_pitch;
  heads_ = {.norm = norm, .outs = {{{a.k.weight, a.k.bias, keys_, kv_pitch}, {a.v.weight, a.v.bias, keys_ + kv_width, kv_pitch}, {a.q.weight, a.q.bias, a_.projected.get(), q_width}}}};
  if (!last || !counts_.narrows()) return;
  run([&] { return products_.project(normed_residual(norm), counts_.tokens, {heads_.outs.data(), 2}); });
  keep_wanted_rows();
  run([&] { return products_.project(normed_residual(norm), counts_.rows, {&heads_.outs[2], 1}); });
  heads_.projected = true;
}

Status Forward::store_heads(const StoreHeadsArguments& args) {
  if (!heads_.projected) {
    const ProductInput in = normed_residual(heads_.norm);
    TOKENMARK_TRY(const bool stored, products_.project_heads(in, counts_.tokens, heads_.outs, attention_.completed(args)));
    if (stored) return {};
    TOKENMARK_CHECK(products_.project(in, counts_.tokens, heads_.outs));
  }
  return attention_.store_heads(gpu_, args);
}

void Forward::attend(const Attention& a, std::uint32_t layer) {
  StoreHeadsArguments args;
  args.step = arrays_.step;
  args.rows = rows();
  args.cache = caches_[layer];
  args.rope.table = rope_.get();
  args.queries = a_.projected.get();
  args.keys = keys_;
  args.values = keys_ + a.k.weight.rows;
  args.q_norm = a.q_norm;
  args.k_norm = a.k_norm;
  args.out = a_.queries.get();
  args.query_pitch = a.q.weight.rows;
  args.kv_pitch = static_cast<std::uint32_t>(kv_pitch_);
  run([&] { return store_heads(args); });
  run([&] { return attention_.attend(gpu_, caches_[layer], a_.queries.get(), a.sinks, a.window, a_.attended.get()); });
}

void Forward::project(Vector norm, const LatentAttention& a, bool last) {
  const Matrix& first = a.q_is_low_rank ? a.q_a : a.q;
  const std::uint64_t latent_width = a.kv_a.rows;
  float* queries = a_.projected.get() + std::uint64_t{counts_.tokens} * latent_width;
  keys_ = a_.projected.get();
  kv_pitch_ = latent_width;
  latent_queries_ = queries;
  const ProductOutput outs[] = {{a.kv_a, nullptr, keys_, latent_width}, {first, nullptr, a.q_is_low_rank ? a_.low_rank.get() : queries, first.rows}};
  const bool narrows = last && counts_.narrows();
  run([&] { return products_.project(normed_residual(norm), counts_.tokens, {outs, narrows ? 1u : 2u}); });
  if (narrows) {
    keep_wanted_rows();
    run([&] { return products_.project(normed_residual(norm), counts_.rows, {&outs[1], 1}); });
  }
  if (!a.q_is_low_rank) return;
  const ProductInput low_rank{.floats = a_.low_rank.get(), .pitch = a.q_a.rows, .norm = a.q_a_norm, .epsilon = model_.rms_epsilon};
  const ProductOutput out{a.q, nullptr, queries, a.q.rows};
  run([&] { return products_.project(low_rank, rows().count, {&out, 1}); });
}

// The parts of queries that are not turned go to the latent's space, what heads gather there to values.
void Forward::attend(const LatentAttention& a, std::uint32_t layer) {
  const std::uint64_t heads = model_.heads, latent = model_.kv_lora;
  const ProductInput nope{.floats = latent_queries_, .pitch = heads * model_.head_dim, .depth_stride = model_.head_dim};
  run([&] { return products_.multiply_heads(nope, rows().count, a.k_b, a_.absorbed.get(), heads * latent, latent); });
  StoreLatentsArguments args;
  args.step = arrays_.step;
  args.rows = rows();
  args.cache = caches_[layer];
  args.rope.table = rope_.get();
  args.latents = keys_;
  args.norm = a.kv_a_norm;
  args.absorbed = a_.absorbed.get();
  args.queries = latent_queries_;
  args.out = a_.queries.get();
  args.latent_pitch = static_cast<std::uint32_t>(kv_pitch_);
  args.query_pitch = static_cast<std::uint32_t>(heads * model_.head_dim);
  run([&] { return attention_.store_latents(gpu_, args); });
  run([&] { return attention_.attend(gpu_, caches_[layer], a_.queries.get(), nullptr, 0, a_.gathered.get()); });
  const ProductInput gathered{.bf16 = a_.gathered.get(), .pitch = heads * latent, .depth_stride = latent};
  run([&] { return products_.multiply_heads(gathered, rows().count, a.v_b, a_.latent_attended.get(), heads * model_.value_dim, model_.value_dim); });
}

void Forward::add_attention(const Linear& linear) {
  ProductInput in{.pitch = std::uint64_t{model_.heads} * model_.value_dim};
  if (executor::is_latent(model_)) in.floats = a_.latent_attended.get();
  else in.bf16 = a_.attended.get();
  add_to_residual(in, linear.weight, linear.bias);
  sum_over_ranks();
}

// ---- feed-forward ---------------------------------------------------------------------------------------------------

void Forward::project_ffn(Vector norm, const Dense& dense) {
  const ActivatedOutput out{.gate = dense.gate, .up = dense.up, .activation = model_.activation, .limit = model_.activation_limit,
                            .hidden = a_.hidden.get(), .pitch = dense.width};
  run([&] { return products_.project_activated(normed_residual(norm), rows().count, out); });
}

void Forward::add_ffn(const Dense& dense) {
  const ProductInput in{.bf16 = a_.hidden.get(), .pitch = dense.width};
  add_to_residual(in, dense.down, nullptr);
  if (!routed_) sum_over_ranks();
}

void Forward::route(Vector norm, const Experts& experts) {
  routed_ = true;
  run([&] { return experts_.route(products_, normed_residual(norm), rows().count, experts, narrowed_ ? arrays_.wanted.tokens : arrays_.step.slots); });
}

void Forward::add_experts(const Experts& experts) {
  routed_ = false;
  if (share_.sums && !partial_begun_) run([&] { return gpu_.fill(a_.partial.get(), 0, std::size_t{rows().count} * model_.width * sizeof(float)); });
  run([&] { return experts_.add_experts(products_, rows().count, experts, share_.sums ? a_.partial.get() : residual_); });
  sum_over_ranks();
}

// ---- hidden states, logits and tokens -------------------------------------------------------------------------------

void Forward::finish(Vector norm, const Matrix& output) {
  keep_wanted_rows();
  copy_hidden();
  for (std::uint32_t chunk = 0; chunk < counts_.logit_chunks(); ++chunk) finish_chunk(chunk, norm, output);
}

void Forward::copy_hidden() {
  const std::size_t width = model_.width;
  for (std::uint32_t i = 0; wanted_.result && i < counts_.hidden; ++i) {
    const auto row = static_cast<std::size_t>(wanted_.rows->row_of(wanted_.step->hidden_rows[i]));
    run([&] { return gpu_.copy_out(wanted_.result->hidden + i * width, residual_ + row * width, width * sizeof(float)); });
  }
}

// A rank makes those of its tokens where they belong among the others'.
void Forward::make_logits(std::uint32_t first, std::uint32_t rows, Vector norm, const Matrix& output) {
  const ProductOutput out{output, nullptr, a_.logits.get() + share_.first_logit, model_.vocabulary};
  const std::uint64_t all = (std::uint64_t{rows} * model_.vocabulary + 7) / 8 * 8;
  if (share_.sums) run([&] { return gpu_.fill(a_.logits.get(), 0, all * sizeof(float)); });
  run([&] { return products_.project(normed_residual(norm, arrays_.logit_rows + first), rows, {&out, 1}); });
  if (share_.sums) run([&] { return share_.sums->replace(share_.rank, a_.logits.get(), all); });
}

// The logits of a chunk of rows at once, then what each is wanted for.
void Forward::finish_chunk(std::uint32_t chunk, Vector norm, const Matrix& output) {
  const std::uint32_t begin = chunk * kLogitRows, end = std::min(begin + kLogitRows, counts_.logit_rows);
  const std::size_t vocabulary = model_.vocabulary;
  make_logits(begin, end - begin, norm, output);
  const SampleArguments args{.logits = a_.logits.get(),
                             .logits_pitch = model_.vocabulary,
                             .vocabulary = model_.vocabulary,
                             .rows = arrays_.sample_rows + std::size_t{chunk} * counts_.samples,
                             .sampling = arrays_.sampling,
                             .sequence_ids = arrays_.sample_sequence_ids,
                             .tokens = a_.sampled.get(),
                             .last_sampled = a_.last_sampled.get(),
                             .scratch = reinterpret_cast<Likeliest*>(sampling_scratch_.get())};
  if (counts_.samples > 0) run([&] { return sample(gpu_, args, counts_.samples); });
  for (std::uint32_t i = 0; wanted_.result && i < wanted_.step->n_logits; ++i) {
    const auto row = static_cast<std::uint32_t>(wanted_.rows->logits_of(wanted_.step->logit_rows[i]));
    if (row < begin || row >= end) continue;
    run([&] { return gpu_.copy_out(wanted_.result->logits + i * vocabulary, a_.logits.get() + (row - begin) * vocabulary, vocabulary * sizeof(float)); });
  }
}

}  // namespace tokenmark::gpu
