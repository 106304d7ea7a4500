#include "core/load/sse_parser.h"

#include <algorithm>
#include <cstring>

namespace tokenmark {
namespace {

constexpr std::size_t kReadableBehind = 64;  // what simdjson asks for
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::size_t find(std::string_view text, char c, std::size_t from = 0) {
  if (from >= text.size()) return std::string_view::npos;
  const void* const found = std::memchr(text.data() + from, c, text.size() - from);
  return found == nullptr ? std::string_view::npos : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

void SseParser::reset() {
  text_ = {};
  kept_.clear();
  joined_.clear();
  scanned_ = event_bytes_ = 0;
  has_data_ = is_joined_ = after_cr_ = too_large_ = false;
  at_start_ = true;
}

void SseParser::feed(std::string_view piece) {
  if (too_large_) return;
  if (kept_.empty()) {
    text_ = piece;
    return;
  }
  kept_.reserve(kept_.size() + piece.size() + kReadableBehind);
  kept_ += piece;
  text_ = kept_;
}

// false: too few bytes to tell.
bool SseParser::skip_byte_order_mark() {
  const std::string_view start = text_.substr(0, kByteOrderMark.size());
  if (start.size() < kByteOrderMark.size() && start == kByteOrderMark.substr(0, start.size())) return false;
  if (start == kByteOrderMark) {
    text_.remove_prefix(kByteOrderMark.size());
    event_bytes_ = kByteOrderMark.size();
  }
  at_start_ = false;
  return true;
}

// A line without its end. Only bytes that were not looked at before are searched. CRs are rare: first the LF is found,
// then whether a CR stands before it.
bool SseParser::next_line(std::string_view& line) {
  if (at_start_ && !skip_byte_order_mark()) return false;
  if (after_cr_ && !text_.empty()) {
    after_cr_ = false;
    if (text_.front() == '\n') {  // the second half of a CRLF
      text_.remove_prefix(1);
      ++event_bytes_;
    }
  }
  std::size_t end = find(text_, '\n', scanned_);
  end = std::min(end, find(text_.substr(0, end), '\r', scanned_));
  if (end == std::string_view::npos) {
    scanned_ = text_.size();
    too_large_ = text_.size() + joined_.size() > limit_;
    return false;
  }
  line = text_.substr(0, end);
  after_cr_ = text_[end] == '\r';
  event_bytes_ += end + 1;
  text_.remove_prefix(end + 1);
  scanned_ = 0;
  return true;
}

void SseParser::take_field(std::string_view line) {
  const std::size_t colon = line.starts_with("data:") ? 4 : find(line, ':');
  if (line.substr(0, colon) != "data") return;
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  if (!has_data_) {
    line_data_ = value;
    is_joined_ = false;
  } else {
    if (!is_joined_) joined_ = line_data_;
    is_joined_ = true;
    joined_ += '\n';
    joined_ += value;
    too_large_ = joined_.size() > limit_;
  }
  has_data_ = true;
}

// The piece goes away: what is unfinished of it is copied.
void SseParser::keep_rest() {
  if (has_data_ && !is_joined_) {
    joined_ = line_data_;
    is_joined_ = true;
  }
  if (text_.empty()) {
    kept_.clear();
  } else if (text_.data() >= kept_.data() && text_.data() < kept_.data() + kept_.size()) {
    kept_.erase(0, static_cast<std::size_t>(text_.data() - kept_.data()));
  } else {
    kept_ = text_;
  }
  text_ = {};
}

bool SseParser::next(Event& event) {
  if (!has_data_) joined_.clear();
  std::string_view line;
  while (!too_large_ && next_line(line)) {
    if (!line.empty()) {
      take_field(line);
      continue;
    }
    if (!has_data_) continue;
    has_data_ = false;
    if (is_joined_) joined_.reserve(joined_.size() + kReadableBehind);
    event = {is_joined_ ? std::string_view(joined_) : line_data_, event_bytes_};
    event_bytes_ = 0;
    return true;
  }
  keep_rest();
  return false;
}

}  // namespace tokenmark
