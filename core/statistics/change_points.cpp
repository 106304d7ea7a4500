#include "core/statistics/change_points.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "core/statistics/random.h"

namespace tokenmark {
namespace {

constexpr std::size_t kFewestOfLevel = 2, kShuffles = 999;
constexpr double kAlpha = 0.05;
constexpr double kTie = 1e-9;   // sums in another order differ by less

struct Split {
  std::size_t at = 0;
  double size = 0;   // CUSUM
};

// Sums of the first 0, 1, … values of a part, less its mean: differences of them stay exact enough.
class Sums {
 public:
  void of(const double* values, std::size_t n) {
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i) mean += values[i] / static_cast<double>(n);
    sums_.assign(1, 0);
    for (std::size_t i = 0; i < n; ++i) sums_.push_back(sums_.back() + values[i] - mean);
  }
  std::size_t size() const { return sums_.size() - 1; }

  // The best split of [from, to).
  Split best(std::size_t from, std::size_t to) const {
    Split best;
    for (std::size_t at = from + kFewestOfLevel; at + kFewestOfLevel <= to; ++at) {
      const auto a = static_cast<double>(at - from), b = static_cast<double>(to - at);
      const double size = std::abs((sums_[at] - sums_[from]) / a - (sums_[to] - sums_[at]) / b) * std::sqrt(a * b / (a + b));
      if (size > best.size * (1 + kTie)) best = {at, size};
    }
    return best;
  }
  // The best one of all seeded intervals.
  Split best_seeded() const {
    Split best;
    for (std::size_t parts = 1; size() / parts >= 2 * kFewestOfLevel; parts *= 2) {
      const std::size_t length = size() / parts, step = std::max<std::size_t>(1, length / 2);
      for (std::size_t from = 0; from + length <= size(); from += step) {
        const Split split = this->best(from, from + length);
        if (split.size > best.size * (1 + kTie)) best = split;
      }
    }
    return best;
  }

 private:
  std::vector<double> sums_;
};

class Search {
 public:
  explicit Search(std::vector<double> logs) : logs_(std::move(logs)) {}

  Levels levels() {
    find(0, logs_.size());
    std::sort(changes_.begin(), changes_.end());
    std::vector<double> p = settle();
    return measured(p);
  }

 private:
  struct Tested {
    Split split;
    double p = 1;
  };

  Tested test(std::size_t from, std::size_t to, bool seeded) const {
    std::vector<double> part(logs_.begin() + static_cast<std::ptrdiff_t>(from), logs_.begin() + static_cast<std::ptrdiff_t>(to));
    const auto best = [&](Sums& sums) {
      sums.of(part.data(), part.size());
      return seeded ? sums.best_seeded() : sums.best(0, part.size());
    };
    Sums sums;
    Tested tested{best(sums), 1};
    std::size_t as_large = 0, shuffles = 0;
    std::uint64_t drawn = 0;
    // No longer than it takes to know that it is not rare (J. Besag, P. Clifford, Biometrika 78, 301, 1991).
    for (; shuffles < kShuffles && static_cast<double>(as_large) < kAlpha * (1 + kShuffles); ++shuffles) {
      for (std::size_t i = part.size(); i > 1; --i) std::swap(part[i - 1], part[below(random_at(1, part.size(), drawn++), i)]);
      as_large += best(sums).size >= tested.split.size * (1 - kTie);
    }
    tested.split.at += from;
    tested.p = static_cast<double>(1 + as_large) / static_cast<double>(1 + shuffles);
    return tested;
  }

  void find(std::size_t from, std::size_t to) {
    if (to - from < kFewestForChanges) return;
    const Tested tested = test(from, to, true);
    if (tested.p > kAlpha) return;
    changes_.push_back(tested.split.at);
    find(from, tested.split.at);
    find(tested.split.at, to);
  }

  // Every change at the best place between its neighbours, the weakest taken away until all hold. Their p.
  std::vector<double> settle() {
    for (;;) {
      std::vector<double> p;
      for (std::size_t i = 0; i < changes_.size(); ++i) {
        const std::size_t from = i == 0 ? 0 : changes_[i - 1], to = i + 1 == changes_.size() ? logs_.size() : changes_[i + 1];
        const Tested tested = test(from, to, false);
        if (tested.split.at > from) changes_[i] = tested.split.at;
        p.push_back(tested.p);
      }
      const auto weakest = std::max_element(p.begin(), p.end());
      if (weakest == p.end() || *weakest <= kAlpha) return p;
      changes_.erase(changes_.begin() + (weakest - p.begin()));
    }
  }

  Levels measured(const std::vector<double>& p) const {
    Levels found;
    double squares = 0;
    for (std::size_t i = 0; i <= changes_.size(); ++i) {
      const std::size_t from = i == 0 ? 0 : changes_[i - 1], to = i == changes_.size() ? logs_.size() : changes_[i];
      double mean = 0;
      for (std::size_t k = from; k < to; ++k) mean += logs_[k] / static_cast<double>(to - from);
      for (std::size_t k = from; k < to; ++k) squares += (logs_[k] - mean) * (logs_[k] - mean);
      found.levels.push_back({from, to, mean});
    }
    if (!changes_.empty()) {
      const auto degrees = static_cast<double>(logs_.size() - found.levels.size());
      const double t = boost::math::quantile(boost::math::students_t_distribution<double>(degrees), 0.975);
      for (std::size_t i = 0; i < changes_.size(); ++i) {
        const Level &before = found.levels[i], &after = found.levels[i + 1];
        const double step = after.value - before.value;
        const double half = t * std::sqrt(squares / degrees * (1.0 / static_cast<double>(before.to - before.from) +
                                                                1.0 / static_cast<double>(after.to - after.from)));
        found.changes.push_back({changes_[i], std::expm1(step), {std::expm1(step - half), std::expm1(step + half)}, p[i]});
      }
    }
    for (Level& level : found.levels) level.value = std::exp(level.value);
    return found;
  }

  std::vector<double> logs_;
  std::vector<std::size_t> changes_;
};

}  // namespace

std::optional<Levels> find_levels(const std::vector<double>& values) {
  if (values.empty()) return Levels();
  std::vector<double> logs;
  for (const double value : values) {
    if (!std::isfinite(value) || value <= 0) return std::nullopt;
    logs.push_back(std::log(value));
  }
  return Search(std::move(logs)).levels();
}

}  // namespace tokenmark
