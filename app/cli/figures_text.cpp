#include "app/cli/figures_text.h"

#include <fmt/core.h>

#include <cmath>

#include "app/cli/terminal.h"

namespace tokenmark::cli {
namespace {

std::string shown(const std::optional<double>& value, double unit = 1) {
  if (!value) return "–";
  return std::isinf(*value) ? "∞" : fmt::format("{:.4g}", *value * unit);
}

std::vector<std::string> latency_row(const char* name, const Distribution& d) {
  const auto& interval = d.p50.interval;
  return {name,
          shown(d.mean, 1e3),
          shown(d.p50.value, 1e3),
          interval ? shown(interval->low, 1e3) + "–" + shown(interval->high, 1e3) : "–",
          shown(d.p90.value, 1e3),
          shown(d.p99.value, 1e3),
          shown(d.maximum, 1e3)};
}

}  // namespace

std::string figures_text(const Figures& f) {
  std::string text =
      fmt::format("{} requests completed, {} failed, {:.4g} s\n", f.completed, f.failed, f.duration_s);
  text += fmt::format("\n{}",
                      table({"figure", "value"},
                            {{"requests/s", shown(f.request_s)},
                             {"input tok/s", shown(f.input_tok_s)},
                             {"output tok/s", shown(f.output_tok_s)},
                             {"total tok/s", shown(f.total_tok_s)},
                             {"total tok/s/gpu", shown(f.total_tok_s_gpu)},
                             {"interactivity tok/s/user, median", shown(f.interactivity_p50.value)},
                             {"interactivity tok/s/user, p99", shown(f.interactivity_p99.value)},
                             {"input tokens", fmt::format("{}", f.input_tokens)},
                             {"output tokens", fmt::format("{} (by {})", f.output_tokens, f.token_source)}}));
  if (f.cached_prompt_share) text += fmt::format("{:.1f} % of the prompt tokens came from the prefix cache\n", 100 * *f.cached_prompt_share);
  if (f.draft_acceptance) text += fmt::format("{:.1f} % of the drafted tokens were accepted\n", 100 * *f.draft_acceptance);
  if (f.goodput_req_s)
    text += fmt::format("goodput: {} requests/s, {} tok/s, {:.1f} % of the requests\n",
                        shown(f.goodput_req_s), shown(f.goodput_tok_s), 100 * f.goodput_share.value_or(0));
  text += fmt::format("\n{}", table({"ms", "mean", "p50", "95 %", "p90", "p99", "max"},
                                    {latency_row("TTFT", f.ttft_s), latency_row("TPOT", f.tpot_s),
                                     latency_row("ITL", f.itl_s), latency_row("E2E", f.e2e_s),
                                     latency_row("send lag", f.send_lag_s)}));
  return text + fmt::format("\nSelf-check: {}; (λ·W)/L = {}.\n", f.client_verdict, shown(f.littles_law));
}

}  // namespace tokenmark::cli
