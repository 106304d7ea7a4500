#include "core/statistics/histogram.h"

#include <limits>

namespace tokenmark {

void LatencyHistogram::merge(const LatencyHistogram& other) {
  for (std::size_t b = 0; b < counts_.size(); ++b) counts_[b] += other.counts_[b];
  count_ += other.count_;
}

double LatencyHistogram::middle_of(std::size_t bucket) {
  if (bucket == kZero) return 0;
  if (bucket == kInfinite) return std::numeric_limits<double>::infinity();
  const std::size_t of_octave = (bucket - kFirst) & ((std::size_t{1} << kMantissaBits) - 1);
  const int octave = kLowestOctave + static_cast<int>((bucket - kFirst) >> kMantissaBits);
  const double share = (static_cast<double>(of_octave) + 0.5) / static_cast<double>(std::size_t{1} << kMantissaBits);
  return std::ldexp(1 + share, octave);
}

std::optional<double> LatencyHistogram::quantile(double p) const {
  if (count_ == 0) return std::nullopt;
  const double rank = static_cast<double>(count_ - 1) * p;
  const auto below_rank = static_cast<std::uint64_t>(rank);
  std::size_t bucket = 0;
  std::uint64_t up_to = counts_[0];
  while (up_to <= below_rank) up_to += counts_[++bucket];
  const double low = middle_of(bucket), share = rank - static_cast<double>(below_rank);
  if (share == 0 || up_to > below_rank + 1) return low;
  do ++bucket;
  while (counts_[bucket] == 0);
  return low + share * (middle_of(bucket) - low);
}

}  // namespace tokenmark
