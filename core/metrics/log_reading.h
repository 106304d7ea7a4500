// What the messages of a log say of each request: when its tokens came, how many, and the latencies that follow from
// it. The one pass over a log that figures, dialects and comparisons share. The log must outlive the reading.
// Immutable after construction, any thread. Warm-ups are not part of the measurement: their streams stay empty.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/load/event_log.h"
#include "core/workload/point.h"

namespace tokenmark {

constexpr double seconds_of(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

inline bool carries_tokens(MessageKind kind) {
  return kind == MessageKind::content || kind == MessageKind::reasoning || kind == MessageKind::tool;
}

// One request's latencies in seconds; an answer of images, videos or embeddings has no TTFT and no TPOT.
struct Latencies {
  double e2e = 0;                      // last token (or item) − send_start
  // First token − send_start; (E2E − TTFT)/(n − 1) for n ≥ 2, of which nothing is known where all came at once.
  std::optional<double> ttft, tpot;
  double largest_itl = 0;              // gap ÷ tokens in the later message
  bool meet(const Limits& limits) const;  // a latency that the answer does not have is within every limit
};

class LogReading {
 public:
  explicit LogReading(const EventLog& log);

  const EventLog& log;

  bool measured(std::size_t i) const { return log.requests.warmup[i] == 0; }
  // It gave tokens or items and no error.
  bool completed(std::size_t i) const;
  bool gave_tokens(std::size_t i) const { return streams_[i].first_token != kAbsent; }
  std::int64_t first_token(std::size_t i) const { return streams_[i].first_token; }
  std::int32_t items(std::size_t i) const { return streams_[i].items; }
  // When it was done: last token or item of a completed request, end of a failed one (kAbsent: it never ended).
  std::int64_t finished(std::size_t i) const;
  std::int64_t output_tokens(std::size_t i) const;
  // Output tokens for each token that its messages were said to hold: 1 where both counts agree.
  double tokens_per_message_token(std::size_t i) const;
  Latencies latencies(std::size_t i) const;  // of a completed request

  // f(request, time, gap in s ÷ tokens, tokens) for every token message of a completed request but its first, in the
  // order of arrival; f(request, time, nullopt, tokens) for the first.
  template <class F>
  void each_token_message(F&& f) const {
    std::vector<std::int64_t> last(log.requests.size(), kAbsent);
    const MessageColumns& m = log.messages;
    for (std::size_t k = 0; k < m.size(); ++k) {
      const std::size_t i = m.request[k];
      if (m.tokens[k] == 0 || !carries_tokens(m.kind[k]) || !completed(i)) continue;
      std::optional<double> itl;
      if (last[i] != kAbsent) itl = seconds_of(m.received[k] - last[i]) / m.tokens[k];
      last[i] = m.received[k];
      f(i, m.received[k], itl, m.tokens[k]);
    }
  }

 private:
  struct Stream {
    std::int64_t first_token = kAbsent, last_token = kAbsent, last_item = kAbsent, tokens = 0;
    double largest_itl = 0;
    std::int32_t items = 0;
  };
  std::vector<Stream> streams_;
};

// First send → last end of the measured requests; nothing where none was sent and ended.
struct TimeSpan {
  std::int64_t from = 0, to = 0;
  double seconds() const { return seconds_of(to - from); }
};
std::optional<TimeSpan> span_of(const EventLog& log);

}  // namespace tokenmark
