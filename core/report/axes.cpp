// What the axes of a chart can be, and where their figures come from.
#include <fmt/ranges.h>

#include <deque>

#include "core/metrics/figure_meanings.h"
#include "core/report/chart.h"

namespace tokenmark {
namespace {

// A figure's definition with what is taken of it over the requests. Called while the table is made, which is once.
std::string_view defined(std::string_view of_requests, std::string_view key) {
  static std::deque<std::string> kept;
  return kept.emplace_back(fmt::format("{} of {}", of_requests, figure_definition(key)));
}

}  // namespace

const std::vector<AxisMeaning>& axis_meanings() {
  using A = AxisFigure;
  static const std::vector<AxisMeaning> meanings = {
      {A::interactivity, "interactivity", "Interactivity", "tok/s/user", Better::higher,
       figure_definition("interactivity_tok_s")},
      {A::ttft, "ttft", "Time to first token", "s", Better::lower,
       defined("median over requests", "ttft_s")},
      {A::e2e, "e2e", "End-to-end latency", "s", Better::lower,
       defined("median over requests", "e2e_s")},
      {A::total_tok_s_gpu, "total_tok_s_gpu", "Throughput per GPU", "tok/s/gpu", Better::higher,
       figure_definition("total_tok_s_gpu")},
      {A::output_tok_s_gpu, "output_tok_s_gpu", "Output throughput per GPU", "tok/s/gpu", Better::higher,
       figure_definition("output_tok_s_gpu")},
      {A::input_tok_s_gpu, "input_tok_s_gpu", "Input throughput per GPU", "tok/s/gpu", Better::higher,
       figure_definition("input_tok_s_gpu")},
      {A::output_tok_s, "output_tok_s", "Output throughput", "tok/s", Better::higher, figure_definition("output_tok_s")},
      {A::dollars_per_mtok, "dollars_per_mtok", "Cost per million total tokens", "$/Mtok", Better::lower,
       figure_definition("dollars_per_mtok"), false, true},
      {A::tokens_per_dollar, "tokens_per_dollar", "Total tokens per dollar", "tok/$", Better::higher,
       "total tok/s/gpu · 3600 ÷ $/h per GPU", false, true},
      {A::tok_s_per_mw, "tok_s_per_mw", "Total throughput per megawatt", "tok/s/MW", Better::higher,
       "total tok/s/gpu · 1000 ÷ all-in provisioned kW per GPU", false, true},
      {A::concurrency, "concurrency", "Concurrency", "requests", Better::higher, "requests kept in flight", true},
      {A::quality, "quality", "Task score", "share right", Better::higher,
       "accuracy (or ROUGE-L F1) of a task on the same engine or endpoint"},
      {A::perplexity, "perplexity", "Perplexity", "", Better::lower,
       "exp of the mean negative log-probability of a text's tokens, second halves of windows"},
      {A::kl_divergence, "kl_divergence", "KL divergence", "nats/token", Better::lower,
       "mean over tokens of KL(reference ‖ model)"},
      {A::request_rate, "request_rate", "Offered request rate", "req/s", Better::higher,
       "requests a second that the schedule of an open loop sends", true},
      {A::request_s, "request_s", "Request throughput", "req/s", Better::higher, figure_definition("request_s")},
      {A::goodput_req_s, "goodput_req_s", "Goodput", "req/s", Better::higher,
       figure_definition("goodput")},
      {A::ttft_p99, "ttft_p99", "Time to first token, p99", "s", Better::lower,
       defined("99th percentile over requests", "ttft_s")},
      {A::tpot, "tpot", "Time per output token", "s", Better::lower, defined("median over requests", "tpot_s")},
      {A::tpot_p99, "tpot_p99", "Time per output token, p99", "s", Better::lower,
       defined("99th percentile over requests", "tpot_s")},
      {A::joules_per_total_token, "joules_per_total_token", "Metered energy per token", "J/tok", Better::lower,
       figure_definition("joules_per_total_token")},
      {A::joules_per_output_token, "joules_per_output_token", "Metered energy per output token", "J/tok", Better::lower,
       figure_definition("joules_per_output_token")},
      {A::provisioned_joules_per_token, "provisioned_joules_per_token", "Provisioned energy per token", "J/tok", Better::lower,
       "all-in provisioned kW per GPU · 1000 ÷ total tok/s/gpu", false, true},
  };
  return meanings;
}

const AxisMeaning& meaning(AxisFigure figure) {
  return axis_meanings().at(static_cast<std::size_t>(figure));  // in this order: a test holds every figure against the table
}

Result<AxisFigure> axis_from_key(std::string_view key) {
  std::vector<std::string_view> keys;
  for (const AxisMeaning& entry : axis_meanings()) {
    if (entry.key == key) return entry.figure;
    keys.push_back(entry.key);
  }
  return fail(ErrorKind::invalid_input, "there is no axis '{}'; there are: {}", key, fmt::join(keys, ", "));
}

bool is_quality(AxisFigure figure) {
  return figure == AxisFigure::quality || figure == AxisFigure::perplexity || figure == AxisFigure::kl_divergence;
}

bool is_metered_energy(AxisFigure figure) {
  return figure == AxisFigure::joules_per_total_token || figure == AxisFigure::joules_per_output_token;
}

bool needs_tier(AxisFigure figure) {
  return meaning(figure).priced && figure != AxisFigure::tok_s_per_mw && figure != AxisFigure::provisioned_joules_per_token;
}

namespace {

std::optional<double> quality_of(const RunRow& run, AxisFigure figure, std::string_view task) {
  for (const QualityFigure& q : run.quality) {
    const bool right = figure == AxisFigure::quality ? q.metric == "accuracy" || q.metric == "rougeL" : q.metric == meaning(figure).key;
    if (right && (task.empty() || q.task == task)) return q.value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> figure_of(const RunRow& run, AxisFigure figure, std::string_view task) {
  if (is_quality(figure)) return quality_of(run, figure, task);
  switch (figure) {
    case AxisFigure::interactivity: return run.interactivity;
    case AxisFigure::ttft: return run.ttft_p50_s;
    case AxisFigure::e2e: return run.e2e_p50_s;
    case AxisFigure::total_tok_s_gpu: return run.total_tok_s_gpu;
    case AxisFigure::output_tok_s_gpu: return run.output_tok_s_gpu;
    case AxisFigure::input_tok_s_gpu: return run.input_tok_s_gpu;
    case AxisFigure::output_tok_s: return run.output_tok_s;
    case AxisFigure::concurrency: return run.concurrency > 0 ? std::optional<double>(run.concurrency) : std::nullopt;
    case AxisFigure::request_rate: return run.request_rate;
    case AxisFigure::request_s: return run.request_s;
    case AxisFigure::goodput_req_s: return run.goodput_req_s;
    case AxisFigure::ttft_p99: return run.ttft_p99_s;
    case AxisFigure::tpot: return run.tpot_p50_s;
    case AxisFigure::tpot_p99: return run.tpot_p99_s;
    case AxisFigure::joules_per_total_token: return run.joules_per_total_token;
    case AxisFigure::joules_per_output_token: return run.joules_per_output_token;
    default: return std::nullopt;   // priced ones
  }
  return std::nullopt;
}

double derived_figure(AxisFigure figure, double throughput, double rate) {
  switch (figure) {
    case AxisFigure::dollars_per_mtok: return dollars_per_million_tokens(throughput, rate);
    case AxisFigure::tokens_per_dollar: return tokens_per_dollar(throughput, rate);
    case AxisFigure::tok_s_per_mw: return tok_s_per_megawatt(throughput, rate);
    case AxisFigure::provisioned_joules_per_token: return 1000 * rate / throughput;
    case AxisFigure::joules_per_total_token:
    case AxisFigure::joules_per_output_token: return rate / throughput;
    default: return throughput;
  }
}

}  // namespace tokenmark
