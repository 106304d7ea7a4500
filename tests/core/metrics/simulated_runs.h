// Runs of a simulated server in a closed loop: latencies that are correlated with their neighbours, and a run that is
// faster or slower as a whole.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "core/metrics/compare.h"
#include "tests/core/metrics/log_builder.h"

namespace tokenmark {

struct SimulatedServer {
  double slower = 1;               // all latencies times this
  double deviation = 0.2;          // of the logarithm of a request's latencies
  double autocorrelation = 0.7;    // AR(1), from one request to the next
  double run_deviation = 0;        // of the logarithm of a run's speed
  int requests = 400, places = 8, tokens = 8;
};

// `list`: seed of the request list, equal for runs with common random numbers; `noise`: of everything else.
inline EventLog simulated_log(const SimulatedServer& server, std::uint64_t list, std::uint64_t noise) {
  std::mt19937_64 lengths(list), random(noise * 7919 + 13);
  std::normal_distribution<double> normal(0, 1);
  const double run = server.slower * std::exp(server.run_deviation * normal(random));
  const double fresh = std::sqrt(1 - server.autocorrelation * server.autocorrelation);
  double ttft_state = normal(random), tpot_state = normal(random);
  std::vector<double> free_at(static_cast<std::size_t>(server.places), 0.0);
  LogBuilder builder;
  for (int i = 0; i < server.requests; ++i) {
    ttft_state = server.autocorrelation * ttft_state + fresh * normal(random);
    tpot_state = server.autocorrelation * tpot_state + fresh * normal(random);
    const int input = 800 + static_cast<int>(lengths() % 225);
    double& place = *std::min_element(free_at.begin(), free_at.end());
    const double start = place, tpot = 10 * run * std::exp(server.deviation * tpot_state);
    double time = start + 0.1 * input * run * std::exp(server.deviation * ttft_state);
    std::vector<std::pair<double, std::int32_t>> messages = {{time, 1}};
    for (int t = 1; t < server.tokens; ++t) messages.emplace_back(time += tpot * std::exp(0.2 * normal(random)), 1);
    place = time + 0.1;
    builder.add({start, start, time, input, server.tokens, RequestError::none, false, server.tokens}, messages);
  }
  return builder.log;
}

// `runs` repeats; equal `list`: the same requests in all of them.
inline std::vector<ComparedRun> simulated_runs(const SimulatedServer& server, int runs, std::uint64_t list, std::uint64_t noise) {
  Limits limits;
  limits.e2e_s = 0.2;
  std::vector<ComparedRun> out;
  for (int r = 0; r < runs; ++r)
    out.push_back(compared_run(simulated_log(server, list, noise * 1000 + static_cast<std::uint64_t>(r)), limits, r));
  return out;
}

}  // namespace tokenmark
