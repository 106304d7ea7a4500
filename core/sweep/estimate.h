// How long a sweep still takes: a configuration measured in it takes as long again, others as long as was expected of
// them (core/sweep/forecast.h), and what nothing is known of as long as the mean of the finished points.
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
  // Configurations in running order, and how long they are expected to take where something is.
  explicit TimeEstimate(std::vector<std::string> keys, std::vector<std::optional<double>> expected_s = {})
      : keys_(std::move(keys)), expected_s_(std::move(expected_s)) {
    expected_s_.resize(keys_.size());
  }

  void begin(std::size_t point, Clock::time_point now);
  void finish(Clock::time_point now);  // of the point begun last
  // `share` of the running point that is done, 0…1. Absent until something is known.
  std::optional<double> seconds_left(double share, Clock::time_point now) const;

 private:
  std::optional<double> expected(std::size_t point) const;
  std::vector<std::string> keys_;
  std::vector<std::optional<double>> expected_s_;
  std::size_t point_ = 0;
  Clock::time_point begun_{};
  std::map<std::string, double> known_;  // seconds by configuration
  double sum_ = 0;
  std::size_t finished_ = 0;
};

}  // namespace tokenmark
