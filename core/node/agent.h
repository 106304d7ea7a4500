// The node agent: runs points where it is started and talks over two pipes. One path for this machine and
// remote hosts: a line of JSON per message, and after one that announces it (`"block": bytes`) a binary
// block.
//
//   → {"hello": {"protocol": 1, "version": "0.1.0"}}         ← {"hello": {"protocol": 1, "version": …,
//   "environment": {…}}} → {"run": {"id": 1, "point": {…}}}                       ← {"progress": {"id": 1,
//   "phase": …, …}} …
//                                                            ← {"result": {"id": 1, "facts": {…}, "block":
//                                                            12345}} + event log ← {"failed": {"id": 1,
//                                                            "kind": …, "message": …}}
//   → {"cancel": {"id": 1}}                                  ← {"failed": {"id": 1, "kind": "cancelled", …}}
//   → {"bye": {}}                                            (or the end of input: the agent ends)
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "core/load/event_log.h"
#include "core/load/load.h"
#include "core/node/node.h"
#include "core/quality/task.h"
#include "core/telemetry/meters.h"
#include "core/workload/point.h"

namespace tokenmark {

class PluginRegistry;

inline constexpr int kAgentProtocol = 1;

// A run may ask for `"quality": [tasks]`: they are evaluated on the same engine or endpoint after the measurement, and
// the result carries `"quality": [results]`, and `"quality_failures": [{"task": …, "error": …}]` where a task failed: that
// never costs the measurement.

// What a point left behind, besides its log.
struct PointFacts {
  std::string model, model_hash, device, precision, hardware, framework;  // for lists and charts
  std::int32_t gpus = 0;
  bool random_weights = false;
};

struct PointOutcome {
  PointFacts facts;
  EventLog log;
  std::vector<QualityResult> quality;  // one a task that could be evaluated
  std::vector<QualityFailure> quality_failures;
};

using PhaseSink = std::function<void(const std::string& phase, const LoadProgress&)>;

// Runs points in this process; keeps the engine of the last one if the next wants the same.
class PointRunner {
 public:
  // `plugins` must outlive it. Meters are opened for the first point that is metered, and kept.
  explicit PointRunner(const PluginRegistry& plugins, const MetersOptions& meters = {});
  ~PointRunner();
  Result<PointOutcome> run(const Point& point, const PhaseSink& progress, std::stop_token stop,
                           const std::vector<QualityTask>& quality = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The agent's main loop on two file descriptors; returns when the input ends.
Status serve_agent(int in, int out, const PluginRegistry& plugins);

// How long the host's side waits: for the greeting, for any sign of life, for a cancelled point to end.
struct AgentLimits {
  std::chrono::milliseconds handshake{30'000}, silence{60'000}, cancel{15'000};
};

// The host's side: one agent process, local or over ssh.
class AgentConnection {
 public:
  // Starts the process and shakes hands; an error names the host and what it said.
  static Result<std::unique_ptr<AgentConnection>> open(const Node& node, const std::string& local_program,
                                                       const AgentLimits& limits = {});
  ~AgentConnection();  // says bye; kills what does not leave

  const nlohmann::json& environment() const;
  // Blocks until the point ends. A lost agent is an Error of kind unavailable, a failed point one of its own
  // kind.
  Result<PointOutcome> run(const Point& point, const PhaseSink& progress, std::stop_token stop,
                           const std::vector<QualityTask>& quality = {});
  bool alive() const;

 private:
  struct State;
  explicit AgentConnection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tokenmark
