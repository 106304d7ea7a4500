#include "kernels/cpu/sampling.h"

#include <algorithm>
#include <cmath>

namespace tokenmark::cpu {
namespace {

using Candidate = SamplingScratch::Candidate;

bool more_likely(const Candidate& a, const Candidate& b) {
  return a.weight != b.weight ? a.weight > b.weight : a.id < b.id;
}

void keep_top_k(std::vector<Candidate>& candidates, std::size_t k) {
  if (k >= candidates.size()) return;
  std::nth_element(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(k), candidates.end(),
                   more_likely);
  candidates.resize(k);
}

// Sorts only as many of the most likely as are needed: few tokens usually hold most of the sum.
void keep_top_p(std::vector<Candidate>& candidates, double top_p) {
  double sum = 0;
  for (const Candidate& candidate : candidates) sum += static_cast<double>(candidate.weight);
  double kept = 0;
  std::size_t count = 0, sorted = 0;
  while (count < candidates.size() && (count == 0 || kept < top_p * sum)) {
    if (count == sorted) {
      sorted = std::min(candidates.size(), sorted * 4 + 64);
      std::partial_sort(candidates.begin() + static_cast<std::ptrdiff_t>(count),
                        candidates.begin() + static_cast<std::ptrdiff_t>(sorted), candidates.end(),
                        more_likely);
    }
    kept += static_cast<double>(candidates[count++].weight);
  }
  candidates.resize(count);
}

}  // namespace

std::uint32_t sample(const Kernels& kernels, const float* logits, std::uint64_t vocabulary,
                     const Sampling& sampling, SamplingScratch& scratch) {
  const std::uint32_t best = kernels.argmax(logits, vocabulary);
  if (!(sampling.temperature > 0) || !std::isfinite(logits[best])) return best;

  const double inverse_temperature = 1 / static_cast<double>(sampling.temperature);
  const float least = sampling.min_p > 0 ? std::min(sampling.min_p, 1.0f) : 0;
  std::vector<Candidate>& candidates = scratch.candidates;
  candidates.clear();
  for (std::uint64_t id = 0; id < vocabulary; ++id) {
    const double difference = static_cast<double>(logits[id]) - static_cast<double>(logits[best]);
    const float weight = static_cast<float>(std::exp(difference * inverse_temperature));  // of the best: 1
    // min_p is relative to the best, which top_k always keeps: both orders keep the same tokens.
    if (weight > 0 && weight >= least) candidates.push_back({weight, static_cast<std::uint32_t>(id)});
  }
  if (sampling.top_k > 0) keep_top_k(candidates, static_cast<std::size_t>(sampling.top_k));
  if (sampling.top_p < 1) keep_top_p(candidates, static_cast<double>(sampling.top_p));
  if (sampling.top_k > 0 || sampling.top_p < 1)
    std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.id < b.id; });

  double sum = 0;
  for (const Candidate& candidate : candidates) sum += static_cast<double>(candidate.weight);
  const double target = static_cast<double>(sampling.uniform) * sum;
  double cumulative = 0;
  for (const Candidate& candidate : candidates) {
    cumulative += static_cast<double>(candidate.weight);
    if (cumulative > target) return candidate.id;
  }
  return candidates.back().id;
}

}  // namespace tokenmark::cpu
