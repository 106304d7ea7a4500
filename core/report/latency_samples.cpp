#include "core/report/latency_samples.h"

#include <limits>

#include "core/metrics/log_reading.h"

namespace tokenmark {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The requests that are asked for, of one class or of all.
class Chosen {
 public:
  Chosen(const LogReading& reading, std::optional<std::uint16_t> traffic_class) : reading_(reading), class_(traffic_class) {
    bool items = false, tokens = false;
    for (std::size_t i = 0; i < reading.log.requests.size(); ++i) {
      if (!holds(i)) continue;
      tokens = tokens || reading.gave_tokens(i);
      items = items || reading.items(i) > 0;
    }
    items_alone_ = items && !tokens;
  }

  bool holds(std::size_t i) const {
    const auto& classes = reading_.log.requests.traffic_class;
    return reading_.measured(i) && (!class_ || (classes.empty() ? 0 : classes[i]) == *class_);
  }
  // Absent where the request has no such value.
  std::optional<double> value(std::size_t i, LatencyFigure figure) const {
    const RequestColumns& requests = reading_.log.requests;
    if (figure == LatencyFigure::send_lag) {
      if (requests.send_start[i] == kAbsent || requests.intended[i] == kAbsent) return std::nullopt;
      return seconds_of(requests.send_start[i] - requests.intended[i]);
    }
    const bool of_tokens = figure != LatencyFigure::e2e;
    if (of_tokens && items_alone_) return std::nullopt;   // images and videos have no tokens to wait for
    if (!reading_.completed(i)) {
      const bool without = figure == LatencyFigure::tpot && requests.requested_output[i] == 1;
      return without ? std::nullopt : std::optional(kInfinity);
    }
    const Latencies latencies = reading_.latencies(i);
    if (figure == LatencyFigure::e2e) return latencies.e2e;
    return figure == LatencyFigure::ttft ? latencies.ttft : latencies.tpot;
  }

 private:
  const LogReading& reading_;
  std::optional<std::uint16_t> class_;
  bool items_alone_ = false;
};

std::vector<double> token_gaps(const LogReading& reading, const Chosen& chosen) {
  std::vector<double> gaps;
  reading.each_token_message([&](std::size_t i, std::int64_t, const std::optional<double>& gap, std::int32_t tokens) {
    if (gap && chosen.holds(i)) gaps.insert(gaps.end(), static_cast<std::size_t>(tokens), *gap);
  });
  for (std::size_t i = 0; i < reading.log.requests.size(); ++i)
    if (chosen.holds(i) && !reading.completed(i) && chosen.value(i, LatencyFigure::ttft)) gaps.push_back(kInfinity);
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

std::vector<double> latency_samples(const EventLog& log, LatencyFigure figure, std::optional<std::uint16_t> traffic_class) {
  const LogReading reading(log);
  const Chosen chosen(reading, traffic_class);
  if (figure == LatencyFigure::itl) return token_gaps(reading, chosen);
  std::vector<double> samples;
  for (std::size_t i = 0; i < log.requests.size(); ++i) {
    if (!chosen.holds(i)) continue;
    if (const auto value = chosen.value(i, figure)) samples.push_back(*value);
  }
  return samples;
}

}  // namespace tokenmark
