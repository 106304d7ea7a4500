#include "core/metrics/figure_meanings.h"

namespace tokenmark {

const std::vector<FigureMeaning>& figure_meanings() {
  static const std::vector<FigureMeaning> meanings = {
      {"ttft_s", "Time to first token (TTFT)", "s", "first message with a token − start of sending"},
      {"tpot_s", "Time per output token (TPOT)", "s/token", "(E2E − TTFT) ÷ (n − 1), of requests with n ≥ 2 output tokens"},
      {"itl_s", "Inter-token latency (ITL)", "s", "gap between messages ÷ tokens in the later one, one value a token"},
      {"e2e_s", "End-to-end latency (E2E)", "s", "last token message − start of sending"},
      {"interactivity_tok_s", "Interactivity", "tok/s/user", "median over requests of 1 ÷ TPOT: how fast one user sees text; the slow tail is 1 ÷ p99 of TPOT"},
      {"total_tok_s_gpu", "Total throughput per GPU", "tok/s/gpu", "input and output tokens of completed requests ÷ duration ÷ accelerators used; a CPU device counts as one"},
      {"output_tok_s_gpu", "Output throughput per GPU", "tok/s/gpu", "output tokens ÷ duration ÷ accelerators used (decode accelerators where disaggregated)"},
      {"output_tok_s", "Output throughput", "tok/s", "output tokens of completed requests ÷ duration"},
      {"duration_s", "Duration", "s", "first send to last end, warm-ups left out"},
      {"requests", "Requests", "", "completed ones; failed ones are counted beside them and are +∞ in percentiles of latency"},
      {"goodput", "Goodput", "req/s", "requests that met all limits ÷ duration; failed ones count as missed"},
      {"send_lag_s", "Send lag", "s", "start of sending − the intended time: how late the load generator was"},
      {"littles_law", "Little's law", "", "λ·W ÷ L with λ = completed ÷ duration, W = mean E2E, L = mean number in flight: 1 when the log is consistent"},
      {"in_flight", "In flight", "requests", "mean number of requests under way: the integral of concurrency ÷ duration"},
      {"steady", "Steady state", "", "from the end of the ramp-up, which MSER-5 finds over throughput, requests in flight and TTFT, to the last send; every event counts where it happened"},
      {"power_w", "Power", "W", "of all devices that computed, over first send to last end, by their energy counters where there are any, else by the trapezoid of their readings"},
      {"joules_per_output_token", "Energy per output token", "J", "energy of the devices that computed ÷ output tokens"},
  };
  return meanings;
}

const FigureMeaning* figure_meaning(std::string_view key) {
  for (const FigureMeaning& meaning : figure_meanings())
    if (meaning.key == key) return &meaning;
  return nullptr;
}

}  // namespace tokenmark
