#include "engine/server/stop_filter.h"

#include <algorithm>
#include <utility>

namespace tokenmark::server {

std::string StopFilter::add(std::string_view text) {
  if (stopped_) return {};
  pending_ += text;
  std::size_t first = std::string::npos;
  for (const std::string& stop : stops_) first = std::min(first, pending_.find(stop));
  if (first != std::string::npos) {
    stopped_ = true;
    return std::exchange(pending_, {}).substr(0, first);
  }
  const std::size_t shown = pending_.size() - held_back();
  std::string out = pending_.substr(0, shown);
  pending_.erase(0, shown);
  return out;
}

std::string StopFilter::finish() { return std::exchange(pending_, {}); }

// The longest end of the pending text that begins a stop string.
std::size_t StopFilter::held_back() const {
  std::size_t longest = 0;
  for (const std::string& stop : stops_)
    for (std::size_t length = std::min(stop.size() - 1, pending_.size()); length > longest; --length)
      if (pending_.ends_with(std::string_view(stop).substr(0, length))) longest = length;
  return longest;
}

}  // namespace tokenmark::server
