// Watches the event loop of the window's thread: a thread of its own sends it a heartbeat after another and measures
// how long each takes to be answered. What counts is the program's own share: time on the processor and time blocked.
// Time spent waiting for a processor on a busy machine (from the kernel's scheduler statistics) is taken off, and time
// that a virtual machine's host gave to others.
#pragma once

#include <QObject>
#include <atomic>
#include <chrono>
#include <thread>

namespace tokenmark {

constexpr int kLongestStall_ms = 50;   // of any window: more is felt

class Watchdog : public QObject {
 public:
  Watchdog();
  ~Watchdog() override;
  std::chrono::milliseconds longestStall() const { return std::chrono::milliseconds(longest_ms_.load()); }
  int heartbeats() const { return heartbeats_; }

 private:
  void watch();

  int window_thread_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> longest_ms_ = 0, heartbeats_ = 0;
  std::atomic<quint64> answered_ = 0;
  std::thread thread_;
};

}  // namespace tokenmark
