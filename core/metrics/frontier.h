// Frontiers of a series of points: the non-dominated ones, and Steffen's monotone cubic through them
// (M. Steffen, Astron. Astrophys. 239, 443, 1990). Pure functions.
#pragma once

#include <optional>
#include <vector>

namespace tokenmark {

struct XY {
  double x = 0, y = 0;
};

enum class Better : unsigned char { higher, lower };

// Indices of the non-dominated points, ordered by x. Equal points: the first stays. Non-finite ones never qualify.
std::vector<std::size_t> pareto_frontier(const std::vector<XY>& points, Better x_better, Better y_better);

// The curve through knots of strictly increasing x; a value only inside [first x, last x].
class MonotoneCurve {
 public:
  explicit MonotoneCurve(std::vector<XY> knots);
  std::optional<double> at(double x) const;
  const std::vector<XY>& knots() const { return knots_; }

 private:
  std::vector<XY> knots_;
  std::vector<double> slopes_;
};

}  // namespace tokenmark
