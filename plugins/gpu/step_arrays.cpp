#include "plugins/gpu/step_arrays.h"

#include <algorithm>
#include <cstring>

namespace tokenmark::gpu {
namespace {

// Arrays one after another, each at a multiple of 16 bytes.
class Layout {
 public:
  explicit Layout(const void* begin) : begin_(static_cast<const std::byte*>(begin)) {}
  template <class T>
  const T* take(std::size_t count) {
    const auto* at = reinterpret_cast<const T*>(begin_ + used_);
    used_ += (count * sizeof(T) + 15) / 16 * 16;
    return at;
  }
  std::size_t used() const { return used_; }

 private:
  const std::byte* begin_;
  std::size_t used_ = 0;
};

StepPointers take_all(const StepCounts& c, Layout& layout) {
  StepPointers p;
  p.step.n_tokens = c.tokens;
  p.step.n_sequences = c.sequences;
  p.step.block_table_stride = c.block_table_stride;
  p.step.tokens = layout.take<std::int32_t>(c.tokens);
  p.step.positions = layout.take<std::int32_t>(c.tokens);
  p.step.slots = layout.take<std::int32_t>(c.tokens);
  p.step.sequence_of_token = layout.take<std::int32_t>(c.tokens);
  p.sequence_ids = layout.take<std::int32_t>(c.tokens);
  p.step.token_offsets = layout.take<std::int32_t>(c.sequences + 1);
  p.wanted.count = c.rows;
  const auto* wanted = layout.take<std::int32_t>(c.rows);
  p.wanted.tokens = c.narrows() ? wanted : nullptr;
  p.logit_rows = layout.take<std::int32_t>(c.logit_rows);
  p.hidden_rows = layout.take<std::int32_t>(c.hidden);
  p.sample_rows = layout.take<std::int32_t>(std::size_t{c.logit_chunks()} * c.samples);
  p.sample_sequence_ids = layout.take<std::int32_t>(c.samples);
  p.sampling = layout.take<Sampling>(c.samples);
  p.step.block_tables = layout.take<std::int32_t>(std::size_t{c.sequences} * c.block_table_stride);
  return p;
}

// The host's own memory is written where the arrays are.
template <class T>
T* writable(const T* array) {
  return const_cast<T*>(array);
}

void copy_padded(const std::int32_t* from, std::size_t count, const std::int32_t* to, std::size_t padded, std::int32_t padding) {
  std::int32_t* out = writable(to);
  if (count > 0) std::copy_n(from, count, out);
  std::fill(out + count, out + padded, padding);
}

}  // namespace

std::size_t step_bytes(const StepCounts& counts) {
  Layout layout(nullptr);
  take_all(counts, layout);
  return layout.used();
}

StepPointers step_pointers(const StepCounts& counts, const void* begin) {
  Layout layout(begin);
  return take_all(counts, layout);
}

void write_step(const tm_step& step, const WantedRows& wanted, const StepCounts& counts, std::int32_t spare_sequence_id, std::byte* to) {
  Layout layout(to);
  const StepPointers p = take_all(counts, layout);
  copy_padded(step.tokens, step.n_tokens, p.step.tokens, counts.tokens, 0);
  copy_padded(step.positions, step.n_tokens, p.step.positions, counts.tokens, 0);
  copy_padded(step.slots, step.n_tokens, p.step.slots, counts.tokens, -1);
  copy_padded(step.token_offsets, step.n_sequences + 1, p.step.token_offsets, counts.sequences + 1, static_cast<std::int32_t>(step.n_tokens));
  for (std::uint32_t s = 0; s < step.n_sequences; ++s)
    for (std::int32_t t = step.token_offsets[s]; t < step.token_offsets[s + 1]; ++t) {
      writable(p.step.sequence_of_token)[t] = static_cast<std::int32_t>(s);
      writable(p.sequence_ids)[t] = step.sequence_ids[s];
    }
  for (std::uint32_t t = step.n_tokens; t < counts.tokens; ++t) {
    writable(p.step.sequence_of_token)[t] = static_cast<std::int32_t>(counts.sequences - 1);
    writable(p.sequence_ids)[t] = spare_sequence_id;
  }
  if (p.wanted.tokens) copy_padded(wanted.tokens().data(), wanted.tokens().size(), p.wanted.tokens, counts.rows, -1);
  copy_padded(wanted.logit_rows().data(), wanted.logit_rows().size(), p.logit_rows, counts.logit_rows, 0);
  for (std::uint32_t i = 0; i < step.n_hidden; ++i) writable(p.hidden_rows)[i] = wanted.row_of(step.hidden_rows[i]);
  for (std::uint32_t i = 0; i < counts.samples; ++i) {
    const bool there = i < step.n_samples;
    const std::int32_t row = there ? wanted.logits_of(step.sample_rows[i]) : -1;
    for (std::uint32_t chunk = 0; chunk < counts.logit_chunks(); ++chunk) {
      const std::int32_t within = row - static_cast<std::int32_t>(chunk * kLogitRows);
      const bool here = row >= 0 && within >= 0 && within < static_cast<std::int32_t>(kLogitRows);
      writable(p.sample_rows)[std::size_t{chunk} * counts.samples + i] = here ? within : -1;
    }
    writable(p.sample_sequence_ids)[i] = there ? p.sequence_ids[step.sample_rows[i]] : spare_sequence_id;
    Sampling sampling;
    if (there) sampling = {step.sampling[i].temperature, step.sampling[i].top_p, step.sampling[i].min_p, step.sampling[i].top_k, step.sampling[i].uniform};
    writable(p.sampling)[i] = sampling;
  }
  std::int32_t* tables = writable(p.step.block_tables);
  for (std::uint32_t s = 0; s < counts.sequences; ++s, tables += counts.block_table_stride) {
    const std::uint32_t there = s < step.n_sequences ? std::min(step.block_table_stride, counts.block_table_stride) : 0;
    copy_padded(step.block_tables + std::size_t{s} * step.block_table_stride, there, tables, counts.block_table_stride, 0);
  }
}

}  // namespace tokenmark::gpu
