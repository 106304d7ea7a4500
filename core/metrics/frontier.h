// Frontiers of a series of points: the non-dominated ones, and Steffen's monotone cubic through them
// (M. Steffen, "A simple method for monotonic interpolation in one dimension", Astron. Astrophys. 239, 443, 1990).
// A frontier is not a convex hull. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace tokenmark {

struct XY {
  double x = 0, y = 0;
  bool operator==(const XY&) const = default;
};

enum class Better : unsigned char { higher, lower };

// Indices of the non-dominated points, by strictly increasing x, in O(n log n). Equal points: the first stays.
// Points with a coordinate that is not finite never qualify.
std::vector<std::size_t> pareto_frontier(const std::vector<XY>& points, Better x_better, Better y_better);

// The curve through knots of strictly increasing x: monotone between any two of them, so it never leaves the span of
// their y. A value only inside [first x, last x]: nothing is extrapolated.
class MonotoneCurve {
 public:
  // Knots that are not finite, or whose x does not increase, are left out.
  explicit MonotoneCurve(std::vector<XY> knots);
  std::optional<double> at(double x) const;
  const std::vector<XY>& knots() const { return knots_; }

 private:
  std::vector<XY> knots_;
  std::vector<double> slopes_;
};

}  // namespace tokenmark
