// In which unit an axis of times is read best. Pure, any thread.
#pragma once

#include <cmath>

namespace tokenmark {

struct TimeUnit {
  double per_second = 1;
  const char* name = "s";
};

// For an axis that reaches so far.
inline TimeUnit time_unit(double largest_s) {
  const double size = std::abs(largest_s);
  if (size >= 1 || !(size > 0)) return {1, "s"};
  if (size >= 1e-3) return {1e3, "ms"};
  return {1e6, "µs"};
}

}  // namespace tokenmark
