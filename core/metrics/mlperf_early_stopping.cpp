#include "core/metrics/mlperf_early_stopping.h"

#include <boost/math/special_functions/beta.hpp>

namespace tokenmark {
namespace {

// The smallest x in (low, high] for which `holds`, which holds from some x on and at high.
template <class F>
std::int64_t first_that(std::int64_t low, std::int64_t high, F&& holds) {
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (holds(middle) ? high : low) = middle;
  }
  return high;
}

}  // namespace

std::int64_t mlperf_passing_queries(std::int64_t over, double percentile) {
  const auto passes = [&](std::int64_t h) {
    return boost::math::ibeta(static_cast<double>(h), static_cast<double>(over) + 1, percentile) <= 1 - kMlperfConfidence;
  };
  std::int64_t high = 1;
  while (!passes(high)) high *= 2;
  return first_that(high / 2, high, passes);
}

std::optional<std::int64_t> mlperf_overlatency_allowed(std::int64_t queries, double percentile) {
  const auto too_many = [&](std::int64_t t) { return mlperf_passing_queries(t, percentile) + t > queries; };
  if (too_many(1)) return {};
  return first_that(1, queries + 1, too_many) - 1;
}

}  // namespace tokenmark
