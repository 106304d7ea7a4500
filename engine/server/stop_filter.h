// Finds stop strings in text that comes in pieces, also across the pieces' borders. What may be the beginning of a
// stop string is held back until it is clear; the stop string itself is never given out. One per stream.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tokenmark::server {

class StopFilter {
 public:
  explicit StopFilter(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  // The text that can be shown now. Once a stop string was found nothing comes any more.
  std::string add(std::string_view text);
  std::string finish();  // the end of the stream: what was held back for nothing
  bool stopped() const { return stopped_; }

 private:
  std::size_t held_back() const;

  std::vector<std::string> stops_;
  std::string pending_;
  bool stopped_ = false;
};

}  // namespace tokenmark::server
