// The progress of loading, seen from where the weights are taken: a weight source that counts what goes through it.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>

#include "plugins/api/plugin.h"

namespace tokenmark {

class CountedWeights {
 public:
  // `progress` gets the share 0…1 of `total_bytes` that the device has looked at; it may be empty.
  CountedWeights(tm_weight_source source, std::uint64_t total_bytes, std::function<void(double)> progress);
  CountedWeights(const CountedWeights&) = delete;
  CountedWeights& operator=(const CountedWeights&) = delete;
  const tm_weight_source& source() const { return counting_; }
  void done() { progress_ = {}; }  // from here on nothing is counted

 private:
  static tm_status find(void* self, const char* name, tm_tensor* out);
  static tm_status read(void* self, const char* name, void* destination, std::uint64_t bytes);
  void count(const char* name, std::uint64_t bytes);

  tm_weight_source source_, counting_;
  double total_bytes_;
  std::function<void(double)> progress_;
  std::mutex mutex_;
  std::set<std::string> seen_;
  std::uint64_t seen_bytes_ = 0;
};

}  // namespace tokenmark
