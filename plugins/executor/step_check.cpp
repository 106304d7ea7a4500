#include "plugins/executor/step_check.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tokenmark::executor {
namespace {

Status check_counts(const tm_executor_options& options, const tm_step& step, const tm_step_result& result) {
  if (step.size < sizeof(tm_step) || step.version != TM_ABI_VERSION || result.size < sizeof(tm_step_result) ||
      result.version != TM_ABI_VERSION)
    return fail(ErrorKind::invalid_input, "step: its struct is of another version ({}, here {})", step.version,
                TM_ABI_VERSION);
  if (step.n_tokens < 1 || step.n_tokens > options.max_step_tokens)
    return fail(ErrorKind::invalid_input, "step: it has {} tokens, 1 to {} are possible", step.n_tokens,
                options.max_step_tokens);
  if (step.n_sequences < 1 || step.n_sequences > options.max_sequences)
    return fail(ErrorKind::invalid_input, "step: it has {} sequences, 1 to {} are possible", step.n_sequences,
                options.max_sequences);
  if (step.n_samples > step.n_tokens || step.n_logits > step.n_tokens || step.n_hidden > step.n_tokens)
    return fail(ErrorKind::invalid_input,
                "step: {} samples, {} rows of logits and {} hidden states are wanted of {} tokens", step.n_samples,
                step.n_logits, step.n_hidden, step.n_tokens);
  const bool complete = step.tokens && step.positions && step.slots && step.sequence_ids && step.token_offsets &&
                        step.kv_lengths && step.block_tables &&
                        (step.n_samples == 0 || (step.sample_rows && step.sampling && result.tokens)) &&
                        (step.n_logits == 0 || (step.logit_rows && result.logits)) &&
                        (step.n_hidden == 0 || (step.hidden_rows && result.hidden));
  if (!complete) return fail(ErrorKind::invalid_input, "step: an array that it needs is null");
  return {};
}

Status check_sequence(const tm_executor_options& options, const tm_step& step, std::uint32_t s) {
  const std::int32_t begin = step.token_offsets[s], end = step.token_offsets[s + 1];
  const auto per_block = static_cast<std::int32_t>(options.tokens_per_block);
  const std::int32_t length = step.kv_lengths[s];
  const std::int64_t blocks = (static_cast<std::int64_t>(length) + per_block - 1) / per_block;
  if (length < 1 || blocks > step.block_table_stride)
    return fail(ErrorKind::invalid_input, "step: sequence {} has a cache of {} tokens, its block table has {} blocks of {}",
                s, length, step.block_table_stride, per_block);
  const std::int32_t* table = step.block_tables + static_cast<std::size_t>(s) * step.block_table_stride;
  for (std::int64_t b = 0; b < blocks; ++b)
    if (table[b] < 0 || static_cast<std::uint32_t>(table[b]) >= options.blocks)
      return fail(ErrorKind::invalid_input, "step: sequence {} names block {}, there are {}", s, table[b],
                  options.blocks);
  const std::int64_t first = static_cast<std::int64_t>(length) - (end - begin);
  if (first < 0)
    return fail(ErrorKind::invalid_input, "step: sequence {} has {} tokens and a cache of {}", s, end - begin, length);
  for (std::int32_t t = begin; t < end; ++t) {
    const std::int64_t position = first + (t - begin);
    if (step.positions[t] != position)
      return fail(ErrorKind::invalid_input, "step: token {} of sequence {} has position {}, the cache's length makes it {}",
                  t, s, step.positions[t], position);
    const std::int64_t slot = static_cast<std::int64_t>(table[position / per_block]) * per_block + position % per_block;
    if (step.slots[t] != slot)
      return fail(ErrorKind::invalid_input, "step: token {} of sequence {} has slot {}, its block table says {}", t, s,
                  step.slots[t], slot);
  }
  return {};
}

Status check_sequences(const tm_executor_options& options, const tm_step& step) {
  if (step.token_offsets[0] != 0 || step.token_offsets[step.n_sequences] != static_cast<std::int32_t>(step.n_tokens))
    return fail(ErrorKind::invalid_input, "step: its token offsets go from {} to {}, it has {} tokens",
                step.token_offsets[0], step.token_offsets[step.n_sequences], step.n_tokens);
  std::vector<bool> seen(options.max_sequences, false);
  for (std::uint32_t s = 0; s < step.n_sequences; ++s) {
    if (step.token_offsets[s] >= step.token_offsets[s + 1])
      return fail(ErrorKind::invalid_input, "step: sequence {} has its tokens from {} to {}", s, step.token_offsets[s],
                  step.token_offsets[s + 1]);
    const std::int32_t id = step.sequence_ids[s];
    if (id < 0 || static_cast<std::uint32_t>(id) >= options.max_sequences)
      return fail(ErrorKind::invalid_input, "step: sequence {} has id {}, ids are below {}", s, id,
                  options.max_sequences);
    if (seen[static_cast<std::size_t>(id)])
      return fail(ErrorKind::invalid_input, "step: the sequence id {} is there twice", id);
    seen[static_cast<std::size_t>(id)] = true;
  }
  for (std::uint32_t s = 0; s < step.n_sequences; ++s) TOKENMARK_CHECK(check_sequence(options, step, s));
  return {};
}

bool sensible(const tm_sampling& s) {
  const auto share = [](float value) { return value >= 0 && value <= 1; };  // false for NaN
  return std::isfinite(s.temperature) && s.temperature >= 0 && share(s.top_p) && share(s.min_p) && s.top_k >= 0 &&
         s.uniform >= 0 && s.uniform < 1;
}

Status check_rows(const tm_step& step, const std::int32_t* rows, std::uint32_t n) {
  for (std::uint32_t i = 0; i < n; ++i)
    if (rows[i] < 0 || static_cast<std::uint32_t>(rows[i]) >= step.n_tokens)
      return fail(ErrorKind::invalid_input, "step: row {} is wanted of {} tokens", rows[i], step.n_tokens);
  return {};
}

}  // namespace

Status check_step(const tm_model& model, const tm_executor_options& options, const tm_step& step,
                  const tm_step_result& result) {
  TOKENMARK_CHECK(check_counts(options, step, result));
  if (step.previous_hidden && model.mtp_layers == 0)
    return fail(ErrorKind::invalid_input, "step: it has previous hidden states, the model has no MTP layer to take them");
  TOKENMARK_CHECK(check_sequences(options, step));
  for (std::uint32_t t = 0; t < step.n_tokens; ++t)
    if (step.tokens[t] < -1 || step.tokens[t] >= static_cast<std::int32_t>(model.vocabulary))
      return fail(ErrorKind::invalid_input, "step: token {} has id {}, the vocabulary has {}", t, step.tokens[t],
                  model.vocabulary);
  TOKENMARK_CHECK(check_rows(step, step.sample_rows, step.n_samples));
  TOKENMARK_CHECK(check_rows(step, step.logit_rows, step.n_logits));
  TOKENMARK_CHECK(check_rows(step, step.hidden_rows, step.n_hidden));
  for (std::uint32_t i = 0; i < step.n_samples; ++i)
    if (!sensible(step.sampling[i]))
      return fail(ErrorKind::invalid_input,
                  "step: sample {} has temperature {}, top_p {}, min_p {}, top_k {}, uniform {}: one is out of range", i,
                  step.sampling[i].temperature, step.sampling[i].top_p, step.sampling[i].min_p, step.sampling[i].top_k,
                  step.sampling[i].uniform);
  return {};
}

std::uint32_t sequence_of_row(const tm_step& step, std::int32_t row) {
  const std::int32_t* ends = step.token_offsets + 1;
  return static_cast<std::uint32_t>(std::upper_bound(ends, ends + step.n_sequences, row) - ends);
}

}  // namespace tokenmark::executor
