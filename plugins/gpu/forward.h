// The operations of plugins/executor/forward.h on a GPU: each one or a few launches, nothing waited for. Used from one
// thread at a time.
#pragma once

#include <array>
#include <vector>

#include "plugins/executor/rope_table.h"
#include "plugins/gpu/activations.h"
#include "plugins/gpu/attention.h"
#include "plugins/gpu/experts.h"
#include "plugins/gpu/products.h"
#include "plugins/gpu/rank_sums.h"
#include "plugins/gpu/sampling.h"
#include "plugins/gpu/step_arrays.h"
#include "plugins/gpu/weights.h"

namespace tokenmark::gpu {

// What a step brings back besides tokens, and the MTP layer's input; all null: nothing. Without a result nothing is brought
// back.
struct WantedBack {
  const tm_step* step = nullptr;
  const WantedRows* rows = nullptr;
  tm_step_result* result = nullptr;
};

// Which part of a model this GPU computes: all, or a rank's, who sums with the others.
struct Share {
  RankSums* sums = nullptr;  // null: all
  std::uint32_t rank = 0;
  std::uint32_t first_logit = 0;
};

class Forward {
 public:
  // Keeps references to the Gpu and the model. `caches`: one a layer. `table`: measured choices, may be empty.
  static Result<std::unique_ptr<Forward>> make(Gpu& gpu, const tm_model& model, const tm_executor_options& options,
                                               const executor::RopeTable& rope, std::vector<Cache> caches, const TuningTable& table,
                                               const Share& share);
  static Result<std::uint64_t> memory_needed(Gpu& gpu, const tm_model& model, const tm_executor_options& options, bool shares);

  // A step whose arrays lie in device memory at `arrays`. What `wanted` points to stays valid until `end`.
  void begin(const StepCounts& counts, const StepPointers& arrays, const WantedBack& wanted);
  // The first thing that failed since `begin`.
  Status end();
  const std::int32_t* sampled() const { return a_.sampled.get(); }  // [samples], in device memory

  void embed(const Matrix& embedding);
  void merge_previous(const MtpLayer& mtp);
  void project(Vector norm, const Attention& attention, bool last);
  void project(Vector norm, const LatentAttention& attention, bool last);
  void attend(const Attention& attention, std::uint32_t cache);
  void attend(const LatentAttention& attention, std::uint32_t cache);
  void add_attention(const Linear& linear);
  void project_ffn(Vector norm, const Dense& dense);
  void add_ffn(const Dense& dense);
  void route(Vector norm, const Experts& experts);
  void add_experts(const Experts& experts);
  void finish(Vector norm, const Matrix& output);

 private:
  Forward(Gpu& gpu, const tm_model& model, const Share& share) : gpu_(gpu), model_(model), share_(share) {}

  // Launches unless something has failed.
  template <class Launch>
  void run(Launch&& launch) {
    if (status_) status_ = launch();
  }
  ProductInput normed_residual(Vector norm, const std::int32_t* row_list = nullptr) const;
  void add_to_residual(const ProductInput& in, const Matrix& w, Vector bias);
  void sum_over_ranks();
  void make_logits(std::uint32_t first, std::uint32_t rows, Vector norm, const Matrix& output);
  void keep_wanted_rows();
  Status store_heads(const StoreHeadsArguments& args);
  void finish_chunk(std::uint32_t chunk, Vector norm, const Matrix& output);
  void copy_hidden();
  StepRows rows() const { return narrowed_ ? arrays_.wanted : StepRows{nullptr, counts_.tokens}; }

  Gpu& gpu_;
  const tm_model& model_;
  const Share share_;
  std::vector<Cache> caches_;
  DeviceArray<float> rope_;
  Activations a_;
  AttentionKernels attention_;
  Products products_;
  ExpertProducts experts_;
  DeviceArray<std::byte> attention_scratch_, sampling_scratch_;

  StepCounts counts_;
  StepPointers arrays_;
  WantedBack wanted_;
  float* residual_ = nullptr;        // one of the two, the other is free
  float* spare_ = nullptr;
  struct {
    Vector norm = nullptr;
    std::array<ProductOutput, 3> outs;   // keys, values, queries
    bool projected = false;              // already
  } heads_;                              // of the layer that attends next
  // In `projected`: keys and values of a token, or its latent; of latent attention the queries too.
  float* keys_ = nullptr;
  float* latent_queries_ = nullptr;
  std::uint64_t kv_pitch_ = 0;
  bool narrowed_ = false;
  bool routed_ = false;      // experts will add to the residual too
  bool partial_begun_ = false;  // what this rank adds has been begun
  Status status_;
};

}  // namespace tokenmark::gpu
