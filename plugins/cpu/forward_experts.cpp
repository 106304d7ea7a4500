// Feed-forward by experts: each row chooses some, rows are brought into the experts' order (histogram, scan, permutation),
// the experts that somebody chose are multiplied with all their rows at once, and the results are gathered by weight.
// A single row goes to its experts as it is.
#include <algorithm>

#include "plugins/cpu/forward_products.h"
#include "plugins/cpu/routing.h"

namespace tokenmark::cpu_plugin {

void Forward::route(Vector norm, const Experts& e) {
  if (rows() == 0) return;
  const Forms forms(*k_, {&e.router.weight.matrix});
  work_.clear();
  work_.add({factor(e.router, forms, rows(), a_.router.as<float>()), {}, rows(), model_->experts});
  project(forms, rows(), normed(norm), kNothing);
  choose(e);
  place_choices();
  prepare_expert_input(norm, e);
}

void Forward::choose(const Experts& e) {
  choices_.resize(choices());
  choice_weights_.resize(choices());
  pool_->run(rows(), [&](std::uint32_t row, std::uint32_t thread) {
    const std::uint64_t at = std::uint64_t{row} * model_->experts_used;
    choose_experts(*model_, a_.router.as<float>() + std::uint64_t{row} * model_->experts, e.selection_bias, &choices_[at],
                   &choice_weights_[at], scores_[thread]);
  });
}

void Forward::place_choices() {
  expert_begin_.assign(model_->experts + 1, 0);
  for (const std::uint32_t expert : choices_) ++expert_begin_[expert + 1];
  for (std::uint32_t e = 0; e < model_->experts; ++e) expert_begin_[e + 1] += expert_begin_[e];
  places_.resize(choices_.size());
  auto next = expert_begin_;
  for (std::size_t i = 0; i < choices_.size(); ++i) places_[i] = next[choices_[i]]++;
}

// Each row's input in the experts' order, once for each expert that it goes to; that of a single row once.
void Forward::prepare_expert_input(Vector norm, const Experts& e) {
  const Forms forms(*k_, {&e.gate.weight.matrix, &e.up.weight.matrix});
  const auto input = normed(norm);
  const std::uint32_t used = model_->experts_used;
  std::byte* to = a_.expert_input.bytes();
  if (rows() == 1) return forms.prepare(input(0, 0), 0, 1, to);
  pool_->run(rows(), [&](std::uint32_t row, std::uint32_t thread) {
    const std::uint32_t* places = &places_[std::uint64_t{row} * used];
    forms.prepare(input(row, thread), places[0], choices(), to);
    for (std::uint32_t i = 1; i < used; ++i) forms.copy(to, places[0], choices(), to, places[i], choices());
  });
}

// `input_row` of `input_rows`; results in the experts' order.
Factor Forward::expert_factor(const Linear& linear, std::uint32_t expert, const Forms& forms, std::uint64_t input_row,
                              std::uint64_t input_rows, float* out) const {
  const cpu::Matrix m = linear.weight.at(expert);
  return {m, linear.bias ? linear.bias + expert * m.rows : nullptr,
          forms.offset(m.format, input_rows) + input_row * forms.bytes(m.format), forms.bytes(m.format),
          out + expert_begin_[expert] * m.rows};
}

void Forward::add_experts(const Experts& e) {
  if (rows() == 0) return;
  multiply_gate_and_up(e);
  multiply_down(e);
  const std::uint64_t width = model_->width, used = model_->experts_used;
  pool_->run(rows(), [&](std::uint32_t row, std::uint32_t) {
    for (std::uint64_t i = row * used; i < (row + 1) * used; ++i)
      k_->add_scaled(residual(row), a_.expert_out.as<float>() + places_[i] * width, choice_weights_[i], width);
  });
}

void Forward::multiply_gate_and_up(const Experts& e) {
  const Forms forms(*k_, {&e.gate.weight.matrix, &e.up.weight.matrix});
  const std::uint64_t width = model_->expert_ffn_width;
  float* gate = a_.gate.as<float>();
  float* up = a_.up.as<float>();
  work_.clear();
  for (std::uint32_t x = 0; x < model_->experts; ++x) {
    const std::uint32_t begin = expert_begin_[x], n = expert_begin_[x + 1] - begin;
    const std::uint64_t row = rows() == 1 ? 0 : begin, of = rows() == 1 ? 1 : choices();
    if (n > 0)
      work_.add({expert_factor(e.gate, x, forms, row, of, gate), expert_factor(e.up, x, forms, row, of, up), n, width});
  }
  multiply([&](std::uint32_t) { return a_.expert_input.bytes(); },
           [&](const Worklist::Chunk& c) {
             for (std::uint32_t t = c.token; t < c.end_token; ++t) {
               const std::uint64_t at = t * width + c.begin;
               activate(c.product->first.out + at, c.product->second.out + at, c.end - c.begin);
             }
           });
}

void Forward::multiply_down(const Experts& e) {
  const Forms forms(*k_, {&e.down.weight.matrix});
  const std::uint64_t ffn = model_->expert_ffn_width;
  pool_->run(choices(), [&](std::uint32_t i, std::uint32_t) {
    forms.prepare(a_.gate.as<float>() + i * ffn, i, choices(), a_.expert_input.bytes());
  });
  work_.clear();
  for (std::uint32_t x = 0; x < model_->experts; ++x) {
    const std::uint32_t begin = expert_begin_[x], n = expert_begin_[x + 1] - begin;
    if (n > 0)
      work_.add({expert_factor(e.down, x, forms, begin, choices(), a_.expert_out.as<float>()), {}, n, model_->width});
  }
  multiply([&](std::uint32_t) { return a_.expert_input.bytes(); }, kNothing);
}

}  // namespace tokenmark::cpu_plugin
