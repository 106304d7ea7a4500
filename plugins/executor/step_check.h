// Is this step one that the executor can run without touching memory that is not its own? Checked before every step,
// since a wrong index would otherwise corrupt another sequence silently. Linear in the step's size. Any thread.
#pragma once

#include "base/result.h"
#include "plugins/api/plugin.h"

namespace tokenmark::executor {

// Tokens must be ids of the vocabulary or -1; the caller checks that there is something to put in for a -1.
Status check_step(const tm_model& model, const tm_executor_options& options, const tm_step& step,
                  const tm_step_result& result);

// Which sequence of a checked step has the token `row`.
std::uint32_t sequence_of_row(const tm_step& step, std::int32_t row);

}  // namespace tokenmark::executor
