// `runs` tag, note, star, delete, restore, purge, bundle, open: what a person says of runs, and carrying them elsewhere.
#pragma once

#include <CLI/CLI.hpp>

#include "app/cli/verb.h"

namespace tokenmark::cli {

void add_runs_marks(CLI::App& runs, Context& context);

}  // namespace tokenmark::cli
