#include "tests/gpu/kernel_benchmark.h"

#include <cmath>
#include <cstring>

#include "engine/model/device_model.h"
#include "engine/model/random_rows.h"
#include "kernels/gpu/pack.h"
#include "plugins/gpu/attention.h"
#include "plugins/gpu/experts.h"
#include "plugins/gpu/products.h"
#include "plugins/gpu/sampling.h"
#include "plugins/gpu/step_arrays.h"
#include "tests/gpu/shapes.h"
#include "tests/gpu/step.h"
#include "tests/kernels/gpu/weights.h"

namespace tokenmark::gpu {
namespace {

using Note = std::function<void(const KernelResult&)>;

// A matrix of random weights, and copies of it elsewhere in memory.
class RotatedMatrix {
 public:
  static Result<RotatedMatrix> make(Gpu& gpu, Format format, std::uint32_t rows, std::uint32_t columns, std::uint64_t rotated_bytes, std::uint32_t depth = 1) {
    RotatedMatrix m;
    const std::uint64_t all = std::uint64_t{rows} * depth;
    std::vector<std::byte> file(all * row_bytes(format, columns));
    fill_random_rows(format, 1 / std::sqrt(columns), {1, 0, all, columns}, file.data());
    const Planes planes = planes_of(format, all, columns);
    std::vector<std::byte> packed(planes.values + planes.scales);
    pack_rows(format, file.data(), all, columns, packed.data(), packed.data() + planes.values);
    const std::uint64_t copies = std::clamp<std::uint64_t>(rotated_bytes / packed.size(), 1, 64);
    for (std::uint64_t c = 0; c < copies; ++c) {
      TOKENMARK_TRY(auto memory, DeviceArray<std::byte>::make(gpu, packed.size()));
      TOKENMARK_CHECK(c == 0 ? gpu.copy_in(memory.get(), packed.data(), packed.size()) : gpu.copy(memory.get(), m.memory_[0].get(), packed.size()));
      m.matrices_.push_back({memory.get(), planes.scales > 0 ? memory.get() + planes.values : nullptr, static_cast<std::uint32_t>(packed_format(format)),
                             depth, rows, columns, planes.row_pitch, planes.scale_pitch});
      m.memory_.push_back(std::move(memory));
    }
    m.bytes_ = packed.size();
    TOKENMARK_CHECK(gpu.wait());
    return m;
  }
  const Matrix& at(unsigned i) const { return matrices_[i % matrices_.size()]; }
  double bytes() const { return static_cast<double>(bytes_); }  // of one
  double values() const { return double{matrices_[0].rows * 1.0} * matrices_[0].columns * matrices_[0].depth; }

 private:
  std::vector<DeviceArray<std::byte>> memory_;
  std::vector<Matrix> matrices_;
  std::uint64_t bytes_ = 0;
};

// Rows of x, with a norm and as BF16, and room for what comes out.
struct Rows {
  DeviceArray<float> x, norm, out;
  DeviceArray<std::uint16_t> bf16, hidden;

  static Result<Rows> make(Gpu& gpu, std::uint32_t rows, std::uint32_t columns, std::uint64_t out_values) {
    Rows r;
    const std::vector<float> one = random_floats(std::size_t{std::min(rows, 256u)} * columns, 7);
    std::vector<float> values;
    while (values.size() < std::size_t{rows} * columns) values.insert(values.end(), one.begin(), one.end());
    values.resize(std::size_t{rows} * columns);
    TOKENMARK_TRY(r.x, DeviceArray<float>::of(gpu, values));
    TOKENMARK_TRY(r.norm, DeviceArray<float>::of(gpu, std::vector<float>(columns, 1)));
    TOKENMARK_TRY(r.bf16, DeviceArray<std::uint16_t>::of(gpu, to_bf16_bits(values)));
    TOKENMARK_TRY(r.out, DeviceArray<float>::make(gpu, rows * out_values));
    TOKENMARK_TRY(r.hidden, DeviceArray<std::uint16_t>::make(gpu, rows * out_values));
    TOKENMARK_CHECK(gpu.fill(r.out.get(), 0, r.out.bytes()));
    return r;
  }
};

class KernelBenchmark {
 public:
  KernelBenchmark(Gpu& gpu, const BenchmarkSizes& sizes, const Note& note) : gpu_(gpu), sizes_(sizes), note_(note) {}

  Status all() {
    const auto models = measured_models(sizes_.tiny);
    const ModelDescription &dense = models.front().description, &mixture = models.back().description;
    for (const Format format : kKernelFormats) TOKENMARK_CHECK(products(dense, format));
    TOKENMARK_CHECK(experts(mixture, models.back().format));
    for (const std::uint32_t format : {TM_BF16, TM_FP8}) TOKENMARK_CHECK(attention(dense, format));
    return sampling(dense);
  }
  std::vector<KernelResult> results;

 private:
  Status measure(KernelResult result, const std::function<Status(unsigned)>& work) {
    TOKENMARK_TRY(result.timing, time_work(gpu_, sizes_.timing, work));
    note_(result);
    results.push_back(std::move(result));
    return {};
  }
  std::vector<std::uint32_t> row_counts(bool important) const {
    if (sizes_.tiny) return {1, 32};
    if (important) return {1, 8, 32, 128, 256, 512, 2048, 8192};
    return {1, 256, 2048};
  }

  // All products of a layer and the output's, where the format is one of a model's that is measured; else one of them.
  Status products(const ModelDescription& m, Format format) {
    const bool important = format == Format::bf16 || format == Format::fp8 || format == Format::q4_0;
    const std::uint32_t q = m.heads * m.head_dim, kv = m.kv_heads * m.head_dim;
    TOKENMARK_CHECK(project_activated(m, format, important));
    if (!important) return {};
    TOKENMARK_CHECK(project(format, "q, k and v", {q, kv, kv}, m.width, true));
    TOKENMARK_CHECK(add(format, "attention's output", m.width, q));
    TOKENMARK_CHECK(add(format, "down", m.width, m.ffn_width));
    return project(format, "output", {m.vocabulary}, m.width, false);
  }
  Result<Products> products_for(std::uint32_t rows, std::uint32_t columns) { return Products::make(gpu_, {rows, columns}, {}); }

  Status project(Format format, const std::string& name, const std::vector<std::uint32_t>& heights, std::uint32_t columns, bool many) {
    std::vector<RotatedMatrix> matrices;
    KernelResult result{"product", std::string(format_name(format)), "", 0, 0, 0, {}};
    std::uint32_t all = 0;
    double values = 0;
    for (const std::uint32_t height : heights) {
      TOKENMARK_TRY(RotatedMatrix matrix, RotatedMatrix::make(gpu_, format, height, columns, sizes_.rotated_bytes / heights.size()));
      all += height;
      result.bytes += matrix.bytes();
      values += matrix.values();
      matrices.push_back(std::move(matrix));
    }
    result.what = fmt::format("{}, {} × {}", name, all, columns);
    for (const std::uint32_t rows : row_counts(true)) {
      if (!many && rows > 256) break;  // logits of a step's last rows
      TOKENMARK_TRY(Products products, products_for(rows, columns));
      TOKENMARK_TRY(const Rows x, Rows::make(gpu_, rows, columns, all));
      const ProductInput in{.floats = x.x.get(), .pitch = columns, .norm = x.norm.get(), .epsilon = 1e-5f};
      result.rows = rows;
      result.operations = 2 * values * rows;
      TOKENMARK_CHECK(measure(result, [&](unsigned i) {
        ProductOutput outs[3];
        std::uint64_t at = 0;
        for (std::size_t p = 0; p < matrices.size(); at += std::uint64_t{rows} * heights[p], ++p) outs[p] = {matrices[p].at(i), nullptr, x.out.get() + at, heights[p]};
        return products.project(in, rows, {outs, matrices.size()});
      }));
    }
    return {};
  }

  Status add(Format format, const std::string& name, std::uint32_t height, std::uint32_t columns) {
    TOKENMARK_TRY(const RotatedMatrix matrix, RotatedMatrix::make(gpu_, format, height, columns, sizes_.rotated_bytes));
    for (const std::uint32_t rows : row_counts(true)) {
      TOKENMARK_TRY(Products products, products_for(rows, columns));
      TOKENMARK_TRY(const Rows x, Rows::make(gpu_, rows, columns, height));
      const ProductInput in{.bf16 = x.bf16.get(), .pitch = columns};
      TOKENMARK_CHECK(measure({"product added", std::string(format_name(format)), fmt::format("{}, {} × {}", name, height, columns), rows, matrix.bytes(), 2 * matrix.values() * rows, {}},
                              [&](unsigned i) { return products.add_product(in, rows, matrix.at(i), nullptr, x.out.get()); }));
    }
    return {};
  }

  Status project_activated(const ModelDescription& m, Format format, bool important) {
    TOKENMARK_TRY(const RotatedMatrix gate, RotatedMatrix::make(gpu_, format, m.ffn_width, m.width, sizes_.rotated_bytes / 2));
    TOKENMARK_TRY(const RotatedMatrix up, RotatedMatrix::make(gpu_, format, m.ffn_width, m.width, sizes_.rotated_bytes / 2));
    for (const std::uint32_t rows : row_counts(important)) {
      TOKENMARK_TRY(Products products, products_for(rows, m.width));
      TOKENMARK_TRY(const Rows x, Rows::make(gpu_, rows, m.width, m.ffn_width));
      const ProductInput in{.floats = x.x.get(), .pitch = m.width, .norm = x.norm.get(), .epsilon = 1e-5f};
      TOKENMARK_CHECK(measure({"product activated", std::string(format_name(format)), fmt::format("gate and up, {} × {}", 2 * m.ffn_width, m.width), rows, gate.bytes() + up.bytes(),
                               4 * gate.values() * rows, {}},
                              [&](unsigned i) { return products.project_activated(in, rows, {gate.at(i), up.at(i), nullptr, nullptr, 0, 0, x.hidden.get(), m.ffn_width}); }));
    }
    return {};
  }

  // Choice and all three products; a layer's experts are more than any cache holds. Bytes are those of the experts that so
  // many rows choose when each choice is even.
  Status experts(const ModelDescription& m, Format format) {
    const tm_model model = device_model(m);
    const std::uint32_t n = m.experts.count, ffn = m.experts.ffn_width;
    TOKENMARK_TRY(const RotatedMatrix router, RotatedMatrix::make(gpu_, Format::f32, n, m.width, 0));
    TOKENMARK_TRY(const RotatedMatrix gate, RotatedMatrix::make(gpu_, format, ffn, m.width, sizes_.rotated_bytes, n));
    TOKENMARK_TRY(const RotatedMatrix up, RotatedMatrix::make(gpu_, format, ffn, m.width, sizes_.rotated_bytes, n));
    TOKENMARK_TRY(const RotatedMatrix down, RotatedMatrix::make(gpu_, format, m.width, ffn, sizes_.rotated_bytes, n));
    TOKENMARK_TRY(const auto bias, DeviceArray<float>::of(gpu_, std::vector<float>(std::size_t{n} * std::max(ffn, m.width), 0.01f)));
    for (const std::uint32_t rows : row_counts(true)) {
      TOKENMARK_TRY(Products products, products_for(rows * m.experts.used, std::max(m.width, ffn)));
      TOKENMARK_TRY(ExpertProducts experts, ExpertProducts::make(gpu_, model, rows));
      TOKENMARK_TRY(const Rows x, Rows::make(gpu_, rows, m.width, m.width));
      const ProductInput in{.floats = x.x.get(), .pitch = m.width, .norm = x.norm.get(), .epsilon = 1e-5f};
      const double touched = n * (1 - std::pow(1 - double{m.experts.used * 1.0} / n, rows));
      const KernelResult result{"experts", std::string(format_name(format)), fmt::format("{} of {}, 3 × {} × {}", m.experts.used, n, ffn, m.width), rows,
                                (gate.bytes() + up.bytes() + down.bytes()) * touched / n, 6.0 * ffn * m.width * m.experts.used * rows, {}};
      TOKENMARK_CHECK(measure(result, [&](unsigned i) -> Status {
        Experts layer;
        layer.router = {router.at(i), bias.get()};
        layer.gate = {gate.at(i), bias.get()};
        layer.up = {up.at(i), bias.get()};
        layer.down = {down.at(i), bias.get()};
        TOKENMARK_CHECK(experts.route(products, in, rows, layer, nullptr));
        return experts.add_experts(products, rows, layer, x.out.get());
      }));
    }
    return {};
  }

  Status attention(const ModelDescription& m, std::uint32_t format) {
    struct Load {
      std::uint32_t sequences, past, fresh;
    };
    const std::vector<Load> loads = sizes_.tiny ? std::vector<Load>{{2, 60, 1}, {1, 0, 40}}
                                                : std::vector<Load>{{1, 1024, 1}, {1, 8192, 1}, {8, 4096, 1}, {32, 2048, 1}, {256, 1024, 1}, {1, 0, 2048}, {1, 0, 8192}};
    for (const Load& load : loads) TOKENMARK_CHECK(attend(m, format, load.sequences, load.past, load.fresh));
    return {};
  }
  Status attend(const ModelDescription& m, std::uint32_t format, std::uint32_t sequences, std::uint32_t past, std::uint32_t fresh);
  Status sampling(const ModelDescription& m);

  Gpu& gpu_;
  const BenchmarkSizes& sizes_;
  const Note& note_;
};

Status KernelBenchmark::attend(const ModelDescription& m, std::uint32_t format, std::uint32_t sequences, std::uint32_t past, std::uint32_t fresh) {
  constexpr std::uint32_t kTokensPerBlock = 16;
  Step load({kTokensPerBlock, (past + fresh + kTokensPerBlock - 1) / kTokensPerBlock});
  for (std::uint32_t s = 0; s < sequences; ++s) load.add(s, past, fresh, [](std::uint32_t) { return 0; });
  tm_step whole = load.finished();
  whole.n_samples = 0;  // attention alone
  const tm_model model = device_model(m);
  tm_executor_options options{};
  options.tokens_per_block = kTokensPerBlock;
  options.blocks = sequences * whole.block_table_stride;
  options.max_sequences = sequences;
  options.max_step_tokens = whole.n_tokens;
  options.kv_format = format;
  TOKENMARK_TRY(const CacheLayout layout, cache_layout(model, options));
  const std::size_t copies = std::clamp<std::uint64_t>(sizes_.rotated_bytes / layout.bytes(), 1, 64);
  TOKENMARK_TRY(const auto memory, DeviceArray<std::byte>::make(gpu_, copies * layout.bytes()));
  TOKENMARK_CHECK(gpu_.fill(memory.get(), 0x3a, memory.bytes()));  // small numbers in every format
  TOKENMARK_TRY(AttentionKernels kernels, AttentionKernels::make(gpu_, model, options));
  TOKENMARK_TRY(const auto scratch, DeviceArray<std::byte>::make(gpu_, kernels.scratch_bytes()));
  kernels.use_scratch(scratch.get());

  const executor::WantedRows wanted(whole);
  const StepCounts counts{whole.n_tokens, sequences, whole.block_table_stride, whole.n_tokens, 0, 0, 0};
  std::vector<std::byte> arrays(step_bytes(counts));
  write_step(whole, wanted, counts, static_cast<std::int32_t>(sequences), arrays.data());
  TOKENMARK_TRY(const auto there, DeviceArray<std::byte>::of(gpu_, arrays));
  const StepArrays step = step_pointers(counts, there.get()).step;
  TOKENMARK_CHECK(kernels.plan(gpu_, step, {nullptr, counts.tokens}));

  const std::size_t values = std::size_t{counts.tokens} * m.heads * m.head_dim;
  std::vector<std::uint16_t> queries = to_bf16_bits(random_floats(std::min<std::size_t>(values, 1 << 20), 3, 0.1f));
  queries.resize(values, queries[0]);
  TOKENMARK_TRY(const auto q, DeviceArray<std::uint16_t>::of(gpu_, queries));
  TOKENMARK_TRY(const auto out, DeviceArray<std::uint16_t>::make(gpu_, values));
  const double keys = past + (fresh + 1) / 2.0;  // that a token sees, on average
  const KernelResult result{"attention", std::string(format_name(static_cast<Format>(format))), fmt::format("{} × {} tokens after {}, {}/{} heads of {}", sequences, fresh, past, m.heads, m.kv_heads, m.head_dim),
                            counts.tokens, static_cast<double>(layout.bytes()), 4.0 * counts.tokens * keys * m.heads * m.head_dim, {}};
  return measure(result, [&](unsigned i) { return kernels.attend(gpu_, layout.at(memory.get() + i % copies * layout.bytes()), q.get(), nullptr, 0, out.get()); });
}

Status KernelBenchmark::sampling(const ModelDescription& m) {
  for (const bool likeliest : {true, false})
    for (const std::uint32_t rows : sizes_.tiny ? std::vector<std::uint32_t>{2} : std::vector<std::uint32_t>{1, 32, 256}) {
      std::vector<float> values = random_floats(m.vocabulary, 9, 3);
      const std::size_t first = values.size();
      values.resize(first * rows);
      for (std::size_t i = first; i < values.size(); ++i) values[i] = values[(i * 7919) % first];
      TOKENMARK_TRY(const auto logits, DeviceArray<float>::of(gpu_, values));
      const Sampling how = likeliest ? Sampling{} : Sampling{1, 0.9f, 0, 0, 0.4f};
      TOKENMARK_TRY(const auto hows, DeviceArray<Sampling>::of(gpu_, std::vector<Sampling>(rows, how)));
      TOKENMARK_TRY(const auto tokens, DeviceArray<std::int32_t>::make(gpu_, rows));
      TOKENMARK_TRY(const auto scratch, DeviceArray<std::byte>::make(gpu_, sampling_scratch_bytes(rows, m.vocabulary)));
      const SampleArguments args{.logits = logits.get(), .logits_pitch = m.vocabulary, .vocabulary = m.vocabulary, .sampling = hows.get(), .tokens = tokens.get(),
                                 .scratch = reinterpret_cast<Likeliest*>(scratch.get())};
      TOKENMARK_CHECK(measure({"sampling", "f32", likeliest ? "the most likely token" : "top-p 0.9", rows, 4.0 * rows * m.vocabulary, 0, {}},
                              [&](unsigned) { return sample(gpu_, args, rows); }));
    }
  return {};
}

}  // namespace

Result<std::vector<KernelResult>> benchmark_kernels(Gpu& gpu, const BenchmarkSizes& sizes, const Note& note) {
  KernelBenchmark benchmark(gpu, sizes, note);
  TOKENMARK_CHECK(benchmark.all());
  return std::move(benchmark.results);
}

}  // namespace tokenmark::gpu
