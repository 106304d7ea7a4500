// Energy of a run, from what its meters told, over [first send, last end] of the measured requests. Two ways:
//   counter    E(last end) − E(first send), where the device counts energy; between two readings in proportion to time
//   trapezoid  ∫ power dt over the readings, the ends interpolated
// The counter is the figure where there is one and the trapezoid its check: more than 5 % between them is said. Invalid, with
// the reason: readings that do not enclose the run, a gap of more than 3 s between them, more or fewer accelerators than the
// run used, a board of which the run had a share (its counters are of all of it). The rules are those that InferenceX
// validates its own power by; the counter is this project's addition.
// What computes is added up; what is beside it (the host's CPU, the whole machine) has figures of its own. Pure functions.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "core/metrics/figures.h"
#include "core/telemetry/readings.h"

namespace tokenmark {

inline constexpr double kLongestPowerGap_s = 3;
inline constexpr double kPowerCheckShare = 0.05;

// Energy of one device between two times of the log. Readings without the value are passed over.
Result<double> counted_energy(const std::vector<MeterReading>& readings, std::int64_t from_ns, std::int64_t to_ns);
Result<double> integrated_energy(const std::vector<MeterReading>& readings, std::int64_t from_ns, std::int64_t to_ns);

// Sets the run's power and its meters' figures, or the reason why there are none. `gpus`: accelerators that it used; 0: unknown.
void set_power(const EventLog& log, std::int32_t gpus, Figures& figures);

}  // namespace tokenmark
