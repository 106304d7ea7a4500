// Several runs side by side: figures, configuration and environment, row by row, and which rows are equal for all. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
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

// As a table: section, name, then a value a run. `all`: what is equal too, else only what differs (run_difference_text.cpp).
std::vector<std::string> difference_header(const RunDifference& difference);
std::vector<std::vector<std::string>> difference_cells(const RunDifference& difference, bool all);
std::string difference_csv(const RunDifference& difference, bool all);
std::string difference_markdown(const RunDifference& difference, bool all);
nlohmann::json to_json(const RunDifference& difference, bool all);

}  // namespace tokenmark
