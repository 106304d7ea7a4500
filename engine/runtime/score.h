// The logits of every token of a text, on an executor that nobody else uses meanwhile: for perplexity and comparisons.
// Takes blocks from number 0 on as its own, so whatever the cache held is gone afterwards. Blocks in the caller's
// thread.
#pragma once

#include <functional>
#include <vector>

#include "base/result.h"
#include "engine/runtime/scheduler.h"

namespace tokenmark {

// Row r holds the logits [vocabulary] after token r; valid during the call.
using LogitRowSink = std::function<void(std::size_t row, const float* logits)>;

// Rows from `first_row` on, in order. Errors: tokens unknown or more than the cache or the context holds; the device's.
Status score_tokens(const tm_plugin& plugin, tm_executor* executor, const SchedulerOptions& options,
                    const std::vector<TokenId>& tokens, std::size_t first_row, const LogitRowSink& sink);

}  // namespace tokenmark
