// One log under the definitions of the field's other load generators, with the keys of their result files, so that a
// figure of ours can be laid beside one of theirs. How they differ from ours and from each other:
//
// inferencex, vllm: TTFT is the first chunk of text, even an empty one or chat's role; ITL is the gap between chunks,
//   one value a chunk; E2E ends with the last chunk; n is what usage says; means are over successful requests.
// sglang: TTFT is the first non-empty text; ITL is the gap ÷ new tokens, one value a token; E2E ends with the stream; n is
//   what usage says, else what was asked for.
// guidellm: TPOT is (last token − start)/n, so it holds the TTFT; ITL is (last − first)/(n − 1), others' TPOT; both are
//   weighted by their tokens; percentiles are the smallest value whose cumulated weight reaches the share. Rates are
//   distributions over time.
// aiperf: inter_token_latency is others' TPOT, inter_chunk_latency the gap between chunks with text; the duration ends
//   with the last text.
//
// All but guidellm interpolate percentiles linearly, as numpy does; standard deviations are those of a population.
// Definitions read in vLLM (main, 2026), sglang 0.5.23, guidellm 0.8.1 and aiperf 0.13.0. Where a tool writes 0
// for what it did not measure, the key is absent here. Text answers only: of images and embeddings there is nothing.
// Pure functions, any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "core/metrics/log_reading.h"

namespace tokenmark {

// "inferencex", "vllm", "sglang", "guidellm", "aiperf".
std::vector<std::string_view> dialect_names();

// Goodput with those of the limits that the tool has. An unknown name is an error that lists the known ones.
Result<nlohmann::json> dialect_figures(const LogReading& reading, const Limits& limits, std::string_view dialect);

// All of them, by name; an empty object for a log without text.
nlohmann::json all_dialects(const EventLog& log, const Limits& limits);

// guidellm's metrics (of successful requests) and request_totals; used by dialect_figures.
nlohmann::json guidellm_figures(const LogReading& reading);

}  // namespace tokenmark
