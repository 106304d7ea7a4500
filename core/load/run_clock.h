// The clock of one run, the same for all its threads: nanoseconds of the steady clock since start().
#pragma once

#include <time.h>

#include <chrono>
#include <cstdint>

namespace tokenmark {

class RunClock {
 public:
  void start() {
    wall_start_ns_ = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    origin_ns_ = steady_ns();
  }
  std::int64_t now() const { return steady_ns() - origin_ns_; }
  std::int64_t steady_start_ns() const { return origin_ns_; }
  std::int64_t wall_start_ns() const { return wall_start_ns_; }  // Unix time of the start

 private:
  static std::int64_t steady_ns() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  }
  std::int64_t origin_ns_ = 0, wall_start_ns_ = 0;
};

inline double thread_cpu_s() {  // CPU time of the calling thread
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace tokenmark
