// What happened in a run, in the order in which it did, in words: beginning, warm-ups, first token, every failure with its
// reason, end. Made from the event log. Pure function, any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/load/event_log.h"

namespace tokenmark {

struct RunLogLine {
  std::optional<double> at_s;   // since the run's start; absent: of the run as a whole
  std::string text;
  bool failure = false;
};

// At most `most_failures` failures are told one by one; the others are counted by their reason.
std::vector<RunLogLine> run_log(const EventLog& log, std::size_t most_failures = 100);

}  // namespace tokenmark
