// How much larger one thing is than another, of which both were measured a few times. Pure function, any thread.
#pragma once

#include <optional>
#include <vector>

#include "core/statistics/statistics.h"

namespace tokenmark {

// The 95 % interval of the ratio of the geometric means of `a` and `b`: Welch's t on logarithms (B. L. Welch, Biometrika 34,
// 28, 1947). Absent below 3 values on a side, and where a value is not above 0.
std::optional<Interval> interval_of_ratio(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace tokenmark
