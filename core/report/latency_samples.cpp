#include "core/report/latency_samples.h"

#include <algorithm>
#include <limits>

namespace tokenmark {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

// Which requests count, and how they went.
class Requests {
 public:
  Requests(const EventLog& log, std::optional<std::uint16_t> traffic_class)
      : requests_(log.requests), class_(traffic_class), spans_(token_spans(log)) {}

  bool wanted(std::size_t i) const {
    if (requests_.warmup[i] != 0) return false;
    return !class_ || (requests_.traffic_class.empty() ? 0 : requests_.traffic_class[i]) == *class_;
  }
  bool completed(std::size_t i) const {
    return requests_.error[i] == RequestError::none && spans_[i].first != kAbsent && requests_.send_start[i] != kAbsent;
  }
  // Absent where the request has no such value.
  std::optional<double> value(std::size_t i, LatencyFigure figure) const {
    if (figure == LatencyFigure::send_lag) {
      if (requests_.send_start[i] == kAbsent || requests_.intended[i] == kAbsent) return std::nullopt;
      return seconds(requests_.send_start[i] - requests_.intended[i]);
    }
    const TokenSpan& span = spans_[i];
    const std::int64_t tokens = requests_.output_tokens[i] >= 0 ? requests_.output_tokens[i] : span.tokens;
    if (!completed(i)) {
      if (figure == LatencyFigure::tpot && requests_.requested_output[i] == 1) return std::nullopt;
      return kInfinity;
    }
    switch (figure) {
      case LatencyFigure::ttft: return seconds(span.first - requests_.send_start[i]);
      case LatencyFigure::e2e: return seconds(span.last - requests_.send_start[i]);
      case LatencyFigure::tpot:
        if (tokens < 2) return std::nullopt;
        return seconds(span.last - span.first) / static_cast<double>(tokens - 1);
      case LatencyFigure::itl:
      case LatencyFigure::send_lag: break;
    }
    return std::nullopt;
  }

 private:
  const RequestColumns& requests_;
  std::optional<std::uint16_t> class_;
  std::vector<TokenSpan> spans_;
};

std::vector<double> token_gaps(const EventLog& log, const Requests& requests) {
  const MessageColumns& messages = log.messages;
  std::vector<double> gaps;
  std::vector<std::int64_t> last(log.requests.size(), kAbsent);
  for (std::size_t k = 0; k < messages.size(); ++k) {
    const std::size_t i = messages.request[k];
    if (!carries_tokens(messages, k) || !requests.wanted(i) || log.requests.error[i] != RequestError::none) continue;
    if (last[i] != kAbsent)
      gaps.insert(gaps.end(), static_cast<std::size_t>(messages.tokens[k]), seconds(messages.received[k] - last[i]) / messages.tokens[k]);
    last[i] = messages.received[k];
  }
  for (std::size_t i = 0; i < log.requests.size(); ++i)
    if (requests.wanted(i) && !requests.completed(i)) gaps.push_back(kInfinity);
  return gaps;
}

}  // namespace

const std::vector<LatencyMeaning>& latency_meanings() {
  static const std::vector<LatencyMeaning> all = {
      {LatencyFigure::ttft, "ttft", "Time to first token", "TTFT", "request", "first message with a token − send_start"},
      {LatencyFigure::tpot, "tpot", "Time per output token", "TPOT", "request", "(E2E − TTFT)/(n − 1) of requests with n ≥ 2 tokens"},
      {LatencyFigure::itl, "itl", "Inter-token latency", "ITL", "token", "gap between messages ÷ tokens in the later one"},
      {LatencyFigure::e2e, "e2e", "End-to-end latency", "E2E", "request", "last token message − send_start"},
      {LatencyFigure::send_lag, "send_lag", "Send lag", "Send lag", "request", "send_start − intended: how late the client was"}};
  return all;
}

const LatencyMeaning& meaning(LatencyFigure figure) { return latency_meanings()[static_cast<std::size_t>(figure)]; }

Result<LatencyFigure> latency_from_key(std::string_view key) {
  std::string known;
  for (const LatencyMeaning& m : latency_meanings()) {
    if (m.key == key) return m.figure;
    known += (known.empty() ? "" : ", ") + std::string(m.key);
  }
  return fail(ErrorKind::invalid_input, "'{}' is no latency; there are {}", key, known);
}

std::optional<double> limit_of(const Limits& limits, LatencyFigure figure) {
  switch (figure) {
    case LatencyFigure::ttft: return limits.ttft_s;
    case LatencyFigure::tpot: return limits.tpot_s;
    case LatencyFigure::itl: return limits.itl_s;
    case LatencyFigure::e2e: return limits.e2e_s;
    case LatencyFigure::send_lag: break;
  }
  return std::nullopt;
}

bool carries_tokens(const MessageColumns& messages, std::size_t message) {
  const MessageKind kind = messages.kind[message];
  return messages.tokens[message] > 0 &&
         (kind == MessageKind::content || kind == MessageKind::reasoning || kind == MessageKind::tool);
}

std::vector<TokenSpan> token_spans(const EventLog& log) {
  std::vector<TokenSpan> spans(log.requests.size());
  for (std::size_t k = 0; k < log.messages.size(); ++k) {
    if (!carries_tokens(log.messages, k)) continue;
    TokenSpan& span = spans[log.messages.request[k]];
    if (span.first == kAbsent) span.first = log.messages.received[k];
    span.last = log.messages.received[k];
    span.tokens += log.messages.tokens[k];
  }
  return spans;
}

std::vector<double> latency_samples(const EventLog& log, LatencyFigure figure, std::optional<std::uint16_t> traffic_class) {
  const Requests requests(log, traffic_class);
  if (figure == LatencyFigure::itl) return token_gaps(log, requests);
  std::vector<double> samples;
  for (std::size_t i = 0; i < log.requests.size(); ++i) {
    if (!requests.wanted(i)) continue;
    if (const auto value = requests.value(i, figure)) samples.push_back(*value);
  }
  return samples;
}

}  // namespace tokenmark
