#include "plugins/gpu/experts.h"

#include <algorithm>

namespace tokenmark::gpu {
namespace {

// More choices than these are given places by blocks of their own.
constexpr std::uint32_t kPlacedAtOnce = 4096;

std::uint64_t to_eight(std::uint64_t n) { return (n + 7) / 8 * 8; }

struct Sizes {
  std::uint64_t choices, experts, items, numbers;
};
Sizes sizes_of(const tm_model& m, std::uint32_t max_rows) {
  const std::uint64_t choices = std::uint64_t{max_rows} * m.experts_used;
  return {choices, m.experts, std::min<std::uint64_t>(choices, m.experts) + choices, 2 * choices + 2 * std::uint64_t{m.experts} + 2};
}

}  // namespace

std::uint64_t ExpertProducts::bytes(const tm_model& m, std::uint32_t max_rows) {
  if (m.experts == 0) return 0;
  const Sizes s = sizes_of(m, max_rows);
  return std::uint64_t{max_rows} * (m.experts * 4 + to_eight(m.width) * 2) + s.choices * (m.width * 4 + to_eight(m.expert_ffn_width) * 2 + 12) +
         s.numbers * 4 + s.items * sizeof(WorkItem);
}

Result<ExpertProducts> ExpertProducts::make(Gpu& gpu, const tm_model& m, std::uint32_t max_rows) {
  ExpertProducts e;
  e.model_ = &m;
  if (m.experts == 0) return e;
  const Sizes s = sizes_of(m, max_rows);
  if (s.choices > UINT32_MAX / 2)
    return fail(ErrorKind::invalid_input, "{} rows of {} experts each are more than a step can have", max_rows, m.experts_used);
  TOKENMARK_TRY(e.logits_, DeviceArray<float>::make(gpu, std::uint64_t{max_rows} * m.experts));
  TOKENMARK_TRY(e.n_, DeviceArray<std::uint16_t>::make(gpu, max_rows * to_eight(m.width)));
  TOKENMARK_TRY(e.hidden_, DeviceArray<std::uint16_t>::make(gpu, s.choices * to_eight(m.expert_ffn_width)));
  TOKENMARK_TRY(e.out_, DeviceArray<float>::make(gpu, s.choices * m.width));
  TOKENMARK_TRY(e.weights_, DeviceArray<float>::make(gpu, s.choices));
  TOKENMARK_TRY(e.chosen_, DeviceArray<std::int32_t>::make(gpu, s.choices));
  TOKENMARK_TRY(e.row_of_place_, DeviceArray<std::int32_t>::make(gpu, s.choices));
  TOKENMARK_TRY(e.numbers_, DeviceArray<std::uint32_t>::make(gpu, s.numbers));
  TOKENMARK_TRY(e.items_, DeviceArray<WorkItem>::make(gpu, s.items));
  TOKENMARK_CHECK(gpu.fill(e.numbers_.get(), 0, e.numbers_.bytes()));
  std::uint32_t* next = e.numbers_.get();
  const auto take = [&next](std::uint64_t n) { return std::exchange(next, next + n); };
  e.choices_ = {.experts = e.chosen_.get(), .weights = e.weights_.get(), .ranks = take(s.choices), .places = take(s.choices),
                .row_of_place = e.row_of_place_.get(), .begins = take(s.experts), .counts = take(s.experts), .items = e.items_.get(),
                .n_items = take(1), .arrived = take(1)};
  return e;
}

std::uint32_t ExpertProducts::item_rows(const Products& products, std::uint32_t rows, const Experts& w) const {
  const std::uint64_t formats = std::uint64_t{1} << w.gate.weight.format | std::uint64_t{1} << w.down.weight.format;
  return choose_group_rows(products.table(), products.machine(), formats, rows, model_->experts, model_->experts_used, w.gate.weight.columns);
}

Status ExpertProducts::route(Products& products, const ProductInput& in, std::uint32_t rows, const Experts& w, const std::int32_t* marks) {
  if (rows == 0) return {};
  const tm_model& m = *model_;
  const std::uint64_t pitch = to_eight(m.width);
  TOKENMARK_CHECK(products.prepare(in, rows, m.width, n_.get(), pitch));
  const ProductOutput logits[] = {{w.router.weight, w.router.bias, logits_.get(), m.experts}};
  // The choice is made of floats as long as the product is one of floats.
  const ProductInput prepared{.bf16 = n_.get(), .pitch = pitch};
  TOKENMARK_CHECK(products.project(rows <= kExactRows ? in : prepared, rows, logits));

  const std::uint32_t wave = products.machine().wave, warps = kChooseThreads / wave, choices = rows * m.experts_used;
  const ChooseExpertsArguments a{.logits = logits_.get(), .selection_bias = w.selection_bias, .marks = marks, .rows = rows, .experts = m.experts,
                                 .used = m.experts_used, .groups = m.expert_groups, .groups_used = m.expert_groups_used,
                                 .gating = static_cast<std::uint32_t>(m.gating), .normalise = m.gate_normalise, .scale = m.gate_scale,
                                 .item_rows = item_rows(products, rows, w), .places_too = choices <= kPlacedAtOnce ? 1u : 0u, .choices = choices_};
  TOKENMARK_CHECK(launch(products.gpu(), "choose_experts", {(rows + warps - 1) / warps}, choose_shared_bytes(wave, m.experts, m.expert_groups), a));
  if (a.places_too) return {};
  return launch(products.gpu(), "place_choices", {(choices + 255) / 256}, 0, a);
}

ProductArguments ExpertProducts::grouped(std::uint32_t rows, std::uint32_t columns) const {
  ProductArguments a;
  a.rows = rows * model_->experts_used;
  a.columns = columns;
  a.items = choices_.items;
  a.n_items = choices_.n_items;
  return a;
}

Status ExpertProducts::add_experts(Products& products, std::uint32_t rows, const Experts& w, float* residual) {
  if (rows == 0) return {};
  const tm_model& m = *model_;
  const std::uint32_t of_item = item_rows(products, rows, w), items = most_items(rows * m.experts_used, m.experts, of_item);
  const std::uint64_t hidden_pitch = to_eight(m.expert_ffn_width);

  ProductArguments hidden = grouped(rows, m.width);
  hidden.in = {.bf16 = n_.get(), .pitch = to_eight(m.width), .row_list = choices_.row_of_place};
  hidden.parts[0] = {w.gate.weight, w.gate.bias};
  hidden.parts[1] = {w.up.weight, w.up.bias};
  hidden.n_parts = 2;
  hidden.epilogue = Epilogue::activate;
  hidden.activation = static_cast<std::uint32_t>(m.activation);
  hidden.limit = m.activation_limit;
  hidden.hidden = hidden_.get();
  hidden.hidden_pitch = hidden_pitch;
  TOKENMARK_CHECK(products.launch_grouped(hidden, of_item, items));

  ProductArguments down = grouped(rows, m.expert_ffn_width);
  down.in = {.bf16 = hidden_.get(), .pitch = hidden_pitch};
  down.parts[0] = {w.down.weight, w.down.bias, out_.get(), m.width};
  down.n_parts = 1;
  TOKENMARK_CHECK(products.launch_grouped(down, of_item, items));

  const GatherExpertsArguments gather{out_.get(), residual, rows, m.width, m.experts_used, choices_};
  return launch(products.gpu(), "gather_experts", {(m.width + 1023) / 1024, rows}, 0, gather);
}

}  // namespace tokenmark::gpu
