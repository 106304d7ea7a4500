// Slow, obvious scalar versions of every kernel, straight from the definition, accumulating in double: the
// oracle of the kernel tests. Inputs are plain floats; rounding (quantised weights, half caches) is the
// caller's, made explicit by dequantising first.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/formats/format.h"

namespace tokenmark::reference {

// out[t * rows + r] = sum over c of weights[r][c] * x[t * columns + c]; weights in `format`, used as they
// are.
void matmul(Format format, const void* weights, std::uint64_t rows, std::uint64_t columns, const float* x,
            std::uint64_t tokens, float* out);
void rms_norm(const float* x, const float* weight, std::uint64_t n, float epsilon, float* out);
void silu_multiply(const float* gate, const float* up, std::uint64_t n, float* out);
void softmax(float* x, std::uint64_t n);
// Pair i of one head turned by position * frequencies[i]: (x0 cos - x1 sin, x0 sin + x1 cos).
void rope(float* head, std::uint32_t rope_dim, const double* frequencies, std::int64_t position,
          bool interleaved);
// keys are [..][key_dim], values [..][value_dim], already in the order of the sequence; the query sees tokens
// [begin, end). The sink is a logit that joins the denominator only (-infinity: none).
struct AttentionShape {
  std::uint32_t key_dim, value_dim, begin, end;
  float scale, sink;
};
void attention(const float* query, const float* keys, const float* values, const AttentionShape& shape, float* out);
std::uint32_t argmax(const float* x, std::uint64_t n);

// What remains after temperature, top_k, min_p and top_p (kernels/cpu/sampling.h): probabilities by id that
// sum to 1.
std::vector<double> sampling_distribution(const float* logits, std::uint64_t n, float temperature,
                                          std::int32_t top_k, float min_p, float top_p);

}  // namespace tokenmark::reference
