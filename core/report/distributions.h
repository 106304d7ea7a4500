// How a latency is distributed over a run's requests or tokens, as data: cumulative curve and histogram, percentiles
// with their intervals, limits. Several runs lie over each other; a run with traffic classes has a series for each of
// them too. Drawn by app/charts. Pure functions, any thread. All values are in seconds, shares in 0…1.
#pragma once

#include <string>
#include <vector>

#include "core/metrics/frontier.h"
#include "core/report/latency_samples.h"
#include "core/report/logged_run.h"
#include "core/statistics/statistics.h"

namespace tokenmark {

struct DistributionMarker {
  double p = 0;                       // 0.99
  double value = 0;
  std::optional<Interval> interval;   // at 95 %
};

struct DistributionSeries {
  std::string name;                   // "Run 12, concurrency 4"
  RunId run = 0;
  std::string traffic_class;          // empty: all requests
  std::size_t samples = 0;            // failed ones included
  std::size_t failed = 0;             // they are +∞: the curve ends at 1 − failed/samples
  // The share of the samples that are at most x, at rising x. Every step up to 2000 samples; above, steps that no
  // picture could show are left out (fewer than 1/1000 of the samples each), never the first and last 64.
  std::vector<XY> cumulative;
  std::vector<double> bin_shares;     // one a bin of the chart
  std::vector<DistributionMarker> markers;
};

struct LimitLine {
  double value = 0;
  std::string label;                  // "limit of runs 3, 4"
};

struct DistributionChart {
  std::string title, subtitle;
  LatencyFigure figure = LatencyFigure::ttft;
  bool histogram = false;             // which of the two is drawn
  bool log_x = false;
  std::vector<double> bin_edges;      // rising, one more than bins; even steps of x, or of its logarithm
  std::vector<DistributionSeries> series;
  std::vector<LimitLine> limits;
  std::vector<std::string> notes;     // failures, withheld percentiles, what has no place
};

struct DistributionQuery {
  LatencyFigure figure = LatencyFigure::ttft;
  bool histogram = false, log_x = false;
  bool operator==(const DistributionQuery&) const = default;
};

DistributionChart distribution_chart(const std::vector<LoggedRun>& runs, const DistributionQuery& query);

// The share of a series' samples that are at most x.
double share_at(const DistributionSeries& series, double x);

// One row a step of a curve, a bin and a percentile; lines of '#' first.
std::string distribution_csv(const DistributionChart& chart);

}  // namespace tokenmark
