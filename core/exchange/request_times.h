// An event log from what files keep of single requests. Such a file has no schedule, no send lag and no bytes, and the
// log says so: what was not written down is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/load/event_log.h"

namespace tokenmark {

struct RequestTimes {
  double start_s = 0;                // since any moment, the same for all; or Unix time
  double ttft_s = 0;
  std::vector<double> gaps_s;        // between the messages after the first; one message is one token
  std::optional<double> e2e_s;       // where the gaps are unknown: the rest of the tokens came at this time
  std::int64_t input = -1, output = -1;
  bool failed = false;
};

// Times are relative to the earliest start; `start_unix_s` 0: unknown. `source`: who counted the tokens. Nothing if a
// time cannot be (negative, not finite, years), or there are more messages than a log can hold.
std::optional<EventLog> log_of(const std::vector<RequestTimes>& requests, double start_unix_s, TokenSource source);

// Starts of a closed loop that its file does not tell: each request takes the slot that is free first, in order.
void place_in_slots(std::vector<RequestTimes>& requests, std::int32_t concurrency);

// What a log holds of single requests, for files that list them. Warm-ups are left out.
std::vector<RequestTimes> request_times(const EventLog& log);

}  // namespace tokenmark
