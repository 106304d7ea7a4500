// Loading seen from where the weights are taken: a weight source that counts what goes through it and that can be
// told to stop.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>

#include "plugins/api/plugin.h"

namespace tokenmark {

// What one or several models' weights have come to so far. Any thread.
class LoadingProgress {
 public:
  // `progress` gets the share 0…1 of `total_bytes`; it may be empty. It is called from one thread at a time.
  LoadingProgress(std::uint64_t total_bytes, std::function<void(double)> progress);
  void add(std::uint64_t bytes);

 private:
  double total_bytes_;
  std::function<void(double)> progress_;
  std::mutex mutex_;
  std::uint64_t bytes_ = 0, told_ = 0;
};

// Bytes count once, when they are taken: rows as they are read; from a source without rows, a tensor that is read, or a
// mapped one that is found. Once `stop` is requested every entry fails, and so does the device that wants weights.
class CountedWeights {
 public:
  CountedWeights(tm_weight_source source, LoadingProgress& progress, std::stop_token stop);
  CountedWeights(const CountedWeights&) = delete;
  CountedWeights& operator=(const CountedWeights&) = delete;
  const tm_weight_source& source() const { return counting_; }
  void loaded() { progress_ = nullptr; }  // from here on nothing is counted, `progress` may go

 private:
  static tm_status find(void* self, const char* name, tm_tensor* out);
  static tm_status read(void* self, const char* name, void* destination, std::uint64_t bytes);
  static tm_status read_rows(void* self, const char* name, std::uint64_t first, std::uint64_t count, void* destination);
  void count(const char* name, std::uint64_t bytes, std::uint64_t most);

  tm_weight_source source_, counting_;
  std::stop_token stop_;
  LoadingProgress* progress_;
  std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> counted_;  // bytes by tensor
};

}  // namespace tokenmark
