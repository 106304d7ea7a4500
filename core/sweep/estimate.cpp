#include "core/sweep/estimate.h"

#include <algorithm>

namespace tokenmark {

void TimeEstimate::begin(std::size_t point, Clock::time_point now) {
  point_ = point;
  begun_ = now;
}

void TimeEstimate::finish(Clock::time_point now) {
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  known_[keys_[point_]] = seconds;
  sum_ += seconds;
  ++finished_;
}

std::optional<double> TimeEstimate::expected(std::size_t point) const {
  if (const auto found = known_.find(keys_[point]); found != known_.end()) return found->second;
  if (expected_s_[point]) return expected_s_[point];
  if (finished_ > 0) return sum_ / static_cast<double>(finished_);
  return std::nullopt;
}

std::optional<double> TimeEstimate::seconds_left(double share, Clock::time_point now) const {
  if (point_ >= keys_.size()) return 0.0;
  const double spent = std::chrono::duration<double>(now - begun_).count();
  std::optional<double> whole = expected(point_);
  if (share >= 0.1) whole = spent / share;  // by now the point itself knows better
  if (!whole) return std::nullopt;
  double left = std::max(0.0, *whole - spent);
  for (std::size_t i = point_ + 1; i < keys_.size(); ++i) left += expected(i).value_or(*whole);
  return left;
}

}  // namespace tokenmark
