// Which runs a verb is about, and where its result goes: shared by the verbs that read the store.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/store/store.h"

namespace tokenmark::cli {

// An existing store; an empty path is the default one. Reading never creates a file: null where there is none yet and
// none was named.
Result<std::unique_ptr<Store>> open_existing_store(const std::string& path);

// The sweep that the command line names: an id, or "latest". Known to be in the store.
Result<SweepId> sweep_named(Store& store, const std::string& text);

// The published samples that contain all words of `search`, whatever their case.
Result<std::vector<RunRow>> matching_samples(const std::string& search);

// Writes the whole file or says why not; an older one stays until the new one is complete.
Status write_file(const std::string& path, std::string_view content);

}  // namespace tokenmark::cli
