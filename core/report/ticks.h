// Axis ranges, tick positions and numbers as a person reads them. Pure functions, any thread.
#pragma once

#include <string>
#include <vector>

namespace tokenmark {

struct AxisScale {
  double low = 0, high = 1;      // low < high; both above 0 on a log axis
  bool log = false;
  std::vector<double> ticks;     // inside [low, high], rising
  double per = 1;                // a tick is written as so many times its value: 1000 for ms on an axis of seconds
  double share(double value) const;  // 0 at low, 1 at high
};

// A scale that holds all values with some air. Linear axes begin at 0 where the values reach down to half of it.
AxisScale axis_scale(const std::vector<double>& values, bool log);

// "0.25", "1200", "350k", "2.5M"; all ticks of a linear axis in the unit of its largest.
std::string tick_text(double tick, const AxisScale& scale);
// Four significant digits, never in exponent form between 1e-4 and 1e7: "0.03444", "260.6", "4260".
std::string number_text(double value);

}  // namespace tokenmark
