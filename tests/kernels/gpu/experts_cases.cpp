// Experts through plugins/gpu/experts.h: the choice is that of the CPU's plugin, the sum that of a loop in double.
#include "plugins/gpu/experts.h"

#include "plugins/cpu/routing.h"
#include "tests/kernels/gpu/case.h"
#include "tests/kernels/gpu/weights.h"

namespace tokenmark::gpu {
namespace {

constexpr std::uint32_t kWidth = 128, kFfn = 96;

tm_model experts_model(std::uint32_t experts, std::uint32_t used, std::uint32_t gating) {
  tm_model m{};
  m.width = kWidth;
  m.rms_epsilon = 1e-5f;
  m.experts = experts;
  m.experts_used = used;
  m.expert_ffn_width = kFfn;
  m.gating = gating;
  return m;
}

// Logits on a coarse grid, so that there are many ties, with a few that are no numbers.
std::vector<float> tied_logits(std::size_t n) {
  std::vector<float> logits = random_floats(n, 4);
  for (float& logit : logits) logit = std::round(logit * 2) / 2;
  for (std::size_t i = 5; i < n; i += 31) logits[i] = i % 2 ? -INFINITY : NAN;
  return logits;
}

struct TestChoices {
  DeviceArray<std::int32_t> experts, row_of_place;
  DeviceArray<float> weights;
  DeviceArray<std::uint32_t> ranks, places, begins, counts, n_items, arrived;
  DeviceArray<WorkItem> items;
  ExpertChoices choices;

  static Result<TestChoices> make(Gpu& gpu, std::uint32_t n, std::uint32_t experts, std::uint32_t items) {
    TestChoices t;
    TOKENMARK_TRY(t.experts, DeviceArray<std::int32_t>::make(gpu, n));
    TOKENMARK_TRY(t.row_of_place, DeviceArray<std::int32_t>::make(gpu, n));
    TOKENMARK_TRY(t.weights, DeviceArray<float>::make(gpu, n));
    TOKENMARK_TRY(t.ranks, DeviceArray<std::uint32_t>::make(gpu, n));
    TOKENMARK_TRY(t.places, DeviceArray<std::uint32_t>::make(gpu, n));
    TOKENMARK_TRY(t.begins, DeviceArray<std::uint32_t>::make(gpu, experts));
    TOKENMARK_TRY(t.counts, DeviceArray<std::uint32_t>::of(gpu, std::vector<std::uint32_t>(experts, 0)));
    TOKENMARK_TRY(t.n_items, DeviceArray<std::uint32_t>::make(gpu, 1));
    TOKENMARK_TRY(t.arrived, DeviceArray<std::uint32_t>::of(gpu, {0}));
    TOKENMARK_TRY(t.items, DeviceArray<WorkItem>::make(gpu, items));
    t.choices = {t.experts.get(), t.weights.get(), t.ranks.get(), t.places.get(), t.row_of_place.get(), t.begins.get(), t.counts.get(), t.items.get(), t.n_items.get(), t.arrived.get()};
    return t;
  }
};

// Each choice that there is has a place of its own among its expert's, and the items are all places, once.
Status check_order(const TestChoices& t, const std::vector<std::int32_t>& experts, std::uint32_t used, std::uint32_t item_rows) {
  TOKENMARK_TRY(const auto places, t.places.values());
  TOKENMARK_TRY(const auto rows, t.row_of_place.values());
  TOKENMARK_TRY(const auto n_items, t.n_items.values());
  TOKENMARK_TRY(const auto items, t.items.values());
  TOKENMARK_TRY(const auto counts, t.counts.values());
  std::vector<std::int32_t> expert_of_place(experts.size(), -1);
  std::size_t places_of_items = 0;
  for (std::uint32_t i = 0; i < n_items[0]; ++i) {
    if (items[i].rows == 0 || items[i].rows > item_rows) return fail(ErrorKind::internal, "item {} has {} rows", i, items[i].rows);
    for (std::uint32_t p = items[i].first; p < items[i].first + items[i].rows; ++p, ++places_of_items) expert_of_place.at(p) = static_cast<std::int32_t>(items[i].matrix);
  }
  std::size_t chosen = 0;
  for (std::size_t i = 0; i < experts.size(); ++i) {
    if (experts[i] < 0) continue;
    ++chosen;
    const std::uint32_t place = places[i];
    if (rows.at(place) != static_cast<std::int32_t>(i / used) || expert_of_place.at(place) != experts[i])
      return fail(ErrorKind::internal, "choice {} of expert {} has place {}, which is row {}'s of expert {}", i, experts[i], place, rows.at(place), expert_of_place.at(place));
    expert_of_place[place] = -2;  // taken
  }
  if (places_of_items != chosen) return fail(ErrorKind::internal, "items have {} places for {} choices", places_of_items, chosen);
  for (const std::uint32_t count : counts)
    if (count != 0) return fail(ErrorKind::internal, "counts are left behind");
  return {};
}

Status choices_are_the_cpus(Gpu& gpu, tm_model m, std::uint32_t rows, bool padded) {
  const std::uint32_t n = rows * m.experts_used, item_rows = rows > 9 ? 4 : 2;
  const std::vector<float> logits = tied_logits(std::size_t{rows} * m.experts), bias = random_floats(m.experts, 3, 0.2f);
  TOKENMARK_TRY(const auto logits_there, DeviceArray<float>::of(gpu, logits));
  TOKENMARK_TRY(const auto bias_there, DeviceArray<float>::of(gpu, bias));
  std::vector<std::int32_t> marks(rows, 3);
  if (padded) marks[rows / 2] = -1;
  TOKENMARK_TRY(const auto marks_there, DeviceArray<std::int32_t>::of(gpu, marks));
  TOKENMARK_TRY(const TestChoices t, TestChoices::make(gpu, n, m.experts, most_items(n, m.experts, item_rows)));
  const std::uint32_t wave = gpu.facts().wave, warps = kChooseThreads / wave;
  ChooseExpertsArguments a{logits_there.get(), m.gating == TM_GATE_SIGMOID ? bias_there.get() : nullptr, marks_there.get(), rows, m.experts, m.experts_used,
                           m.expert_groups, m.expert_groups_used, m.gating, m.gate_normalise, m.gate_scale, item_rows, rows % 2, t.choices};
  for (int twice = 0; twice < 2; ++twice) {
    TOKENMARK_CHECK(launch(gpu, "choose_experts", {(rows + warps - 1) / warps}, choose_shared_bytes(wave, m.experts, m.expert_groups), a));
    if (!a.places_too) TOKENMARK_CHECK(launch(gpu, "place_choices", {(n + 255) / 256}, 0, a));
  }
  TOKENMARK_TRY(const auto experts, t.experts.values());
  TOKENMARK_TRY(const auto weights, t.weights.values());
  std::vector<std::uint32_t> expected(m.experts_used);
  std::vector<float> expected_weights(m.experts_used), scores;
  for (std::uint32_t row = 0; row < rows; ++row) {
    cpu_plugin::choose_experts(m, &logits[std::size_t{row} * m.experts], m.gating == TM_GATE_SIGMOID ? bias.data() : nullptr, expected.data(), expected_weights.data(), scores);
    for (std::uint32_t i = 0; i < m.experts_used; ++i) {
      const std::size_t at = row * m.experts_used + i;
      const std::int32_t expert = marks[row] < 0 ? -1 : static_cast<std::int32_t>(expected[i]);
      if (experts[at] != expert) return fail(ErrorKind::internal, "row {}, choice {}: expert {}, the CPU chooses {}", row, i, experts[at], expert);
      if (expert >= 0 && !std::isnan(expected_weights[i]))
        TOKENMARK_CHECK(check_near(fmt::format("row {}'s weight {}", row, i), {weights[at]}, {expected_weights[i]}, 1e-5, 1e-7));
    }
  }
  return check_order(t, experts, m.experts_used, item_rows);
}

// residual + sum of weight · (down · activation(gate · n, up · n) + bias), n the normed residual.
struct TestExperts {
  TestMatrix router, gate, up, down;
  std::vector<float> gate_bias, down_bias, norm;
  DeviceArray<float> gate_bias_there, down_bias_there, norm_there;

  static Result<TestExperts> make(Gpu& gpu, const tm_model& m, Format format, Format down_format) {
    TestExperts t;
    TOKENMARK_TRY(t.router, TestMatrix::make(gpu, Format::f32, m.experts, kWidth, 1));
    TOKENMARK_TRY(t.gate, TestMatrix::make(gpu, format, kFfn, kWidth, 2, m.experts));
    TOKENMARK_TRY(t.up, TestMatrix::make(gpu, format, kFfn, kWidth, 3, m.experts));
    TOKENMARK_TRY(t.down, TestMatrix::make(gpu, down_format, kWidth, kFfn, 4, m.experts));
    t.gate_bias = random_floats(m.experts * kFfn, 5);
    t.down_bias = random_floats(m.experts * kWidth, 6);
    t.norm = random_floats(kWidth, 7);
    TOKENMARK_TRY(t.gate_bias_there, DeviceArray<float>::of(gpu, t.gate_bias));
    TOKENMARK_TRY(t.down_bias_there, DeviceArray<float>::of(gpu, t.down_bias));
    TOKENMARK_TRY(t.norm_there, DeviceArray<float>::of(gpu, t.norm));
    return t;
  }
  Experts weights() const {
    return {.router = {router.matrix()}, .gate = {gate.matrix(), gate_bias_there.get()}, .up = {up.matrix()}, .down = {down.matrix(), down_bias_there.get()}};
  }
  static std::vector<double> multiply(const TestMatrix& w, std::uint32_t which, const std::vector<double>& x) {
    std::vector<double> out(w.matrix().rows, 0);
    const float* m = &w.floats()[std::size_t{which} * w.matrix().rows * x.size()];
    for (std::size_t r = 0; r < out.size(); ++r)
      for (std::size_t c = 0; c < x.size(); ++c) out[r] += m[r * x.size() + c] * x[c];
    return out;
  }
  void add(const tm_model& m, float* residual) const {
    double squares = 0;
    for (std::uint32_t i = 0; i < kWidth; ++i) squares += double{residual[i]} * residual[i];
    std::vector<double> n;
    for (std::uint32_t i = 0; i < kWidth; ++i) n.push_back(residual[i] / std::sqrt(squares / kWidth + m.rms_epsilon) * norm[i]);
    std::vector<float> logits, weights(m.experts_used), scores;
    for (const double logit : multiply(router, 0, n)) logits.push_back(static_cast<float>(logit));
    std::vector<std::uint32_t> experts(m.experts_used);
    cpu_plugin::choose_experts(m, logits.data(), nullptr, experts.data(), weights.data(), scores);
    for (std::uint32_t i = 0; i < m.experts_used; ++i) {
      std::vector<double> hidden = multiply(gate, experts[i], n);
      const std::vector<double> u = multiply(up, experts[i], n);
      for (std::size_t h = 0; h < hidden.size(); ++h) {
        const double g = hidden[h] + gate_bias[experts[i] * kFfn + h];
        hidden[h] = g / (1 + std::exp(-g)) * u[h];
      }
      const std::vector<double> out = multiply(down, experts[i], hidden);
      for (std::size_t c = 0; c < out.size(); ++c) residual[c] += static_cast<float>(weights[i] * (out[c] + down_bias[experts[i] * kWidth + c]));
    }
  }
};

Status experts_add_to_the_residual(Gpu& gpu, Format format, Format down_format, std::uint32_t experts, std::uint32_t rows) {
  const tm_model m = experts_model(experts, 2, TM_GATE_SOFTMAX);
  TOKENMARK_TRY(Products products, Products::make(gpu, {rows, kWidth}, {}));
  TOKENMARK_TRY(ExpertProducts e, ExpertProducts::make(gpu, m, rows));
  TOKENMARK_TRY(const TestExperts t, TestExperts::make(gpu, m, format, down_format));
  std::vector<float> residual = random_floats(std::size_t{rows} * kWidth, 8);
  TOKENMARK_TRY(const auto there, DeviceArray<float>::of(gpu, residual));
  // The last row is padding: nothing is added to it.
  std::vector<std::int32_t> marks(rows, 0);
  if (rows > 1) marks.back() = -1;
  TOKENMARK_TRY(const auto marks_there, DeviceArray<std::int32_t>::of(gpu, marks));
  const ProductInput in{.floats = there.get(), .pitch = kWidth, .norm = t.norm_there.get(), .epsilon = m.rms_epsilon};
  TOKENMARK_CHECK(e.route(products, in, rows, t.weights(), marks_there.get()));
  TOKENMARK_CHECK(e.add_experts(products, rows, t.weights(), there.get()));
  double largest = 0;
  for (std::uint32_t row = 0; row < rows; ++row)
    if (marks[row] >= 0) t.add(m, &residual[std::size_t{row} * kWidth]);
  for (const float value : residual) largest = std::max(largest, std::abs(double{value}));
  TOKENMARK_TRY(const auto found, there.values());
  return check_near("residual", found, residual, 0.01, largest / 200);
}

}  // namespace

std::vector<Case> experts_cases() {
  std::vector<Case> cases;
  for (const std::uint32_t rows : {1u, 2u, 9u, 33u})
    for (const std::uint32_t gating : {TM_GATE_SOFTMAX, TM_GATE_SIGMOID, TM_GATE_SOFTMAX_ALL})
      for (const std::uint32_t groups : {0u, 4u, 40u}) {
        tm_model m = experts_model(groups == 40 ? 40 : 96, groups == 0 ? 6 : 4, gating);
        m.expert_groups = groups;
        m.expert_groups_used = groups == 40 ? 7 : groups / 2;
        m.gate_normalise = rows % 2;
        m.gate_scale = groups == 0 ? 0 : 2.5f;
        cases.push_back({"choose_experts", "", fmt::format("{} rows, gating {}, {} groups, ties", rows, gating, groups),
                         [=](Gpu& gpu) { return choices_are_the_cpus(gpu, m, rows, rows == 9); }});
      }
  for (const Format format : kKernelFormats)
    for (const std::uint32_t rows : {1u, 3u, 20u}) {
      if (rows == 20 && format != Format::q4_0 && format != Format::mxfp4 && format != Format::f32) continue;
      cases.push_back({"experts", std::string(format_name(format)), fmt::format("{} rows, biases, padding", rows),
                       [=](Gpu& gpu) { return experts_add_to_the_residual(gpu, format, Format::q8_0, 5, rows); }});
    }
  cases.push_back({"experts", "bf16", "many rows of few experts", [](Gpu& gpu) { return experts_add_to_the_residual(gpu, Format::bf16, Format::bf16, 3, 40); }});
  return cases;
}

}  // namespace tokenmark::gpu
