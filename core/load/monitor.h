// Watches a measurement while it runs, from the thread that asked for it: reports progress, and ends it by the point's
// rules (time, failures, a figure known well enough). The same for endpoints and the embedded engine.
#pragma once

#include <optional>
#include <vector>

#include "core/load/event_log.h"
#include "core/load/live_feed.h"
#include "core/load/load.h"
#include "core/load/run_clock.h"
#include "core/statistics/histogram.h"

namespace tokenmark {

// "ttft_p99", "tpot_p50", "e2e_p90".
struct PreciseFigure {
  double LiveSample::* latency = &LiveSample::ttft_s;
  double quantile = 0.5;
};
Result<PreciseFigure> parse_precise_figure(const std::string& name);

class Monitor {
 public:
  // What to do with the measurement now: requests in flight get this class, or are awaited (none).
  struct End {
    RequestError requests = RequestError::none;
    EndReason reason = EndReason::all_sent;
  };

  // An error: the point's figure to be known precisely is none.
  static Result<Monitor> create(const Point& point, std::size_t measured, const RunClock& clock, std::vector<LiveFeed*> feeds);

  // A look, a few times a second; gives an end once, when a rule asks for it.
  std::optional<End> look();
  LoadProgress progress() const;

 private:
  Monitor(const StopRules& stop, std::size_t measured, const RunClock& clock, std::vector<LiveFeed*> feeds)
      : stop_(stop), measured_(measured), clock_(&clock), feeds_(std::move(feeds)) {}
  void take_samples();
  bool precise_enough();

  StopRules stop_;
  std::size_t measured_;
  const RunClock* clock_;
  std::vector<LiveFeed*> feeds_;
  std::optional<PreciseFigure> wanted_;
  std::vector<double> samples_;   // of it, in the order in which they became known
  std::size_t judged_at_ = 0;     // how many there were when its interval was last looked at
  LatencyHistogram ttft_, tpot_;
  bool ended_ = false;
};

}  // namespace tokenmark
