#include "engine/runtime/loading.h"

#include <algorithm>

namespace tokenmark {

CountedWeights::CountedWeights(tm_weight_source source, std::uint64_t total_bytes, std::function<void(double)> progress)
    : source_(source), counting_(source), total_bytes_(static_cast<double>(std::max<std::uint64_t>(total_bytes, 1))),
      progress_(std::move(progress)) {
  counting_.context = this;
  counting_.find = &CountedWeights::find;
  counting_.read = &CountedWeights::read;
  counting_.read_rows = nullptr;  // it would go past the counting
}

tm_status CountedWeights::find(void* self, const char* name, tm_tensor* out) {
  auto& weights = *static_cast<CountedWeights*>(self);
  const tm_status status = weights.source_.find(weights.source_.context, name, out);
  if (status == TM_OK && out->mapped) weights.count(name, out->bytes);  // else it counts when it is read
  return status;
}

tm_status CountedWeights::read(void* self, const char* name, void* destination, std::uint64_t bytes) {
  auto& weights = *static_cast<CountedWeights*>(self);
  const tm_status status = weights.source_.read(weights.source_.context, name, destination, bytes);
  if (status == TM_OK) weights.count(name, bytes);
  return status;
}

void CountedWeights::count(const char* name, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (!progress_ || !seen_.insert(name).second) return;
  seen_bytes_ += bytes;
  progress_(std::min(1.0, static_cast<double>(seen_bytes_) / total_bytes_));
}

}  // namespace tokenmark
