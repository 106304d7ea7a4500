#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/pause_signal.h"
#include "app/cli/stored_run.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/node/node_list.h"
#include "core/sweep/builtin_sweeps.h"
#include "core/sweep/quick_sweep.h"
#include "core/sweep/runner.h"
#include "core/sweep/work_left.h"
#include "core/workload/arrivals.h"
#include "core/workload/point_json.h"
#include "core/workload/requests.h"

namespace tokenmark::cli {
namespace {

using nlohmann::json;

struct Arguments {
  std::string sweep, store, node;
  bool quick = false, resume = false, retry_failed = false, dry_run = false, as_json = false;
};

Result<Sweep> chosen_sweep(const Arguments& arguments, const Context& context) {
  if (arguments.quick) {
    if (arguments.dry_run) return read_sweep("builtin:quick");
    ProgressBar bar("Calibration");
    return quick_sweep(
        context.program, [&](const std::string& text, double share) { bar.set(share, text); }, context.stop);
  }
  TOKENMARK_TRY(Sweep sweep, read_sweep(arguments.sweep));
  if (!arguments.node.empty()) {
    if (auto named = find_node(arguments.node))
      sweep.node = *std::move(named);
    else if (named.error().kind != ErrorKind::not_found)
      return tl::unexpected(named.error());
    else if (arguments.node.starts_with('-'))
      return fail(ErrorKind::invalid_input, "--node is '{}' but must be local, the name of a node or user@host", arguments.node);
    else
      sweep.node = SshNode{.host = arguments.node};
    sweep.hash = sweep_hash(sweep);
  }
  return sweep;
}

// "4 at once", "poisson 5/s": how a point's requests come.
std::string load_text(const Load& load) {
  if (!load.scenario.empty()) return "MLPerf " + load.scenario;
  if (!is_open_loop(load)) return fmt::format("{} at once", load.concurrency);
  if (load.arrivals == "trace") return "as the trace";
  if (!load.stages.empty()) return load.arrivals + " " + load.stages;
  return fmt::format("{} {}{}/s", load.arrivals, load.rate, load.ramp.empty() ? "" : fmt::format(" to {}", load.rate_end));
}

Result<WorkLeft> work_left_of(const Sweep& sweep, const Arguments& arguments) {
  const std::filesystem::path file = arguments.store.empty() ? default_store_path() : std::filesystem::path(arguments.store);
  std::unique_ptr<Store> store;
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    TOKENMARK_TRY(store, Store::open(file));
  }
  TOKENMARK_TRY(const Forecaster forecaster, forecaster_of(store.get()));
  RunnerOptions options;
  options.resume = arguments.resume;
  options.failed_only = arguments.retry_failed;
  return work_left(sweep, forecaster, store.get(), options);
}

// "960 requests and 48 warm-ups, 1008000 tokens in and 252000 out".
std::string traffic_text(const TrafficSum& traffic) {
  return fmt::format("{:.0f} requests{}, {:.0f} tokens in and {:.0f} out", traffic.requests,
                     traffic.warmups > 0 ? fmt::format(" and {:.0f} warm-ups", traffic.warmups) : "", traffic.input_tokens,
                     traffic.output_tokens);
}

json traffic_json(const TrafficSum& traffic) {
  return {{"requests", traffic.requests},
          {"warmups", traffic.warmups},
          {"input_tokens", traffic.input_tokens},
          {"output_tokens", traffic.output_tokens}};
}

int dry_run(const Sweep& sweep, const Arguments& arguments) {
  const auto left = work_left_of(sweep, arguments);
  if (!left) return report(left.error());
  if (arguments.as_json) {
    json points = json::array();
    for (const Point& point : sweep.points) {
      points.push_back({{"configuration", to_json(point)}});
      if (const auto requests = expected_requests(point)) points.back()["expected_requests"] = *requests;
      if (const auto traffic = expected_traffic(point)) points.back()["expected"] = traffic_json(*traffic);
      if (const auto seconds = expected_schedule_s(point.load)) points.back()["scheduled_s"] = *seconds;
    }
    json document = {
        {"sweep",
         {{"name", sweep.name}, {"node", node_name(sweep.node)}, {"hash", sweep.hash}, {"order", kSweepOrders[static_cast<std::size_t>(sweep.order)]}, {"done", left->done}}},
        {"points", points}};
    if (left->forecast.seconds) document["sweep"]["estimated_s"] = *left->forecast.seconds;
    if (left->forecast.seconds && left->forecast.at_least) document["sweep"]["estimate_is_lower_bound"] = true;
    if (left->forecast.traffic) document["sweep"]["expected"] = traffic_json(*left->forecast.traffic);
    document["sweep"]["estimated_from"] = sources_text(left->forecast);
    fmt::print("{}\n", document.dump(2));
    return kDone;
  }
  std::vector<std::vector<std::string>> rows;
  for (const Point& point : sweep.points) {
    const auto expected = expected_requests(point);
    const auto seconds = expected_schedule_s(point.load);
    const bool random = point.workload.source == "random" && point.workload.classes.empty();
    rows.push_back({fmt::format("{}", rows.size() + 1), point_label(sweep, point), fmt::format("{}", point.repeat + 1),
                    load_text(point.load), expected ? fmt::format("{:.0f}", *expected) : "", seconds ? duration_text(*seconds) : "",
                    random ? fmt::format("{}", point.workload.input) : "", random ? fmt::format("{}", point.workload.output) : ""});
  }
  fmt::print("{}", table({"#", "point", "repeat", "load", "requests", "time", "input", "output"}, rows));
  fmt::print("{}: {} points on {}, {}\n", sweep.name, sweep.points.size(), node_name(sweep.node),
             kSweepOrders[static_cast<std::size_t>(sweep.order)]);
  if (left->done > 0) fmt::print("{} of them are left out\n", left->done);
  const SweepForecast& forecast = left->forecast;
  if (forecast.traffic) fmt::print("will send {}\n", traffic_text(*forecast.traffic));
  fmt::print("{}\n", forecast.seconds ? fmt::format("{} {}, {}", forecast.at_least ? "at least" : "about", duration_text(*forecast.seconds), sources_text(forecast))
                     : forecast.sources.size() > 1
                         ? "how long it takes is not known: " + sources_text(forecast)
                         : "how long it takes is not known: nothing like it was measured here (devices --calibrate gives a lower bound for the embedded engine)");
  return kDone;
}

void print_points(const Sweep& sweep, Store& store, const SweepOutcome& outcome) {
  std::vector<std::vector<std::string>> rows;
  for (const RunId id : outcome.runs) {
    const auto row = store.run(id);
    const auto point = store.point(id);
    if (!row || !point) continue;
    rows.push_back({fmt::format("{}", id), point_label(sweep, *point), fmt::format("{}", row->repeat + 1),
                    cell(row->output_tok_s), cell(row->total_tok_s), cell(row->interactivity),
                    milliseconds(row->ttft_p50_s), milliseconds(row->tpot_p50_s),
                    fmt::format("{}", row->completed), fmt::format("{}", row->failed)});
  }
  fmt::print("{}", table({"run", "point", "repeat", "output tok/s", "total tok/s", "tok/s/user",
                          "TTFT p50 ms", "TPOT p50 ms", "completed", "failed"},
                         rows));
}

Result<json> outcome_json(const Sweep& sweep, Store& store, const SweepOutcome& outcome) {
  json points = json::array();
  for (const auto* ids : {&outcome.runs, &outcome.failed_runs})
    for (const RunId id : *ids) {
      TOKENMARK_TRY(const RunRow row, store.run(id));
      TOKENMARK_TRY(json point, run_json(store, row));
      points.push_back(std::move(point));
    }
  return json{{"sweep",
               {{"id", outcome.sweep},
                {"name", sweep.name},
                {"node", node_name(sweep.node)},
                {"hash", sweep.hash},
                {"failed", outcome.failed},
                {"quality_errors", outcome.quality_errors}}},
              {"points", points}};
}

int run(const Arguments& arguments, const Context& context) {
  const auto sweep = chosen_sweep(arguments, context);
  if (!sweep) return report(sweep.error());
  if (arguments.dry_run) return dry_run(*sweep, arguments);
  const auto store =
      Store::open(arguments.store.empty() ? default_store_path() : std::filesystem::path(arguments.store));
  if (!store) return report(store.error());

  PauseBySignal by_signal;
  const RunnerOptions options{.agent_program = context.program, .resume = arguments.resume,
                              .failed_only = arguments.retry_failed, .pause = &by_signal.pause()};
  fmt::print(stderr, "{} ({} points on {})\n", sweep->name, sweep->points.size(), node_name(sweep->node));
  auto bar = std::make_unique<ProgressBar>();
  SweepObserver observer;
  observer.progress = [&](const SweepProgress& progress) {
    std::string text = progress.point < progress.points
                           ? fmt::format("point {} of {}: {}, {}", progress.point + 1, progress.points,
                                         progress.label, progress.phase)
                           : progress.phase;
    if (progress.load.requests > 0)
      text += fmt::format(" {}/{}", progress.load.completed + progress.load.failed, progress.load.requests);
    if (progress.seconds_left && progress.point < progress.points)
      text += ", " + duration_text(*progress.seconds_left) + " left";
    bar->set(progress.share, text);
  };
  observer.paused = [&](bool paused) {
    if (paused) by_signal.stand_still();
  };
  const auto outcome = run_sweep(*sweep, **store, options, observer, context.stop);
  bar.reset();
  if (!outcome) return report(outcome.error());
  for (const auto* errors : {&outcome->errors, &outcome->quality_errors})
    for (const std::string& error : *errors) fmt::print(stderr, "failed: {}\n", error);
  if (arguments.as_json) {
    const auto document = outcome_json(*sweep, **store, *outcome);
    if (!document) return report(document.error());
    fmt::print("{}\n", document->dump(2));
  } else {
    print_points(*sweep, **store, *outcome);
  }
  return outcome->failed > 0 || !outcome->quality_errors.empty() ? kFailed : kDone;
}

// "quick, chat, …": the sweeps of resources/sweeps.
std::string builtin_names() {
  std::string names;
  for (const BuiltinSweep& one : builtin_sweeps()) names.append(names.empty() ? "" : ", ").append(one.name);
  return names;
}

}  // namespace

void add_run(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("run", "Run a sweep: measure its points and store them");
  auto* sweep =
      verb->add_option("SWEEP", arguments->sweep,
                       "Sweep file, or builtin:NAME (" + builtin_names() + ")");
  verb->add_flag("--quick", arguments->quick,
                 "About a minute: the embedded engine on this machine, with a shape that fits its speed")
      ->excludes(sweep);
  auto* resume = verb->add_flag("--resume", arguments->resume, "Skip what an earlier run of the same sweep finished");
  verb->add_flag("--retry-failed", arguments->retry_failed, "Measure only the points of its earlier run that failed")->excludes(resume);
  verb->add_flag("--dry-run", arguments->dry_run,
                 "Print the points and an estimate of the time, run nothing");
  verb->add_option("--node", arguments->node, "Where to run instead: local, the name of a node or user@host");
  verb->add_option("--store", arguments->store, "Store to write (default: the user's)");
  verb->add_flag("--json", arguments->as_json, "One JSON document on standard output");
  verb->footer("Example: tokenmark-cli run sweep.yaml --resume\nCtrl+C stops and keeps what is finished; Ctrl+Z pauses when the point is done, a second time at once.");
  verb->callback([arguments, &context] {
    if (arguments->sweep.empty() && !arguments->quick)
      throw CLI::ValidationError("run needs a sweep file, builtin:NAME or --quick");
    context.action = [arguments, &context] { return run(*arguments, context); };
  });
}

}  // namespace tokenmark::cli
