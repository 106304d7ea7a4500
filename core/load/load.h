// Runs one measurement against a target and gives the raw log. Embedded engine: requests are sent from the engine's
// sinks where an answer makes room for them, and from a pacing thread where they have a time; no HTTP. Endpoint: event
// loops in threads of their own (client_loop.h). Both draw the same requests from the point, and the same dispatcher
// says when they are sent.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "core/load/event_log.h"
#include "core/workload/point.h"

namespace tokenmark {

class Engine;
class Tokenizer;

struct LoadProgress {
  std::int32_t requests = 0, completed = 0, failed = 0;  // warm-ups not counted
  std::int64_t output_tokens = 0;
  double elapsed_s = 0;
  // So far, within 0.1 %; absent: not known yet.
  std::optional<double> ttft_p50_s, ttft_p99_s, tpot_p50_s;
};
// Called a few times a second from the measuring thread, never on the hot path.
using LoadProgressSink = std::function<void(const LoadProgress&)>;

// `stop` cancels: requests in flight end as cancelled and the log so far is lost with an Error of kind cancelled.
Result<EventLog> measure_engine(Engine& engine, const Point& point, const LoadProgressSink& progress, std::stop_token stop);

// `tokenizer`: makes the prompts as text and counts answers without usage; null: prompts are sent as token ids, which
// only completions take (request_bodies.h: what "exact length" means).
// `api_key`: empty for none; it is sent and forgotten.
Result<EventLog> measure_endpoint(const EndpointTarget& endpoint, const Tokenizer* tokenizer, const std::string& api_key,
                                  const Point& point, const LoadProgressSink& progress, std::stop_token stop);

}  // namespace tokenmark
