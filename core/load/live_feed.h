// What a client loop tells of its finished requests while it runs: collected without a lock, handed over a few times a
// second. One writer, one reader.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace tokenmark {

struct LiveSample {
  double ttft_s = 0, tpot_s = 0, e2e_s = 0;  // tpot 0: fewer than two tokens; all infinite: the request failed
};

class LiveFeed {
 public:
  // The writer's thread.
  void finished(const LiveSample& sample) { fresh_.push_back(sample); }
  void publish() {
    if (fresh_.empty()) return;
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return;  // the next time
    published_.insert(published_.end(), fresh_.begin(), fresh_.end());
    fresh_.clear();
  }
  // The reader's thread: what was published since the last time.
  std::vector<LiveSample> take() {
    const std::lock_guard lock(mutex_);
    return std::move(published_);
  }

  std::atomic<std::int32_t> completed{0}, failed{0};  // measured ones
  std::atomic<std::int64_t> output_tokens{0};

 private:
  std::vector<LiveSample> fresh_, published_;
  std::mutex mutex_;
};

}  // namespace tokenmark
