#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/cli/mlperf_text.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/exchange/loadgen_check.h"
#include "core/exchange/loadgen_write.h"
#include "core/node/agent.h"
#include "core/quality/dataset.h"
#include "core/quality/mlperf_scores.h"
#include "core/sweep/mlperf_peak.h"
#include "core/workload/point_json.h"
#include "plugins/api/registry.h"
#include "plugins/cpu/cpu_plugin.h"

namespace tokenmark::cli {
namespace {

struct Arguments {
  EndpointTarget endpoint;
  EngineTarget engine;
  Point point;
  std::string output, reference;   // folder of logs; column of the dataset that holds the right answers
  bool find_peak = false, json = false;
};

struct Measured {
  MlperfReport report;
  EventLog log;
  std::string model;
};

Result<Point> checked_point(const Arguments& arguments) {
  Point point = arguments.point;
  if (!arguments.engine.model.empty()) point.target = arguments.engine;
  else if (arguments.endpoint.model.empty())
    return fail(ErrorKind::invalid_input, "--url needs --model NAME: the name of the model as the server knows it");
  else point.target = arguments.endpoint;
  point.load.warmups_per_concurrency = 0;
  // The benchmark's answers end where the model ends them; only random prompts are answered at a given length.
  if (auto* endpoint = std::get_if<EndpointTarget>(&point.target); endpoint != nullptr && !point.workload.file.empty() && endpoint->extra.empty())
    endpoint->extra = R"({"ignore_eos": null})";
  if (!point.workload.file.empty()) point.workload.source = point.workload.file.ends_with(".csv") ? "csv" : "jsonl";
  if (point.load.mlperf_mode == "accuracy") point.load.keep_answers = "on";
  // A run of MLPerf takes as long as it takes; what ends it early is the user.
  point.stop.timeout_s = 1e6;
  return point_from_json(to_json(point));
}

Result<Measured> measure(PointRunner& runner, const Point& point, std::int32_t samples, const std::stop_token& stop) {
  TOKENMARK_TRY(const MlperfSettings settings, mlperf_settings(point, samples));
  ProgressBar bar("mlperf");
  TOKENMARK_TRY(PointOutcome outcome, runner.run(point, [&](const std::string& phase, const LoadProgress& p) {
    // A stream ends when it has had enough, the other scenarios when all samples (whole sets of them) have been answered.
    const double of_time = p.elapsed_s / (static_cast<double>(settings.min_duration_ns) * 1e-9);
    const double of_samples = p.requests > 0 ? static_cast<double>(p.completed + p.failed) / p.requests : 0;
    bar.set(std::min(0.99, mlperf_stop(settings) ? of_time : of_samples),
            p.elapsed_s > 0 ? fmt::format("{:.4g} queries/s asked, {} answered, {} failed", settings.target_qps, p.completed, p.failed) : phase);
  }, stop));
  TOKENMARK_TRY(MlperfReport made, mlperf_report(outcome.log, point, samples));
  return Measured{std::move(made), std::move(outcome.log), std::move(outcome.facts.model)};
}

// The last measurement of the search is the VALID one.
Result<Measured> measure_peak(PointRunner& runner, const Point& point, std::int32_t samples, const std::stop_token& stop) {
  if (point.load.scenario != "server" && point.load.scenario != "interactive")
    return fail(ErrorKind::invalid_input, "--find-peak is for server and interactive: {} has no rate to find", point.load.scenario);
  TOKENMARK_TRY(const MlperfSettings settings, mlperf_settings(point, samples));
  PeakOptions options;
  options.first_qps = settings.target_qps;
  options.full_s = static_cast<double>(settings.min_duration_ns) * 1e-9;
  // A run not much longer than the latency that is allowed cannot show that a queue grows.
  const MlperfLimits& limits = settings.limits;
  options.shortest_s = std::max(options.full_s / 16, 10 * std::max(limits.ttft_s.value_or(0), limits.latency_s.value_or(0)));
  std::optional<Measured> last;
  TOKENMARK_TRY(const PeakResult peak, find_mlperf_peak(options, [&](const PeakProbe& probe) -> Result<PeakOutcome> {
    Point at = point;
    at.load.rate = probe.qps;
    at.load.duration_s = probe.duration_s;
    TOKENMARK_TRY(last, measure(runner, at, samples, stop));
    const MlperfRule* judged = last->report.rule("performance_constraints");
    const bool within = judged != nullptr && judged->met && last->report.figures.failed == 0;
    fmt::print(stderr, "{:.4g} queries/s for {:.3g} s: {}\n", probe.qps, probe.duration_s,
               probe.full ? (last->report.valid ? "VALID" : "INVALID") : within ? "within the limits" : "over a limit");
    return PeakOutcome{within, last->report.valid, last->report.figures.last_done_s.value_or(0)};
  }));
  fmt::print(stderr, "Peak: {:.4g} queries/s after {} runs, {:.0f} s in all\n", peak.qps, peak.steps.size(), peak.measured_s);
  return std::move(*last);
}

// Answers of an accuracy run against the dataset's right ones; nothing where they are not named.
Result<std::vector<MlperfRule>> accuracy(const Measured& measured, const Dataset& dataset, const std::string& column) {
  std::vector<MlperfRule> none;
  if (!measured.report.settings.accuracy || column.empty() || !measured.report.settings.benchmark || measured.log.answers.empty()) return none;
  std::vector<std::string> answers, references;
  std::vector<std::int32_t> tokens;
  const RequestColumns& r = measured.log.requests;
  for (std::size_t i = 0; i < r.size(); ++i) {
    const std::int32_t sample = r.sample.empty() ? -1 : r.sample[i];
    if (r.warmup[i] != 0 || sample < 0 || static_cast<std::size_t>(sample) >= dataset.rows.size()) continue;
    const auto& cells = dataset.rows[static_cast<std::size_t>(sample)].cells;
    const auto cell = cells.find(column);
    if (cell == cells.end() || cell->second.texts.empty())
      return fail(ErrorKind::invalid_input, "{}:{}: has no '{}'", dataset.path, dataset.rows[static_cast<std::size_t>(sample)].line, column);
    answers.push_back(measured.log.answers[i]);
    references.push_back(cell->second.texts.front());
    tokens.push_back(r.output_tokens[i]);
  }
  const MlperfBenchmark& benchmark = *measured.report.settings.benchmark;
  return mlperf_accuracy(benchmark, mlperf_scores(benchmark, answers, references, tokens));
}

int run(const Arguments& arguments, const std::stop_token& stop) {
  const auto point = checked_point(arguments);
  if (!point) return report(point.error());
  Dataset dataset;
  if (!point->workload.file.empty()) {
    auto read = read_dataset(point->workload.file);
    if (!read) return report(read.error());
    dataset = *std::move(read);
  }
  const auto samples = static_cast<std::int32_t>(dataset.rows.size());
  PluginRegistry registry({default_plugin_folders()});
  registry.add(tokenmark_cpu_plugin_query);
  PointRunner runner(registry);
  const auto measured = arguments.find_peak ? measure_peak(runner, *point, samples, stop) : measure(runner, *point, samples, stop);
  if (!measured) return report(measured.error());
  const auto scores = accuracy(*measured, dataset, arguments.reference);
  if (!scores) return report(scores.error());
  if (!arguments.output.empty()) {
    const std::string qsl = dataset.path.empty() ? "random tokens" : std::filesystem::path(dataset.path).filename().string();
    const Status written = write_loadgen_folder(arguments.output, measured->log, measured->report, {measured->model, qsl});
    if (!written) return report(written.error());
  }
  if (!arguments.json) {
    fmt::print("{}{}", mlperf_text(measured->report), rules_text("Accuracy", *scores));
    return kDone;
  }
  nlohmann::json out = to_json(measured->report);
  for (const MlperfRule& rule : *scores) out["accuracy"].push_back({{"metric", rule.name}, {"met", rule.met}, {"reason", rule.reason}});
  fmt::print("{}\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  return kDone;
}

int check(const std::string& folder, const std::string& benchmark_name, bool interactive) {
  const auto run = read_loadgen_folder(folder);
  if (!run) return report(run.error());
  if (benchmark_name.empty()) {
    fmt::print("{}", loadgen_text(*run, nullptr, interactive));
    return kDone;
  }
  const MlperfRound* round = loadgen_round(*run);
  const auto benchmark = (round != nullptr ? *round : mlperf_rounds().back()).benchmark(benchmark_name);
  if (!benchmark) return report(benchmark.error());
  fmt::print("{}", loadgen_text(*run, &*benchmark, interactive));
  return kDone;
}

void add_measuring(CLI::App& parent, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  Point& point = arguments->point;
  point.load.scenario = "server";
  auto* verb = parent.add_subcommand("run", "Measures one scenario and writes LoadGen's logs");
  auto* target = verb->add_option_group("target", "What is measured");
  target->add_option("--url", arguments->endpoint.url, "A server, e.g. http://127.0.0.1:8000");
  target->add_option("--engine", arguments->engine.model, "The embedded engine with this model: GGUF file or shape:NAME:FORMAT");
  target->require_option(1);
  verb->add_option("--model", arguments->endpoint.model, "Name of the model at the server");
  verb->add_option("--api", arguments->endpoint.api, "Interface of the server")->capture_default_str();
  verb->add_option("--api-key-env", arguments->endpoint.api_key_env, "Variable that holds the API key; the key is never stored");
  verb->add_option("--tokenizer", arguments->endpoint.tokenizer, "Model whose vocabulary makes the prompts as text (without: token ids)");
  verb->add_option("--gpus", arguments->endpoint.gpus, "Accelerators behind the server");
  verb->add_option("--device", arguments->engine.device, "With --engine: device to run on");
  verb->add_option("--scenario", point.load.scenario, "single-stream, multi-stream, server, interactive or offline")->capture_default_str();
  verb->add_option("--benchmark", point.load.mlperf_benchmark, "Whose limits and sample counts hold (see 'mlperf rounds')");
  verb->add_option("--round", point.load.mlperf_round, "v5.1, v6.0 or v6.1: whose seeds and rules hold")->capture_default_str();
  verb->add_option("--mode", point.load.mlperf_mode, "performance or accuracy")->capture_default_str();
  verb->add_option("--qps", point.load.rate, "Queries a second that are asked (streams: that are expected); with --find-peak the first guess");
  verb->add_option("--duration", point.load.duration_s, "Shortest duration, s (default: the round's 600; less is not comparable)");
  verb->add_option("--min-queries", point.load.min_requests, "Fewest queries; of offline, fewest samples");
  verb->add_option("--dataset", point.workload.file, "The benchmark's prompts: JSON lines or CSV (without: random tokens)");
  verb->add_option("--columns", point.workload.columns, "Of the dataset, e.g. prompt=question,output=answer_tokens");
  verb->add_option("--reference", arguments->reference, "Column of the right answers (not named answer, which would set the lengths): scores an accuracy run");
  verb->add_option("--input", point.workload.input, "Random prompts: tokens")->capture_default_str();
  verb->add_option("--output-tokens", point.workload.output, "Tokens of an answer; with a dataset at most, where it names none")->capture_default_str();
  verb->add_option("--range-ratio", point.workload.range_ratio, "r: lengths are uniform in [r·L, L]")->capture_default_str();
  verb->add_option("--ttft-limit", point.limits.ttft_s, "Without a benchmark: p99 time to first token, s");
  verb->add_option("--tpot-limit", point.limits.tpot_s, "Without a benchmark: p99 time per output token, s");
  verb->add_option("--latency-limit", point.limits.e2e_s, "Without a benchmark: p99 of the whole request, s; then tokens are not timed");
  verb->add_flag("--find-peak", arguments->find_peak, "Server: the highest rate that is VALID, ending in a run of full length");
  verb->add_option("-o,--output", arguments->output, "Folder for LoadGen's logs");
  verb->add_flag("--json", arguments->json, "One JSON document on standard output");
  verb->footer("Example: tokenmark-cli mlperf run --scenario server --benchmark llama2-70b --qps 10 --url http://127.0.0.1:8000 --model llama -o logs");
  verb->callback([arguments, &context] { context.action = [arguments, &context] { return run(*arguments, context.stop); }; });
}

void add_check(CLI::App& parent, Context& context) {
  struct Check {
    std::string folder, benchmark;
    bool interactive = false;
  };
  auto arguments = std::make_shared<Check>();
  auto* verb = parent.add_subcommand("check", "What a folder of LoadGen's logs says: result, validity, each rule");
  verb->add_option("folder", arguments->folder, "Folder with mlperf_log_summary.txt and mlperf_log_detail.txt")->required();
  verb->add_option("--benchmark", arguments->benchmark, "Whose limits and sample counts are asked for");
  verb->add_flag("--interactive", arguments->interactive, "The limits of Interactive hold, not Server's");
  verb->footer("Example: tokenmark-cli mlperf check closed/ME/results/8xH200/llama2-70b-99/Server/performance/run_1 --benchmark llama2-70b-99");
  verb->callback([arguments, &context] {
    context.action = [arguments] { return check(arguments->folder, arguments->benchmark, arguments->interactive); };
  });
}

}  // namespace

void add_mlperf(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("mlperf", "MLPerf Inference: measures its scenarios, checks logs, shows its rounds");
  verb->require_subcommand(1);
  verb->footer(
      "Example: tokenmark-cli mlperf run --scenario server --benchmark llama2-70b --qps 10 --url http://127.0.0.1:8000 "
      "--model llama -o logs");
  add_measuring(*verb, context);
  add_check(*verb, context);
  auto* rounds = verb->add_subcommand("rounds", "Benchmarks, limits and seeds of the rounds");
  rounds->footer("Example: tokenmark-cli mlperf rounds");
  rounds->callback([&context] {
    context.action = [] {
      fmt::print("{}", rounds_text(mlperf_rounds()));
      return kDone;
    };
  });
}

}  // namespace tokenmark::cli
