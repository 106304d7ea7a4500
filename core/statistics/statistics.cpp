#include "core/statistics/statistics.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/sort/spreadsort/float_sort.hpp>
#include <cmath>

#include "core/statistics/random.h"

namespace tokenmark {
namespace {

constexpr std::size_t kResamples = 1000;
constexpr std::size_t kMaxCells = 1024;
constexpr std::uint64_t kBootstrapSeed = 20'240'229;  // any number, but always this one
constexpr double kTail = 0.025;                       // on each side of a 95 % interval

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
  starts_.resize(kResamples * blocks_);
  for (std::size_t i = 0; i < starts_.size(); ++i)
    starts_[i] = static_cast<std::uint16_t>(below(random_at(kBootstrapSeed, 0, i), cells - block_cells_ + 1));
  for (std::size_t r = 0; r < kResamples; ++r) {
    std::size_t size = 0;
    for (std::size_t b = 0; b < blocks_; ++b) {
      const std::size_t start = starts_[r * blocks_ + b];
      size += cell_begin_[start + block_cells_] - cell_begin_[start];
    }
    resample_sizes_.push_back(static_cast<double>(size));
  }
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

// In how many resamples at least the share p of the samples is at most x. A resample's percentile is at most x
// exactly then, so the ends of the interval are found by bisection over x without making a resample ever.
std::size_t Percentiles::resamples_reaching(double p, double x) const {
  const std::size_t cells = cell_begin_.size() - 1;
  std::vector<std::uint32_t> up_to(cells + 1, 0), in_block(cells - block_cells_ + 1);
  for (std::size_t c = 0; c < cells; ++c) {
    const double* begin = by_cell_.data() + cell_begin_[c];
    const double* end = by_cell_.data() + cell_begin_[c + 1];
    up_to[c + 1] = up_to[c] + static_cast<std::uint32_t>(std::upper_bound(begin, end, x) - begin);
  }
  for (std::size_t s = 0; s < in_block.size(); ++s) in_block[s] = up_to[s + block_cells_] - up_to[s];
  std::size_t reaching = 0;
  for (std::size_t r = 0; r < kResamples; ++r) {
    const std::uint16_t* starts = starts_.data() + r * blocks_;
    std::uint64_t count = 0;
    for (std::size_t b = 0; b < blocks_; ++b) count += in_block[starts[b]];
    reaching += static_cast<double>(count) >= p * resample_sizes_[r] - 1e-6;
  }
  return reaching;
}

Interval Percentiles::bootstrap(double p) const {
  const auto smallest_reaching = [&](double share, std::size_t from) {
    const auto enough = static_cast<std::size_t>(share * kResamples);
    std::size_t low = from, high = sorted_.size() - 1;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (resamples_reaching(p, sorted_[middle]) >= enough) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const std::size_t low = smallest_reaching(kTail, 0);
  return {sorted_[low], sorted_[smallest_reaching(1 - kTail, low)]};
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
