#include <nlohmann/json.hpp>

#include "app/cli/engine_options.h"
#include "app/cli/figures_text.h"
#include "app/cli/selection.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/load/api.h"
#include "core/load/measurement.h"
#include "core/load/monitor.h"
#include "core/metrics/dialects.h"
#include "core/metrics/figures.h"
#include "core/node/agent.h"
#include "core/node/environment.h"
#include "core/workload/point_json.h"
#include "core/workload/requests.h"
#include "plugins/api/registry.h"
#include "plugins/cpu/cpu_plugin.h"

namespace tokenmark::cli {
namespace {

struct Arguments {
  EndpointTarget endpoint;
  EngineTarget engine;
  Point point;
  std::string log_file, until;
  std::vector<std::string> classes;
  bool json = false, no_stream = false, insecure = false, keep_answers = false;
};

// "name=chat,weight=3,input=100": one kind of request.
Result<nlohmann::json> traffic_class(const std::string& text) {
  nlohmann::json out = nlohmann::json::object();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string member = text.substr(begin, end - begin);
    const std::size_t equals = member.find('=');
    if (equals == std::string::npos)
      return fail(ErrorKind::invalid_input, "--class is '{}' but must be like name=chat,weight=3,input=200,output=50", text);
    const std::string key = member.substr(0, equals), value = member.substr(equals + 1);
    if (key == "name") out[key] = value;
    else if (const auto number = nlohmann::json::parse(value, nullptr, false); number.is_number()) out[key] = number;
    else return fail(ErrorKind::invalid_input, "--class: {} is '{}' but must be a number", key, value);
    begin = end + 1;
  }
  return out;
}

// "ttft_p99:0.05": the figure and how well it is to be known.
Status read_until(const std::string& text, StopRules& stop) {
  if (text.empty()) return {};
  const std::size_t colon = text.find(':');
  stop.precise_figure = text.substr(0, colon);
  if (colon != std::string::npos) {
    char* end = nullptr;
    stop.precision = std::strtod(text.c_str() + colon + 1, &end);
    if (*end != '\0' || !(stop.precision > 0)) return fail(ErrorKind::invalid_input, "--until is '{}' but must be like ttft_p99:0.05", text);
  }
  TOKENMARK_TRY([[maybe_unused]] const PreciseFigure known, parse_precise_figure(stop.precise_figure));
  return {};
}

// The point's JSON reader checks all bounds and names what is out of them, as it does for a sweep file.
Result<Point> checked_point(Arguments arguments) {
  if (arguments.no_stream) arguments.endpoint.stream = "off";
  if (arguments.insecure) arguments.endpoint.tls_verify = "off";
  if (arguments.keep_answers) arguments.point.load.keep_answers = "on";
  if (arguments.point.load.arrivals.empty())
    arguments.point.load.arrivals = arguments.point.load.rate > 0 || !arguments.point.load.stages.empty() ? "poisson" : "closed";
  TOKENMARK_CHECK(read_until(arguments.until, arguments.point.stop));
  Point point = arguments.point;
  if (!arguments.engine.model.empty()) point.target = arguments.engine;
  else if (arguments.endpoint.model.empty())
    return fail(ErrorKind::invalid_input, "--url needs --model NAME: the name of the model as the server knows it");
  else point.target = arguments.endpoint;
  nlohmann::json json = to_json(point);
  for (const std::string& text : arguments.classes) {
    TOKENMARK_TRY(nlohmann::json one, traffic_class(text));
    json["workload"]["classes"].push_back(std::move(one));
  }
  TOKENMARK_TRY(Point checked, point_from_json(json));
  TOKENMARK_CHECK(check_plan(checked));
  return checked;
}

std::string progress_text(const std::string& phase, const LoadProgress& p) {
  if (p.elapsed_s <= 0) return phase;
  std::string text = fmt::format("{} of {} requests, {} failed, {} tokens", p.completed, p.requests, p.failed, p.output_tokens);
  if (p.ttft_p50_s) text += fmt::format(", TTFT p50 {:.4g} ms", *p.ttft_p50_s * 1e3);
  if (p.ttft_p99_s) text += fmt::format(", p99 {:.4g} ms", *p.ttft_p99_s * 1e3);
  if (p.tpot_p50_s) text += fmt::format(", TPOT p50 {:.4g} ms", *p.tpot_p50_s * 1e3);
  return text;
}

std::string load_text(const Load& load) {
  if (!is_open_loop(load)) return fmt::format("at concurrency {}", load.concurrency);
  if (!load.stages.empty()) return fmt::format("with {} arrivals, requests/s:s {}", load.arrivals, load.stages);
  if (load.arrivals == "trace") return "as in the trace";
  return fmt::format("with {} arrivals of {:g}{} requests/s", load.arrivals, load.rate, load.ramp.empty() ? "" : fmt::format(" to {:g}", load.rate_end));
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
      bar.set(share, progress_text(phase, p));
    }, stop);
  }
  if (!outcome) return report(outcome.error());
  if (!arguments.log_file.empty())
    if (const Status written = write_file(arguments.log_file, encode(outcome->log)); !written) return report(written.error());
  const Figures figures = compute_figures(outcome->log, point->limits, outcome->facts.gpus);
  const std::string not_comparable = not_mlperf_comparable(point->target);
  if (!arguments.json) {
    fmt::print("{} {}\n", outcome->facts.model, load_text(point->load));
    if (outcome->facts.random_weights) fmt::print("Random weights: the speed is real.\n");
    if (!not_comparable.empty()) fmt::print("Not comparable with MLPerf: {}.\n", not_comparable);
    for (const std::string& text : outcome->log.error_texts) fmt::print("  {}\n", text);
    fmt::print("{}", figures_text(figures));
    return kDone;
  }
  nlohmann::json out = to_json(figures);
  out["configuration"] = to_json(*point);
  out["environment"] = environment();
  if (!outcome->log.metering.empty()) out["environment"]["meters"] = metering_environment(outcome->log.metering);
  out["error_texts"] = outcome->log.error_texts;
  out["dialects"] = all_dialects(outcome->log, point->limits);
  if (!outcome->facts.model_hash.empty()) out["model_hash"] = outcome->facts.model_hash;
  if (outcome->facts.random_weights) out["random_weights"] = true;
  if (!not_comparable.empty()) out["not_mlperf_comparable"] = not_comparable;
  fmt::print("{}\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  return kDone;
}

void add_target(CLI::App& verb, Arguments& arguments) {
  auto* target = verb.add_option_group("target", "What is measured");
  target->add_option("--url", arguments.endpoint.url, "An OpenAI-compatible server, e.g. http://127.0.0.1:8000");
  target->add_option("--engine", arguments.engine.model, "The embedded engine with this model: GGUF file or shape:NAME:FORMAT");
  target->require_option(1);
  verb.add_option("--model", arguments.endpoint.model, "Name of the model at the server");
  verb.add_option("--api", arguments.endpoint.api, "completions, chat, responses, embeddings, tgi, triton, llama.cpp, images, videos, videos-sync, videos-generations")
      ->capture_default_str();
  verb.add_option("--api-key-env", arguments.endpoint.api_key_env, "Variable that holds the API key; the key is never stored");
  verb.add_option("--api-key-file", arguments.endpoint.api_key_file, "File that holds the API key");
  verb.add_option("--extra", arguments.endpoint.extra, "JSON object whose members are added to every request's body");
  verb.add_flag("--no-stream", arguments.no_stream, "Ask for whole answers");
  verb.add_option("--http", arguments.endpoint.http, "1.1 or 2")->capture_default_str();
  verb.add_option("--proxy", arguments.endpoint.proxy, "Proxy, or none (default: as the environment says)");
  verb.add_option("--ca-file", arguments.endpoint.ca_file, "Certificates to trust besides the system's");
  verb.add_flag("--insecure", arguments.insecure, "Accept any certificate");
  verb.add_option("--poll", arguments.endpoint.poll_s, "Videos: time between two questions about a job, s")->capture_default_str();
  verb.add_option("--tokenizer", arguments.endpoint.tokenizer, "Model whose vocabulary makes the prompts as text (without: token ids)");
  verb.add_option("--gpus", arguments.endpoint.gpus, "Accelerators behind the server, for figures per GPU");
}

// As a sweep file's target.engine; what is not given is the engine's default (see 'serve --help').
void add_engine(CLI::App& verb, EngineTarget& engine) {
  const auto add = [&](const char* name, auto& value, const std::string& help) { verb.add_option(name, value, help)->group("With --engine"); };
  add("--device", engine.device, kDeviceHelp);
  add("--replicas", engine.replicas, kReplicasHelp);
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

void add_workload(CLI::App& verb, Arguments& arguments) {
  Workload& workload = arguments.point.workload;
  const auto add = [&](const char* name, auto& value, const char* help) { return verb.add_option(name, value, help)->group("What is asked"); };
  add("--input", workload.input, "Prompt tokens")->capture_default_str();
  add("--output", workload.output, "Output tokens")->capture_default_str();
  add("--range-ratio", workload.range_ratio, "r of --lengths")->capture_default_str();
  add("--lengths", workload.lengths, "Meaning of r: inferencex [r·L, L], vllm [L(1-r), L(1+r)], sglang [r·L, L] from 1 on; or lognormal")->capture_default_str();
  add("--deviation", workload.deviation, "lognormal: standard deviation ÷ mean of the lengths");
  add("--seed", workload.seed, "Seed of lengths, prompts and arrivals")->capture_default_str();
  add("--source", workload.source, "random, or a file: sharegpt, jsonl, csv, mooncake, azure, burstgpt, agent")->capture_default_str();
  add("--file", workload.file, "The file");
  add("--columns", workload.columns, "Of jsonl and csv: prompt=COLUMN,output=COLUMN,…");
  add("--prefix", workload.prefix, "Tokens that the prompts of a group share at their start, on top of --input");
  add("--prefix-groups", workload.prefix_groups, "Groups with a prefix each")->capture_default_str();
  add("--prefix-zipf", workload.prefix_zipf, "Exponent of the groups' popularity; 0: all alike");
  add("--turns", workload.turns, "Turns of a conversation")->capture_default_str();
  add("--think", workload.think_s, "Mean time between an answer and the next turn, s");
  add("--class", arguments.classes, "Mixed traffic, once a kind: name=chat,weight=3,input=200,output=50[,prefix=…][,turns=…]");
}

void add_arrivals(CLI::App& verb, Arguments& arguments) {
  Load& load = arguments.point.load;
  const auto add = [&](const char* name, auto& value, const char* help) { return verb.add_option(name, value, help)->group("When it is asked"); };
  add("--concurrency", load.concurrency, "Closed loop: requests in flight")->capture_default_str();
  add("--requests-per-concurrency", load.requests_per_concurrency, "Measured requests: this times the concurrency")->capture_default_str();
  add("--min-requests", load.min_requests, "At least so many measured requests");
  add("--warmups", load.warmups_per_concurrency, "Requests before, not measured: this times the concurrency")->capture_default_str();
  add("--requests", load.requests, "Measured requests");
  add("--duration", load.duration_s, "Send for so many seconds");
  add("--rate", load.rate, "Open loop: requests a second");
  add("--arrivals", load.arrivals, "closed, constant, poisson, gamma, trace (default: poisson with --rate, else closed)");
  add("--burstiness", load.burstiness, "gamma: shape of the gaps; 1 is poisson, below it burstier")->capture_default_str();
  add("--burst", load.burst, "Requests that arrive together; the rate stays")->capture_default_str();
  add("--ramp", load.ramp, "linear or exponential, from --rate to --rate-end over --duration");
  add("--rate-end", load.rate_end, "Requests a second at the end of the ramp");
  add("--stages", load.stages, "RATE:SECONDS,…: rates one after the other");
  add("--time-scale", load.time_scale, "trace: its gaps times this")->capture_default_str();
  add("--max-in-flight", load.max_in_flight, "Open loop: arrivals beyond wait for a place");
  add("--client-threads", load.client_threads, "Event loops of the load generator")->capture_default_str();
  add("--client-cores", load.client_cores, "Cores that they are pinned to")->delimiter(',');
}

void add_rules(CLI::App& verb, Arguments& arguments) {
  Point& point = arguments.point;
  const auto add = [&](const char* name, auto& value, const char* help) { return verb.add_option(name, value, help)->group("Limits and ends"); };
  add("--ttft-limit", point.limits.ttft_s, "Goodput: time to first token, s");
  add("--tpot-limit", point.limits.tpot_s, "Goodput: time per output token, s");
  add("--itl-limit", point.limits.itl_s, "Goodput: largest inter-token latency, s");
  add("--e2e-limit", point.limits.e2e_s, "Goodput: whole request, s");
  add("--until", arguments.until, "End once a figure is known: ttft_p99:0.05 means ± 5 % (ttft, tpot, e2e; p50, p90, p95, p99)");
  add("--max-failed", point.stop.max_failed, "End after so many failures and keep what was measured");
  add("--failed-share", point.stop.failed_share, "More failures than this make the measurement fail")->capture_default_str();
  add("--request-timeout", point.stop.request_timeout_s, "A request without an answer by then has failed, s");
  add("--timeout", point.stop.timeout_s, "Longest time of the measurement, s")->capture_default_str();
}

void add_power(CLI::App& verb, PowerMeters& power) {
  const auto add = [&](const char* name, auto& value, const char* help) { return verb.add_option(name, value, help)->group("Power"); };
  add("--power", power.meter, "on, off, or auto: metered where the target is on this machine ('devices' lists the meters)")->capture_default_str();
  add("--power-device", power.devices, "PCI id of an accelerator that the target computes on, once each (default: the engine's, or all)");
  add("--power-every", power.every_s, "Time between two readings, s")->capture_default_str();
}

}  // namespace

void add_load(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("load", "One measurement of a server, or of the embedded engine, without a sweep file");
  add_target(*verb, *arguments);
  add_engine(*verb, arguments->engine);
  arguments->point.load.arrivals.clear();  // what was not said follows from the rest
  add_workload(*verb, *arguments);
  add_arrivals(*verb, *arguments);
  add_rules(*verb, *arguments);
  add_power(*verb, arguments->point.power);
  verb->add_flag("--keep-answers", arguments->keep_answers, "Keep the texts of the answers in the log");
  verb->add_flag("--json", arguments->json, "One JSON document on standard output");
  verb->add_option("-o,--log", arguments->log_file, "Write the raw event log to this file");
  verb->footer("Example: tokenmark-cli load --url http://127.0.0.1:8000 --model llama --concurrency 8 --input 128 --output 64");
  verb->callback([arguments, &context] { context.action = [arguments, &context] { return load(*arguments, context.stop); }; });
}

}  // namespace tokenmark::cli
