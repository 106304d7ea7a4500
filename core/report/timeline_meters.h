// What the devices that computed told over a run, as curves of a timeline. Pure functions. Times in seconds since the run's
// start.
#pragma once

#include <string>
#include <vector>

#include "core/report/timeline.h"
#include "core/telemetry/readings.h"

namespace tokenmark {

// The sum over the devices, at the readings of the one that was read most often; where a device tells energy and no power,
// the counter's growth between two readings. Only where all of them tell something.
std::vector<XY> power_over_time(const Metering& metering);
std::vector<TimelineCurve> meters_over_time(const Metering& metering);

// The part from … to, with the points around it, as the means of at most so many stretches of time.
std::vector<XY> thinned(const std::vector<XY>& values, double from, double to, std::size_t most);
// Between two points in proportion; nothing outside.
std::optional<double> value_at(const std::vector<XY>& values, double at);

}  // namespace tokenmark
