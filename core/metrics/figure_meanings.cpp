#include "core/metrics/figure_meanings.h"

// The window translates the definitions: by this name lupdate finds them (resources/CMakeLists.txt).
#define FIGURE(context, text) text

namespace tokenmark {

const std::vector<FigureMeaning>& figure_meanings() {
  static const std::vector<FigureMeaning> meanings = {
      {"ttft_s", "Time to first token (TTFT)", "s", FIGURE("Figures", "first message with a token − start of sending")},
      {"tpot_s", "Time per output token (TPOT)", "s/token", FIGURE("Figures", "(E2E − TTFT) ÷ (n − 1), of requests with n ≥ 2 output tokens")},
      {"itl_s", "Inter-token latency (ITL)", "s", FIGURE("Figures", "gap between messages ÷ tokens in the later one, one value a token")},
      {"e2e_s", "End-to-end latency (E2E)", "s", FIGURE("Figures", "last token message − start of sending")},
      {"item_latency_s", "Latency of an item", "s", FIGURE("Figures", "arrival of an image, video or embedding − start of sending")},
      {"scheduled_ttft_s", "TTFT as scheduled", "s", FIGURE("Figures", "first message with a token − the intended time of sending")},
      {"interactivity_tok_s", "Interactivity", "tok/s/user", FIGURE("Figures", "median over requests of 1 ÷ TPOT: how fast one user sees text")},
      {"interactivity_p99_tok_s", "Interactivity, slow tail", "tok/s/user", FIGURE("Figures", "1 ÷ p99 of TPOT")},
      {"total_tok_s_gpu", "Total throughput per GPU", "tok/s/gpu", FIGURE("Figures", "input and output tokens of completed requests ÷ duration ÷ accelerators used; a CPU device counts as one")},
      {"output_tok_s_gpu", "Output throughput per GPU", "tok/s/gpu", FIGURE("Figures", "output tokens ÷ duration ÷ accelerators used (decode accelerators where disaggregated)")},
      {"input_tok_s_gpu", "Input throughput per GPU", "tok/s/gpu", FIGURE("Figures", "input tokens ÷ duration ÷ accelerators used (prefill accelerators where disaggregated)")},
      {"output_tok_s", "Output throughput", "tok/s", FIGURE("Figures", "output tokens of completed requests ÷ duration")},
      {"input_tok_s", "Input throughput", "tok/s", FIGURE("Figures", "input tokens of completed requests ÷ duration")},
      {"request_s", "Request throughput", "req/s", FIGURE("Figures", "completed requests ÷ duration")},
      {"item_s", "Throughput of items", "items/s", FIGURE("Figures", "images, videos or embeddings ÷ duration")},
      {"duration_s", "Duration", "s", FIGURE("Figures", "first send to last end, warm-ups left out")},
      {"requests", "Requests", "", FIGURE("Figures", "completed ones; failed ones are counted beside them and are +∞ in percentiles of latency")},
      {"goodput", "Goodput", "req/s", FIGURE("Figures", "requests that met all limits of the run ÷ duration; failed ones count as missed")},
      {"dollars_per_mtok", "Cost per million total tokens", "$/Mtok", FIGURE("Figures", "$/h per GPU ÷ (total tok/s/gpu · 3600) · 10⁶")},
      {"steady", "Steady state", "", FIGURE("Figures", "from the end of the ramp-up, which MSER-5 finds over throughput, requests in flight and TTFT, to the last send; every event counts where it happened")},
      {"power_w", "Power", "W", FIGURE("Figures", "of all devices that computed, over first send to last end, by their energy counters where there are any, else by the trapezoid of their readings")},
      {"power_w_gpu", "Power per GPU", "W", FIGURE("Figures", "power ÷ accelerators used")},
      {"energy_j", "Energy", "J", FIGURE("Figures", "∫ metered power over the run")},
      {"energy_check_j", "Energy by the other way", "J", FIGURE("Figures", "the trapezoid of the power beside the counter; more than 5 % off is said")},
      {"joules_per_output_token", "Energy per output token", "J", FIGURE("Figures", "∫ metered power over the run ÷ output tokens")},
      {"joules_per_total_token", "Energy per token", "J", FIGURE("Figures", "∫ metered power over the run ÷ input and output tokens")},
      {"token_source", "Tokens counted by", "", FIGURE("Figures", "the server's usage, the tokenizer, or the engine")},
      {"in_flight", "In flight", "requests", FIGURE("Figures", "mean number of requests under way: the integral of concurrency ÷ duration")},
      {"client_verdict", "Verdict", "", FIGURE("Figures", "whether the load generator, not the server, was the limit")},
      {"send_lag_s", "Send lag", "s", FIGURE("Figures", "start of sending − the intended time: how late the load generator was")},
      {"client_cpu_share", "Client's CPU", "", FIGURE("Figures", "what the load generator's loops used of their cores: near 100 % they were the limit")},
      {"client_stall_s", "Longest stall", "s", FIGURE("Figures", "how long a loop of the load generator looked away from its sockets: times within it are late")},
      {"sent_request_s", "Requests due, sent", "req/s", FIGURE("Figures", "between the first and the last: by their intended times, and as they were sent")},
      {"littles_law", "Little's law", "", FIGURE("Figures", "(λ·W) ÷ L with λ = completed ÷ duration, W = mean E2E, L = mean number in flight: 1 when the log is consistent")},
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
