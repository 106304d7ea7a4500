#include "engine/model/ordered_parts.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace tokenmark {
namespace {

class Run {
 public:
  Run(const OrderedParts& parts, unsigned threads) : parts_(parts), slots_(2 * threads) {
    for (unsigned i = 0; i < threads; ++i) workers_.emplace_back([this] { work(); });
  }
  ~Run() {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Status take_all() {
    for (std::size_t part = 0; part < parts_.count; ++part) {
      Slot& slot = slots_[part % slots_.size()];
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return slot.made.has_value(); });
      TOKENMARK_CHECK(*slot.made);
      lock.unlock();
      TOKENMARK_CHECK(parts_.take(part, slot.bytes));
      lock.lock();
      slot.made.reset();
      ++taken_;
      changed_.notify_all();
    }
    return {};
  }

 private:
  struct Slot {
    std::vector<std::byte> bytes;
    std::optional<Status> made;  // nothing: free, or being made
  };

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return stopped_ || next_ == parts_.count || next_ < taken_ + slots_.size(); });
      if (stopped_ || next_ == parts_.count) return;
      const std::size_t part = next_++;
      Slot& slot = slots_[part % slots_.size()];
      lock.unlock();
      Status made = parts_.make(part, slot.bytes);
      lock.lock();
      slot.made = std::move(made);
      changed_.notify_all();
    }
  }

  const OrderedParts& parts_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Slot> slots_;  // part p is in slot p modulo their number
  std::size_t next_ = 0, taken_ = 0;
  bool stopped_ = false;
  std::vector<std::jthread> workers_;  // the last member: joined before the others go
};

}  // namespace

Status run_ordered(const OrderedParts& parts) {
  const unsigned cores = std::max(std::thread::hardware_concurrency(), 1u);
  return Run(parts, parts.threads > 0 ? parts.threads : cores).take_all();
}

}  // namespace tokenmark
