// The highest target QPS at which an MLPerf Server run is VALID. LoadGen's own search makes 16 runs of full length; here
// short runs bracket the peak, longer ones narrow it (a queue that grows slowly shows only in time), and runs of full
// length are made from there downwards until one is VALID, which is the last. Pure algorithm over a callback, which
// measures (or simulates, in tests); runs in the caller's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"

namespace tokenmark {

struct PeakProbe {
  double qps = 0, duration_s = 0;
  bool full = false;              // of full length
  // So many samples may be over a limit; a measurement that sees one more may end there: the run cannot be VALID any more.
  std::int64_t over_allowed = 0;
};

struct PeakOutcome {
  bool within_limits = false;     // the percentiles; what a short run is judged by, since few queries prove nothing
  bool valid = false;             // all of LoadGen's rules: what one of full length is judged by
  double measured_s = 0;          // what it took
};

// Errors end the search.
using MeasurePeakProbe = std::function<Result<PeakOutcome>(const PeakProbe&)>;

struct PeakOptions {
  double first_qps = 1;           // where the search begins; any guess within a factor of 1000 is found from
  double full_s = 600, shortest_s = 37.5;
  double precision = 0.02;        // the peak's, relative
  double percentile = 0.99;
  std::int64_t bracket_queries = 100;  // at least so many in the first, short runs
  std::int64_t least_queries = 700;  // in all others, which then last longer than full_s where the rate is low: early stopping needs 662
  std::int32_t most_probes = 60;
};

struct PeakStep {
  PeakProbe probe;
  PeakOutcome outcome;
};

struct PeakResult {
  double qps = 0;                 // of the last step, VALID and of full length
  std::vector<PeakStep> steps;
  double measured_s = 0;          // of all
};

Result<PeakResult> find_mlperf_peak(const PeakOptions& options, const MeasurePeakProbe& measure);

}  // namespace tokenmark
