// How long a sweep will take, before it starts and point by point, and what that is known from:
//   measured   the same configuration was measured before: the median of those times, its warm-ups added in proportion
//   schedule   an open loop lasts as long as its schedule
//   similar    the same target was measured on this node with other lengths or another concurrency c. A request takes
//              TTFT · input ÷ input' + TPOT(c) · (output - 1), with the medians of the run whose lengths and concurrency
//              are nearest. TPOT(c) is straight in c between two measured concurrencies; below the lowest it is the
//              lowest's; above the highest it grows with c (the throughput stays).
//   ceilings   the embedded engine with nothing measured: no step is faster than reading all weights at the device's
//              measured bandwidth, and no prompt than 2 operations a parameter and token at its measured arithmetic
//              (`devices --calibrate` keeps both): a lower bound
// Times of closed loops are request time · ⌈(requests + warm-ups) ÷ c⌉. Loading a model is not in it. Pure but for
// model files, whose size is asked; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/store/store_sweeps.h"
#include "core/sweep/ceilings_file.h"
#include "core/sweep/sweep.h"
#include "core/workload/traffic_sum.h"

namespace tokenmark {

enum class ForecastSource : std::uint8_t { measured, schedule, similar, ceilings, unknown };

struct PointForecast {
  ForecastSource source = ForecastSource::unknown;
  std::optional<double> seconds;
};

struct SweepForecast {
  std::size_t points = 0;           // that would be measured
  std::map<ForecastSource, std::size_t> sources;  // how many of them are known from what
  std::optional<double> seconds;    // absent: of some nothing is known
  bool at_least = false;            // some are lower bounds
  std::optional<double> requests;   // absent: a file or a scenario says how many
  std::optional<TrafficSum> traffic;   // absent: a file or a scenario says how much
};

class Forecaster {
 public:
  Forecaster() = default;
  // `past`: the newest first, of which the first 2,000 are looked at.
  Forecaster(const std::vector<PastPoint>& past, std::map<std::string, DeviceCeilings> ceilings);

  PointForecast point(const Point& point, const std::string& node) const;
  SweepForecast sweep(const Sweep& sweep) const;
  SweepForecast points(const std::vector<Point>& points, const std::string& node) const;

 private:
  struct Measured {
    double input = 1, output = 1, concurrency = 1, ttft_s = 0, tpot_s = 0;
  };
  std::optional<double> similar(const Point& point, const std::string& node) const;
  std::optional<double> bound(const Point& point, const std::string& node) const;

  std::map<std::string, std::vector<double>> took_s_;         // by node and configuration
  std::map<std::string, std::vector<Measured>> by_target_;    // by node and target
  std::map<std::string, DeviceCeilings> ceilings_;            // by device of this machine
};

// What is known of earlier points and of the devices here; without a store what can be known without.
Result<Forecaster> forecaster_of(Store* store);

// "as these points took before", "3 points as measured before, 2 from similar runs".
std::string sources_text(const SweepForecast& forecast);

}  // namespace tokenmark
