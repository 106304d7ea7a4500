// The samples behind a run's latency figures: one value a request (TTFT, TPOT, E2E, send lag) or a token (ITL), by the
// definitions of core/metrics/figures.h. +∞ stands for a failed request; warm-ups are left out. In seconds.
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/load/event_log.h"
#include "core/workload/point.h"

namespace tokenmark {

enum class LatencyFigure : std::uint8_t { ttft, tpot, itl, e2e, send_lag };

struct LatencyMeaning {
  LatencyFigure figure;
  std::string_view key;         // "ttft": command line, CSV and JSON
  std::string_view label;       // "Time to first token"
  std::string_view short_name;  // "TTFT"
  std::string_view sample;      // what one sample is: "request", "token"
  std::string_view definition;
};
const std::vector<LatencyMeaning>& latency_meanings();
const LatencyMeaning& meaning(LatencyFigure figure);
Result<LatencyFigure> latency_from_key(std::string_view key);

// The limit that the figure has among a point's; the one of ITL holds for a request's largest.
std::optional<double> limit_of(const Limits& limits, LatencyFigure figure);

// In the order of sending (ITL: of arrival, failed requests last). Of one traffic class, or of all.
std::vector<double> latency_samples(const EventLog& log, LatencyFigure figure, std::optional<std::uint16_t> traffic_class = {});

}  // namespace tokenmark
