// The options of the embedded engine, under the same names in every verb that starts one.
#pragma once

#include <CLI/CLI.hpp>

#include "engine/runtime/engine.h"

namespace tokenmark::cli {

void add_engine_options(CLI::App& verb, EngineOptions& options);

}  // namespace tokenmark::cli
