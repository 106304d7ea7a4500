// The event logs that charts show: read from the store and decoded in the thread that asks, the last ones kept.
// Any thread but the window's: a large log takes seconds.
#pragma once

#include <filesystem>
#include <list>
#include <mutex>

#include "core/report/logged_run.h"

namespace tokenmark {

class RunLogs {
 public:
  explicit RunLogs(std::filesystem::path store) : store_(std::move(store)) {}
  // An error says why the run has none.
  Result<LoggedRun> get(const RunRow& row);

 private:
  std::filesystem::path store_;
  std::mutex mutex_;
  std::list<LoggedRun> kept_;   // the last asked for first
};

}  // namespace tokenmark
