// The operations of executor/forward.h on a CPU. Each one is a few passes of the pool over rows, tokens or heads. Used
// from one thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/cpu/kernels.h"
#include "kernels/cpu/sampling.h"
#include "plugins/cpu/activations.h"
#include "plugins/cpu/products.h"
#include "plugins/cpu/thread_pool.h"
#include "plugins/executor/rope_table.h"
#include "plugins/executor/wanted_rows.h"

namespace tokenmark::cpu_plugin {

class Forward {
 public:
  // Keeps references to the kernels, the pool and the model.
  static Result<Forward> make(const cpu::Kernels& kernels, ThreadPool& pool, const tm_model& model,
                              const ActivationSizes& sizes, executor::RopeTable rope, std::vector<cpu::KvCache> caches);

  // A checked step whose tokens are all known (no -1). Both stay valid until `finish` is done.
  void begin(const tm_step& step, const std::int32_t* tokens, tm_step_result& result);

  void embed(const Weight& embedding);
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
  void finish(Vector norm, const Weight& output);

 private:
  Forward(const cpu::Kernels& kernels, ThreadPool& pool, const tm_model& model)
      : k_(&kernels), pool_(&pool), model_(&model) {}

  // --- rows: the tokens that are gone on with ---
  std::uint32_t rows() const { return static_cast<std::uint32_t>(tokens_of_rows_.size()); }
  float* residual(std::uint32_t row) const { return a_.residual.as<float>() + std::uint64_t{row} * model_->width; }
  void keep_wanted_rows();  // from here on the rows are the wanted ones
  std::int32_t row_of(std::uint32_t token) const { return narrowed_ ? wanted_.row_of(static_cast<std::int32_t>(token)) : static_cast<std::int32_t>(token); }

  // --- products (forward.cpp) ---
  float* row_scratch(std::uint32_t thread) const;
  void* kernel_scratch(std::uint32_t thread) const { return a_.kernel_scratch.bytes() + thread * kernel_scratch_bytes_; }
  // The products of work_ on inputs that are there; `base(thread)` gives their beginning. `after(chunk)` follows on the
  // thread that made a chunk.
  template <class Base, class After>
  void multiply(Base&& base, After&& after);
  // The products of work_ on inputs that `input(row, thread)` gives as floats.
  template <class Input, class After>
  void project(const Forms& forms, std::uint32_t rows, Input&& input, After&& after);
  auto normed(Vector norm) const;
  static Factor factor(const Linear& linear, const Forms& forms, std::uint32_t rows, float* out) {
    const Format format = linear.weight.matrix.format;
    return {linear.weight.matrix, linear.bias, forms.offset(format, rows), forms.bytes(format), out};
  }
  void add_projected(const Weight& weight, Vector bias, const float* input);
  void activate(float* gate, const float* up, std::uint64_t n) const;

  // --- attention (forward_attention.cpp) ---
  struct Heads {  // queries and what they gather, [rows][heads][dim], from a row on
    const float* queries;
    float* out;
    std::uint32_t first_row, end_row;
    const float* sinks;
    std::uint32_t window;
  };
  struct AttentionTask {
    std::uint32_t sequence, kv_head;
    std::uint32_t head_begin, head_end;
    std::uint32_t row_begin, row_end;
    std::uint32_t part;  // of the keys, kWhole: all
  };
  struct KeyRange {
    std::uint32_t begin, end;
  };
  struct SplitRow {
    std::uint32_t row, first_part, parts;
    std::uint64_t place;  // of its first head's first part in parts_
  };
  KeyRange keys_of(std::uint32_t row, std::uint32_t window) const;
  bool is_split(std::uint32_t sequence, KeyRange keys) const;
  void plan_attention(const cpu::KvCache& cache, const Heads& heads);
  void plan_rows(const cpu::KvCache& cache, const AttentionTask& rows);
  void plan_parts(const cpu::KvCache& cache, const AttentionTask& rows, const Heads& heads);
  void run_attention(const cpu::KvCache& cache, const Heads& heads, const AttentionTask& task, std::uint32_t thread);
  void merge_parts(const cpu::KvCache& cache, const Heads& heads);
  void attend_all(const cpu::KvCache& cache, const Heads& heads);
  void turn(float* heads, std::uint32_t n, std::uint32_t stride, std::uint32_t token) const;
  void norm_and_turn(float* heads, std::uint32_t n, Vector norm, std::uint32_t token) const;
  template <class Store>
  void store_all(Store&& store);
  void store_token(const Attention& attention, const cpu::KvCache& cache, std::uint32_t token);
  void store_head(const Attention& attention, const cpu::KvCache& cache, std::uint32_t token, std::uint32_t kv_head);

  // --- latent attention (forward_latent.cpp) ---
  void store_latents(const LatentAttention& attention, const cpu::KvCache& cache);
  void absorb(const LatentAttention& attention, std::uint32_t begin, std::uint32_t end);
  void gather_values(const LatentAttention& attention, std::uint32_t begin, std::uint32_t end);

  // --- experts (forward_experts.cpp) ---
  void choose(const Experts& experts);
  void place_choices();
  void prepare_expert_input(Vector norm, const Experts& experts);
  void multiply_gate_and_up(const Experts& experts);
  void multiply_down(const Experts& experts);
  Factor expert_factor(const Linear& linear, std::uint32_t expert, const Forms& forms, std::uint64_t input_row,
                       std::uint64_t input_rows, float* out) const;
  std::uint32_t choices() const { return rows() * model_->experts_used; }

  // --- logits and tokens (forward.cpp) ---
  void finish_rows(std::uint32_t begin, std::uint32_t end, Vector norm, const Weight& output);

  const cpu::Kernels* k_;
  ThreadPool* pool_;
  const tm_model* model_;
  executor::RopeTable rope_;
  std::vector<cpu::KvCache> caches_;  // one a layer
  Activations a_;
  std::uint64_t q_width_ = 0, kv_width_ = 0, attended_width_ = 0;
  std::uint64_t prepared_row_bytes_ = 0, row_scratch_bytes_ = 0, kernel_scratch_bytes_ = 0;

  const tm_step* step_ = nullptr;
  const std::int32_t* tokens_ = nullptr;
  tm_step_result* result_ = nullptr;
  std::vector<std::uint32_t> sequence_of_token_;
  std::vector<std::uint32_t> tokens_of_rows_;
  bool narrowed_ = false;
  executor::WantedRows wanted_;

  Worklist work_;
  std::uint64_t operation_ = 0;
  std::vector<std::uint64_t> prepared_for_;  // for each thread: the operation whose single row it has prepared

  std::vector<AttentionTask> attention_;
  std::uint32_t task_queries_ = 0;
  std::vector<SplitRow> split_rows_;
  std::vector<std::int32_t> split_index_;    // for each row its place there or -1
  std::vector<float> part_outs_;
  std::vector<cpu::AttentionPart> parts_;
  std::vector<std::vector<cpu::AttentionQuery>> queries_;  // a thread

  std::vector<std::uint32_t> choices_, places_;  // [rows][experts_used]: expert, and row of it in the experts' order
  std::vector<float> choice_weights_;
  std::vector<std::uint32_t> expert_begin_;      // [experts + 1]: rows in the experts' order
  std::vector<std::vector<float>> scores_;       // a thread
  std::vector<cpu::SamplingScratch> sampling_;   // a thread
};

}  // namespace tokenmark::cpu_plugin
