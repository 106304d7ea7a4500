// The operations of plugins/executor/forward.h on a GPU: each one or a few launches, nothing waited for. Used from one
// thread at a time.
#pragma once

#include <vector>

#include "plugins/executor/rope_table.h"
#include "plugins/gpu/activations.h"
#include "plugins/gpu/attention.h"
#include "plugins/gpu/products.h"
#include "plugins/gpu/step_arrays.h"
#include "plugins/gpu/weights.h"

namespace tokenmark::gpu {

class Forward {
 public:
  // Keeps references to the Gpu and the model. `caches`: one a layer.
  static Result<std::unique_ptr<Forward>> make(Gpu& gpu, const tm_model& model, const tm_executor_options& options,
                                               const executor::RopeTable& rope, std::vector<Cache> caches);
  static Result<std::uint64_t> memory_needed(Gpu& gpu, const tm_model& model, const tm_executor_options& options);

  // A step whose arrays lie in device memory at `arrays`. `step` and `result` say where logits and hidden states go and where
  // the MTP layer's input is; null: only tokens are sampled. Both stay valid until `end`.
  void begin(const StepCounts& counts, const StepPointers& arrays, const tm_step* step, tm_step_result* result);
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
  Forward(Gpu& gpu, const tm_model& model, const tm_executor_options& options) : gpu_(gpu), model_(model), options_(options) {}

  // Launches unless something has failed.
  template <class Launch>
  void run(Launch&& launch) {
    if (status_) status_ = launch();
  }
  ProductInput residual(Vector norm) const;
  ProductInput residual(Vector norm, const std::int32_t* rows) const;
  void keep_wanted_rows();   // from here on the rows are the wanted ones
  void finish_rows(std::uint32_t begin, std::uint32_t end, Vector norm, const Matrix& output);
  void copy_logits(std::uint32_t begin, std::uint32_t end);
  void copy_hidden();
  StepRows rows() const { return narrowed_ ? arrays_.wanted : StepRows{nullptr, counts_.tokens}; }

  Gpu& gpu_;
  const tm_model& model_;
  tm_executor_options options_;
  std::vector<Cache> caches_;
  DeviceArray<float> rope_;
  Activations a_;
  AttentionKernels attention_;
  ProductKernels products_;

  StepCounts counts_;
  StepPointers arrays_;
  const tm_step* step_ = nullptr;
  tm_step_result* result_ = nullptr;
  float* residual_ = nullptr;   // one of the two
  bool narrowed_ = false;
  Status status_;
};

}  // namespace tokenmark::gpu
