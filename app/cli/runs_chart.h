// `runs chart`: distributions and timeline of stored runs, from their event logs, into a file.
#pragma once

#include "app/cli/verb.h"

namespace tokenmark::cli {

void add_runs_chart(CLI::App& runs, Context& context);

}  // namespace tokenmark::cli
