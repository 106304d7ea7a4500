// How long a sweep still takes, from the points that are finished: a configuration measured before takes as
// long again, others as long as the mean.
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
  explicit TimeEstimate(std::vector<std::string> keys)
      : keys_(std::move(keys)) {}  // configurations, in running order

  void begin(std::size_t point, Clock::time_point now);
  void finish(Clock::time_point now);  // of the point begun last
  // `share` of the running point that is done, 0…1. Absent until something is known.
  std::optional<double> seconds_left(double share, Clock::time_point now) const;

 private:
  std::optional<double> expected(const std::string& key) const;
  std::vector<std::string> keys_;
  std::size_t point_ = 0;
  Clock::time_point begun_{};
  std::map<std::string, double> known_;  // seconds by configuration
  double sum_ = 0;
  std::size_t finished_ = 0;
};

}  // namespace tokenmark
