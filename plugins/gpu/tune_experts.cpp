// Rows of an expert that a block takes: a layer's routing and experts together, with the choices that random weights make.
#include <algorithm>

#include "kernels/formats/format.h"
#include "plugins/gpu/experts.h"
#include "plugins/gpu/tuning_cells.h"

namespace tokenmark::gpu {
namespace {

// A layer with its matrices in the scene's random memory, and rows of x.
struct ExpertLayer {
  Experts weights;
  ExpertProducts products;
  DeviceArray<float> x, residual;
  const float* norm = nullptr;

  static Result<ExpertLayer> make(TuningScene& scene, std::uint32_t rows) {
    ExpertLayer layer{*experts_of(scene.shapes), {}, {}, {}, reinterpret_cast<const float*>(scene.random.get())};
    const std::uint64_t bytes = experts_bytes(layer.weights);
    std::uint64_t before = 0;
    for (Matrix* m : {&layer.weights.gate.weight, &layer.weights.up.weight, &layer.weights.down.weight, &layer.weights.router.weight}) {
      *m = scene.place(*m, 0, bytes, before);
      before += matrix_bytes(*m);
    }
    if (scene.model.gating == TM_GATE_SIGMOID) layer.weights.selection_bias = layer.norm;
    const std::uint64_t values = std::uint64_t{rows} * scene.model.width;
    TOKENMARK_TRY(layer.products, ExpertProducts::make(scene.gpu, scene.model, rows));
    TOKENMARK_TRY(layer.x, DeviceArray<float>::make(scene.gpu, values));
    TOKENMARK_TRY(layer.residual, DeviceArray<float>::make(scene.gpu, values));
    TOKENMARK_CHECK(scene.gpu.copy(layer.x.get(), scene.random.get(), std::min<std::uint64_t>(layer.x.bytes(), scene.random.bytes())));
    TOKENMARK_CHECK(scene.gpu.fill(layer.residual.get(), 0, layer.residual.bytes()));
    return layer;
  }
};

std::uint64_t formats_of(const Experts& e) { return std::uint64_t{1} << e.gate.weight.format | std::uint64_t{1} << e.down.weight.format; }

Status measure_experts(TuningScene& scene, std::uint32_t rows) {
  const Experts& shapes = *experts_of(scene.shapes);
  const tm_model& m = scene.model;
  auto layer = experts_bytes(shapes) <= scene.random.bytes() ? ExpertLayer::make(scene, rows) : fail(ErrorKind::exhausted, "no room for the experts");
  if (!layer && layer.error().kind == ErrorKind::exhausted) {
    ++scene.tuned.left_out;
    return {};
  }
  if (!layer) return tl::unexpected(layer.error());
  const ProductInput in{.floats = layer->x.get(), .pitch = m.width, .norm = layer->norm, .epsilon = m.rms_epsilon};
  const Machine& machine = scene.products.machine();
  TunedGroups entry{machine.name, shapes.gate.weight.format, rows, m.experts, m.experts_used, 0, shapes.gate.weight.columns, {}};
  const auto prepare = [&](std::uint32_t rows_a_block) -> Result<Stopwatch::Work> {
    entry.rows_a_block = rows_a_block;
    scene.products.use({{}, {entry}, {}});
    auto work = scene.stopwatch.prepare([&](std::uint32_t) -> Status {
      TOKENMARK_CHECK(layer->products.route(scene.products, in, rows, layer->weights, nullptr));
      return layer->products.add_experts(scene.products, rows, layer->weights, layer->residual.get());
    });
    scene.products.use({});
    return work;
  };

  const std::uint32_t by_rule = choose_group_rows({}, machine, formats_of(shapes), rows, m.experts, m.experts_used, shapes.gate.weight.columns);
  std::vector<std::uint32_t> others;
  for (const std::uint32_t n : possible_group_rows(machine, formats_of(shapes)))
    if (n != by_rule && n <= 4 * by_rule && 4 * n >= by_rule && n < 2 * rows) others.push_back(n);
  TOKENMARK_TRY(const auto fastest, fastest_of(scene.stopwatch, by_rule, others, prepare));
  entry.rows_a_block = fastest.choice;
  entry.times = {fastest.chosen_s, fastest.rule_s};
  scene.tuned.table.groups.push_back(entry);
  return {};
}

}  // namespace

const Experts* experts_of(const Weights& shapes) {
  for (const Layer& layer : shapes.layers)
    if (const auto* experts = std::get_if<Experts>(&layer.ffn)) return experts;
  return nullptr;
}

std::uint64_t experts_bytes(const Experts& e) {
  return matrix_bytes(e.gate.weight) + matrix_bytes(e.up.weight) + matrix_bytes(e.down.weight) + matrix_bytes(e.router.weight);
}

std::vector<TuningCell> expert_cells(const TuningScene& scene) {
  std::vector<TuningCell> cells;
  const Experts* experts = experts_of(scene.shapes);
  if (!experts) return cells;
  for (const std::uint32_t rows : kTunedRows)
    if (rows <= scene.options.max_step_tokens)
      cells.push_back({fmt::format("{} of {} experts in {}, {} rows", scene.model.experts_used, scene.model.experts,
                                   format_name(static_cast<Format>(experts->gate.weight.format)), rows),
                       rows, [rows](TuningScene& s) { return measure_experts(s, rows); }});
  return cells;
}

}  // namespace tokenmark::gpu
