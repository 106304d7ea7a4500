// Watches the event loop of the window's thread: a thread of its own sends it a heartbeat after another and measures
// how long each takes to be answered. What counts is the program's own share: time on the processor and time blocked.
// Time spent waiting for a processor on a busy machine (from the kernel's scheduler statistics) is taken off, and time
// that a virtual machine's host gave to others.
#pragma once

#include <QObject>
#include <QStringList>
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

// That the longest stall of the current test is below the limit. One that is not counts when the test stalls in three runs
// one after another: the program's own stall is there each time, one that a neighbour on the machine caused is not.
// main.cpp makes these runs, each in a process of its own. The heartbeat under way is waited for.
void expect_no_stall(const Watchdog& watchdog);
const QStringList& stalled_tests();     // "Suite.name", to be run again
int run_again(const QString& program, const QStringList& tests);

}  // namespace tokenmark
