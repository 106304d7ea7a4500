// Statistics of samples: percentiles with intervals, means with intervals. Pure functions, any thread.
// All intervals are at 95 %.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tokenmark {

struct Interval {
  double low = 0, high = 0;
};

// A percentile with its 95 % interval (block bootstrap; absent where it cannot be given).
struct Percentile {
  std::optional<double> value;      // may be +∞: more failures than that share
  std::optional<Interval> interval;
  std::string why_absent;           // "p99 needs 100 samples, there are 40"
};

struct Distribution {
  std::size_t samples = 0;          // completed
  std::optional<double> mean, deviation, minimum, maximum;
  Percentile p25, p50, p75, p90, p95, p99, p999;
};

// Percentiles of one series of samples in the order of time; +∞ stands for a failure.
//
// Value: linear interpolation between order statistics at rank (n − 1)·p. p50 needs 1 sample, p25 and p75 4, p90 10,
// p95 20, p99 100 and p99.9 1000; with fewer it is withheld.
//
// Interval: percentile interval of the moving-block bootstrap (H. Künsch, Ann. Statist. 17, 1217, 1989): samples of a
// run are correlated with their neighbours, so blocks of neighbours are drawn. Where the number of samples below a value
// is nearly normal over the resamples, its distribution is computed (Edgeworth's expansion to the skewness); else 1000
// resamples are drawn with a fixed seed. Blocks are n^(1/3) samples long, the optimal rate for variances. Above 1024 samples the series is cut into
// 1024 cells; blocks begin at cells and are whole cells (at least one). The ends are order statistics of the sample.
// It is given only where the binomial interval of as many independent samples has both ends: no resampling can
// know what lies beyond the largest sample (p50 from 6 samples on, p90 from 36, p99 from 368, p99.9 from 3688).
class Percentiles {
 public:
  explicit Percentiles(std::vector<double> in_time_order);
  Percentile at(double p) const;  // p in (0, 1)
  std::size_t size() const { return sorted_.size(); }

 private:
  static constexpr std::size_t kProbes = 8;
  using Probes = std::array<std::uint32_t, kProbes>;  // ranks in sorted_
  using Shares = std::array<double, kProbes>;
  Interval bootstrap(double p) const;
  Shares shares_reaching(double p, const Probes& ranks) const;
  std::optional<double> share_by_moments(const std::vector<Shares>& excess, std::size_t probe) const;
  Shares shares_by_drawing(const std::vector<Shares>& excess) const;

  std::vector<double> sorted_;
  std::vector<double> by_cell_;             // the series, sorted within each cell
  std::vector<std::size_t> cell_begin_;     // cells + 1
  std::size_t block_cells_ = 1, blocks_ = 0;
};

// Mean, deviation and extremes of the finite samples; percentiles of all.
Distribution distribution_of(std::vector<double> in_time_order);

// Ranks (1-based) of the order statistics that enclose the p-quantile of n independent samples with at least 97.5 %
// on each side; an end is absent where even the outermost sample is not enough (p99: no upper end below n = 368).
struct OrderInterval {
  std::optional<std::size_t> lower, upper;
};
OrderInterval binomial_order_interval(std::size_t n, double p);

// Student's t interval of the mean over repeats; absent below 3 repeats.
std::optional<Interval> interval_of_mean(const std::vector<double>& repeats);

// The middle value, or the mean of the two; absent without values.
std::optional<double> median_of(std::vector<double> values);

// Linear interpolation at rank (n − 1)·p of a sorted, non-empty sample that may end in +∞.
double interpolated(const std::vector<double>& sorted, double p);

}  // namespace tokenmark
