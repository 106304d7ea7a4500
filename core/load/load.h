// Runs one closed-loop measurement against a target and gives the raw log.
// Embedded engine: the loop runs in the engine's sinks, no HTTP and no thread between. HTTP endpoint: one event loop
// (libcurl multi) in the calling thread. Both draw the same request list from the workload and its seed.
#pragma once

#include <functional>
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
