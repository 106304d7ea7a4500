// The log of one client loop while it is written: columns reserved in full from the start, so that nothing is allocated
// on the hot path. Rows are requests in the order of sending. Written by one thread at a time. Also the rules that say
// whether a run counts, and the merging of the loops' logs into one.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "core/load/event_log.h"
#include "core/load/run_clock.h"
#include "core/workload/point.h"
#include "core/workload/requests.h"

namespace tokenmark {

class Recording {
 public:
  // Room for these requests of the plan, which must outlive it.
  Recording(const Plan& plan, const std::vector<std::uint32_t>& requests);

  // A request of the plan that is about to be sent; gives its row.
  std::uint32_t add(std::size_t planned, std::int64_t intended, std::int64_t queued);
  void message(std::uint32_t row, std::int64_t received, std::size_t bytes, std::int32_t tokens, MessageKind kind) {
    MessageColumns& m = log.messages;
    m.request.push_back(row);
    m.received.push_back(received);
    m.bytes.push_back(static_cast<std::uint32_t>(bytes));
    m.tokens.push_back(tokens);
    m.kind.push_back(kind);
  }
  // The first text of each class of errors is kept for people; made printable and short.
  void failed(std::uint32_t row, RequestError error, std::string_view text);
  // The answer's text, for those that count its tokens afterwards or want to see it.
  void keep_text(std::uint32_t row, std::string text);

  EventLog log;
  std::vector<std::uint32_t> planned;  // by row: index into the plan
  std::vector<std::string> texts;      // by row; shorter where the last rows have none

 private:
  const Plan& plan_;
  std::uint32_t classes_seen_ = 0;
};

// One log of all loops' logs: requests in the order of sending, messages in the order of arrival.
struct Merged {
  EventLog log;
  std::vector<std::string> texts;      // by request; empty where none was kept
};
Merged merge(std::vector<Recording>&& recordings, const Plan& plan, const RunClock& clock);

// A plan whose prompts and log fit into memory.
Status check_size(const Plan& plan);

// How many of `measured` requests may fail before the point has failed.
std::int64_t allowed_failures(const StopRules& stop, std::size_t measured);

// Judges the end: an error if more measured requests than allowed failed or were not reached. `expected`: how many
// should have been sent.
Status check_failures(const EventLog& log, const StopRules& stop, std::size_t expected);

}  // namespace tokenmark
