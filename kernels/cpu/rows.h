// Kernels over rows of floats, written once over the including translation unit's Vector.
#pragma once

#include <cstring>

#include "kernels/cpu/kernels.h"

namespace tokenmark::cpu {
namespace {

struct AllLanes {
  constexpr operator int() const { return Vector::kLanes; }
};

// Calls body(i, lanes) for every vector of [0, count): lanes is AllLanes, known to the compiler, but for a
// shorter rest.
template <class Body>
[[gnu::always_inline]] inline void for_vectors(std::uint64_t count, Body body) {
  std::uint64_t i = 0;
  for (; count - i >= Vector::kLanes; i += Vector::kLanes) body(i, AllLanes{});
  if (i < count) body(i, static_cast<int>(count - i));
}

// e^x within a few units of the last place; 0 below -87, as x = 88 above. Taylor's polynomial on |r| <=
// ln(2)/2.
[[gnu::always_inline]] inline Vector exp(Vector x) {
  constexpr float kLog2e = 1.44269504f, kLn2High = 0.693359375f,
                  kLn2Low = -2.12194440e-4f;  // n * kLn2High is exact
  constexpr float kTaylor[] = {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1, 1};
  const Vector zero = Vector::all(0);
  const Vector bounded = zero - Vector::max(zero - Vector::max(x, Vector::all(-87)), Vector::all(-88));
  const Vector n = Vector::round(bounded * Vector::all(kLog2e));
  const Vector r = Vector::fma(n, Vector::all(-kLn2Low), Vector::fma(n, Vector::all(-kLn2High), bounded));
  Vector p = Vector::all(1.0f / 5040);
  for (const float coefficient : kTaylor) p = Vector::fma(p, r, Vector::all(coefficient));
  return Vector::zero_where_below(Vector::times_power_of_2(p, n), x, -87);
}

void rms_norm(const float* x, const float* weight, std::uint64_t n, float epsilon, float* out) {
  Vector squares = Vector::all(0);
  for_vectors(n, [&](std::uint64_t i, auto lanes) {
    const Vector v = Vector::load(x + i, lanes);
    squares = Vector::fma(v, v, squares);
  });
  const Vector scale =
      Vector::all(1 / __builtin_sqrtf(Vector::sum(squares) / static_cast<float>(n) + epsilon));
  for_vectors(n, [&](std::uint64_t i, auto lanes) {
    Vector::store(out + i, Vector::load(x + i, lanes) * scale * Vector::load(weight + i, lanes), lanes);
  });
}

void add(float* x, const float* y, std::uint64_t n) {
  for_vectors(n, [&](std::uint64_t i, auto lanes) {
    Vector::store(x + i, Vector::load(x + i, lanes) + Vector::load(y + i, lanes), lanes);
  });
}

void silu_multiply(const float* gate, const float* up, std::uint64_t n, float* out) {
  for_vectors(n, [&](std::uint64_t i, auto lanes) {
    const Vector g = Vector::load(gate + i, lanes);
    const Vector sigmoid_inverse = Vector::all(1) + exp(Vector::all(0) - g);
    Vector::store(out + i, g / sigmoid_inverse * Vector::load(up + i, lanes), lanes);
  });
}

void swiglu_clamped(const float* gate, const float* up, std::uint64_t n, float limit, float* out) {
  const Vector least = Vector::all(-limit), zero = Vector::all(0);
  const auto at_most = [&](Vector x) { return zero - Vector::max(zero - x, least); };
  for_vectors(n, [&](std::uint64_t i, auto lanes) {
    const Vector g = at_most(Vector::load(gate + i, lanes));
    const Vector u = Vector::max(at_most(Vector::load(up + i, lanes)), least);
    const Vector sigmoid_inverse = Vector::all(1) + exp(zero - g * Vector::all(1.702f));
    Vector::store(out + i, g / sigmoid_inverse * (u + Vector::all(1)), lanes);
  });
}

void add_scaled(float* x, const float* y, float factor, std::uint64_t n) {
  for_vectors(n, [&](std::uint64_t i, auto lanes) {
    Vector::store(x + i, Vector::fma(Vector::load(y + i, lanes), Vector::all(factor), Vector::load(x + i, lanes)),
                  lanes);
  });
}

float greatest(const float* x, std::uint64_t n) {
  const float least = -__builtin_inff();
  Vector best = Vector::all(least);
  std::uint64_t i = 0;
  for (; n - i >= Vector::kLanes; i += Vector::kLanes) best = Vector::max(Vector::load(x + i), best);
  float result = Vector::greatest(best);
  for (; i < n; ++i) result = x[i] > result ? x[i] : result;
  return result;
}

void softmax(float* x, std::uint64_t n) {
  const Vector highest = Vector::all(greatest(x, n));
  double sum = 0;  // over up to a whole vocabulary
  for_vectors(n, [&](std::uint64_t i, auto lanes) {
    Vector::store(x + i, exp(Vector::load(x + i, lanes) - highest), lanes);
    sum += static_cast<double>(Vector::sum(Vector::load(x + i, lanes)));
  });
  const Vector scale = Vector::all(static_cast<float>(1 / sum));
  for_vectors(n, [&](std::uint64_t i, auto lanes) {
    Vector::store(x + i, Vector::load(x + i, lanes) * scale, lanes);
  });
}

// (first, second) turned by angles of these cosines and sines.
[[gnu::always_inline]] inline void turn(Vector& first, Vector& second, Vector cosine, Vector sine) {
  const Vector turned = Vector::fma(first, cosine, Vector::all(0) - second * sine);
  second = Vector::fma(first, sine, second * cosine);
  first = turned;
}

void rope_halves(float* x, std::uint32_t pairs, const float* cosines, const float* sines) {
  for_vectors(pairs, [&](std::uint64_t i, auto lanes) {
    Vector first = Vector::load(x + i, lanes), second = Vector::load(x + pairs + i, lanes);
    turn(first, second, Vector::load(cosines + i, lanes), Vector::load(sines + i, lanes));
    Vector::store(x + i, first, lanes);
    Vector::store(x + pairs + i, second, lanes);
  });
}

void rope_interleaved(float* x, std::uint32_t pairs, const float* cosines, const float* sines) {
  std::uint32_t i = 0;
  for (; i + Vector::kLanes <= pairs; i += Vector::kLanes) {
    Vector first, second;
    Vector::load_pairs(x + 2 * i, first, second);
    turn(first, second, Vector::load(cosines + i), Vector::load(sines + i));
    Vector::store_pairs(x + 2 * i, first, second);
  }
  for (; i < pairs; ++i) {
    const float first = x[2 * i], second = x[2 * i + 1];
    x[2 * i] = first * cosines[i] - second * sines[i];
    x[2 * i + 1] = first * sines[i] + second * cosines[i];
  }
}

void rope(float* x, std::uint32_t heads, std::uint32_t head_dim, std::uint32_t rope_dim, const float* cosines,
          const float* sines, RopeStyle style) {
  for (std::uint32_t h = 0; h < heads; ++h, x += head_dim)
    if (style == RopeStyle::interleaved)
      rope_interleaved(x, rope_dim / 2, cosines, sines);
    else
      rope_halves(x, rope_dim / 2, cosines, sines);
}

std::uint32_t argmax(const float* x, std::uint64_t n) {
  const float highest = greatest(x, n);
  for (std::uint64_t i = 0; i < n; ++i)
    if (x[i] == highest) return static_cast<std::uint32_t>(i);
  return 0;  // all NaN
}

}  // namespace
}  // namespace tokenmark::cpu
