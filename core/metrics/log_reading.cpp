#include "core/metrics/log_reading.h"

#include <algorithm>

namespace tokenmark {

bool Latencies::meet(const Limits& limits) const {
  const auto within = [](const std::optional<double>& limit, double value) { return !limit || value <= *limit; };
  return within(limits.ttft_s, ttft.value_or(0)) && within(limits.e2e_s, e2e) && within(limits.tpot_s, tpot.value_or(0)) &&
         within(limits.itl_s, largest_itl);
}

LogReading::LogReading(const EventLog& read) : log(read), streams_(read.requests.size()) {
  const MessageColumns& m = log.messages;
  for (std::size_t k = 0; k < m.size(); ++k) {
    const std::size_t i = m.request[k];
    if (!measured(i)) continue;
    Stream& stream = streams_[i];
    if (m.kind[k] == MessageKind::media) {
      ++stream.items;
      stream.last_item = m.received[k];
    }
    const std::int32_t tokens = m.tokens[k];
    if (tokens == 0 || !carries_tokens(m.kind[k])) continue;
    if (stream.first_token == kAbsent) stream.first_token = m.received[k];
    else stream.largest_itl = std::max(stream.largest_itl, seconds_of(m.received[k] - stream.last_token) / tokens);
    stream.last_token = m.received[k];
    stream.tokens += tokens;
  }
}

bool LogReading::completed(std::size_t i) const {
  return measured(i) && log.requests.error[i] == RequestError::none && log.requests.send_start[i] != kAbsent &&
         (gave_tokens(i) || items(i) > 0);
}

std::int64_t LogReading::finished(std::size_t i) const {
  return completed(i) ? std::max(streams_[i].last_token, streams_[i].last_item) : log.requests.end[i];
}

std::int64_t LogReading::output_tokens(std::size_t i) const {
  return log.requests.output_tokens[i] >= 0 ? log.requests.output_tokens[i] : streams_[i].tokens;
}

double LogReading::tokens_per_message_token(std::size_t i) const {
  return streams_[i].tokens > 0 ? static_cast<double>(output_tokens(i)) / static_cast<double>(streams_[i].tokens) : 0;
}

Latencies LogReading::latencies(std::size_t i) const {
  const std::int64_t start = log.requests.send_start[i];
  Latencies out;
  out.e2e = seconds_of(finished(i) - start);
  out.largest_itl = streams_[i].largest_itl;
  if (!gave_tokens(i)) return out;
  out.ttft = seconds_of(streams_[i].first_token - start);
  if (const std::int64_t n = output_tokens(i); n >= 2 && streams_[i].last_token > streams_[i].first_token)
    out.tpot = (seconds_of(streams_[i].last_token - start) - *out.ttft) / static_cast<double>(n - 1);
  return out;
}

std::optional<TimeSpan> span_of(const EventLog& log) {
  std::int64_t first = kAbsent, last = kAbsent;
  for (std::size_t i = 0; i < log.requests.size(); ++i) {
    if (log.requests.warmup[i] != 0) continue;
    const std::int64_t sent = log.requests.send_start[i];
    if (sent != kAbsent && (first == kAbsent || sent < first)) first = sent;
    last = std::max(last, log.requests.end[i]);
  }
  if (first == kAbsent || last == kAbsent || last < first) return std::nullopt;
  return TimeSpan{first, last};
}

}  // namespace tokenmark
