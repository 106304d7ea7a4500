#include "core/sweep/mlperf_peak.h"

#include <algorithm>
#include <cmath>

#include "core/metrics/mlperf_early_stopping.h"

namespace tokenmark {
namespace {

constexpr double kReach = 1024;  // below and above first_qps

class Search {
 public:
  Search(const PeakOptions& options, const MeasurePeakProbe& measure) : options_(options), measure_(measure), low_(options.first_qps) {}

  Result<PeakResult> run() {
    TOKENMARK_CHECK(bracket(options_.shortest_s));
    TOKENMARK_CHECK(narrow(options_.shortest_s, 4 * options_.precision));
    const double longer = options_.full_s / 4;
    if (longer > options_.shortest_s) {
      TOKENMARK_CHECK(step_down(longer, false));
      TOKENMARK_CHECK(narrow(longer, options_.precision));
    }
    TOKENMARK_CHECK(step_down(options_.full_s, true));
    result_.qps = low_;
    return std::move(result_);
  }

 private:
  Result<bool> passes(double qps, double duration_s, bool full) {
    if (static_cast<std::int32_t>(result_.steps.size()) >= options_.most_probes)
      return fail(ErrorKind::exhausted, "peak search: {} runs were made and none of full length was VALID; the last was at {:.4g} queries/s",
                  options_.most_probes, qps);
    const std::int64_t least = high_ == 0 || low_ * 2 <= high_ ? options_.bracket_queries : options_.least_queries;
    PeakProbe probe{qps, std::max(duration_s, static_cast<double>(full ? options_.least_queries : least) / qps), full, 0};
    const double queries = qps * probe.duration_s;
    probe.over_allowed = full ? mlperf_overlatency_allowed(static_cast<std::int64_t>(queries), options_.percentile).value_or(0)
                              : static_cast<std::int64_t>(queries * (1 - options_.percentile));
    TOKENMARK_TRY(const PeakOutcome outcome, measure_(probe));
    result_.steps.push_back({probe, outcome});
    result_.measured_s += outcome.measured_s;
    return full ? outcome.valid : outcome.within_limits;
  }

  // From the first guess up or down by doubling, until one rate passes and another does not.
  Status bracket(double duration_s) {
    const double first = low_;
    TOKENMARK_TRY(bool passed, passes(low_, duration_s, false));
    while (!passed) {
      high_ = low_;
      low_ /= 2;
      if (low_ < first / kReach)
        return fail(ErrorKind::unavailable, "peak search: no run is VALID even at {:.4g} queries/s: is a limit below what one request takes?", high_);
      TOKENMARK_TRY(passed, passes(low_, duration_s, false));
    }
    while (high_ == 0) {
      if (low_ > first * kReach)
        return fail(ErrorKind::unavailable, "peak search: runs are VALID even at {:.4g} queries/s: begin with a higher rate", low_);
      TOKENMARK_TRY(passed, passes(2 * low_, duration_s, false));
      (passed ? low_ : high_) = 2 * low_;
    }
    return {};
  }

  Status narrow(double duration_s, double width) {
    while (high_ / low_ > 1 + width) {
      const double middle = std::sqrt(low_ * high_);
      TOKENMARK_TRY(const bool passed, passes(middle, duration_s, false));
      (passed ? low_ : high_) = middle;
    }
    return {};
  }

  // What passed for a shorter time may not for a longer one: down in growing steps until it does.
  Status step_down(double duration_s, bool full) {
    TOKENMARK_TRY(bool passed, passes(low_, duration_s, full));
    for (double step = options_.precision; !passed; step = std::min(0.5, 1.5 * step)) {
      high_ = low_;
      low_ *= 1 - step;
      TOKENMARK_TRY(passed, passes(low_, duration_s, full));
    }
    return {};
  }

  const PeakOptions& options_;
  const MeasurePeakProbe& measure_;
  double low_, high_ = 0;         // passed; did not (0: none yet)
  PeakResult result_;
};

}  // namespace

Result<PeakResult> find_mlperf_peak(const PeakOptions& options, const MeasurePeakProbe& measure) {
  if (!(options.first_qps > 0) || !(options.full_s > 0) || !(options.precision > 0 && options.precision < 0.5))
    return fail(ErrorKind::invalid_input, "peak search: first rate {}, duration {} s and precision {} must be above 0, the last below 0.5",
                options.first_qps, options.full_s, options.precision);
  PeakOptions checked = options;
  checked.shortest_s = std::min(checked.shortest_s, checked.full_s);
  return Search(checked, measure).run();
}

}  // namespace tokenmark
