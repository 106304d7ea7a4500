#include "core/sweep/order.h"

namespace tokenmark {

std::vector<Point> in_order(const std::vector<Point>& once, std::int32_t repeats, SweepOrder order) {
  std::vector<Point> out;
  out.reserve(once.size() * static_cast<std::size_t>(repeats));
  const auto add = [&](Point point, std::int32_t repeat) {
    point.repeat = repeat;
    out.push_back(std::move(point));
  };
  if (order == SweepOrder::sequential) {
    for (const Point& point : once)
      for (std::int32_t repeat = 0; repeat < repeats; ++repeat) add(point, repeat);
    return out;
  }
  for (std::int32_t repeat = 0; repeat < repeats; ++repeat) {
    const bool backwards = order == SweepOrder::abba && repeat % 2 == 1;
    for (std::size_t i = 0; i < once.size(); ++i) add(once[backwards ? once.size() - 1 - i : i], repeat);
  }
  return out;
}

}  // namespace tokenmark
