// Attention of a step on a GPU: which kernel, which grid, how much scratch (kernels/gpu/attention_arguments.h says what
// each array is). Everything is launched on the Gpu's stream, nothing waits and nothing is allocated; grids depend on the
// step's counts alone, so that a captured graph holds for every step with the same ones.
//
//   make             once for a model
//   plan             once a step, and again when the rows become fewer; cuts the rows into tiles in the scratch
//   store_heads      keys and values into the cache, queries as attend takes them; or store_latents
//   attend           each layer, with the rows that were planned
#pragma once

#include <cstddef>

#include "base/result.h"
#include "kernels/gpu/attention_arguments.h"
#include "kernels/gpu/tuning/tuning.h"
#include "plugins/api/plugin.h"
#include "plugins/executor/rope_table.h"
#include "plugins/gpu/gpu.h"

namespace tokenmark::gpu {

// One layer's cache: sizes in bytes, each plane to be aligned to 256.
struct CacheLayout {
  Cache cache;                     // without pointers
  std::size_t keys = 0, values = 0, key_scales = 0, value_scales = 0;

  std::size_t bytes() const;       // of all planes in one allocation
  Cache at(void* memory) const;    // the planes in it
};
Result<CacheLayout> cache_layout(const tm_model& model, const tm_executor_options& options);

// [positions][2][rope_dim / 2], what Rope::table points to. `positions`: how many positions a sequence may have.
Result<DeviceArray<float>> make_rope_table(Gpu& gpu, const executor::RopeTable& rope, std::uint32_t positions);

class AttentionKernels {
 public:
  // An error names what of the model these kernels cannot do. `options` says how large steps can be. `shared_bytes`: no
  // kernels for blocks of more shared memory.
  static Result<AttentionKernels> make(Gpu& gpu, const tm_model& model, const tm_executor_options& options, std::uint32_t shared_bytes = UINT32_MAX);

  // Of a step at most; the caller's, aligned to 256, the same for all layers.
  std::size_t scratch_bytes() const { return scratch_bytes_; }
  void use_scratch(void* scratch);
  // Measured choices; empty: by rule.
  void use(TuningTable table) { table_ = std::move(table); }

  Status plan(Gpu& gpu, const StepArrays& step, const StepRows& rows);
  // `args` complete but for heads, scale and epsilon, which are the model's.
  Status store_heads(Gpu& gpu, const StoreHeadsArguments& args) const;
  StoreHeadsArguments completed(StoreHeadsArguments args) const;  // with these, as a kernel takes them
  Status store_latents(Gpu& gpu, StoreLatentsArguments args) const;
  // The planned step's few rows, and in how many parts their keys can be cut.
  AttentionShape shape() const;
  std::uint32_t most_parts() const;
  std::uint32_t parts() const;  // that attend takes
  // queries and out are [rows][heads][…] of the planned rows.
  Status attend(Gpu& gpu, const Cache& cache, const std::uint16_t* queries, const float* sinks, std::uint32_t window, std::uint16_t* out) const;

 private:
  struct Tiles {                   // of sequences with few rows, or with more
    const char* kernel = nullptr;
    const char* merge = nullptr;
    std::uint32_t queries = 0;     // of a block
    std::uint32_t shared_bytes = 0;
    std::uint32_t slots = 0;       // blocks that run at a time
    std::uint32_t head_tile = 0, head_tiles = 0, rows = 0;  // heads of a block, blocks for a group, rows of a block
    AttentionTile* list = nullptr;
    std::uint32_t* count = nullptr;
    std::uint32_t most = 0;        // in the planned step
  };
  Status choose(Tiles& tiles, const GpuFacts& facts, bool many_rows, bool in_background) const;
  Result<AttentionKernels> lay_out(const tm_executor_options& options);
  std::uint32_t most_short(std::uint32_t rows, std::uint32_t sequences) const;
  std::uint32_t most_long(std::uint32_t rows, std::uint32_t sequences) const;
  std::uint32_t most_part_blocks() const;
  std::uint32_t short_blocks() const { return short_.most * short_.head_tiles * kv_heads_; }  // with one part each
  std::uint32_t parts_for(std::uint32_t blocks) const;
  Status attend_tiles(Gpu& gpu, const Tiles& tiles, AttendArguments args) const;

  tm_model model_{};
  Machine machine_;
  TuningTable table_;
  std::uint32_t kv_heads_ = 0, value_dim_ = 0, key_dim_ = 0, kv_format_ = 0, wave_ = 0, compute_units_ = 0;
  Tiles short_, long_;
  std::size_t scratch_bytes_ = 0, short_at_ = 0, long_at_ = 0, part_rows_at_ = 0, part_sums_at_ = 0;
  float* part_sums_ = nullptr;
  float* part_rows_ = nullptr;
  StepArrays step_;
  StepRows rows_;
};

}  // namespace tokenmark::gpu
