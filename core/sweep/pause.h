// Lets a running sweep stand still: between two points, or at once, giving up the point in flight, which is measured
// again afterwards. Owned by whoever starts the sweep and outlives it; any thread may ask, the runner waits.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace tokenmark {

class SweepPause {
 public:
  // `give_up`: the point in flight is not finished first.
  void pause(bool give_up = false);
  void resume();
  bool wanted() const;

  // The runner's side. A point's token: requested when the point is to be given up.
  std::stop_token begin_point();
  // Returns when nobody wants the pause any more; false: `stop` was requested meanwhile.
  bool wait(std::stop_token stop);

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool wanted_ = false, give_up_ = false;
  std::stop_source point_;
};

}  // namespace tokenmark
