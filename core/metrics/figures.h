// The figures of a run, derived from its event log. Definitions: TTFT = first message with a token − send_start;
// E2E = last token message − send_start; TPOT = (E2E − TTFT)/(n − 1) for n ≥ 2; ITL = gap between messages ÷ tokens
// in the later one, one value a token; interactivity = 1/TPOT. Percentiles interpolate linearly between order
// statistics; a failed request counts as +∞ in them (once in each latency, also in ITL; in TPOT if more than one
// token was asked for); means are over completed requests, and so are token counts and throughputs. A figure that
// was not measured, or has too few samples, is absent with a reason, never 0. Warm-ups count nowhere, except in the
// CPU time of the client. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/load/event_log.h"
#include "core/statistics/statistics.h"
#include "core/workload/point.h"

namespace tokenmark {

inline constexpr std::string_view kDefinitions = "tokenmark-1";  // stored with every result

struct Figures {
  std::int32_t completed = 0, failed = 0;
  std::map<std::string, std::int32_t> errors;  // by class
  double duration_s = 0;                        // first send → last end, warm-ups left out
  std::int64_t input_tokens = 0, output_tokens = 0;
  std::string token_source;
  std::optional<double> request_s, output_tok_s, input_tok_s, total_tok_s;
  std::optional<double> cached_prompt_share;  // of the input tokens: came from the server's prefix cache; absent: not told
  std::optional<double> draft_acceptance;     // of the tokens that speculation drafted
  std::optional<double> output_tok_s_gpu, input_tok_s_gpu, total_tok_s_gpu;
  Distribution ttft_s, tpot_s, itl_s, e2e_s;
  // Median over requests of 1/TPOT, and the slow tail 1/(p99 TPOT).
  Percentile interactivity_p50, interactivity_p99;
  // Requests that met all limits, and their output tokens; the ITL limit holds for a request's largest ITL. Absent
  // without limits. The share is of all requests, failed ones included.
  std::optional<double> goodput_req_s, goodput_tok_s, goodput_share;
  Distribution send_lag_s;
  // (λ·W)/L with λ = completed ÷ duration, W = mean E2E, L = mean number of requests in flight (the integral of
  // concurrency ÷ duration): 1 when the log is consistent, less when requests failed or held their slot without
  // giving tokens.
  std::optional<double> littles_law;
  bool client_limited = false;
  std::string client_verdict;         // a sentence: why, or why not
};

// `gpus`: accelerators used (a CPU device counts as 1); 0: unknown.
Figures compute_figures(const EventLog& log, const Limits& limits, std::int32_t gpus);

// The keys of `load --json` (core figures; configuration and environment are added by the caller). What is absent
// has no key, but a reason in the object "withheld" beside it; +∞ is the string "inf".
nlohmann::json to_json(const Figures& figures);
Result<Figures> figures_from_json(const nlohmann::json& json);

}  // namespace tokenmark
