// The templates behind Forward's operations, for the files that define its operations.
#pragma once

#include <algorithm>

#include "plugins/cpu/forward.h"

namespace tokenmark::cpu_plugin {

constexpr std::uint32_t kStoreTokens = 16;  // that one thread takes at most: neighbours share cache lines

constexpr auto kNothing = [](const Worklist::Chunk&) {};

template <class Base, class After>
void Forward::multiply(Base&& base, After&& after) {
  work_.cut(pool_->threads(), k_->isa);
  pool_->run(work_.chunks(), [&](std::uint32_t i, std::uint32_t thread) {
    const Worklist::Chunk chunk = work_.at(i);
    cpu_plugin::multiply(*k_, chunk, base(thread), kernel_scratch(thread));
    after(chunk);
  });
}

template <class Input, class After>
void Forward::project(const Forms& forms, std::uint32_t rows, Input&& input, After&& after) {
  if (rows == 0) return;
  std::byte* all = a_.prepared.bytes();
  if (rows > 1) {
    pool_->run(rows, [&](std::uint32_t row, std::uint32_t thread) { forms.prepare(input(row, thread), row, rows, all); });
    return multiply([all](std::uint32_t) { return all; }, after);
  }
  // A single row is prepared by each thread for itself with its first chunk: cheaper than to wait for one that does.
  ++operation_;
  const auto own = [&](std::uint32_t thread) {
    std::byte* to = all + thread * prepared_row_bytes_;
    if (prepared_for_[thread] != operation_) forms.prepare(input(0, thread), 0, 1, to);
    prepared_for_[thread] = operation_;
    return to;
  };
  multiply(own, after);
}

// The input of `project` that is the norm of the residual's rows.
inline auto Forward::normed(Vector norm) const {
  return [this, norm](std::uint32_t row, std::uint32_t thread) -> const float* {
    float* out = row_scratch(thread);
    k_->rms_norm(residual(row), norm, model_->width, model_->rms_epsilon, out);
    return out;
  };
}

// store(token) for every token of the step.
template <class Store>
void Forward::store_all(Store&& store) {
  const std::uint32_t tokens = step_->n_tokens, share = std::clamp(tokens / pool_->threads(), 1u, kStoreTokens);
  pool_->run((tokens + share - 1) / share, [&](std::uint32_t chunk, std::uint32_t) {
    for (std::uint32_t t = chunk * share; t < std::min((chunk + 1) * share, tokens); ++t) store(t);
  });
}

}  // namespace tokenmark::cpu_plugin
