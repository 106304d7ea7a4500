// The host's half of sampling: the random number of a draw, and log-probabilities from returned logits.
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/runtime/scheduler.h"

namespace tokenmark {

// A uniform number in [0, 1) that depends only on the request's seed and the index of the generated token, so that
// results depend neither on what else is in the batch nor on preemption.
float uniform_draw(std::uint64_t seed, std::uint64_t index);

// Fills `logprob` and `top_logprobs` (the `count` most likely, most likely first, lowest id on a tie) of an event
// from the logits of its row: log-softmax at temperature 1, before any of the sampling parameters.
void fill_logprobs(const float* logits, std::int32_t vocabulary, std::int32_t count, TokenEvent& event);

}  // namespace tokenmark
