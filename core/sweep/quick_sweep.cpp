#include "core/sweep/quick_sweep.h"

#include <array>

#include "core/metrics/figures.h"
#include "core/node/agent.h"

namespace tokenmark {
namespace {

struct Candidate {
  const char* model;
  double
      cost;  // time of a step against the first one's: between the ratios of parameters and of weight bytes
};
constexpr std::array kCandidates = {Candidate{"shape:smollm2-135m:q8_0", 1.0},
                                    Candidate{"shape:smollm2-360m:q8_0", 2.7},
                                    Candidate{"shape:llama-3.2-1b:q4_0", 7.5}};
constexpr std::int32_t kInput = 64, kTrialOutput = 32;
constexpr double kBudgetS = 40;  // of measuring; loading and judging badly get the rest of the minute

// Seconds of the four points with 12, 12, 12 and 24 requests and a warm-up each, at the trial's lengths.
double sweep_seconds(const QuickTrial& trial) {
  double seconds = 0;
  constexpr std::array<std::array<double, 3>, 4> kPoints = {{{1, 12, 1}, {2, 12, 2}, {4, 12, 4}, {8, 24, 8}}};
  for (const auto& [concurrency, requests, warmups] : kPoints) {
    // A batch takes between one_s and eight_s: straight between the two.
    const double batch_s = trial.one_s + (trial.eight_s - trial.one_s) * (concurrency - 1) / 7;
    seconds += batch_s * (requests + warmups) / concurrency;
  }
  return seconds;
}

std::string quick_yaml(const char* model, std::int32_t output) {
  return fmt::format(
      "name: Quick measurement of this machine\n"
      "target:\n"
      "  engine: {{model: \"{}\", device: cpu}}\n"
      "workload: {{input: {}, output: {}}}\n"
      "load: {{requests_per_concurrency: 3, min_requests: 12, warmups_per_concurrency: 1}}\n"
      "axes: {{concurrency: [1, 2, 4, 8]}}\n",
      model, kInput, output);
}

Point trial_point(std::int32_t concurrency, std::int32_t requests_per_concurrency) {
  Point point;
  point.target = EngineTarget{.model = kCandidates[0].model};
  point.workload = {.input = kInput, .output = kTrialOutput};
  point.load = {.concurrency = concurrency,
                .requests_per_concurrency = requests_per_concurrency,
                .warmups_per_concurrency = 0};
  return point;
}

}  // namespace

Sweep plan_quick_sweep(const QuickTrial& trial) {
  const double base_s = sweep_seconds(trial);
  const Candidate* shape = &kCandidates[0];
  for (const Candidate& candidate : kCandidates)
    if (base_s * candidate.cost <= kBudgetS) shape = &candidate;
  std::int32_t output = kTrialOutput;
  // Longer answers where there is time: steadier figures. Prompts are a part of the time too, so twice is at
  // most double.
  while (output < 128 && base_s * shape->cost * (2.0 * output / kTrialOutput) <= kBudgetS) output *= 2;
  auto sweep = parse_sweep(quick_yaml(shape->model, output), "quick.yaml");
  return sweep ? std::move(*sweep) : Sweep{};  // a constant text: a test parses all of them
}

Result<Sweep> quick_sweep(const std::string& agent_program,
                          const std::function<void(const std::string&, double)>& progress,
                          std::stop_token stop) {
  const auto tell = [&](double share) {
    if (progress) progress("trying how fast this machine is", share);
  };
  tell(0);
  TOKENMARK_TRY(const auto agent, AgentConnection::open(LocalNode{}, agent_program));
  QuickTrial trial;
  for (const auto& [concurrency, requests, seconds, share] :
       {std::tuple{1, 2, &trial.one_s, 0.1}, std::tuple{8, 1, &trial.eight_s, 0.6}}) {
    tell(share);
    TOKENMARK_TRY(const PointOutcome outcome, agent->run(trial_point(concurrency, requests), {}, stop));
    const Figures figures = compute_figures(outcome.log, {}, 1);
    if (figures.completed == 0) return fail(ErrorKind::unavailable, "the trial run completed no request");
    *seconds = figures.duration_s * concurrency / figures.completed;
  }
  tell(1);
  return plan_quick_sweep(trial);
}

}  // namespace tokenmark
