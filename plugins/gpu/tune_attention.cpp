// Parts that the keys of decoding sequences are cut into, with so many tokens in each sequence's cache.
#include <algorithm>
#include <numeric>

#include "kernels/formats/format.h"
#include "plugins/gpu/attention.h"
#include "plugins/gpu/step_arrays.h"
#include "plugins/gpu/tuning_cells.h"

namespace tokenmark::gpu {
namespace {

constexpr std::uint32_t kTokens = 2048;                     // of a sequence, or the model's context
constexpr std::uint64_t kColdCacheBytes = 256ull << 20;     // caches of as many layers as no cache of a GPU holds

// Sequences of one row each whose blocks lie one after another; they share blocks where memory is short.
struct Decoding {
  AttentionKernels kernels;
  std::vector<Cache> caches;
  DeviceArray<std::byte> cache_memory, scratch, arrays;
  DeviceArray<std::uint16_t> queries, out;
  StepPointers pointers;

  static Result<Decoding> make(TuningScene& scene, std::uint32_t sequences) {
    Gpu& gpu = scene.gpu;
    const tm_model& m = scene.model;
    tm_executor_options options = scene.options;
    const std::uint32_t tokens = std::min(m.context, kTokens), stride = (tokens + options.tokens_per_block - 1) / options.tokens_per_block;
    TOKENMARK_TRY(const std::uint64_t free, gpu.free_memory());
    options.blocks = 1;
    TOKENMARK_TRY(const CacheLayout one_block, cache_layout(m, options));
    options.blocks = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(free / 4 / one_block.bytes(), 1, std::uint64_t{sequences} * stride));
    options.max_sequences = sequences;
    TOKENMARK_TRY(const CacheLayout layout, cache_layout(m, options));
    const std::uint64_t layers = std::clamp<std::uint64_t>(std::min(kColdCacheBytes, free / 4) / layout.bytes(), 1, 8);
    Decoding d;
    TOKENMARK_TRY(d.kernels, AttentionKernels::make(gpu, m, options));
    TOKENMARK_TRY(d.cache_memory, DeviceArray<std::byte>::make(gpu, layers * layout.bytes()));
    TOKENMARK_CHECK(gpu.fill(d.cache_memory.get(), 0, d.cache_memory.bytes()));
    for (std::uint64_t l = 0; l < layers; ++l) d.caches.push_back(layout.at(d.cache_memory.get() + l * layout.bytes()));
    TOKENMARK_TRY(d.scratch, DeviceArray<std::byte>::make(gpu, d.kernels.scratch_bytes()));
    d.kernels.use_scratch(d.scratch.get());
    const std::uint64_t heads = std::uint64_t{sequences} * m.heads;
    TOKENMARK_TRY(d.queries, DeviceArray<std::uint16_t>::make(gpu, heads * layout.cache.key_dim));
    TOKENMARK_TRY(d.out, DeviceArray<std::uint16_t>::make(gpu, heads * layout.cache.value_dim));
    TOKENMARK_CHECK(gpu.fill(d.queries.get(), 0, d.queries.bytes()));
    TOKENMARK_CHECK(d.write(gpu, sequences, tokens, stride, options.blocks));
    return d;
  }

 private:
  Status write(Gpu& gpu, std::uint32_t sequences, std::uint32_t tokens, std::uint32_t stride, std::uint32_t blocks) {
    std::vector<std::int32_t> zeros(sequences), positions(sequences, static_cast<std::int32_t>(tokens) - 1), ids(sequences), offsets(sequences + 1),
        lengths(sequences, static_cast<std::int32_t>(tokens)), tables(std::size_t{sequences} * stride);
    std::iota(ids.begin(), ids.end(), 0);
    std::iota(offsets.begin(), offsets.end(), 0);
    for (std::size_t i = 0; i < tables.size(); ++i) tables[i] = static_cast<std::int32_t>(i % blocks);
    tm_step step{};
    step.size = sizeof step;
    step.version = TM_ABI_VERSION;
    step.n_sequences = step.n_tokens = sequences;
    step.tokens = step.slots = zeros.data();
    step.positions = positions.data();
    step.sequence_ids = ids.data();
    step.token_offsets = offsets.data();
    step.kv_lengths = lengths.data();
    step.block_tables = tables.data();
    step.block_table_stride = stride;
    const StepCounts counts{sequences, sequences, stride, sequences, 0, 0, 0};
    std::vector<std::byte> host(step_bytes(counts));
    write_step(step, WantedRows(step), counts, static_cast<std::int32_t>(sequences), host.data());
    TOKENMARK_TRY(arrays, DeviceArray<std::byte>::of(gpu, host));
    pointers = step_pointers(counts, arrays.get());
    return kernels.plan(gpu, pointers.step, {nullptr, sequences});
  }
};

class PartsSearch {
 public:
  PartsSearch(TuningScene& scene, Decoding& decoding) : scene_(scene), d_(decoding), shape_(decoding.kernels.shape()) {}

  Result<TunedAttention> run() {
    const std::uint32_t by_rule = d_.kernels.parts();
    std::vector<std::uint32_t> others;
    for (const std::uint32_t parts : {1u, 2u, 3u, 4u, 5u, 6u, 8u, 10u, 12u, 16u, 20u, 24u, 32u, 48u})
      if (parts != by_rule && parts <= d_.kernels.most_parts()) others.push_back(parts);
    TOKENMARK_TRY(const auto fastest, fastest_of(scene_.stopwatch, by_rule, others, [&](std::uint32_t parts) { return prepare(parts); }));
    return TunedAttention{scene_.gpu.facts().name, shape_, fastest.choice, {fastest.chosen_s, fastest.rule_s}};
  }

 private:
  Result<Stopwatch::Work> prepare(std::uint32_t parts) {
    d_.kernels.use({{}, {}, {{scene_.gpu.facts().name, shape_, parts, {}}}});
    auto work = scene_.stopwatch.prepare([&](std::uint32_t i) {
      return d_.kernels.attend(scene_.gpu, d_.caches[i % d_.caches.size()], d_.queries.get(), nullptr, 0, d_.out.get());
    });
    d_.kernels.use({});
    return work;
  }

  TuningScene& scene_;
  Decoding& d_;
  AttentionShape shape_;
};

Status measure_attention(TuningScene& scene, std::uint32_t sequences) {
  auto decoding = Decoding::make(scene, sequences);
  if (!decoding && decoding.error().kind == ErrorKind::exhausted) {
    ++scene.tuned.left_out;
    return {};
  }
  if (!decoding) return tl::unexpected(decoding.error());
  TOKENMARK_TRY(TunedAttention entry, PartsSearch(scene, *decoding).run());
  scene.tuned.table.attention.push_back(std::move(entry));
  return {};
}

}  // namespace

std::vector<TuningCell> attention_cells(const TuningScene& scene) {
  std::vector<TuningCell> cells;
  for (const std::uint32_t rows : kTunedRows)
    if (rows <= std::min(scene.options.max_sequences, scene.options.max_step_tokens))
      cells.push_back({fmt::format("attention of {} heads, {} sequences", scene.model.heads, rows), rows,
                       [rows](TuningScene& s) { return measure_attention(s, rows); }});
  return cells;
}

}  // namespace tokenmark::gpu
