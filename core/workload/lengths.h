// What workload.lengths names: the meaning of a length L and of range_ratio r. Pure, any thread.
//   inferencex  uniform on [floor(r·L), L]                    InferenceX's client (r = 0.8)
//   sglang      uniform on [max(int(L·r), 1), L]              SGLang bench_serving, --random-range-ratio; the same range
//   vllm        uniform on [floor(L(1-r)), ceil(L(1+r))]      vLLM bench serve, --random-range-ratio, r < 1
//   lognormal   mean L, standard deviation = deviation · L, rounded; ln X is normal with σ² = ln(1 + deviation²) and
//               mean ln L - σ²/2
// No length is below 1. A fixed length is inferencex with r = 1. Lengths of prompts count what a server adds around them
// (BOS); vLLM takes those tokens off L before it draws.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "core/workload/point.h"

namespace tokenmark {

// What cannot be: a vllm ratio of 1, a deviation without lognormal …
Status check_lengths(const Workload& workload);

// The length for the 64 random bits `random`.
std::int32_t drawn_length(const Workload& workload, std::int32_t length, std::uint64_t random);

// The mean of what is drawn.
double mean_length(const Workload& workload, std::int32_t length);

// The longest that can be drawn; of lognormal ones, which have no bound, the mean.
std::int64_t longest_length(const Workload& workload, std::int32_t length);

}  // namespace tokenmark
