// Stored runs as other tools' files. A run that was imported from the same format is written as it was read; of any
// other run everything is written that the format has a key for, and what is not known is left out. Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/store/store.h"

namespace tokenmark {

// All that there is of a run.
struct StoredRun {
  RunRow row;
  Point point;
  Figures figures;
  nlohmann::json environment;
  std::optional<EventLog> log;
  std::optional<Document> document;
  bool detailed = false;             // the lists of single requests too, where the format has them
};
Result<StoredRun> stored_run(Store& store, RunId id, bool detailed);

const std::vector<std::string>& export_formats();
// The text of a file. A format that holds one run a file gets a line for each.
Result<std::string> export_runs(const std::vector<StoredRun>& runs, std::string_view format);

}  // namespace tokenmark
