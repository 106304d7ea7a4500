// `runs compare`: do two configurations differ, or how do several stand against a baseline? `runs difference`: their
// figures, configuration and environment side by side.
#pragma once

#include "app/cli/verb.h"
#include "core/report/comparison_table.h"

namespace tokenmark::cli {

void add_runs_compare(CLI::App& runs, Context& context);
void add_runs_difference(CLI::App& runs, Context& context);

// A comparison for a terminal.
std::string comparison_text(const ComparisonTable& table);

}  // namespace tokenmark::cli
