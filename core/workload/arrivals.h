// When requests are sent in an open loop: absolute times after the measurement's begin, fixed before it, the same on
// every machine and for every target. Pure functions of the load and a seed, any thread.
//
// The k-th arrival is where the integrated rate Λ(t) = ∫ rate reaches the k-th event of a process of unit rate (time
// change: D. Daley, D. Vere-Jones, "An Introduction to the Theory of Point Processes", 2003, section 7.4), by Λ's
// exact inverse. Nothing is rescaled: the realised rate differs from the asked one as chance has it.
//   constant  events at 0, 1, 2 …
//   poisson   gaps exponential, mean 1
//   gamma     gaps of shape b = burstiness and scale 1/b, mean 1 and variance 1/b (as vLLM's: scale 1/(rate·b))
// rate       Λ(t) = λ t
// linear     Λ(t) = λ t + (λ' - λ) t² / 2T, from λ = rate to λ' = rate_end over T = duration_s
// exponential Λ(t) = λ T (e^(κ t/T) - 1) / κ, κ = ln(λ'/λ)
// stages     piecewise linear
// burst B    B requests at each event of a process of rate λ/B
// Where conversations are asked, what arrives is a conversation: its first turn.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "core/workload/point.h"

namespace tokenmark {

struct Stage {
  double rate = 0, seconds = 0;
};
Result<std::vector<Stage>> parse_stages(const std::string& text);  // "5:30,10:30"

inline bool is_open_loop(const Load& load) {
  if (load.scenario.empty()) return load.arrivals != "closed";
  return load.scenario != "single-stream" && load.scenario != "multi-stream";
}

// What cannot be (rate 0, a ramp without duration_s …), by the field's name. Nothing to say about traces' files.
Status check_arrivals(const Load& load);

// How long the schedule is, where that is said: duration_s or the sum of stages.
std::optional<double> schedule_s(const Load& load);
// How many arrive, on average where chance decides; nothing where a trace's file says it.
std::optional<double> expected_arrivals(const Load& load);
// When the last of them comes, on average; nothing for closed loops and traces of unknown length.
std::optional<double> expected_schedule_s(const Load& load);

// Nanoseconds, ascending: load.requests of them (0: no limit) that are earlier than schedule_s. Not for traces.
Result<std::vector<std::int64_t>> arrival_times(const Load& load, std::uint64_t seed);

}  // namespace tokenmark
