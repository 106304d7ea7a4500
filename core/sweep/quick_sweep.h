// "Measure this machine": a sweep of the embedded engine that takes about a minute on whatever machine this
// is.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "core/sweep/sweep.h"

namespace tokenmark {

// What a trial of the smallest shape took: one request alone, and eight at once.
struct QuickTrial {
  double one_s = 0, eight_s = 0;
};

// The largest shape (of at least 100M parameters) and output length with which four concurrencies of at least
// 12 requests of at least 32 tokens end within about a minute, judged by the trial; the smallest if none
// does.
Sweep plan_quick_sweep(const QuickTrial& trial);

// Tries the smallest shape in an agent for a few seconds (nothing is computed in this process), then plans.
// `progress` gets a sentence for people and a share 0…1.
Result<Sweep> quick_sweep(const std::string& agent_program,
                          const std::function<void(const std::string&, double)>& progress,
                          std::stop_token stop);

}  // namespace tokenmark
