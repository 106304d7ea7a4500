// The runs of one side of a comparison: a run with the other repeats of its point in its sweep, and what is compared of
// each, from its event log. Reads the store; any thread that has one of its own.
#pragma once

#include <vector>

#include "core/metrics/compare.h"
#include "core/store/store.h"

namespace tokenmark {

using RunSide = std::vector<RunRow>;   // in the order of the repeats

// Only finished runs can be compared: another is an error that names it.
Result<RunSide> run_side(Store& store, const std::vector<RunId>& runs, bool only_these);
Result<std::vector<ComparedRun>> compared_runs(Store& store, const RunSide& side);

}  // namespace tokenmark
