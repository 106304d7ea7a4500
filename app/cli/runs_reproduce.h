// `runs reproduce`: how a stored run is measured again.
#pragma once

#include "app/cli/verb.h"

namespace tokenmark::cli {

void add_runs_reproduce(CLI::App& runs, Context& context);

}  // namespace tokenmark::cli
