// One token from logits, the same on every device for the same logits and the same random number.
//
// temperature 0: the most likely token, the lowest id on a tie. Else, in this order:
//   1. probabilities p = softmax(logits / temperature);
//   2. top_k > 0 keeps the k most likely (on a tie the lower ids);
//   3. min_p > 0 keeps those with p >= min_p * the greatest p;
//   4. top_p < 1 keeps the shortest run of the most likely of the rest whose share of the rest's sum reaches
//   top_p;
//   5. the first token in the order of ids whose cumulative share of what was kept exceeds `uniform`.
// The most likely token always stays. NaN logits count as impossible.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/cpu/kernels.h"

namespace tokenmark::cpu {

// As tm_sampling in plugins/api/plugin.h.
struct Sampling {
  float temperature = 0;
  float top_p = 1;         // 1: off
  float min_p = 0;         // 0: off
  std::int32_t top_k = 0;  // 0: off
  float uniform = 0;       // in [0, 1)
};

// Memory of `sample`, kept by the caller between calls so that none is allocated in the steady state.
struct SamplingScratch {
  struct Candidate {
    float weight;  // proportional to the probability
    std::uint32_t id;
  };
  std::vector<Candidate> candidates;
};

std::uint32_t sample(const Kernels& kernels, const float* logits, std::uint64_t vocabulary,
                     const Sampling& sampling, SamplingScratch& scratch);

}  // namespace tokenmark::cpu
