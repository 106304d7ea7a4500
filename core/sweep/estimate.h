// How long a sweep still takes, from the points that are finished: a configuration measured before takes as
// long again, an open loop as long as its schedule, others as long as the mean.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/workload/point.h"

namespace tokenmark {

class TimeEstimate {
 public:
  using Clock = std::chrono::steady_clock;
  // Configurations in running order, and how long their schedules are where they have one.
  explicit TimeEstimate(std::vector<std::string> keys, std::vector<std::optional<double>> scheduled_s = {})
      : keys_(std::move(keys)), scheduled_s_(std::move(scheduled_s)) {
    scheduled_s_.resize(keys_.size());
  }

  void begin(std::size_t point, Clock::time_point now);
  void finish(Clock::time_point now);  // of the point begun last
  // `share` of the running point that is done, 0…1. Absent until something is known.
  std::optional<double> seconds_left(double share, Clock::time_point now) const;

 private:
  std::optional<double> expected(std::size_t point) const;
  std::vector<std::string> keys_;
  std::vector<std::optional<double>> scheduled_s_;
  std::size_t point_ = 0;
  Clock::time_point begun_{};
  std::map<std::string, double> known_;  // seconds by configuration
  double sum_ = 0;
  std::size_t finished_ = 0;
};

}  // namespace tokenmark
