// The log of a run while it is written: columns of their full size from the start, so that nothing is allocated on
// the hot path. Written by the thread that sends and receives; a request's own entries may be written by another
// thread before that request is sent. Also the rules that end a run.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "core/load/event_log.h"
#include "core/workload/point.h"
#include "core/workload/requests.h"

namespace tokenmark {

class Recording {
 public:
  explicit Recording(const std::vector<PlannedRequest>& plan);

  void start();               // the origin of all times
  std::int64_t now() const;   // nanoseconds since then

  void message(std::size_t request, std::int64_t received, std::size_t bytes, std::int32_t tokens, MessageKind kind) {
    MessageColumns& m = log.messages;
    m.request.push_back(static_cast<std::uint32_t>(request));
    m.received.push_back(received);
    m.bytes.push_back(static_cast<std::uint32_t>(bytes));
    m.tokens.push_back(tokens);
    m.kind.push_back(kind);
  }
  // The first text of each class of errors is kept for people; made printable and short.
  void failed(std::size_t request, RequestError error, std::string_view text);
  // Leaves out what was never sent; `sent` requests were.
  EventLog finish(std::size_t sent);

  EventLog log;

 private:
  std::int64_t origin_ns_ = 0;
  std::uint32_t classes_seen_ = 0;
};

double thread_cpu_s();  // CPU time of the calling thread

// A plan whose prompts and log fit into memory.
Status check_size(const std::vector<PlannedRequest>& plan);

// How many of `measured` requests may fail before the point has failed.
std::int64_t allowed_failures(const StopRules& stop, std::size_t measured);

// Judges the end: an error if more measured requests than allowed failed or were not reached in time.
Status check_failures(const EventLog& log, const StopRules& stop, std::size_t measured);

}  // namespace tokenmark
