#include "plugins/gpu/attention.h"

#include <algorithm>

#include "plugins/executor/model_check.h"

namespace tokenmark::gpu {
namespace {

constexpr std::size_t kAlignment = 256;
constexpr std::uint32_t kShortRows = 16;     // of a sequence at most, for whose keys several blocks may work
constexpr std::uint32_t kReserved = 1024;     // of shared memory, for each block (CUDA programming guide, compute capability 8 and later)
constexpr std::uint32_t kMostBlocks = 65535;  // in a grid's last dimension

std::size_t aligned(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }
std::uint32_t divided_up(std::uint64_t n, std::uint64_t by) { return static_cast<std::uint32_t>((n + by - 1) / by); }

// ---- kernels --------------------------------------------------------------------------------------------------------

// As they are in kernels/gpu/attention_kernels.h.
struct Kind {
  const char* kernel;
  std::uint32_t queries, keys, dim;  // of a block; of a tile; of keys at most
  bool latent;
  std::uint32_t stages, threads, waves;  // of a block: threads, or so many waves
  std::uint32_t blocks;              // of a multiprocessor, as far as registers go
  const char* merge;                 // null: of sequences with many rows only
};
// Those that copy in the background first, the smallest first.
constexpr Kind kKinds[] = {
    {"attend_16_64", 16, 64, 64, false, 3, 128, 0, 6, "merge_parts_16_64"},
    {"attend_16_128", 16, 64, 128, false, 2, 128, 0, 4, "merge_parts_16_64"},
    {"attend_16_256", 16, 64, 256, false, 2, 128, 0, 2, "merge_parts_16_64"},
    {"attend_16_64_any", 16, 64, 64, false, 1, 128, 0, 5, "merge_parts_16_64"},
    {"attend_16_128_any", 16, 64, 128, false, 1, 128, 0, 3, "merge_parts_16_64"},
    {"attend_16_256_any", 16, 64, 256, false, 1, 128, 0, 3, "merge_parts_16_64"},
    {"attend_strips_128_64", 128, 64, 64, false, 2, 0, 4, 2, nullptr},
    {"attend_strips_128_128", 128, 64, 128, false, 2, 0, 4, 2, nullptr},
    {"attend_strips_64_256", 64, 64, 256, false, 2, 0, 4, 2, nullptr},
    {"attend_strips_128_64_any", 128, 64, 64, false, 1, 0, 8, 2, nullptr},
    {"attend_strips_128_128_any", 128, 64, 128, false, 1, 0, 8, 2, nullptr},
    {"attend_strips_64_256_any", 64, 64, 256, false, 1, 0, 4, 2, nullptr},
    {"attend_64_latent", 64, 32, 576, true, 3, 256, 0, 1, "merge_parts_64_32"},
    {"attend_64_latent_any", 64, 32, 576, true, 1, 256, 0, 1, "merge_parts_64_32"},
    {"attend_16_latent_any", 16, 32, 576, true, 1, 0, 2, 4, "merge_parts_16_32"},
};

std::uint32_t threads_of(const Kind& kind, std::uint32_t wave) { return kind.threads > 0 ? kind.threads : kind.waves * wave; }

// What the kernel takes; tiles have panels of 64 values.
std::uint32_t shared_bytes_of(const Kind& kind, std::uint32_t wave) {
  const std::uint32_t dim = divided_up(kind.dim, 64) * 64, planes = kind.latent || kind.stages == 1 ? 1 : 2;
  const std::uint32_t queries = 2 * kind.queries * dim;
  const std::uint32_t keys = 2 * kind.stages * planes * kind.keys * dim + 4 * kind.keys * (kind.stages > 1 ? kind.stages : 4);  // places in the cache, scales
  if (!kind.merge) return queries + keys;
  const std::uint32_t of_row = threads_of(kind, wave) / kind.queries;
  return queries + keys + 2 * kind.queries * 64 + 4 * (kind.queries * (kind.keys + of_row / 2) + kind.queries);  // weights, scores, factors
}

}  // namespace

// ---- the cache ------------------------------------------------------------------------------------------------------

std::size_t CacheLayout::bytes() const { return aligned(keys) + aligned(values) + aligned(key_scales) + aligned(value_scales); }

Cache CacheLayout::at(void* memory) const {
  Cache placed = cache;
  auto* next = static_cast<std::byte*>(memory);
  const auto take = [&](std::size_t bytes) -> void* {
    void* plane = bytes > 0 ? next : nullptr;
    next += aligned(bytes);
    return plane;
  };
  placed.keys = take(keys);
  placed.values = take(values);
  placed.key_scales = take(key_scales);
  placed.value_scales = take(value_scales);
  return placed;
}

Result<CacheLayout> cache_layout(const tm_model& model, const tm_executor_options& options) {
  const executor::CacheShape shape = executor::cache_shape(model);
  const auto round = [](std::uint32_t dim) { return (dim + 15) / 16 * 16; };
  CacheLayout layout;
  layout.cache = {.format = options.kv_format, .tokens_per_block = options.tokens_per_block, .kv_heads = shape.kv_heads,
                  .key_dim = shape.key_dim, .value_dim = shape.value_dim, .key_pitch = round(shape.key_dim),
                  .value_pitch = round(shape.value_dim), .values_in_keys = shape.values_in_keys ? 1u : 0u};
  const std::uint64_t rows = std::uint64_t{options.blocks} * options.tokens_per_block * shape.kv_heads;
  if (rows > INT32_MAX)
    return fail(ErrorKind::invalid_input, "options: {} blocks of {} tokens with {} key/value heads are more than the {} rows that a GPU's cache can have",
                options.blocks, options.tokens_per_block, shape.kv_heads, INT32_MAX);
  const auto size = [&](std::uint32_t pitch) { return rows * pitch * (options.kv_format == TM_F32 ? 4 : options.kv_format == TM_F16 || options.kv_format == TM_BF16 ? 2 : 1); };
  const auto scales = [&](std::uint32_t pitch) {
    return options.kv_format == TM_FP8 ? rows * 4 : options.kv_format == TM_Q8_0 ? rows * divided_up(pitch, 32) * 2 : 0;
  };
  layout.keys = size(layout.cache.key_pitch);
  layout.key_scales = scales(layout.cache.key_pitch);
  if (shape.values_in_keys) return layout;
  layout.values = size(layout.cache.value_pitch);
  layout.value_scales = scales(layout.cache.value_pitch);
  return layout;
}

Result<DeviceArray<float>> make_rope_table(Gpu& gpu, const executor::RopeTable& rope, std::uint32_t positions) {
  const std::size_t pairs = rope.pairs();
  std::vector<float> table(std::size_t{positions} * 2 * pairs);
  for (std::uint32_t p = 0; p < positions; ++p) {
    float* angles = table.data() + std::size_t{p} * 2 * pairs;
    rope.at(static_cast<std::int32_t>(p), angles, angles + pairs);
  }
  return DeviceArray<float>::of(gpu, table);
}

// ---- making ---------------------------------------------------------------------------------------------------------

Result<AttentionKernels> AttentionKernels::make(Gpu& gpu, const tm_model& model, const tm_executor_options& options, std::uint32_t shared_bytes) {
  const executor::CacheShape cache = executor::cache_shape(model);
  AttentionKernels kernels;
  kernels.model_ = model;
  kernels.wave_ = gpu.facts().wave;
  kernels.compute_units_ = gpu.facts().compute_units;
  kernels.kv_heads_ = cache.kv_heads;
  kernels.value_dim_ = cache.value_dim;
  kernels.key_dim_ = cache.key_dim;
  kernels.kv_format_ = options.kv_format;
  kernels.machine_ = {gpu.facts().name, gpu.facts().wave, gpu.facts().compute_units, gpu.facts().shared_bytes};
  if (cache.key_dim % 8 != 0 || cache.value_dim % 8 != 0 || cache.value_dim > kMostValueDim)
    return fail(ErrorKind::invalid_input, "model: heads of {} values ({} of them the value) cannot be attended to on a GPU, which takes multiples of 8, and values up to {}",
                cache.key_dim, cache.value_dim, kMostValueDim);
  const bool in_background = kernels.wave_ == 32 && (options.kv_format == TM_BF16 || options.kv_format == TM_F16);
  GpuFacts facts = gpu.facts();
  facts.shared_bytes = std::min(facts.shared_bytes, shared_bytes);
  TOKENMARK_CHECK(kernels.choose(kernels.short_, facts, false, in_background));
  TOKENMARK_CHECK(kernels.choose(kernels.long_, facts, true, in_background));
  return kernels.lay_out(options);
}

// Of the kernels that a block has shared memory for the one with most queries, which for few rows has to be one whose parts
// can be merged.
Status AttentionKernels::choose(Tiles& tiles, const GpuFacts& facts, bool many_rows, bool in_background) const {
  const bool latent = executor::is_latent(model_);
  const std::uint32_t dim = executor::cache_shape(model_).key_dim;
  const Kind* best = nullptr;
  for (const Kind& kind : kKinds) {
    const bool fits = kind.latent == latent && kind.dim >= dim && (many_rows || kind.merge) && (in_background || kind.stages == 1) &&
                      shared_bytes_of(kind, wave_) <= facts.shared_bytes;
    if (fits && (!best || kind.queries > best->queries)) best = &kind;
  }
  if (!best)
    return fail(ErrorKind::invalid_input, "model: heads of {} values need more than the {} bytes of shared memory that a block of {} may have", dim, facts.shared_bytes, facts.name);
  tiles.kernel = best->kernel;
  tiles.merge = best->merge;
  tiles.queries = best->queries;
  tiles.shared_bytes = shared_bytes_of(*best, wave_);
  const std::uint32_t group = model_.heads / kv_heads_;
  tiles.head_tile = std::min(group, best->queries);
  tiles.head_tiles = divided_up(group, tiles.head_tile);
  tiles.rows = best->queries / tiles.head_tile;
  tiles.slots = compute_units_ * std::clamp((facts.shared_bytes + kReserved) / (tiles.shared_bytes + kReserved), 1u, best->blocks);
  return {};
}

Result<AttentionKernels> AttentionKernels::lay_out(const tm_executor_options& options) {
  const std::uint32_t sequences = std::min(options.max_sequences, options.max_step_tokens);
  const std::uint32_t shorts = most_short(options.max_step_tokens, sequences), longs = most_long(options.max_step_tokens, sequences);
  if (std::max(shorts, longs) > kMostBlocks)
    return fail(ErrorKind::invalid_input, "options: steps of {} tokens are too many for a GPU, at most {} tiles of tokens can be attended with", options.max_step_tokens, kMostBlocks);
  const std::size_t part_queries = std::size_t{most_part_blocks()} * short_.queries;
  scratch_bytes_ = 0;
  const auto take = [&](std::size_t bytes) {
    const std::size_t at = scratch_bytes_;
    scratch_bytes_ += aligned(bytes);
    return at;
  };
  take(2 * sizeof(std::uint32_t));
  short_at_ = take(shorts * sizeof(AttentionTile));
  long_at_ = take(longs * sizeof(AttentionTile));
  part_rows_at_ = take(part_queries * 2 * sizeof(float));
  part_sums_at_ = take(part_queries * value_dim_ * sizeof(float));
  return *this;
}

void AttentionKernels::use_scratch(void* scratch) {
  auto* bytes = static_cast<std::byte*>(scratch);
  short_.count = reinterpret_cast<std::uint32_t*>(bytes);
  long_.count = short_.count + 1;
  short_.list = reinterpret_cast<AttentionTile*>(bytes + short_at_);
  long_.list = reinterpret_cast<AttentionTile*>(bytes + long_at_);
  part_rows_ = reinterpret_cast<float*>(bytes + part_rows_at_);
  part_sums_ = reinterpret_cast<float*>(bytes + part_sums_at_);
}

// ---- a step ---------------------------------------------------------------------------------------------------------

std::uint32_t AttentionKernels::most_short(std::uint32_t rows, std::uint32_t sequences) const {
  return std::min(rows, sequences * divided_up(kShortRows, short_.rows));
}
std::uint32_t AttentionKernels::most_long(std::uint32_t rows, std::uint32_t sequences) const {
  return rows / long_.rows + std::min(sequences, rows / (kShortRows + 1));
}

// Blocks for which there is room for parts: two for each that runs at a time.
std::uint32_t AttentionKernels::most_part_blocks() const { return 2 * short_.slots; }

Status AttentionKernels::plan(Gpu& gpu, const StepArrays& step, const StepRows& rows) {
  step_ = step;
  rows_ = rows;
  short_.most = most_short(rows.count, step.n_sequences);
  long_.most = most_long(rows.count, step.n_sequences);
  const PlanTilesArguments args{step, rows, kShortRows, short_.rows, long_.rows, short_.list, long_.list, short_.count};
  return launch(gpu, "plan_tiles", {}, 2 * 256 * sizeof(std::uint32_t), args);
}

namespace {

template <class Args>
Status launch_heads(Gpu& gpu, const char* kernel, const Args& args, std::uint32_t heads) {
  const std::uint32_t warps = 128 / gpu.facts().wave;
  return launch(gpu, kernel, {args.step.n_tokens + args.rows.count, divided_up(heads, warps)}, 0, args);
}

}  // namespace

StoreHeadsArguments AttentionKernels::completed(StoreHeadsArguments args) const {
  args.heads = model_.heads;
  args.epsilon = model_.rms_epsilon;
  args.scale = executor::attention_scale(model_);
  args.rope.dim = model_.rope_dim;
  args.rope.interleaved = model_.rope_style == TM_ROPE_INTERLEAVED ? 1 : 0;
  return args;
}
Status AttentionKernels::store_heads(Gpu& gpu, const StoreHeadsArguments& args) const {
  return launch_heads(gpu, "store_heads", completed(args), std::max(model_.heads, 2 * args.cache.kv_heads));
}

Status AttentionKernels::store_latents(Gpu& gpu, StoreLatentsArguments args) const {
  args.heads = model_.heads;
  args.query_dim = model_.head_dim;
  args.epsilon = model_.rms_epsilon;
  args.scale = executor::attention_scale(model_);
  args.rope.dim = model_.rope_dim;
  args.rope.interleaved = model_.rope_style == TM_ROPE_INTERLEAVED ? 1 : 0;
  return launch_heads(gpu, "store_latents", args, args.heads);
}

// As many as fill the machine with the fewest rounds of its blocks for the work of one; each part costs a little.
std::uint32_t AttentionKernels::parts_for(std::uint32_t blocks) const {
  std::uint32_t best = 1;
  double least = divided_up(blocks, short_.slots);
  for (std::uint32_t parts = 2; std::uint64_t{blocks} * parts <= most_part_blocks(); ++parts) {
    const double rounds = divided_up(std::uint64_t{blocks} * parts, short_.slots) * (1.0 / parts + 0.005);
    if (rounds < least) {
      least = rounds;
      best = parts;
    }
  }
  return best;
}

AttentionShape AttentionKernels::shape() const { return {kv_format_, short_.most, model_.heads, kv_heads_, key_dim_, value_dim_}; }
std::uint32_t AttentionKernels::most_parts() const { return short_blocks() == 0 ? 0 : std::max(most_part_blocks() / short_blocks(), 1u); }
std::uint32_t AttentionKernels::parts() const {
  const std::uint32_t tuned = tuned_parts(table_, machine_, shape());
  return tuned > 0 && tuned <= most_parts() ? tuned : parts_for(short_blocks());
}

Status AttentionKernels::attend(Gpu& gpu, const Cache& cache, const std::uint16_t* queries, const float* sinks, std::uint32_t window, std::uint16_t* out) const {
  AttendArguments args{.step = step_, .rows = rows_, .cache = cache, .queries = queries, .sinks = sinks, .out = out, .heads = model_.heads, .window = window};
  if (long_.most > 0) TOKENMARK_CHECK(attend_tiles(gpu, long_, args));
  if (short_blocks() == 0) return {};
  args.parts = parts();
  args.partial_sums = part_sums_;
  args.partial_rows = part_rows_;
  TOKENMARK_CHECK(attend_tiles(gpu, short_, args));
  if (args.parts == 1) return {};
  args.tiles = short_.list;
  args.n_tiles = short_.count;
  args.head_tile = short_.head_tile;
  const std::uint32_t warps = 128 / wave_;
  return launch(gpu, short_.merge, {short_.queries, kv_heads_ * short_.head_tiles, short_.most}, warps * value_dim_ * static_cast<std::uint32_t>(sizeof(float)), args);
}

Status AttentionKernels::attend_tiles(Gpu& gpu, const Tiles& tiles, AttendArguments args) const {
  args.tiles = tiles.list;
  args.n_tiles = tiles.count;
  args.head_tile = tiles.head_tile;
  return launch(gpu, tiles.kernel, {args.parts, kv_heads_ * tiles.head_tiles, tiles.most}, tiles.shared_bytes, args);
}

}  // namespace tokenmark::gpu
