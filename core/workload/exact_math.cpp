// Compiled without contraction into fused operations (CMakeLists.txt): see the header.
#include "core/workload/exact_math.h"

#include <cmath>

#include "core/statistics/random.h"

namespace tokenmark {
namespace {

// ln 2 in two parts; the first has 32 trailing zero bits, so that its product with an exponent is exact.
constexpr double kLn2High = 0x1.62e42feep-1, kLn2Low = 0x1.a39ef35793c76p-33;

}  // namespace

double exact_log(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // exact, m in [0.5, 1)
  if (m < 0.70710678118654752) {
    m *= 2;
    --exponent;
  }
  // ln m = 2 atanh f with f = (m - 1)/(m + 1), |f| < 0.172: the series' 12th term is below 2^-60.
  const double f = (m - 1) / (m + 1), square = f * f;
  double series = 0;
  for (int n = 23; n >= 3; n -= 2) series = (series + 1.0 / n) * square;
  return exponent * kLn2High + (2 * f + (2 * f * series + exponent * kLn2Low));
}

double exact_log1p(double x) {
  const double sum = 1 + x;
  return sum == 1 ? x : exact_log(sum) * (x / (sum - 1));
}

double exact_exp(double x) {
  if (x < -740) return 0;
  const double k = std::floor(x / (kLn2High + kLn2Low) + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;  // |r| < 0.35: Taylor's 17th term is below 2^-70
  double series = 1;
  for (int n = 16; n >= 1; --n) series = 1 + series * r / n;
  return std::ldexp(series, static_cast<int>(k));
}

Draws::Draws(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) : seed_(random_at(seed, stream, index)) {}

double Draws::uniform() { return unit(random_at(seed_, 0, next_++)); }

double Draws::exponential() { return -exact_log(uniform()); }

double Draws::normal() {
  for (;;) {
    const double x = 2 * uniform() - 1, y = 2 * uniform() - 1, s = x * x + y * y;
    if (s > 0 && s < 1) return x * std::sqrt(-2 * exact_log(s) / s);
  }
}

double Draws::gamma(double shape) {
  // Below 1: of shape + 1, times a power of a uniform number (the paper's section 6).
  if (shape < 1) return gamma(shape + 1) * exact_exp(exact_log(uniform()) / shape);
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double z = normal(), root = 1 + c * z;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (exact_log(uniform()) < 0.5 * z * z + d - d * v + d * exact_log(v)) return d * v;
  }
}

}  // namespace tokenmark
