#include "core/workload/traffic_sum.h"

#include "core/workload/lengths.h"
#include "core/workload/planning.h"
#include "core/workload/requests.h"
#include "core/workload/traffic.h"

namespace tokenmark {

std::optional<TrafficSum> expected_traffic(const Point& point) {
  const auto requests = expected_requests(point);
  if (!requests || point.workload.source != "random") return std::nullopt;
  TrafficSum sum{.requests = *requests, .warmups = static_cast<double>(warmup_requests(point.load))};
  double weights = 0;
  const TrafficMix mix(point.workload, 0);
  for (const TrafficClass& kind : mix.classes()) weights += kind.weight;
  for (const TrafficClass& kind : mix.classes()) {
    const double share = kind.weight / weights, turns = kind.turns;
    const double input = mean_length(point.workload, kind.input), output = mean_length(point.workload, kind.output);
    // The t-th turn of T, from 0, sends t inputs and t outputs before its own; their mean is (T-1)/2.
    const double before = (turns - 1) / 2 * (input + output);
    sum.input_tokens += share * (sum.requests * (kind.prefix + before + input) + sum.warmups * (kind.prefix + input));
    sum.output_tokens += share * (sum.requests + sum.warmups) * output;
  }
  return sum;
}

}  // namespace tokenmark
