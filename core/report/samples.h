// Published figures carried inside the program, so that charts show something real before anything was measured.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/store/store.h"

namespace tokenmark {

// All of resources/samples as finished runs. They are in no store: their ids are negative, their source begins with
// "sample: " and carries the attribution that charts show.
Result<std::vector<RunRow>> sample_runs();

// One file of samples; `first_id` is the id of its first row, the next ones go down. `name` is for errors.
Result<std::vector<RunRow>> parse_samples(std::string_view json, std::string_view name, RunId first_id);

}  // namespace tokenmark
