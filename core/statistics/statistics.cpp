#include "core/statistics/statistics.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/sort/spreadsort/float_sort.hpp>
#include <cmath>

#include "core/statistics/random.h"

namespace tokenmark {
namespace {

constexpr std::size_t kResamples = 1000;
constexpr std::size_t kMaxCells = 1024;
constexpr double kFirstProbes[] = {-4, -1.5, -1, -0.7, 0.7, 1, 1.5, 4};  // in half widths of the interval of independent samples
constexpr std::uint64_t kBootstrapSeed = 20'240'229;  // any number, but always this one
constexpr double kTail = 0.025;                       // on each side of a 95 % interval
constexpr double kRounding = 1e-6;
constexpr double kLargestSkewness = 0.25;             // of a sum that its first three moments describe

std::size_t samples_needed(double p) { return p == 0.5 ? 1 : static_cast<std::size_t>(std::llround(1 / std::min(p, 1 - p))); }

// By digits where there are many: of ten million numbers in a third of std::sort's time.
template <class Iterator>
void sort_numbers(Iterator begin, Iterator end) {
  boost::sort::spreadsort::float_sort(begin, end);
}

}  // namespace

double interpolated(const std::vector<double>& sorted, double p) {
  const double rank = static_cast<double>(sorted.size() - 1) * p;
  const auto below_rank = static_cast<std::size_t>(rank);
  const double low = sorted[below_rank], share = rank - static_cast<double>(below_rank);
  if (share == 0 || std::isinf(low)) return low;
  return low + share * (sorted[below_rank + 1] - low);
}

Percentiles::Percentiles(std::vector<double> in_time_order) : sorted_(in_time_order), by_cell_(std::move(in_time_order)) {
  sort_numbers(sorted_.begin(), sorted_.end());
  const std::size_t n = sorted_.size(), cells = std::min(n, kMaxCells);
  for (std::size_t c = 0; c <= cells; ++c) cell_begin_.push_back(cells > 0 ? n * c / cells : 0);
  if (n == 0) return;
  const auto begin = by_cell_.begin();
  for (std::size_t c = 0; c < cells; ++c)
    sort_numbers(begin + static_cast<std::ptrdiff_t>(cell_begin_[c]), begin + static_cast<std::ptrdiff_t>(cell_begin_[c + 1]));

  const double block_samples = std::cbrt(static_cast<double>(n));
  block_cells_ = static_cast<std::size_t>(std::max(1.0, std::round(block_samples * static_cast<double>(cells) / static_cast<double>(n))));
  blocks_ = (cells + block_cells_ - 1) / block_cells_;
}

Percentile Percentiles::at(double p) const {
  Percentile out;
  const std::size_t needed = samples_needed(p);
  if (sorted_.size() < needed) {
    out.why_absent = fmt::format("p{:g} needs {} sample{}, there {} {}", p * 100, needed, needed == 1 ? "" : "s",
                                 sorted_.size() == 1 ? "is" : "are", sorted_.empty() ? "none" : std::to_string(sorted_.size()));
    return out;
  }
  out.value = interpolated(sorted_, p);
  const OrderInterval reference = binomial_order_interval(sorted_.size(), p);
  if (reference.lower && reference.upper) out.interval = bootstrap(p);
  return out;
}

// For each probe x, the share of resamples in which at least the share p of the samples is at most x. A resample's
// percentile is at most x exactly then, so the ends of the interval are found by searching over x without making a
// resample ever.
Percentiles::Shares Percentiles::shares_reaching(double p, const Probes& ranks) const {
  const std::size_t cells = cell_begin_.size() - 1, starts = cells - block_cells_ + 1;
  std::vector<Shares> up_to(cells + 1), excess(starts);
  for (std::size_t c = 0; c < cells; ++c) {
    const double* begin = by_cell_.data() + cell_begin_[c];
    const double* end = by_cell_.data() + cell_begin_[c + 1];
    for (std::size_t k = 0; k < kProbes; ++k)
      up_to[c + 1][k] = up_to[c][k] + static_cast<double>(std::upper_bound(begin, end, sorted_[ranks[k]]) - begin);
  }
  for (std::size_t s = 0; s < starts; ++s) {
    const double wanted = p * static_cast<double>(cell_begin_[s + block_cells_] - cell_begin_[s]);
    for (std::size_t k = 0; k < kProbes; ++k) excess[s][k] = up_to[s + block_cells_][k] - up_to[s][k] - wanted;
  }
  Shares shares;
  bool all_known = true;
  for (std::size_t k = 0; k < kProbes && all_known; ++k) {
    const auto share = share_by_moments(excess, k);
    all_known = share.has_value();
    shares[k] = share.value_or(0);
  }
  return all_known ? shares : shares_by_drawing(excess);
}

// The sum of many independent draws is normal but for its skewness: P(sum ≥ 0) by Edgeworth's first correction.
// Nothing where there are too few draws for that.
std::optional<double> Percentiles::share_by_moments(const std::vector<Shares>& excess, std::size_t k) const {
  const auto n = static_cast<double>(excess.size()), draws = static_cast<double>(blocks_);
  double mean = 0, squares = 0, cubes = 0;
  for (const Shares& of_block : excess) mean += of_block[k] / n;
  for (const Shares& of_block : excess) {
    const double x = of_block[k] - mean;
    squares += x * x / n;
    cubes += x * x * x / n;
  }
  if (squares == 0) return mean >= -kRounding ? 1 : 0;
  const double skewness = cubes / std::pow(squares, 1.5) / std::sqrt(draws);
  if (std::abs(skewness) > kLargestSkewness) return std::nullopt;
  const double z = -mean / std::sqrt(squares) * std::sqrt(draws);
  const boost::math::normal_distribution<double> normal;
  return std::clamp(boost::math::cdf(boost::math::complement(normal, z)) + skewness / 6 * (z * z - 1) * boost::math::pdf(normal, z), 0.0, 1.0);
}

Percentiles::Shares Percentiles::shares_by_drawing(const std::vector<Shares>& excess) const {
  Shares reaching{};
  std::uint64_t draw = 0;
  for (std::size_t r = 0; r < kResamples; ++r) {
    Shares sum{};
    for (std::size_t b = 0; b < blocks_; ++b) {
      const Shares& of_block = excess[below(random_at(kBootstrapSeed, 0, draw++), excess.size())];
      for (std::size_t k = 0; k < kProbes; ++k) sum[k] += of_block[k];
    }
    for (std::size_t k = 0; k < kProbes; ++k) reaching[k] += sum[k] >= -kRounding ? 1.0 / kResamples : 0;
  }
  return reaching;
}

// Both ends are searched for at once, each with half of the probes: first around where they are for independent samples,
// then evenly over what is left.
Interval Percentiles::bootstrap(double p) const {
  struct Search {
    double enough;               // share of the resamples
    std::size_t low, high;       // the smallest rank whose value so many of them reach lies between
  };
  const std::size_t last = sorted_.size() - 1;
  Search searches[] = {{kTail, 0, last}, {1 - kTail, 0, last}};
  const auto narrow = [&](const Probes& ranks) {
    const Shares reaching = shares_reaching(p, ranks);
    for (Search& search : searches)
      for (std::size_t k = 0; k < kProbes; ++k) {
        if (reaching[k] >= search.enough - kRounding) search.high = std::min<std::size_t>(search.high, ranks[k]);
        else search.low = std::max<std::size_t>(search.low, std::min<std::size_t>(ranks[k] + 1, search.high));
      }
  };
  const double n = static_cast<double>(sorted_.size()), half = 2 * std::sqrt(n * p * (1 - p));
  Probes ranks;
  for (std::size_t k = 0; k < kProbes; ++k)
    ranks[k] = static_cast<std::uint32_t>(std::clamp(n * p + kFirstProbes[k] * half, 0.0, n - 1));
  narrow(ranks);
  while (searches[0].low < searches[0].high || searches[1].low < searches[1].high) {
    for (std::size_t k = 0; k < kProbes; ++k) {
      const Search& search = searches[k % 2];
      ranks[k] = static_cast<std::uint32_t>(search.low + (search.high - search.low) * (k / 2 + 1) / (kProbes / 2 + 1));
    }
    narrow(ranks);
  }
  return {sorted_[searches[0].low], sorted_[searches[1].low]};
}

Distribution distribution_of(std::vector<double> in_time_order) {
  Distribution out;
  double sum = 0, squares = 0, minimum = INFINITY, maximum = -INFINITY;
  for (const double x : in_time_order) {
    if (!std::isfinite(x)) continue;
    ++out.samples;
    const double from_mean = x - sum;  // Welford's recurrence; `sum` is the running mean
    sum += from_mean / static_cast<double>(out.samples);
    squares += from_mean * (x - sum);
    minimum = std::min(minimum, x);
    maximum = std::max(maximum, x);
  }
  if (out.samples > 0) {
    out.mean = sum;
    out.minimum = minimum;
    out.maximum = maximum;
  }
  if (out.samples > 1) out.deviation = std::sqrt(squares / static_cast<double>(out.samples - 1));
  const Percentiles percentiles(std::move(in_time_order));
  out.p25 = percentiles.at(0.25);
  out.p50 = percentiles.at(0.5);
  out.p75 = percentiles.at(0.75);
  out.p90 = percentiles.at(0.9);
  out.p95 = percentiles.at(0.95);
  out.p99 = percentiles.at(0.99);
  out.p999 = percentiles.at(0.999);
  return out;
}

// With X the number of samples below the quantile, binomial(n, p): the l-th smallest lies above the quantile when
// X < l, the u-th smallest below it when X ≥ u. Both must happen with at most 2.5 %.
OrderInterval binomial_order_interval(std::size_t n, double p) {
  OrderInterval out;
  if (n == 0) return out;
  const boost::math::binomial_distribution<double> below_quantile(static_cast<double>(n), p);
  const auto at_most = [&](std::size_t k) { return boost::math::cdf(below_quantile, static_cast<double>(k)); };
  const auto first_reaching = [&](double share) {  // smallest k with P(X ≤ k) ≥ share, by bisection
    std::size_t low = 0, high = n;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (at_most(middle) >= share) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  // Largest l with P(X ≤ l − 1) ≤ tail: one before the first k that exceeds it.
  std::size_t lower = first_reaching(kTail);
  if (at_most(lower) <= kTail) ++lower;
  if (lower >= 1) out.lower = lower;
  // Smallest u with P(X ≤ u − 1) ≥ 1 − tail.
  const std::size_t upper = first_reaching(1 - kTail) + 1;
  if (upper <= n) out.upper = upper;
  return out;
}

std::optional<Interval> interval_of_mean(const std::vector<double>& repeats) {
  if (repeats.size() < 3) return std::nullopt;
  const auto n = static_cast<double>(repeats.size());
  double mean = 0, squares = 0;
  for (const double x : repeats) mean += x / n;
  for (const double x : repeats) squares += (x - mean) * (x - mean);
  if (!std::isfinite(squares)) return std::nullopt;
  const boost::math::students_t_distribution<double> student(n - 1);
  const double half = boost::math::quantile(student, 1 - kTail) * std::sqrt(squares / (n - 1) / n);
  return Interval{mean - half, mean + half};
}

std::optional<double> median_of(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  return interpolated(values, 0.5);
}

}  // namespace tokenmark
