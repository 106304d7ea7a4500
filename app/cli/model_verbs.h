// The parts of the verb `model` that write files: each adds its subcommand.
#pragma once

#include "app/cli/verb.h"

namespace tokenmark::cli {

void add_model_make(CLI::App& verb, Context& context);

}  // namespace tokenmark::cli
