// Server-sent events from pieces of any size: gives each event's data once it is complete (WHATWG HTML, "Parsing an
// event stream"): lines end with LF, CR or CRLF, a byte-order mark at the start and comments are skipped, several
// data lines are joined by a line feed. Fields other than data are ignored. One per answer, no thread of its own.
// An event that lies whole in a piece is given where it lies; only what is cut by a piece's end is copied.
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

  // 64 readable bytes must lie behind the piece, and it must stay until next() gave false.
  void feed(std::string_view piece);
  // The next complete event of what was fed; false: none, or too large.
  bool next(Event& event);
  // An event grew over the limit: nothing more is read.
  bool too_large() const { return too_large_; }
  // Bytes of an unfinished event are waiting: the stream was cut inside of one.
  bool unfinished() const { return !too_large_ && (!kept_.empty() || has_data_); }
  void reset();

 private:
  bool skip_byte_order_mark();
  bool next_line(std::string_view& line);
  void take_field(std::string_view line);
  void keep_rest();

  std::size_t limit_;
  std::string_view text_;       // what is left to read: of the piece, or of kept_ with the piece behind it
  std::string kept_;            // the line that the last piece cut
  std::string_view line_data_;  // the event's data so far: one line where it lies …
  std::string joined_;          // … or several, or one that would not stay
  std::size_t scanned_ = 0;     // bytes of text_ that hold no line's end
  std::size_t event_bytes_ = 0;
  bool has_data_ = false, is_joined_ = false, after_cr_ = false, at_start_ = true, too_large_ = false;
};

}  // namespace tokenmark
