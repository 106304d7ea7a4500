// Waits for the moment at which something is due: sleeps until a margin before it, then only looks. The margin is learned
// from how late the system wakes this thread, so that it costs little where waking is prompt. One a thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "core/load/run_clock.h"

namespace tokenmark {

class Pacer {
 public:
  // One wait: `turn(until)` sleeps at most until then and serves what comes; it may come back earlier, and gives false
  // where nothing came. `due`: what must be on time; `other`: what need not.
  template <class Turn>
  void wait(std::int64_t due, std::int64_t other, std::int64_t now, const RunClock& clock, Turn&& turn) {
    const std::int64_t wake_at = due == kNever ? kNever : due - margin_ns_;
    if (wake_at <= now) {
      if (!turn(0)) spun_ns_ += clock.now() - now;
      return;
    }
    turn(std::min(wake_at, other));
    if (wake_at > other) return;
    const std::int64_t late = clock.now() - wake_at;
    if (late >= 0) learn(late);  // else something came before
  }
  // Time spent looking where there was nothing to do: it kept this core busy, but the client could have done more.
  std::int64_t spun_ns() const { return spun_ns_; }

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kLeast = 5'000, kMost = 400'000;

  // Up at once when it was too short, down slowly: about one wake-up in a hundred is later than the margin.
  void learn(std::int64_t late) {
    if (late > margin_ns_) margin_ns_ += (late - margin_ns_) / 2;
    else margin_ns_ -= (margin_ns_ - late) / 128;
    margin_ns_ = std::clamp(margin_ns_, kLeast, kMost);
  }

  std::int64_t margin_ns_ = 100'000, spun_ns_ = 0;
};

}  // namespace tokenmark
