// A run that another tool measured, complete: what core/exchange reads out of a file and the store takes in at once.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/load/event_log.h"
#include "core/metrics/figures.h"
#include "core/store/store.h"

namespace tokenmark {

struct ImportedRun {
  NewRun run;                        // source: "import: FORMAT"
  // As lists and charts show them; 0: the file does not say. The point holds its defaults, or means, in their place.
  std::int32_t input = 0, output = 0, concurrency = 0;
  std::string started;               // ISO 8601, UTC; empty: the file does not say
  Figures figures;
  nlohmann::json environment = nlohmann::json::object();
  std::optional<EventLog> log;       // where the file has the times of single requests
  std::string format, document;      // what the run was read from, in the words of its tool: exported again as it was
  double start_unix_s = 0, end_unix_s = 0;  // when it was measured; 0: unknown
  double utc_offset_s = 0;           // of the clock on the wall where it was measured, east positive
};

}  // namespace tokenmark
