// A device plugin's own `telemetry` entry, read beside a run. The device is open in this process, so the readings are too:
// in a thread of their own, which is left behind where a call does not come back. Used by one thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "core/telemetry/readings.h"
#include "plugins/api/plugin.h"

namespace tokenmark {

class PluginSampler {
 public:
  // `read` must stay callable until it has come back; false: the device told nothing.
  PluginSampler(MeteredDevice device, std::function<bool(tm_telemetry&)> read, std::chrono::milliseconds patience = std::chrono::seconds(2));
  ~PluginSampler();

  // Returns when it has been read once, or patience is over.
  void start(std::chrono::nanoseconds every);
  // Reads once more. What the device never told has no series, and a reason.
  void stop(bool computes, Metering& to);
  // A call has not come back: what it uses must not be destroyed.
  bool hangs() const;

 private:
  struct Shared;
  MeteredDevice device_;
  std::function<bool(tm_telemetry&)> read_;
  std::chrono::milliseconds patience_;
  std::shared_ptr<Shared> shared_;  // with the thread, which may outlive this
};

}  // namespace tokenmark
