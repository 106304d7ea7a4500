// The raw events of a run, in columns: what was intended, sent and received, and when. Everything else is derived
// from it by core/metrics. Times are nanoseconds of the steady clock since `start`; kAbsent where a thing did not
// happen. Written by one thread; immutable afterwards.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/telemetry/readings.h"

namespace tokenmark {

inline constexpr std::int64_t kAbsent = std::numeric_limits<std::int64_t>::min();

enum class MessageKind : std::uint8_t { role, reasoning, content, tool, usage, media };  // media: an image, a video, an embedding
enum class TokenSource : std::uint8_t { none, usage, tokenizer, engine, messages };
// Why a request failed: classes that a summary can count. The order is that of the binary form: append only.
enum class RequestError : std::uint8_t {
  none, refused, dns, tls, timeout,
  closed,        // the connection ended before the answer did
  http_status,   // any status but 200 that has no class of its own
  malformed,     // not an answer of that API
  cancelled,
  engine,        // the server, or the embedded engine, said in its stream that it failed
  truncated,     // the stream ended inside of an event
  too_large,     // an event or answer beyond the limit
  wrong_usage,   // the token counts in `usage` cannot be
  out_of_order,  // events in an order that the API does not have
  rate_limited,  // HTTP 429
  server_error,  // HTTP 5xx
};
std::string_view request_error_name(RequestError error);

struct RequestColumns {  // one entry a request, in the order of sending
  std::vector<std::int64_t> intended, queued, send_start, connected, sent, headers, end;
  std::vector<std::int32_t> input_tokens, output_tokens;   // -1: unknown
  std::vector<std::int32_t> requested_input, requested_output;
  std::vector<std::int32_t> cached_tokens;  // of input_tokens, from the server's prefix cache; -1: unknown. May be empty: all are
  std::vector<TokenSource> token_source;
  std::vector<std::int32_t> status;        // HTTP status, 200 for the embedded engine, 0: none
  std::vector<RequestError> error;
  std::vector<std::uint8_t> warmup;        // 1: not part of the measurement
  // Empty where every entry would be the default.
  std::vector<std::uint16_t> traffic_class;  // index into EventLog::class_names; default 0
  std::vector<std::int32_t> group;           // conversation or MLPerf query that it belongs to; default -1: none
  std::vector<std::int32_t> sample;          // row of the dataset, MLPerf's sample index; default -1: none
  std::size_t size() const { return intended.size(); }
};

struct MessageColumns {  // one entry a server message, in the order of arrival
  std::vector<std::uint32_t> request;      // index into the request columns
  std::vector<std::int64_t> received;
  std::vector<std::uint32_t> bytes;
  std::vector<std::int32_t> tokens;        // tokens in this message
  std::vector<MessageKind> kind;
  std::size_t size() const { return request.size(); }
};

// What ended a measurement.
enum class EndReason : std::uint8_t {
  all_sent,
  time,       // the time in which requests are sent was over
  precision,  // the figure that was to be known was known
  failures,   // too many failed
  limit,      // the point's time limit: what was not answered by then was given up
};

struct EventLog {
  std::int64_t wall_clock_start_ns = 0;    // Unix time of `start`
  std::int64_t drafted_tokens = -1, accepted_tokens = -1;  // of the engine's speculation, warm-ups included; -1: unknown
  double client_cpu_s = 0;                 // CPU time of the load generator's threads, less what only waited awake for a send
  std::int64_t longest_stall_ns = 0;       // longest time the client's loop did not look at its sockets; 0 in process
  RequestColumns requests;
  MessageColumns messages;
  std::vector<std::string> error_texts;    // a few, for people: the first of each class
  std::vector<std::string> class_names;    // of mixed traffic; empty: all requests are of one kind
  std::vector<std::string> answers;        // one a request where they were kept, else empty
  std::int64_t poll_interval_ns = 0;       // of jobs asked for again and again: their ends are late by up to this
  std::int32_t client_threads = 1;
  EndReason ended_by = EndReason::all_sent;
  Metering metering;                       // power and the like, while it ran; times as all others
  // Steady clock's time of `start` on the machine that measured. Not kept: it means nothing after that machine's next start.
  std::int64_t steady_clock_start_ns = 0;
};

// The binary columnar form (compressed), as it travels from agents and lies in the store. Decoding takes foreign
// bytes: sizes and indices are checked, a bad block is an error and nothing of it is used.
std::string encode(const EventLog& log);
Result<EventLog> decode_event_log(std::string_view block);

}  // namespace tokenmark
