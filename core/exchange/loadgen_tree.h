// LoadGen's logs as runs: a folder, or a submission tree
// {division}/{submitter}/results/{system}/{benchmark}/{scenario}/performance/run_1 with systems/{system}.json beside.
// Internal to core/exchange. Folders are read by several threads; the runs come back in the order of the folders.
#pragma once

#include <filesystem>
#include <vector>

#include "core/exchange/settings.h"

namespace tokenmark {

bool is_loadgen_folder(const std::filesystem::path& folder);
Result<std::vector<ImportedRun>> read_loadgen_tree(const std::vector<std::filesystem::path>& folders, const ImportSettings& settings);

}  // namespace tokenmark
