// The memory of a step: one buffer for each intermediate result, allocated once for the largest step.
#pragma once

#include "kernels/cpu/kernels.h"
#include "plugins/cpu/memory.h"
#include "plugins/cpu/weights.h"

namespace tokenmark::cpu_plugin {

// The latent attention's queries are as long as the latent: they are made and used for this many rows at a time.
constexpr std::uint32_t kLatentRows = 64;
constexpr std::uint32_t kLogitRows = 64;  // rows whose logits are held at once

// All in bytes.
struct ActivationSizes {
  std::uint64_t residual = 0, q = 0, kv = 0, low_rank_q = 0, attended = 0, absorbed = 0, gathered = 0;
  std::uint64_t hidden = 0, router = 0, expert_out = 0, angles = 0, logits = 0;
  std::uint64_t prepared = 0, expert_input = 0;
  std::uint64_t prepared_row = 0;    // the largest row of prepared input: each thread has room for one of its own
  std::uint64_t row_scratch = 0;     // of a thread: a row in floats
  std::uint64_t kernel_scratch = 0;  // of a thread

  ActivationSizes(const cpu::Kernels& kernels, std::uint32_t threads, const tm_model& model,
                  const tm_executor_options& options, const ModelWeights& shapes, const cpu::KvCache& cache);
  std::uint64_t all() const;
  std::uint64_t threads() const { return threads_; }

 private:
  void add_layer(const cpu::Kernels& kernels, const tm_model& model, std::uint64_t tokens, const Layer& layer);
  void add_product(const cpu::Kernels& kernels, std::uint64_t rows, std::initializer_list<const cpu::Matrix*> matrices,
                   std::uint64_t& buffer);
  std::uint64_t threads_;
};

struct Activations {
  static Result<Activations> allocate(const ActivationSizes& sizes);

  Memory residual, projected;         // [rows][width]
  Memory q, kv;                       // [rows][heads head_dim]; [tokens][2 kv_heads head_dim], latent: [kv_lora + rope_dim]
  Memory low_rank_q;                  // [rows][q_lora]
  Memory absorbed, gathered;          // [kLatentRows][heads][kv_lora + rope_dim], [kLatentRows][heads][kv_lora]
  Memory attended;                    // [rows][heads value_dim]
  Memory gate, up;                    // [rows][ffn_width], experts: [rows experts_used][expert_ffn_width]
  Memory router;                      // [rows][experts]
  Memory expert_out;                  // [rows experts_used][width]
  Memory angles;                      // [tokens][2][rope_dim / 2]: cosines, sines
  Memory logits;                      // [kLogitRows][vocabulary]
  Memory prepared, expert_input;      // inputs of products
  Memory row_scratch, kernel_scratch; // [threads]
};

}  // namespace tokenmark::cpu_plugin
