// A stored run with its event log: what the charts of single runs are made of.
#pragma once

#include <cstddef>
#include <memory>

#include "base/result.h"
#include "core/store/store.h"

namespace tokenmark {

struct LoggedRun {
  RunRow row;
  Limits limits;
  std::shared_ptr<const EventLog> log;  // shared with whoever else shows it; never null
};

// An error says in words for people why a run has no log: a published sample, imported figures, not finished.
Result<LoggedRun> logged_run(Store& store, const RunRow& row);

// About how much memory a log takes.
std::size_t bytes_of(const EventLog& log);

}  // namespace tokenmark
