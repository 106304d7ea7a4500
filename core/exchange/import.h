// Other tools' result files as runs. What a file is, its content says, never its name. Everything of a file is read and
// checked before anything is given back: a bad one is an error that names file and key. Pure but for reading files.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/exchange/settings.h"

namespace tokenmark {

struct ImportOptions {
  ImportSettings settings;
  std::filesystem::path gpu_metrics;  // a GPU metrics CSV to join to the runs by time; empty: none
};

// The runs in one document; `file` names it in messages.
Result<std::vector<ImportedRun>> read_document(std::string_view text, const std::string& file, const ImportSettings& settings);

// A file, a folder of files and folders, or an MLPerf submission tree; one of LoadGen's logs stands for its folder. In a
// folder, files that are no results are passed over (and told to `note`); a result file with a mistake in it is an error. At
// least one run comes back.
Result<std::vector<ImportedRun>> read_runs(const std::filesystem::path& path, const ImportOptions& options,
                                           const std::function<void(const std::string&)>& note = {});

}  // namespace tokenmark
