// `runs import` and the other tools' formats of `runs export`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "app/cli/verb.h"
#include "core/store/store.h"

namespace tokenmark::cli {

void add_runs_import(CLI::App& runs, Context& context);

// Runs of the store as the text of a file of another tool.
Result<std::string> exported_runs(Store& store, const std::vector<RunId>& ids, const std::string& format, bool detailed);

}  // namespace tokenmark::cli
