// Waits for the ends of requests and keeps what came: the sink of tests.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>

#include "engine/runtime/engine.h"

namespace tokenmark::fake {

struct Collected {
  std::vector<TokenId> tokens;
  std::vector<TokenEvent> events;
  FinishReason finish = FinishReason::none;
  std::string error;
};

class Collector {
 public:
  // Keyed by what the test calls the request, since its id is known only after submit.
  TokenSink sink(int key) {
    return [this, key](const TokenEvent& event) {
      const std::lock_guard lock(mutex_);
      Collected& collected = collected_[key];
      if (event.token >= 0) collected.tokens.push_back(event.token);
      collected.events.push_back(event);
      if (event.finish != FinishReason::none) {
        collected.finish = event.finish;
        collected.error = event.error;
        ++ended_;
      }
      changed_.notify_all();
    };
  }
  void wait_ended(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ >= count; });
  }
  void wait_tokens(int key, std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return collected_[key].tokens.size() >= count; });
  }
  Collected operator[](int key) {
    const std::lock_guard lock(mutex_);
    return collected_[key];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, Collected> collected_;
  std::size_t ended_ = 0;
};

}  // namespace tokenmark::fake
