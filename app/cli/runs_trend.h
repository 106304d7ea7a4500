// `runs trend`: a figure of stored runs over versions of software, with the changes of its level.
#pragma once

#include "app/cli/verb.h"

namespace tokenmark::cli {

void add_runs_trend(CLI::App& runs, Context& context);

}  // namespace tokenmark::cli
