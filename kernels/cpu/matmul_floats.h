// Matrix products of weights that are floats of some width: f32, f16, bf16. The prepared input is the floats
// themselves.
#pragma once

#include <cstring>

#include "kernels/cpu/rows.h"

namespace tokenmark::cpu {
namespace {

struct WeightsF32 {
  using Value = float;
  static Vector load(const Value* p, int n) { return Vector::load(p, n); }
};
struct WeightsF16 {
  using Value = std::uint16_t;
  static Vector load(const Value* p, int n) { return Vector::load_half(p, n); }
};
struct WeightsBf16 {
  using Value = std::uint16_t;
  static Vector load(const Value* p, int n) { return Vector::load_bf16(p, n); }
};

constexpr std::uint64_t kPrefetchBytes = 1024;  // ahead in each row

// kRows x kTokens dot products at once: each loaded vector of weights serves all tokens. The order of a sum
// is the same for every tile shape, so a row's result does not depend on how the work is cut.
template <class Weights, int kRows, int kTokens>
void float_tile(const typename Weights::Value* rows, std::uint64_t columns, const float* x,
                std::uint64_t x_stride, float* out, std::uint64_t out_stride) {
  Vector sums[kRows][kTokens];
  for (auto& row : sums)
    for (Vector& sum : row) sum = Vector::all(0);
  for_vectors(columns, [&](std::uint64_t c, auto lanes) {
    Vector weights[kRows];
    for (int r = 0; r < kRows; ++r) {
      const auto* at = rows + static_cast<std::uint64_t>(r) * columns + c;
      weights[r] = Weights::load(at, lanes);
      if (kTokens == 1) __builtin_prefetch(at + kPrefetchBytes / sizeof(*at));
    }
    for (int t = 0; t < kTokens; ++t) {
      const Vector inputs = Vector::load(x + static_cast<std::uint64_t>(t) * x_stride + c, lanes);
      for (int r = 0; r < kRows; ++r) sums[r][t] = Vector::fma(weights[r], inputs, sums[r][t]);
    }
  });
  for (int t = 0; t < kTokens; ++t)
    for (int r = 0; r < kRows; ++r)
      out[static_cast<std::uint64_t>(t) * out_stride + static_cast<std::uint64_t>(r)] =
          Vector::sum(sums[r][t]);
}

template <class Weights, int kRows>
void float_rows(const typename Weights::Value* rows, std::uint64_t columns, const float* x,
                std::uint64_t x_stride, std::uint64_t tokens, float* out, std::uint64_t out_stride) {
  std::uint64_t t = 0;
  for (; t + Vector::kTileTokens <= tokens; t += Vector::kTileTokens)
    float_tile<Weights, kRows, Vector::kTileTokens>(rows, columns, x + t * x_stride, x_stride,
                                                    out + t * out_stride, out_stride);
  for (; t + 2 <= tokens; t += 2)
    float_tile<Weights, kRows, 2>(rows, columns, x + t * x_stride, x_stride, out + t * out_stride,
                                  out_stride);
  if (t < tokens)
    float_tile<Weights, kRows, 1>(rows, columns, x + t * x_stride, x_stride, out + t * out_stride,
                                  out_stride);
}

template <class Weights>
void matmul_floats(const Matrix& w, const float* x, std::uint64_t x_stride, std::uint64_t tokens,
                   std::uint64_t row_begin, std::uint64_t row_end, float* out, std::uint64_t out_stride) {
  constexpr std::uint64_t kTokensInCache = 48;  // inputs that stay in the second-level cache while rows go by
  const auto* weights = static_cast<const typename Weights::Value*>(w.values);
  for (std::uint64_t t = 0; t < tokens;
       t += kTokensInCache, x += kTokensInCache * x_stride, out += kTokensInCache * out_stride) {
    const std::uint64_t count = tokens - t < kTokensInCache ? tokens - t : kTokensInCache;
    std::uint64_t r = row_begin;
    for (; tokens == 1 && r + 4 <= row_end; r += 4)
      float_tile<Weights, 4, 1>(weights + r * w.columns, w.columns, x, x_stride, out + r, out_stride);
    for (; r + Vector::kTileRows <= row_end; r += Vector::kTileRows)
      float_rows<Weights, Vector::kTileRows>(weights + r * w.columns, w.columns, x, x_stride, count, out + r,
                                             out_stride);
    for (; r < row_end; ++r)
      float_rows<Weights, 1>(weights + r * w.columns, w.columns, x, x_stride, count, out + r, out_stride);
  }
}

}  // namespace
}  // namespace tokenmark::cpu
