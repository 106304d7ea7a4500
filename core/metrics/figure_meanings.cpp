#include "core/metrics/figure_meanings.h"

namespace tokenmark {

const std::vector<FigureMeaning>& figure_meanings() {
  static const std::vector<FigureMeaning> meanings = {
      {"ttft_s", "Time to first token (TTFT)", "s", "first message with a token − start of sending"},
      {"tpot_s", "Time per output token (TPOT)", "s/token", "(E2E − TTFT) ÷ (n − 1), of requests with n ≥ 2 output tokens"},
      {"itl_s", "Inter-token latency (ITL)", "s", "gap between messages ÷ tokens in the later one, one value a token"},
      {"e2e_s", "End-to-end latency (E2E)", "s", "last token message − start of sending"},
      {"item_latency_s", "Latency of an item", "s", "arrival of an image, video or embedding − start of sending"},
      {"scheduled_ttft_s", "TTFT as scheduled", "s", "first message with a token − the intended time of sending"},
      {"interactivity_tok_s", "Interactivity", "tok/s/user", "median over requests of 1 ÷ TPOT: how fast one user sees text"},
      {"interactivity_p99_tok_s", "Interactivity, slow tail", "tok/s/user", "1 ÷ p99 of TPOT"},
      {"total_tok_s_gpu", "Total throughput per GPU", "tok/s/gpu", "input and output tokens of completed requests ÷ duration ÷ accelerators used; a CPU device counts as one"},
      {"output_tok_s_gpu", "Output throughput per GPU", "tok/s/gpu", "output tokens ÷ duration ÷ accelerators used (decode accelerators where disaggregated)"},
      {"input_tok_s_gpu", "Input throughput per GPU", "tok/s/gpu", "input tokens ÷ duration ÷ accelerators used (prefill accelerators where disaggregated)"},
      {"output_tok_s", "Output throughput", "tok/s", "output tokens of completed requests ÷ duration"},
      {"input_tok_s", "Input throughput", "tok/s", "input tokens of completed requests ÷ duration"},
      {"request_s", "Request throughput", "req/s", "completed requests ÷ duration"},
      {"item_s", "Throughput of items", "items/s", "images, videos or embeddings ÷ duration"},
      {"duration_s", "Duration", "s", "first send to last end, warm-ups left out"},
      {"requests", "Requests", "", "completed ones; failed ones are counted beside them and are +∞ in percentiles of latency"},
      {"goodput", "Goodput", "req/s", "requests that met all limits of the run ÷ duration; failed ones count as missed"},
      {"dollars_per_mtok", "Cost per million total tokens", "$/Mtok", "$/h per GPU ÷ (total tok/s/gpu · 3600) · 10⁶"},
      {"steady", "Steady state", "", "from the end of the ramp-up, which MSER-5 finds over throughput, requests in flight and TTFT, to the last send; every event counts where it happened"},
      {"power_w", "Power", "W", "of all devices that computed, over first send to last end, by their energy counters where there are any, else by the trapezoid of their readings"},
      {"power_w_gpu", "Power per GPU", "W", "power ÷ accelerators used"},
      {"energy_j", "Energy", "J", "∫ metered power over the run"},
      {"energy_check_j", "Energy by the other way", "J", "the trapezoid of the power beside the counter; more than 5 % off is said"},
      {"joules_per_output_token", "Energy per output token", "J", "∫ metered power over the run ÷ output tokens"},
      {"joules_per_total_token", "Energy per token", "J", "∫ metered power over the run ÷ input and output tokens"},
      {"token_source", "Tokens counted by", "", "the server's usage, the tokenizer, or the engine"},
      {"in_flight", "In flight", "requests", "mean number of requests under way: the integral of concurrency ÷ duration"},
      {"client_verdict", "Verdict", "", "whether the load generator, not the server, was the limit"},
      {"send_lag_s", "Send lag", "s", "start of sending − the intended time: how late the load generator was"},
      {"client_cpu_share", "Client's CPU", "", "what the load generator's loops used of their cores: near 100 % they were the limit"},
      {"client_stall_s", "Longest stall", "s", "how long a loop of the load generator looked away from its sockets: times within it are late"},
      {"sent_request_s", "Requests due, sent", "req/s", "between the first and the last: by their intended times, and as they were sent"},
      {"littles_law", "Little's law", "", "(λ·W) ÷ L with λ = completed ÷ duration, W = mean E2E, L = mean number in flight: 1 when the log is consistent"},
  };
  return meanings;
}

const FigureMeaning* figure_meaning(std::string_view key) {
  for (const FigureMeaning& meaning : figure_meanings())
    if (meaning.key == key) return &meaning;
  return nullptr;
}

std::string_view figure_definition(std::string_view key) {
  const FigureMeaning* meaning = figure_meaning(key);
  return meaning ? meaning->definition : std::string_view();
}

}  // namespace tokenmark
