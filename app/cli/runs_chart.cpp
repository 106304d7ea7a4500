#include "app/cli/runs_chart.h"

#include <fmt/ranges.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/render_picture.h"
#include "app/cli/selection.h"
#include "app/cli/terminal.h"
#include "core/report/run_chart_json.h"

namespace tokenmark::cli {
namespace {

struct Options {
  std::vector<RunId> ids;
  std::string kind = "distributions", figure = "ttft", store, output;
  bool histogram = false, log_x = false, as_json = false;
  std::optional<double> from_s, to_s;
  std::optional<PictureSize> size;
};

Result<std::vector<LoggedRun>> logged_runs(const Options& options) {
  TOKENMARK_TRY(const auto store, open_existing_store(options.store));
  if (!store) return fail(ErrorKind::unavailable, "{}: there is no store yet; 'tokenmark-cli run' makes it", default_store_path().string());
  std::vector<LoggedRun> runs;
  for (const RunId id : options.ids) {
    TOKENMARK_TRY(const RunRow row, store->run(id));
    TOKENMARK_TRY(LoggedRun run, logged_run(*store, row));
    runs.push_back(std::move(run));
  }
  return runs;
}

Status write(const Context& context, const Options& options, const std::string& csv, const std::string& json) {
  const std::string& output = options.output;
  const std::string ending = std::filesystem::path(output).extension();
  if (ending == ".csv") return write_file(output, csv);
  if (ending == ".json") return write_file(output, json);
  if (ending == ".png" || ending == ".svg" || ending == ".pdf")
    return render_picture(context, json, output, "choose .csv or .json", {}, options.size);
  return fail(ErrorKind::invalid_input, "{}: a chart can be written as .png, .svg, .pdf, .csv or .json", output);
}

void print_notes(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) fmt::print(stderr, "note: {}\n", note);
}

Status write_distributions(const Options& options, const Context& context, const std::vector<LoggedRun>& runs) {
  DistributionQuery query{.histogram = options.histogram, .log_x = options.log_x};
  TOKENMARK_TRY(query.figure, latency_from_key(options.figure));
  const DistributionChart chart = distribution_chart(runs, query);
  print_notes(chart.notes);
  return write(context, options, distribution_csv(chart), chart_json_text(chart));
}

Status write_timeline(const Options& options, const Context& context, LoggedRun run) {
  const TimelineLog log(std::move(run));
  TimelineQuery query;
  query.every_bar = std::filesystem::path(options.output).extension() == ".csv";
  query.time = TimeWindow{options.from_s.value_or(log.whole.from_s), options.to_s.value_or(log.whole.to_s)};
  if (!(query.time->from_s < query.time->to_s))
    return fail(ErrorKind::invalid_input, "--from {} --to {}: nothing lies between; the run goes from {} to {} s", query.time->from_s,
                query.time->to_s, log.whole.from_s, log.whole.to_s);
  Timeline made = timeline(log, query);
  if (options.from_s || options.to_s) made.whole = made.shown;   // the picture shows that part alone
  print_notes(made.notes);
  return write(context, options, timeline_csv(made), chart_json_text(made));
}

int chart(const Options& options, const Context& context) {
  const bool of_time = options.kind == "timeline";
  if (of_time && options.ids.size() > 1) return report_usage("runs chart --kind timeline shows one run, name one");
  Result<std::vector<LoggedRun>> runs = logged_runs(options);
  if (!runs) return report(runs.error());
  const Status written = of_time ? write_timeline(options, context, std::move(runs->front())) : write_distributions(options, context, *runs);
  if (!written) return report(written.error());
  print_written(options.output, options.as_json, {{"runs", options.ids}});
  return kDone;
}

}  // namespace

void add_runs_chart(CLI::App& runs, Context& context) {
  CLI::App* verb = runs.add_subcommand("chart", "How latencies are distributed, or requests over time, from the event logs");
  auto options = std::make_shared<Options>();
  std::vector<std::string> figures;
  for (const LatencyMeaning& figure : latency_meanings()) figures.emplace_back(figure.key);
  verb->add_option("RUN", options->ids, "Numbers of runs; several are laid over each other (distributions)")->check(whole_number_from(1))->required();
  verb->add_option("--kind", options->kind, "distributions or timeline")->check(CLI::IsMember({"distributions", "timeline"}))->capture_default_str();
  verb->add_option("--figure", options->figure, fmt::format("Of distributions: {}", fmt::join(figures, ", ")))->check(CLI::IsMember(figures))->capture_default_str();
  verb->add_flag("--histogram", options->histogram, "A histogram instead of the cumulative distribution");
  verb->add_flag("--log-x", options->log_x, "Logarithmic time axis of distributions");
  verb->add_option("--from", options->from_s, "Of a timeline: seconds since the run's start");
  verb->add_option("--to", options->to_s, "… until when");
  add_picture_size(*verb, options->size);
  verb->add_option("--store", options->store, "Store to read (default: the user's)");
  verb->add_option("-o,--output", options->output, "FILE.png, .svg, .pdf, .csv or .json")->required();
  verb->add_flag("--json", options->as_json, "What was written, as one JSON document on standard output");
  verb->footer("Example: tokenmark-cli runs chart 12 13 --figure itl --histogram --log-x -o itl.png");
  verb->callback([&context, options] { context.action = [&context, options] { return chart(*options, context); }; });
}

}  // namespace tokenmark::cli
