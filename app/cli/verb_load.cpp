#include <nlohmann/json.hpp>

#include "app/cli/engine_options.h"
#include "app/cli/figures_text.h"
#include "app/cli/selection.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/metrics/dialects.h"
#include "core/metrics/figures.h"
#include "core/node/agent.h"
#include "core/node/environment.h"
#include "core/workload/point_json.h"
#include "plugins/api/registry.h"
#include "plugins/cpu/cpu_plugin.h"

namespace tokenmark::cli {
namespace {

struct Arguments {
  EndpointTarget endpoint;
  EngineTarget engine;
  Point point;
  std::string log_file;
  bool json = false;
};

// The point's JSON reader checks all bounds and names what is out of them, as it does for a sweep file.
Result<Point> checked_point(const Arguments& arguments) {
  Point point = arguments.point;
  if (!arguments.engine.model.empty()) point.target = arguments.engine;
  else if (arguments.endpoint.model.empty())
    return fail(ErrorKind::invalid_input, "--url needs --model NAME: the name of the model as the server knows it");
  else point.target = arguments.endpoint;
  return point_from_json(to_json(point));
}

// ---- the measurement ----

int load(const Arguments& arguments, const std::stop_token& stop) {
  const auto point = checked_point(arguments);
  if (!point) return report(point.error());
  PluginRegistry registry({default_plugin_folders()});
  registry.add(tokenmark_cpu_plugin_query);
  PointRunner runner(registry);
  Result<PointOutcome> outcome;
  {
    ProgressBar bar("load");
    outcome = runner.run(*point, [&bar](const std::string& phase, const LoadProgress& p) {
      const double share = p.requests > 0 ? static_cast<double>(p.completed + p.failed) / p.requests : 0;
      bar.set(share, p.elapsed_s > 0 ? fmt::format("{} of {} requests, {} failed, {} tokens", p.completed, p.requests, p.failed, p.output_tokens)
                                     : phase);
    }, stop);
  }
  if (!outcome) return report(outcome.error());
  if (!arguments.log_file.empty())
    if (const Status written = write_file(arguments.log_file, encode(outcome->log)); !written) return report(written.error());
  const Figures figures = compute_figures(outcome->log, point->limits, outcome->facts.gpus);
  if (!arguments.json) {
    fmt::print("{} at concurrency {}\n", outcome->facts.model, point->load.concurrency);
    if (outcome->facts.random_weights) fmt::print("Random weights: the speed is real.\n");
    for (const std::string& text : outcome->log.error_texts) fmt::print("  {}\n", text);
    fmt::print("{}", figures_text(figures));
    return kDone;
  }
  nlohmann::json out = to_json(figures);
  out["configuration"] = to_json(*point);
  out["environment"] = environment();
  out["error_texts"] = outcome->log.error_texts;
  out["dialects"] = all_dialects(outcome->log, point->limits);
  if (!outcome->facts.model_hash.empty()) out["model_hash"] = outcome->facts.model_hash;
  if (outcome->facts.random_weights) out["random_weights"] = true;
  fmt::print("{}\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  return kDone;
}

void add_target(CLI::App& verb, Arguments& arguments) {
  auto* target = verb.add_option_group("target", "What is measured");
  target->add_option("--url", arguments.endpoint.url, "An OpenAI-compatible server, e.g. http://127.0.0.1:8000");
  target->add_option("--engine", arguments.engine.model, "The embedded engine with this model: GGUF file or shape:NAME:FORMAT");
  target->require_option(1);
  verb.add_option("--model", arguments.endpoint.model, "Name of the model at the server");
  verb.add_option("--api", arguments.endpoint.api, "completions or chat")->capture_default_str();
  verb.add_option("--api-key-env", arguments.endpoint.api_key_env, "Variable that holds the API key; the key is never stored");
  verb.add_option("--tokenizer", arguments.endpoint.tokenizer, "Model whose vocabulary makes the prompts as text (without: token ids)");
  verb.add_option("--gpus", arguments.endpoint.gpus, "Accelerators behind the server, for figures per GPU");
}

// As a sweep file's target.engine; what is not given is the engine's default (see 'serve --help').
void add_engine(CLI::App& verb, EngineTarget& engine) {
  const auto add = [&](const char* name, auto& value, const std::string& help) { verb.add_option(name, value, help)->group("With --engine"); };
  add("--device", engine.device, "Device to run on (see 'devices')");
  add("--threads", engine.threads, "Kernel threads (default: one per core)");
  add("--kernels", engine.kernels, kernels_help());
  add("--context", engine.context, "Longest prompt and answer");
  add("--kv-format", engine.kv_format, "Keys and values: f16, bf16, fp8, q8_0, f32");
  add("--max-sequences", engine.max_sequences, "Sequences computed at once");
  add("--step-tokens", engine.step_tokens, "Tokens of one step at most");
  add("--chunk-slowdown", engine.chunk_slowdown, "How much longer prompt tokens may make a step while answers are generated");
  add("--policy", engine.policy, "Whose prompt goes first: fcfs, shortest-first");
  add("--admission-free", engine.admission_free, "Share of the cache's blocks that an admission leaves free");
  add("--prefix-cache", engine.prefix_cache, "on or off; the measurement begins with an empty one");
  add("--speculate", engine.speculate, "Draft tokens by ngram, mtp or draft:MODEL");
  add("--draft-tokens", engine.draft_tokens, "Tokens drafted at once");
}

void add_workload(CLI::App& verb, Point& point) {
  verb.add_option("--input", point.workload.input, "Prompt tokens")->capture_default_str();
  verb.add_option("--output", point.workload.output, "Output tokens")->capture_default_str();
  verb.add_option("--range-ratio", point.workload.range_ratio, "r: lengths are uniform in [r·L, L]")->capture_default_str();
  verb.add_option("--seed", point.workload.seed, "Seed of lengths and prompts")->capture_default_str();
  verb.add_option("--concurrency", point.load.concurrency, "Requests in flight")->capture_default_str();
  verb.add_option("--requests-per-concurrency", point.load.requests_per_concurrency, "Measured requests: this times the concurrency")->capture_default_str();
  verb.add_option("--min-requests", point.load.min_requests, "At least so many measured requests");
  verb.add_option("--warmups", point.load.warmups_per_concurrency, "Requests before, not measured: this times the concurrency")->capture_default_str();
  verb.add_option("--ttft-limit", point.limits.ttft_s, "Goodput: time to first token, s");
  verb.add_option("--tpot-limit", point.limits.tpot_s, "Goodput: time per output token, s");
  verb.add_option("--itl-limit", point.limits.itl_s, "Goodput: largest inter-token latency, s");
  verb.add_option("--e2e-limit", point.limits.e2e_s, "Goodput: whole request, s");
  verb.add_option("--failed-share", point.stop.failed_share, "More failures than this end the measurement")->capture_default_str();
  verb.add_option("--timeout", point.stop.timeout_s, "Longest time of the measurement, s")->capture_default_str();
}

}  // namespace

void add_load(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("load", "One measurement of a server, or of the embedded engine, without a sweep file");
  add_target(*verb, *arguments);
  add_engine(*verb, arguments->engine);
  add_workload(*verb, arguments->point);
  verb->add_flag("--json", arguments->json, "One JSON document on standard output");
  verb->add_option("-o,--log", arguments->log_file, "Write the raw event log to this file");
  verb->footer("Example: tokenmark-cli load --url http://127.0.0.1:8000 --model llama --concurrency 8 --input 128 --output 64");
  verb->callback([arguments, &context] { context.action = [arguments, &context] { return load(*arguments, context.stop); }; });
}

}  // namespace tokenmark::cli
