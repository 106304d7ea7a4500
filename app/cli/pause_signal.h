// Ctrl+Z pauses a sweep instead of freezing its measurement: the point in flight is finished (a second Ctrl+Z gives it up,
// it is measured again), then the program stops as the shell expects it, without an agent that would hold memory or a
// device. `fg` or SIGCONT goes on. One at a time, made and destroyed in the main thread.
#pragma once

#include <thread>

#include "core/sweep/pause.h"

namespace tokenmark::cli {

class PauseBySignal {
 public:
  PauseBySignal();
  ~PauseBySignal();
  SweepPause& pause() { return pause_; }
  void stand_still();  // called when the sweep does; returns when the program goes on

 private:
  SweepPause pause_;
  std::thread thread_;
};

}  // namespace tokenmark::cli
