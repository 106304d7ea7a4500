// What was written of a model, for people and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/model/write_model.h"

namespace tokenmark::cli {

nlohmann::ordered_json written_json(const WrittenModel& written);

// A line a tensor whose format changed, then one for all; remarks on what else a person should know.
std::string written_table(const WrittenModel& written);
std::string written_remarks(const WrittenModel& written);

// Writes with a progress bar.
Result<WrittenModel> write_with_progress(const Model& model, const WriteOptions& options, const std::string& path,
                                         std::stop_token stop);

}  // namespace tokenmark::cli
