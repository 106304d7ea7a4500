#include "engine/runtime/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tokenmark {
namespace {

// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ull;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

}  // namespace

float uniform_draw(std::uint64_t seed, std::uint64_t index) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15ull;
  const std::uint64_t bits = mix(mix(seed + kGolden) + (index + 1) * kGolden);
  return static_cast<float>(bits >> 40) * 0x1p-24f;
}

void fill_logprobs(const float* logits, std::int32_t vocabulary, std::int32_t count, TokenEvent& event) {
  const float highest = *std::max_element(logits, logits + vocabulary);
  double sum = 0;
  for (std::int32_t i = 0; i < vocabulary; ++i) sum += std::exp(static_cast<double>(logits[i] - highest));
  const double log_sum = highest + std::log(sum);
  const auto logprob = [&](TokenId token) { return static_cast<float>(logits[token] - log_sum); };

  event.logprob = logprob(event.token);
  count = std::min(count, vocabulary);
  if (count <= 0) return;
  std::vector<TokenId> order(static_cast<std::size_t>(vocabulary));
  std::iota(order.begin(), order.end(), 0);
  std::partial_sort(order.begin(), order.begin() + count, order.end(), [&](TokenId a, TokenId b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  });
  event.top_logprobs.clear();
  for (std::int32_t i = 0; i < count; ++i) {
    const TokenId token = order[static_cast<std::size_t>(i)];
    event.top_logprobs.push_back({token, logprob(token)});
  }
}

}  // namespace tokenmark
