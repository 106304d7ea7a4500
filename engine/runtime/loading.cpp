#include "engine/runtime/loading.h"

#include <algorithm>

namespace tokenmark {

LoadingProgress::LoadingProgress(std::uint64_t total_bytes, std::function<void(double)> progress)
    : total_bytes_(static_cast<double>(std::max<std::uint64_t>(total_bytes, 1))), progress_(std::move(progress)) {}

void LoadingProgress::add(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  bytes_ += bytes;
  const auto step = static_cast<std::uint64_t>(total_bytes_ / 1000);
  if (!progress_ || bytes_ < told_ + step) return;
  told_ = bytes_;
  progress_(std::min(1.0, static_cast<double>(bytes_) / total_bytes_));
}

CountedWeights::CountedWeights(tm_weight_source source, LoadingProgress& progress, std::stop_token stop)
    : source_(source), counting_(source), stop_(std::move(stop)), progress_(&progress) {
  counting_.context = this;
  counting_.find = &CountedWeights::find;
  counting_.read = &CountedWeights::read;
  if (source.read_rows) counting_.read_rows = &CountedWeights::read_rows;
}

tm_status CountedWeights::find(void* self, const char* name, tm_tensor* out) {
  auto& weights = *static_cast<CountedWeights*>(self);
  if (weights.stop_.stop_requested()) return TM_UNAVAILABLE;
  const tm_status status = weights.source_.find(weights.source_.context, name, out);
  if (status == TM_OK && out->mapped && !weights.source_.read_rows) weights.count(name, out->bytes, out->bytes);
  return status;
}

tm_status CountedWeights::read(void* self, const char* name, void* destination, std::uint64_t bytes) {
  auto& weights = *static_cast<CountedWeights*>(self);
  if (weights.stop_.stop_requested()) return TM_UNAVAILABLE;
  const tm_status status = weights.source_.read(weights.source_.context, name, destination, bytes);
  if (status == TM_OK) weights.count(name, bytes, bytes);
  return status;
}

tm_status CountedWeights::read_rows(void* self, const char* name, std::uint64_t first, std::uint64_t count,
                                    void* destination) {
  auto& weights = *static_cast<CountedWeights*>(self);
  if (weights.stop_.stop_requested()) return TM_UNAVAILABLE;
  const tm_status status = weights.source_.read_rows(weights.source_.context, name, first, count, destination);
  if (status != TM_OK) return status;
  tm_tensor tensor{};
  tensor.size = sizeof tensor;
  tensor.version = TM_ABI_VERSION;
  if (weights.source_.find(weights.source_.context, name, &tensor) == TM_OK)
    weights.count(name, tensor.bytes / std::max<std::uint64_t>(1, tensor.depth * tensor.rows) * count, tensor.bytes);
  return status;
}

void CountedWeights::count(const char* name, std::uint64_t bytes, std::uint64_t most) {
  const std::lock_guard lock(mutex_);
  if (!progress_) return;
  auto counted = counted_.find(std::string_view(name));
  if (counted == counted_.end()) counted = counted_.emplace(name, 0).first;
  const std::uint64_t fresh = std::min(bytes, most - std::min(most, counted->second));
  counted->second += fresh;
  if (fresh > 0) progress_->add(fresh);
}

}  // namespace tokenmark
