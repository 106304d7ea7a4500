// Server-sent events from pieces of any size: gives each event's data once it is complete (WHATWG HTML, "Parsing an
// event stream"): lines end with LF, CR or CRLF, a byte-order mark at the start and comments are skipped, several
// data lines are joined by a line feed. Fields other than data are ignored. One per answer, no thread of its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tokenmark {

class SseParser {
 public:
  struct Event {
    std::string_view data;    // valid until the next call; 64 readable bytes lie behind it
    std::size_t bytes = 0;    // of the stream, from the end of the event before
  };

  explicit SseParser(std::size_t limit_bytes = std::size_t{64} << 20) : limit_(limit_bytes) {}

  void feed(std::string_view piece);
  // The next complete event of what was fed; false: none, or too large.
  bool next(Event& event);
  // An event grew over the limit: nothing more is read.
  bool too_large() const { return too_large_; }
  // Bytes of an unfinished event are waiting: the stream was cut inside of one.
  bool unfinished() const { return !too_large_ && (line_begin_ < buffer_.size() || has_data_); }
  void reset();

 private:
  bool next_line(std::string_view& line);
  void take_field(std::string_view line);

  std::size_t limit_;
  std::string buffer_, data_;
  std::size_t line_begin_ = 0, scanned_ = 0;  // in buffer_
  std::size_t event_bytes_ = 0;
  bool has_data_ = false, after_cr_ = false, at_start_ = true, too_large_ = false;
};

}  // namespace tokenmark
