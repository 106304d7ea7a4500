// Meters beside a point's measurement: which devices compute for it, read from before its first send until after its last
// end. Used by the thread that runs points.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "core/load/event_log.h"
#include "core/telemetry/meters.h"
#include "core/telemetry/plugin_sampler.h"
#include "core/workload/point.h"

namespace tokenmark {

class Engine;

// What computes: the accelerators that the point names; else the engine's device, or all accelerators that there are. Where
// it is none, the CPU. What else is metered, the CPU and the whole machine, is beside it; other accelerators are not read.
Meters::Role role_of(const MeteredDevice& device, const std::vector<MeteredDevice>& all, const PowerMeters& power,
                     const std::vector<std::string>* engine_pci_ids);

class PointMeters {
 public:
  explicit PointMeters(MetersOptions options) : options_(std::move(options)) {}

  // Measures, and puts what was metered into the log. `engine`: null for an endpoint.
  Result<EventLog> beside(const Point& point, const Engine* engine, const std::function<Result<EventLog>()>& measure);
  // Before the engine goes: a call of its device's telemetry that has not come back still uses it.
  bool plugin_hangs() const { return plugin_ && plugin_->hangs(); }
  void forget_engine() { plugin_.reset(); }

 private:
  bool start_plugin(const Point& point, const Engine& engine, std::chrono::nanoseconds every);

  MetersOptions options_;
  std::unique_ptr<Meters> meters_;
  std::unique_ptr<PluginSampler> plugin_;
};

}  // namespace tokenmark
