// The figures of a run, derived from its event log. Definitions: TTFT = first message with a token − send_start;
// E2E = last token message − send_start; TPOT = (E2E − TTFT)/(n − 1) for n ≥ 2; ITL = gap between messages ÷ tokens
// in the later one, one value a token; interactivity = 1/TPOT. Percentiles interpolate linearly between order
// statistics; a failed request counts as +∞ in them (once in each latency, also in ITL; in TPOT if more than one
// token was asked for); means are over completed requests, and so are token counts and throughputs. A figure that
// was not measured, or has too few samples, is absent with a reason, never 0. Warm-ups count nowhere, except in the
// CPU time of the client. A log of ten million messages takes 2 s of one core. Pure functions, any thread.
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

// Figures of some requests over some time: of the whole run, of its steady window, of one class of its traffic.
struct RequestFigures {
  std::int32_t completed = 0, failed = 0;
  std::map<std::string, std::int32_t> errors;  // by class
  double duration_s = 0;                        // first send → last end, warm-ups left out; or the window's
  std::int64_t input_tokens = 0, output_tokens = 0;
  std::string token_source;
  std::optional<double> request_s, output_tok_s, input_tok_s, total_tok_s;
  std::optional<double> cached_prompt_share;  // of the input tokens: came from the server's prefix cache; absent: not told
  std::optional<double> output_tok_s_gpu, input_tok_s_gpu, total_tok_s_gpu;
  Distribution ttft_s, tpot_s, itl_s, e2e_s;
  Distribution scheduled_ttft_s, scheduled_e2e_s;  // the same from `intended` instead of send_start
  // Median over requests of 1/TPOT, and the slow tail 1/(p99 TPOT).
  Percentile interactivity_p50, interactivity_p99;
  // Requests that met all limits, and their output tokens; the ITL limit holds for a request's largest ITL. Absent
  // without limits. The share is of all requests, failed ones included.
  std::optional<double> goodput_req_s, goodput_tok_s, goodput_share;
  // (λ·W)/L with λ = completed ÷ duration, W = mean E2E, L = mean number of requests in flight (the integral of
  // concurrency ÷ duration): 1 when the log is consistent (in a window: and steady), less when requests failed or held
  // their slot without giving tokens.
  std::optional<double> littles_law, in_flight;  // in_flight: L
  // Images, videos, embeddings: an item's latency is its arrival − send_start. Where nothing but items was asked for
  // there are no token figures.
  std::int64_t items = 0;
  std::optional<double> item_s;  // items ÷ duration
  Distribution item_latency_s;
};

// Every event counts where it happened: tokens, ITL and (with the prompt's tokens) TTFT when the token came, a
// request with its E2E, TPOT, goodput and failure when it was done. So the requests that were under way when the
// window began count with what they did in it, and what ended in the drain does not.
struct SteadyFigures {
  bool settled = false;
  std::string reason;            // why there are none
  double from_s = 0, to_s = 0;   // after the first send
  RequestFigures figures;
};

struct ClassFigures {
  std::string name;
  RequestFigures figures;        // rates are ÷ the run's duration: those of all classes add up to the run's
};

// One meter's view of the run (core/metrics/power.h).
struct MeterFigures {
  std::string source, id, name, kind;   // kind: "accelerator", "cpu", "machine"
  bool computes = false;                // counts in the run's power; else it is beside it
  // Over first send → last end: by the difference of the energy counter, by the trapezoid of power. power_w is of the
  // counter where there is one.
  std::optional<double> power_w, counter_j, trapezoid_j;
  std::string note;                     // what to know of it, or why it has no energy
};

struct Figures : RequestFigures {
  std::optional<double> draft_acceptance;     // of the tokens that speculation drafted
  Distribution send_lag_s;
  // Requests a second as intended and as sent, between the first and the last. In an open loop they are the target and
  // the realised rate; in a closed one a place that becomes free is the intention, and they are the same.
  std::optional<double> intended_request_s, sent_request_s;
  SteadyFigures steady;
  std::vector<ClassFigures> classes;  // of mixed traffic, in the order of EventLog::class_names
  // The client on itself: what its loops used of their cores while it ran, how long one looked away from its sockets.
  std::optional<double> client_cpu_share, client_stall_s;
  std::int32_t client_threads = 0;
  bool client_limited = false;
  std::string client_verdict;         // a sentence: why, or why not
  // Power while it ran, where it was metered: of all that computed, of one accelerator, and what it came to. energy_check_j:
  // the same by the other way, where there are two (core/metrics/power.h).
  std::optional<double> power_w, power_w_gpu, energy_j, energy_check_j, joules_per_output_token, joules_per_total_token;
  std::string power_source;           // who measured it, and how
  std::string power_note;             // what speaks against it; empty: nothing
  std::vector<MeterFigures> meters;
  // What the run lacks (a key of to_json) and why: of an imported run its file, of a metered one its power. Takes that key
  // out of the JSON form.
  std::map<std::string, std::string> lacking;
};

// `gpus`: accelerators used (a CPU device counts as 1); 0: unknown.
Figures compute_figures(const EventLog& log, const Limits& limits, std::int32_t gpus);

// The keys of `load --json` (core figures; configuration and environment are added by the caller). What is absent
// has no key, but a reason in the object "withheld" beside it; +∞ is the string "inf".
nlohmann::json to_json(const Figures& figures);
Result<Figures> figures_from_json(const nlohmann::json& json);

}  // namespace tokenmark
