// The engine's token events on their way to the server's thread. All that a step brings goes over in one batch: the
// first event wakes the server's thread, the others join it. Sinks may outlive the server: they share the mailbox,
// and a closed one drops what comes.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/runtime/engine.h"

namespace tokenmark::server {

struct Delivery {
  std::uint64_t job = 0;
  std::size_t choice = 0;
  TokenEvent event;
};

class Mailbox {
 public:
  // `wake` is called from the engine's thread when the mailbox was empty; it has somebody call `take` soon.
  explicit Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

  void put(Delivery delivery) {
    const std::lock_guard lock(mutex_);
    if (!wake_) return;
    deliveries_.push_back(std::move(delivery));
    if (deliveries_.size() == 1) wake_();
  }
  std::vector<Delivery> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(deliveries_, {});
  }
  void close() {
    const std::lock_guard lock(mutex_);
    wake_ = nullptr;
  }

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
  std::vector<Delivery> deliveries_;
};

}  // namespace tokenmark::server
