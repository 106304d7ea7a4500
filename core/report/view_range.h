// What is seen of a chart, in the units of its axes.
#pragma once

namespace tokenmark {

struct ViewRange {
  double x_low = 0, x_high = 1, y_low = 0, y_high = 1;
  bool operator==(const ViewRange&) const = default;
};

}  // namespace tokenmark
