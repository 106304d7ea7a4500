// The meters of this machine, beside a run. Each source is a process of its own (meter_process.h): a vendor's library that
// hangs in its driver, crashes, or prints where it should not takes nothing down and delays nothing: its process is ended,
// which a thread could not be. What it costs: some 30 ms for a process to start, once; they are kept from run to run.
// Used by one thread at a time, which open, start and stop block, each for as long as the slowest source may take; in
// between a thread of its own collects what comes.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/telemetry/meter.h"

namespace tokenmark {

struct MetersOptions {
  // The program whose verb `meter SOURCE` is such a process; empty: tokenmark-cli, this program or beside it.
  std::filesystem::path program;
  std::vector<std::string> sources;                  // names of meter_sources(); empty: all
  std::chrono::milliseconds open_limit{10'000};      // a driver may start up at the first call
  std::chrono::milliseconds patience{0};             // instead of each source's own; 0: its own
};

class Meters {
 public:
  // Starts the processes and waits until each has said what it meters, or why it does not.
  static std::unique_ptr<Meters> open(const MetersOptions& options = {});
  ~Meters();

  // Of the sources that are usable, the better one where two meter the same device.
  const std::vector<MeteredDevice>& devices() const;
  std::vector<MissingMeter> missing() const;

  enum class Role { unused, beside, computes };
  // Begins to read what has a role; returns when each has been read once, or was given up.
  void start(const std::function<Role(const MeteredDevice&)>& role, std::chrono::nanoseconds every);
  // Reads each once more and gives everything since start, in steady-clock time. A source that was given up meanwhile has
  // what it read until then, and a reason.
  Metering stop();

 private:
  struct State;
  explicit Meters(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Times of a metering as a log has them: since `origin_ns` of the steady clock.
void rebase(Metering& metering, std::int64_t origin_ns);

}  // namespace tokenmark
