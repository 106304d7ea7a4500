// Products of a step, each shape with the rows that it is multiplied with.
#include <algorithm>

#include "kernels/formats/format.h"
#include "plugins/gpu/step_arrays.h"
#include "plugins/gpu/tuning_cells.h"

namespace tokenmark::gpu {
namespace {

using Input = ProductUse::Input;

std::uint64_t to_eight(std::uint64_t n) { return (n + 7) / 8 * 8; }

class Uses {
 public:
  explicit Uses(std::uint32_t rows) : rows_(rows) {}

  void add(std::vector<Matrix> weights, Epilogue epilogue, Input input, std::uint32_t most_rows) {
    ProductUse use{std::move(weights), epilogue, input, most_rows};
    const ProductShape shape = use.shape(0);
    const bool known = std::any_of(all.begin(), all.end(), [&](const ProductUse& other) {
      const ProductShape s = other.shape(0);
      return s.format == shape.format && s.matrix_rows == shape.matrix_rows && s.columns == shape.columns && s.groups == shape.groups;
    });
    if (!known) all.push_back(std::move(use));
  }
  // Neighbours of one format go together, as Products::project launches them.
  void add_together(const std::vector<Matrix>& matrices) {
    for (std::size_t begin = 0, end = 0; begin < matrices.size(); begin = end) {
      while (end < matrices.size() && matrices[end].format == matrices[begin].format) ++end;
      add({matrices.begin() + static_cast<std::ptrdiff_t>(begin), matrices.begin() + static_cast<std::ptrdiff_t>(end)}, Epilogue::store, Input::normed, rows_);
    }
  }
  void add(const Attention& a) {
    add_together({a.k.weight, a.v.weight, a.q.weight});
    add({a.output.weight}, Epilogue::add, Input::bf16, rows_);
  }
  void add(const LatentAttention& a) {
    add_together({a.kv_a, a.q_is_low_rank ? a.q_a : a.q});
    if (a.q_is_low_rank) add({a.q}, Epilogue::store, Input::normed, rows_);
    add({a.k_b}, Epilogue::store, Input::floats, rows_);
    add({a.v_b}, Epilogue::store, Input::bf16, rows_);
    add({a.output.weight}, Epilogue::add, Input::floats, rows_);
  }
  void add(const Dense& d) {
    if (d.gate.format == d.up.format) add({d.gate, d.up}, Epilogue::activate, Input::normed, rows_);
    add({d.down}, Epilogue::add, Input::bf16, rows_);
  }
  void add(const Experts& e) {
    add({e.router.weight}, Epilogue::store, Input::normed, rows_);
    if (e.shared) add(*e.shared);
  }
  void add(const Layer& layer) {
    std::visit([&](const auto& attention) { add(attention); }, layer.attention);
    std::visit([&](const auto& ffn) { add(ffn); }, layer.ffn);
  }

  std::vector<ProductUse> all;

 private:
  std::uint32_t rows_;
};

// Rows of x and of the result, for one use at one number of rows.
struct Buffers {
  DeviceArray<float> floats, norm, out;
  DeviceArray<std::uint16_t> bf16, hidden;
};

template <class T>
Result<DeviceArray<T>> random_array(TuningScene& scene, std::uint64_t count) {
  TOKENMARK_TRY(auto array, DeviceArray<T>::make(scene.gpu, count));
  for (std::uint64_t done = 0; done < array.bytes();) {
    const std::uint64_t bytes = std::min<std::uint64_t>(array.bytes() - done, scene.random.bytes());
    TOKENMARK_CHECK(scene.gpu.copy(reinterpret_cast<std::byte*>(array.get()) + done, scene.random.get(), bytes));
    done += bytes;
  }
  return array;
}

Result<Buffers> buffers_for(TuningScene& scene, const ProductUse& use, std::uint32_t rows) {
  const Matrix& first = use.weights[0];
  const std::uint64_t x = rows * to_eight(first.columns) * first.depth, results = std::uint64_t{rows} * use.shape(rows).matrix_rows * first.depth;
  Buffers b;
  if (use.input == Input::bf16) {
    TOKENMARK_TRY(b.bf16, random_array<std::uint16_t>(scene, x));
  } else {
    TOKENMARK_TRY(b.floats, random_array<float>(scene, x));
  }
  TOKENMARK_TRY(b.norm, random_array<float>(scene, first.columns));
  if (use.epilogue == Epilogue::activate) {
    TOKENMARK_TRY(b.hidden, DeviceArray<std::uint16_t>::make(scene.gpu, results));
  } else {
    TOKENMARK_TRY(b.out, random_array<float>(scene, results));
  }
  return b;
}

// Launches the use with its i-th copy of the weights, as the forward pass does.
Status launch_use(TuningScene& scene, const ProductUse& use, const Buffers& b, std::uint32_t rows, std::uint32_t i) {
  std::vector<Matrix> weights;
  std::uint64_t before = 0;
  for (const Matrix& m : use.weights) {
    weights.push_back(scene.place(m, i, use.bytes(), before));
    before += matrix_bytes(m);
  }
  const Matrix& first = weights[0];
  ProductInput in{.pitch = to_eight(first.columns) * first.depth, .depth_stride = first.depth > 1 ? to_eight(first.columns) : 0};
  if (use.input == Input::bf16) in.bf16 = b.bf16.get();
  else in.floats = b.floats.get();
  if (use.input == Input::normed) {
    in.norm = b.norm.get();
    in.epsilon = scene.model.rms_epsilon;
  }
  if (first.depth > 1) return scene.products.multiply_heads(in, rows, first, b.out.get(), std::uint64_t{first.depth} * first.rows, first.rows);
  if (use.epilogue == Epilogue::add) return scene.products.add_product(in, rows, first, nullptr, b.out.get());
  if (use.epilogue == Epilogue::activate)
    return scene.products.project_activated(in, rows, {.gate = first, .up = weights[1], .activation = scene.model.activation, .limit = scene.model.activation_limit,
                                                       .hidden = b.hidden.get(), .pitch = first.rows});
  std::vector<ProductOutput> outs;
  float* out = b.out.get();
  for (const Matrix& m : weights) {
    outs.push_back({m, nullptr, out, m.rows});
    out += std::uint64_t{rows} * m.rows;
  }
  return scene.products.project(in, rows, outs);
}

// Steps from the rule's choice, and from the other kind of kernel's, to whatever neighbour is fastest, then both ways'
// fastest against the rule's.
class Search {
 public:
  Search(TuningScene& scene, const ProductUse& use, const Buffers& buffers, std::uint32_t rows)
      : scene_(scene), use_(use), buffers_(buffers), rows_(rows), shape_(use.shape(rows)), machine_(scene.products.machine()) {}

  Result<TunedProduct> run() {
    const ProductChoice by_rule = choose_product({}, machine_, shape_);
    TOKENMARK_CHECK(try_choice(by_rule));
    const Stopwatch::Work rule = std::move(best_work_);
    TOKENMARK_CHECK(climb(by_rule));
    for (const ProductChoice& other : other_kinds(by_rule, shape_, machine_)) {
      const ProductChoice before = best_;
      TOKENMARK_CHECK(try_choice(other));
      if (best_ != before) TOKENMARK_CHECK(climb(by_rule));
    }
    Fastest<ProductChoice> fastest{by_rule, time_.median_s, time_.median_s};
    if (best_ != by_rule) {
      TOKENMARK_TRY(fastest, confirmed(scene_.stopwatch, by_rule, rule, best_, best_work_));
    }
    return TunedProduct{machine_.name, shape_.format, rows_, shape_.matrix_rows, shape_.columns, fastest.choice, shape_.groups, {fastest.chosen_s, fastest.rule_s}};
  }

 private:
  static constexpr int kRounds = 4;

  Status try_choice(const ProductChoice& choice) {
    const TunedProduct forced{machine_.name, shape_.format, rows_, shape_.matrix_rows, shape_.columns, choice, shape_.groups, {}};
    scene_.products.use({{forced}, {}, {}});
    auto work = scene_.stopwatch.prepare([&](std::uint32_t i) { return launch_use(scene_, use_, buffers_, rows_, i); });
    scene_.products.use({});
    if (!work) return tl::unexpected(work.error());
    TOKENMARK_TRY(const Measured time, scene_.stopwatch.measure(*work));
    if (time_.median_s > 0 && time.median_s >= time_.median_s) return {};
    best_ = choice;
    best_work_ = std::move(*work);
    time_ = time;
    return {};
  }
  Status climb(const ProductChoice& by_rule) {
    for (int round = 0; round < kRounds; ++round) {
      const ProductChoice from = best_;
      for (const ProductChoice& neighbour : neighbours(from, by_rule, shape_, machine_)) TOKENMARK_CHECK(try_choice(neighbour));
      if (best_ == from) break;
    }
    return {};
  }

  TuningScene& scene_;
  const ProductUse& use_;
  const Buffers& buffers_;
  std::uint32_t rows_;
  ProductShape shape_;
  const Machine& machine_;
  ProductChoice best_;
  Stopwatch::Work best_work_;
  Measured time_;
};

Status measure_use(TuningScene& scene, const ProductUse& use, std::uint32_t rows) {
  auto buffers = use.bytes() <= scene.random.bytes() ? buffers_for(scene, use, rows) : fail(ErrorKind::exhausted, "no room for the weights");
  if (!buffers && buffers.error().kind == ErrorKind::exhausted) {
    ++scene.tuned.left_out;
    return {};
  }
  if (!buffers) return tl::unexpected(buffers.error());
  TOKENMARK_TRY(TunedProduct entry, Search(scene, use, *buffers, rows).run());
  scene.tuned.table.products.push_back(std::move(entry));
  return {};
}

}  // namespace

std::uint64_t ProductUse::bytes() const {
  std::uint64_t sum = 0;
  for (const Matrix& m : weights) sum += matrix_bytes(m);
  return sum;
}

ProductShape ProductUse::shape(std::uint32_t rows) const {
  ProductShape shape{weights[0].format, rows, 0, weights[0].columns, weights[0].depth};
  for (const Matrix& m : weights) shape.matrix_rows += m.rows;
  return shape;
}

std::vector<ProductUse> product_uses(const Weights& shapes, const tm_executor_options& options) {
  Uses uses(options.max_step_tokens);
  for (const Layer& layer : shapes.layers) uses.add(layer);
  uses.add({shapes.output}, Epilogue::store, Input::normed, std::min(options.max_step_tokens, kLogitRows));
  return std::move(uses.all);
}

std::vector<TuningCell> product_cells(const std::vector<ProductUse>& uses) {
  std::vector<TuningCell> cells;
  for (const ProductUse& use : uses) {
    const ProductShape shape = use.shape(0);
    for (const std::uint32_t rows : kTunedRows)
      if (rows <= use.most_rows)
        cells.push_back({fmt::format("{} {} x {}, {} rows", format_name(static_cast<Format>(shape.format)), shape.matrix_rows, shape.columns, rows), rows,
                         [use, rows](TuningScene& scene) { return measure_use(scene, use, rows); }});
  }
  return cells;
}

}  // namespace tokenmark::gpu
