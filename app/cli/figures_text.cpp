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

std::string headline(const Figures& f) {
  const std::optional<RequestFigures> steady = f.steady.settled ? std::optional(f.steady.figures) : std::nullopt;
  const auto row = [&](const char* name, const std::optional<double> RequestFigures::*figure) {
    return std::vector<std::string>{name, shown(f.*figure), steady ? shown((*steady).*figure) : "–"};
  };
  const auto user_row = [&](const char* name, const Percentile RequestFigures::*figure) {
    return std::vector<std::string>{name, shown((f.*figure).value), steady ? shown(((*steady).*figure).value) : "–"};
  };
  std::vector<std::vector<std::string>> rows = {row("requests/s", &RequestFigures::request_s),
                                                row("input tok/s", &RequestFigures::input_tok_s),
                                                row("output tok/s", &RequestFigures::output_tok_s),
                                                row("total tok/s", &RequestFigures::total_tok_s),
                                                row("total tok/s/gpu", &RequestFigures::total_tok_s_gpu),
                                                user_row("interactivity tok/s/user, median", &RequestFigures::interactivity_p50),
                                                user_row("interactivity tok/s/user, p99", &RequestFigures::interactivity_p99),
                                                row("requests in flight, mean", &RequestFigures::in_flight)};
  if (f.items > 0) rows.push_back(row("items/s", &RequestFigures::item_s));
  if (f.goodput_req_s) rows.push_back(row("goodput requests/s", &RequestFigures::goodput_req_s));
  if (f.goodput_tok_s) rows.push_back(row("goodput tok/s", &RequestFigures::goodput_tok_s));
  std::string text = table({"figure", "whole run", "steady state"}, rows);
  if (steady) text += fmt::format("Steady state: from {:.4g} to {:.4g} s after the first request.\n", f.steady.from_s, f.steady.to_s);
  else if (!f.steady.reason.empty()) text += fmt::format("No steady state: {}.\n", f.steady.reason);
  return text;
}

std::string latencies(const Figures& f) {
  std::vector<std::vector<std::string>> rows;
  const auto add = [&](const char* name, const Distribution& d) {
    if (d.samples > 0) rows.push_back(latency_row(name, d));
  };
  add("TTFT", f.ttft_s);
  add("TPOT", f.tpot_s);
  add("ITL", f.itl_s);
  add("E2E", f.e2e_s);
  add("item", f.item_latency_s);
  if (f.steady.settled) {
    add("TTFT, steady", f.steady.figures.ttft_s);
    add("TPOT, steady", f.steady.figures.tpot_s);
    add("ITL, steady", f.steady.figures.itl_s);
    add("E2E, steady", f.steady.figures.e2e_s);
  }
  add("TTFT as scheduled", f.scheduled_ttft_s);
  add("E2E as scheduled", f.scheduled_e2e_s);
  add("send lag", f.send_lag_s);
  return table({"ms", "mean", "p50", "95 %", "p90", "p99", "max"}, rows);
}

std::string classes(const Figures& f) {
  if (f.classes.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, c] : f.classes)
    rows.push_back({name, fmt::format("{}", c.completed), fmt::format("{}", c.failed), shown(c.request_s), shown(c.output_tok_s),
                    shown(c.ttft_s.p50.value, 1e3), shown(c.ttft_s.p99.value, 1e3), shown(c.tpot_s.p50.value, 1e3),
                    shown(c.tpot_s.p99.value, 1e3), c.goodput_share ? fmt::format("{:.1f}", 100 * *c.goodput_share) : "–"});
  return "\n" + table({"class", "completed", "failed", "requests/s", "output tok/s", "TTFT p50 ms", "TTFT p99 ms", "TPOT p50 ms",
                       "TPOT p99 ms", "good %"}, rows);
}

std::string power(const Figures& f) {
  if (f.power_source.empty()) return {};
  std::string text = fmt::format("power: {} W, {} W/gpu", shown(f.power_w), shown(f.power_w_gpu));
  if (f.energy_j) text += fmt::format(", {} J", shown(f.energy_j));
  if (f.joules_per_output_token) text += fmt::format(", {} J/output token", shown(f.joules_per_output_token));
  if (f.joules_per_total_token) text += fmt::format(", {} J/token", shown(f.joules_per_total_token));
  text += fmt::format(" ({})\n", f.power_source);
  if (!f.power_note.empty()) text += fmt::format("  but {}\n", f.power_note);
  return text;
}

// What was metered beside what computed: the host's CPU, the whole machine.
std::string meters_beside(const Figures& f) {
  std::string text;
  for (const MeterFigures& meter : f.meters)
    if (!meter.computes && meter.power_w) text += fmt::format("  beside it: {} {} W ({})\n", meter.name, shown(meter.power_w), meter.source);
  return text;
}

}  // namespace

std::string figures_text(const Figures& f) {
  std::string text = f.lacking.count("requests") ? "number of requests unknown" : fmt::format("{} requests completed, {} failed", f.completed, f.failed);
  text += f.lacking.count("duration_s") ? ", duration unknown\n" : fmt::format(", {:.4g} s\n", f.duration_s);
  text += "\n" + headline(f);
  if (!f.lacking.count("output_tokens"))
    text += fmt::format("{} input tokens, {} output tokens (by {})\n", f.input_tokens, f.output_tokens, f.token_source);
  text += power(f) + meters_beside(f);
  if (f.lacking.count("power") && !f.meters.empty()) text += fmt::format("no power: {}\n", f.lacking.at("power"));
  if (f.cached_prompt_share) text += fmt::format("{:.1f} % of the prompt tokens came from the prefix cache\n", 100 * *f.cached_prompt_share);
  if (f.draft_acceptance) text += fmt::format("{:.1f} % of the drafted tokens were accepted\n", 100 * *f.draft_acceptance);
  if (f.goodput_share) text += fmt::format("{:.1f} % of the requests met all limits\n", 100 * *f.goodput_share);
  text += "\n" + latencies(f) + classes(f);
  if (f.intended_request_s && f.sent_request_s)
    text += fmt::format("\n{} requests/s were due, {} were sent.", shown(f.intended_request_s), shown(f.sent_request_s));
  return text + fmt::format("\nSelf-check: {}; (λ·W)/L = {}{}.\n", f.client_verdict, shown(f.littles_law),
                            f.steady.settled ? ", in the steady state " + shown(f.steady.figures.littles_law) : "");
}

}  // namespace tokenmark::cli
