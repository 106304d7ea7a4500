#include "core/metrics/frontier.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tokenmark {
namespace {

bool finite(const XY& point) { return std::isfinite(point.x) && std::isfinite(point.y); }

struct Segment {
  double width, slope;
};

Segment segment(const std::vector<XY>& knots, std::size_t i) {
  const double width = knots[i + 1].x - knots[i].x;
  return {width, (knots[i + 1].y - knots[i].y) / width};
}

// Between two segments: the slope of the parabola through the three knots, limited so that neither segment
// overshoots; 0 at an extremum (Steffen's equation 11).
double inner_slope(const Segment& left, const Segment& right) {
  if (left.slope * right.slope <= 0) return 0;
  const double parabola = (left.slope * right.width + right.slope * left.width) / (left.width + right.width);
  const double limit = 2 * std::min(std::abs(left.slope), std::abs(right.slope));
  return std::copysign(std::min(std::abs(parabola), limit), left.slope);
}

// At an end: the slope of the parabola through the three knots there, limited to keep the segment monotone.
// `end` is the outermost segment, `next` its neighbour.
double end_slope(const Segment& end, const Segment& next) {
  const double share = end.width / (end.width + next.width);
  const double parabola = end.slope * (1 + share) - next.slope * share;
  if (parabola * end.slope <= 0) return 0;
  return std::abs(parabola) > 2 * std::abs(end.slope) ? 2 * end.slope : parabola;
}

std::vector<double> steffen_slopes(const std::vector<XY>& knots) {
  const std::size_t n = knots.size();
  if (n < 2) return std::vector<double>(n, 0.0);
  if (n == 2) return std::vector<double>(2, segment(knots, 0).slope);
  std::vector<double> slopes(n);
  slopes[0] = end_slope(segment(knots, 0), segment(knots, 1));
  for (std::size_t i = 1; i + 1 < n; ++i) slopes[i] = inner_slope(segment(knots, i - 1), segment(knots, i));
  slopes[n - 1] = end_slope(segment(knots, n - 2), segment(knots, n - 3));
  return slopes;
}

}  // namespace

std::vector<std::size_t> pareto_frontier(const std::vector<XY>& points, Better x_better, Better y_better) {
  const double x_sign = x_better == Better::higher ? 1 : -1, y_sign = y_better == Better::higher ? 1 : -1;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (finite(points[i])) order.push_back(i);
  // Best x first, among equals the best y, among equal points the first: then a point is on the frontier exactly if
  // its y beats every y before it.
  const auto before = [&](std::size_t a, std::size_t b) {
    const XY &p = points[a], &q = points[b];
    if (p.x != q.x) return x_sign * p.x > x_sign * q.x;
    if (p.y != q.y) return y_sign * p.y > y_sign * q.y;
    return a < b;
  };
  if (std::is_sorted(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return points[a].x < points[b].x; })) {
    if (x_better == Better::higher) std::reverse(order.begin(), order.end());
    for (auto equal = order.begin(); equal != order.end();) {   // points that come by x need an order among equals alone
      const auto next = std::find_if(equal, order.end(), [&](std::size_t i) { return points[i].x != points[*equal].x; });
      std::sort(equal, next, before);
      equal = next;
    }
  } else {
    std::sort(order.begin(), order.end(), before);
  }
  std::vector<std::size_t> frontier;
  for (const std::size_t i : order)
    if (frontier.empty() || y_sign * points[i].y > y_sign * points[frontier.back()].y) frontier.push_back(i);
  if (x_better == Better::higher) std::reverse(frontier.begin(), frontier.end());
  return frontier;
}

MonotoneCurve::MonotoneCurve(std::vector<XY> knots) {
  for (const XY& knot : knots)
    if (finite(knot) && (knots_.empty() || knot.x > knots_.back().x)) knots_.push_back(knot);
  slopes_ = steffen_slopes(knots_);
}

std::optional<double> MonotoneCurve::at(double x) const {
  if (knots_.empty() || !(x >= knots_.front().x && x <= knots_.back().x)) return std::nullopt;
  const auto after = std::upper_bound(knots_.begin(), knots_.end(), x, [](double v, const XY& k) { return v < k.x; });
  const std::size_t i = static_cast<std::size_t>(after - knots_.begin()) - 1;
  if (knots_[i].x == x) return knots_[i].y;
  const Segment s = segment(knots_, i);
  const double t = x - knots_[i].x;
  const double a = (slopes_[i] + slopes_[i + 1] - 2 * s.slope) / (s.width * s.width);
  const double b = (3 * s.slope - 2 * slopes_[i] - slopes_[i + 1]) / s.width;
  double y = knots_[i].y + t * (slopes_[i] + t * (b + t * a));
  // Knots so close or so large that the slopes overflow: the straight line.
  if (!std::isfinite(y)) y = std::lerp(knots_[i].y, knots_[i + 1].y, t / s.width);
  const auto [low, high] = std::minmax(knots_[i].y, knots_[i + 1].y);
  return std::clamp(y, low, high);  // rounding only
}

}  // namespace tokenmark
