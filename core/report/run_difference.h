// Several runs side by side: figures, configuration and environment, row by row, and which rows are equal for all. Any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "core/store/store.h"

namespace tokenmark {

struct DifferenceRow {
  std::string name;                  // "load.concurrency", "Throughput per GPU (tok/s/gpu)"
  std::string definition;            // of figures
  std::vector<std::string> values;   // one a run; "–": it has none
  bool equal = false;
};

struct DifferenceSection {
  std::string title;
  std::vector<DifferenceRow> rows;
};

struct RunDifference {
  std::vector<RunRow> runs;
  std::vector<DifferenceSection> sections;   // Run, Figures, Quality, Configuration, Environment; those with rows
};

// `store` may be null when all rows are samples.
Result<RunDifference> run_difference(Store* store, const std::vector<RunRow>& rows);

}  // namespace tokenmark
