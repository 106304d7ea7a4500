#include "core/sweep/pause.h"

namespace tokenmark {

void SweepPause::pause(bool give_up) {
  std::stop_source point;
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
    give_up_ = give_up_ || give_up;
    if (give_up_) point = point_;
  }
  if (give_up) point.request_stop();  // outside the lock: it calls back
}

void SweepPause::resume() {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = give_up_ = false;
  }
  changed_.notify_all();
}

bool SweepPause::wanted() const {
  const std::lock_guard lock(mutex_);
  return wanted_;
}

std::stop_token SweepPause::begin_point() {
  const std::lock_guard lock(mutex_);
  point_ = std::stop_source();
  if (give_up_) point_.request_stop();
  return point_.get_token();
}

bool SweepPause::wait(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait(lock, stop, [this] { return !wanted_; }) && !stop.stop_requested();
}

}  // namespace tokenmark
