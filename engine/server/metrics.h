// What /metrics shows, in Prometheus' text format. Server's thread only.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "engine/runtime/engine.h"

namespace tokenmark::server {

class Metrics {
 public:
  void count_reply(const std::string& endpoint, int status) { ++replies_[{endpoint, status}]; }
  void count_ttft(double seconds);
  std::string text(const EngineCounts& engine) const;

 private:
  static constexpr std::array kBounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0};
  std::map<std::pair<std::string, int>, std::uint64_t> replies_;
  std::array<std::uint64_t, kBounds.size() + 1> ttft_{};  // not cumulative; the last is beyond all bounds
  double ttft_sum_ = 0;
};

}  // namespace tokenmark::server
