// What the sampling kernels take; shared by kernels and host.
#pragma once

#include <cstdint>

namespace tokenmark::gpu {

struct Sampling {            // as tm_sampling
  float temperature = 0;
  float top_p = 1;
  float min_p = 0;
  std::int32_t top_k = 0;
  float uniform = 0;
};

// The most likely token of a chunk of the vocabulary: its logit as bits that grow with it, 0 for NaN.
struct Likeliest {
  std::uint32_t order, id;
};
constexpr std::uint32_t kSamplingChunk = 4096;  // logits

struct SampleArguments {
  const float* logits = nullptr;               // [..][logits_pitch]
  std::uint32_t logits_pitch = 0, vocabulary = 0;
  const std::int32_t* rows = nullptr;          // [samples]: of logits; -1: padding, nothing is written. null: row = sample
  const Sampling* sampling = nullptr;          // [samples]
  const std::int32_t* sequence_ids = nullptr;  // [samples]: whose last token it becomes, or null
  std::int32_t* tokens = nullptr;              // [samples]
  std::int32_t* last_sampled = nullptr;        // [sequence ids]
  Likeliest* scratch = nullptr;                // [samples][chunks]
};  // likeliest: x chunks, y samples; sample: x samples

}  // namespace tokenmark::gpu
