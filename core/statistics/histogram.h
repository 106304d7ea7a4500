// A histogram of latencies for live views: fixed memory (about 200 KiB), an addition is one increment, histograms of
// several threads merge exactly, and every quantile is within 0.1 % of the exact one. Stored logs do not need it:
// their percentiles are exact (statistics.h).
//
// Buckets are those of the number's own form: the octave and the first 9 bits of the mantissa, so a bucket is 1/512
// to 1/1024 of its values wide and its middle at most 1/1024 of them away (the idea of HdrHistogram, G. Tene).
// Not thread-safe: one histogram a thread.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tokenmark {

class LatencyHistogram {
 public:
  // Seconds. Below 2^-30 s (0.9 ns) a value counts as 0; from 2^20 s (12 days) on, and where it is not a number, as +∞,
  // which is also how a failed request is added.
  static constexpr int kLowestOctave = -30, kHighestOctave = 20, kMantissaBits = 9;

  void add(double seconds) { ++counts_[bucket_of(seconds)]; ++count_; }
  void merge(const LatencyHistogram& other);

  std::uint64_t count() const { return count_; }
  // Linear interpolation between order statistics at rank (n − 1)·p, p in [0, 1]; absent without values.
  std::optional<double> quantile(double p) const;

  bool operator==(const LatencyHistogram&) const = default;

 private:
  static constexpr std::size_t kZero = 0, kFirst = 1;
  static constexpr std::size_t kInfinite = kFirst + (static_cast<std::size_t>(kHighestOctave - kLowestOctave) << kMantissaBits);

  static std::size_t bucket_of(double seconds) {
    if (seconds < std::ldexp(1.0, kLowestOctave)) return kZero;
    if (!(seconds < std::ldexp(1.0, kHighestOctave))) return kInfinite;
    constexpr int kShift = 52 - kMantissaBits, kBias = 1023;
    constexpr std::uint64_t kLowest = static_cast<std::uint64_t>(kBias + kLowestOctave) << kMantissaBits;
    return kFirst + static_cast<std::size_t>((std::bit_cast<std::uint64_t>(seconds) >> kShift) - kLowest);
  }
  static double middle_of(std::size_t bucket);

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(kInfinite + 1);
  std::uint64_t count_ = 0;
};

}  // namespace tokenmark
