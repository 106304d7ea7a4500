#include "app/desktop/run_logs.h"

#include <algorithm>

namespace tokenmark {
namespace {

constexpr std::size_t kMostBytes = std::size_t{512} << 20;   // kept besides the last one

}  // namespace

Result<LoggedRun> RunLogs::get(const RunRow& row) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const LoggedRun& run) {
      return run.row.id == row.id && run.row.started == row.started;   // an id may be given again
    });
    if (found != kept_.end()) {
      kept_.splice(kept_.begin(), kept_, found);
      return kept_.front();
    }
  }
  TOKENMARK_TRY(const auto store, Store::open(store_));
  TOKENMARK_TRY(LoggedRun run, logged_run(*store, row));
  const std::lock_guard lock(mutex_);
  kept_.push_front(run);
  std::size_t bytes = 0;
  for (auto kept = kept_.begin(); kept != kept_.end();) {
    bytes += bytes_of(*kept->log);
    kept = bytes > kMostBytes && kept != kept_.begin() ? kept_.erase(kept) : std::next(kept);
  }
  return run;
}

}  // namespace tokenmark
