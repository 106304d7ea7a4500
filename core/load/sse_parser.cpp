#include "core/load/sse_parser.h"

#include <algorithm>

namespace tokenmark {
namespace {
constexpr std::size_t kReadableBehind = 64;  // what simdjson asks for
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
}  // namespace

void SseParser::reset() {
  buffer_.clear();
  data_.clear();
  line_begin_ = scanned_ = event_bytes_ = 0;
  has_data_ = after_cr_ = too_large_ = false;
  at_start_ = true;
}

void SseParser::feed(std::string_view piece) {
  if (too_large_) return;
  buffer_.erase(0, line_begin_);
  scanned_ -= line_begin_;
  line_begin_ = 0;
  buffer_ += piece;
}

// A line without its end. Only bytes that were not looked at before are searched.
bool SseParser::next_line(std::string_view& line) {
  if (at_start_) {
    const std::string_view start = std::string_view(buffer_).substr(0, kByteOrderMark.size());
    if (start.size() < kByteOrderMark.size() && start == kByteOrderMark.substr(0, start.size())) return false;
    if (start == kByteOrderMark) line_begin_ = scanned_ = event_bytes_ = kByteOrderMark.size();
    at_start_ = false;
  }
  if (after_cr_ && line_begin_ < buffer_.size()) {
    after_cr_ = false;
    if (buffer_[line_begin_] == '\n') {  // the second half of a CRLF
      ++line_begin_;
      scanned_ = line_begin_;
      ++event_bytes_;
    }
  }
  scanned_ = std::max(scanned_, line_begin_);
  const std::size_t end = buffer_.find_first_of("\r\n", scanned_);
  if (end == std::string::npos) {
    scanned_ = buffer_.size();
    too_large_ = buffer_.size() - line_begin_ + data_.size() > limit_;
    return false;
  }
  line = std::string_view(buffer_).substr(line_begin_, end - line_begin_);
  event_bytes_ += end + 1 - line_begin_;
  after_cr_ = buffer_[end] == '\r';
  line_begin_ = scanned_ = end + 1;
  return true;
}

void SseParser::take_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (line.substr(0, colon) != "data") return;
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  if (has_data_) data_ += '\n';
  data_ += value;
  has_data_ = true;
}

bool SseParser::next(Event& event) {
  if (!has_data_) data_.clear();
  std::string_view line;
  while (!too_large_ && next_line(line)) {
    if (!line.empty()) {
      take_field(line);
      too_large_ = data_.size() > limit_;
      continue;
    }
    if (!has_data_) continue;
    has_data_ = false;
    data_.reserve(data_.size() + kReadableBehind);
    event = {data_, event_bytes_};
    event_bytes_ = 0;
    return true;
  }
  return false;
}

}  // namespace tokenmark
