// The operations of llama_forward.h on a CPU. Each one is one or two passes of the pool over rows, tokens or heads;
// its activations are allocated once for the largest step. Used from one thread at a time.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "kernels/cpu/kernels.h"
#include "kernels/cpu/sampling.h"
#include "plugins/cpu/memory.h"
#include "plugins/cpu/thread_pool.h"
#include "plugins/cpu/weights.h"
#include "plugins/executor/rope_table.h"

namespace tokenmark::cpu_plugin {

class Forward {
 public:
  // Keeps references to the kernels, the pool and the model.
  static Result<Forward> make(const cpu::Kernels& kernels, ThreadPool& pool, const tm_model& model,
                              const tm_executor_options& options, const LlamaWeights& weights,
                              executor::RopeTable rope);
  static std::uint64_t activation_bytes(const cpu::Kernels& kernels, std::uint32_t threads, const tm_model& model,
                                        const tm_executor_options& options, const LlamaWeights& weights);

  // A checked step whose tokens are all known (no -1). Both stay valid until `finish` is done.
  void begin(const tm_step& step, const std::int32_t* tokens, tm_step_result& result);

  void embed(const cpu::Matrix& embedding);
  void project_qkv(Vector norm, const cpu::Matrix& q, const cpu::Matrix& k, const cpu::Matrix& v);
  void attend(std::uint32_t layer);
  void add_attention(const cpu::Matrix& matrix);
  void project_ffn(Vector norm, const cpu::Matrix& gate, const cpu::Matrix& up);
  void add_ffn(const cpu::Matrix& matrix);
  void finish(Vector norm, const cpu::Matrix& output);

  std::vector<cpu::KvCache> caches;  // one a layer

 private:
  struct Sizes;
  struct Projection {
    const cpu::Matrix* matrix;
    float* out;
    std::uint64_t stride;
  };
  struct AttentionTask {
    std::uint32_t sequence, kv_head;
    std::int32_t begin, end;  // tokens of the step
  };

  Forward(const cpu::Kernels& kernels, ThreadPool& pool, const tm_model& model)
      : k_(&kernels), pool_(&pool), model_(&model) {}

  // Stacked: a chunk is a range of the matrices' rows one after another. Side by side: the same range of each.
  enum class Order { stacked, side_by_side };
  template <class Input, class After>
  void project(Order order, std::initializer_list<Projection> projections, std::uint32_t tokens, Input&& input, After&& after);
  template <class Input>
  void prepare(std::initializer_list<Projection> projections, std::uint32_t token, std::uint32_t thread,
               std::uint32_t tokens, std::byte* to, Input&& input);
  void multiply_rows(Order order, std::initializer_list<Projection> projections, std::uint32_t tokens,
                     const std::byte* prepared, std::uint64_t begin, std::uint64_t end) const;
  static bool seen_before(const Projection* first, const Projection* p);
  void add_projected(const cpu::Matrix& matrix, const float* input);
  auto normed(Vector norm, const std::int32_t* rows);

  float* query(std::int32_t token) const { return qkv_.as<float>() + static_cast<std::uint64_t>(token) * qkv_width_; }
  void rope_heads(float* heads, std::uint32_t n, std::int32_t token) const;
  void store_token(const cpu::KvCache& cache, std::int32_t token);
  void store_head(const cpu::KvCache& cache, std::int32_t token, std::uint32_t kv_head);
  void run_attention(const cpu::KvCache& cache, const AttentionTask& task, std::uint32_t thread);

  void collect_wanted_rows();
  void finish_rows(std::uint32_t begin, std::uint32_t end, Vector norm, const cpu::Matrix& output);

  const cpu::Kernels* k_;
  ThreadPool* pool_;
  const tm_model* model_;
  executor::RopeTable rope_;
  std::uint64_t q_width_ = 0, kv_width_ = 0, qkv_width_ = 0;

  const tm_step* step_ = nullptr;
  const std::int32_t* tokens_ = nullptr;
  tm_step_result* result_ = nullptr;

  Memory residual_, qkv_, attended_, gate_, up_, projected_, angles_, prepared_, scratch_, logits_;
  std::uint64_t prepared_bytes_ = 0;  // of one token, for all formats of one projection
  std::uint64_t operation_ = 0;
  std::vector<std::uint64_t> prepared_for_;  // for each thread: the operation whose single token it has prepared
  std::vector<std::vector<cpu::AttentionQuery>> queries_;  // a thread
  std::vector<cpu::SamplingScratch> sampling_;             // a thread
  std::vector<AttentionTask> attention_;
  std::vector<std::int32_t> wanted_, wanted_index_;  // rows with logits; for each token its place there or -1
};

}  // namespace tokenmark::cpu_plugin
