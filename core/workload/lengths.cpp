#include "core/workload/lengths.h"

#include <algorithm>
#include <cmath>

#include "core/workload/exact_math.h"
#include "core/statistics/random.h"

namespace tokenmark {
namespace {

constexpr double kMaxTokens = 16'000'000;  // of one prompt or answer, as a point's fields

std::int32_t lognormal_length(double mean, double deviation, std::uint64_t random) {
  const double variance = exact_log1p(deviation * deviation);
  const double x = mean * exact_exp(std::sqrt(variance) * Draws(random, 0, 0).normal() - variance / 2);
  return static_cast<std::int32_t>(std::clamp(std::floor(x + 0.5), 1.0, kMaxTokens));
}

std::int64_t shortest_length(const Workload& workload, std::int32_t length) {
  const bool around = workload.lengths == "vllm";
  const double least = around ? length * (1 - workload.range_ratio) : workload.range_ratio * length;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(least)));
}

}  // namespace

Status check_lengths(const Workload& workload) {
  const bool lognormal = workload.lengths == "lognormal";
  if (workload.lengths == "vllm" && workload.range_ratio >= 1)
    return fail(ErrorKind::invalid_input, "workload.range_ratio is {} but must be below 1: workload.lengths 'vllm' draws from "
                "L(1-r) to L(1+r), r = 0 is a fixed length", workload.range_ratio);
  if (lognormal && workload.deviation <= 0)
    return fail(ErrorKind::invalid_input, "workload.deviation is 0: workload.lengths 'lognormal' needs it, as standard deviation "
                "÷ mean");
  if (!lognormal && workload.deviation != 0)
    return fail(ErrorKind::invalid_input, "workload.deviation is {} but workload.lengths is '{}': only lognormal has one",
                workload.deviation, workload.lengths);
  return {};
}

std::int32_t drawn_length(const Workload& workload, std::int32_t length, std::uint64_t random) {
  if (workload.lengths == "lognormal") return lognormal_length(length, workload.deviation, random);
  const std::int64_t shortest = shortest_length(workload, length);
  const std::int64_t longest = std::max(shortest, longest_length(workload, length));
  return static_cast<std::int32_t>(shortest + static_cast<std::int64_t>(below(random, static_cast<std::uint64_t>(longest - shortest) + 1)));
}

double mean_length(const Workload& workload, std::int32_t length) {
  if (workload.lengths == "lognormal") return length;
  const std::int64_t shortest = shortest_length(workload, length);
  return static_cast<double>(shortest + std::max(shortest, longest_length(workload, length))) / 2;
}

std::int64_t longest_length(const Workload& workload, std::int32_t length) {
  if (workload.lengths != "vllm") return length;
  return static_cast<std::int64_t>(std::ceil(length * (1 + workload.range_ratio)));
}

}  // namespace tokenmark
