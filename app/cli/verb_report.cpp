// tokenmark-cli report: one self-contained HTML file of chosen runs.
#include <filesystem>

#include "app/cli/selection.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/report/report.h"

namespace tokenmark::cli {
namespace {

struct Options {
  std::vector<RunId> runs;
  std::string sweep;
  bool all = false, samples = false;
  std::string output, store, title;
  ReportOptions report;
};

Result<std::vector<RunRow>> choose(Store* store, const Options& options) {
  std::vector<RunRow> rows;
  const bool from_store = options.all || !options.sweep.empty() || !options.runs.empty();
  if (from_store && !store)
    return fail(ErrorKind::unavailable, "{}: there is no store yet; 'tokenmark-cli run' fills it", default_store_path().string());
  if (options.all || !options.sweep.empty()) {
    SweepId sweep = 0;
    if (!options.sweep.empty()) {
      TOKENMARK_TRY(sweep, sweep_named(*store, options.sweep));
    }
    TOKENMARK_TRY(rows, store->runs({}, sweep));
    std::erase_if(rows, [](const RunRow& row) { return row.state == RunState::running; });
  }
  for (const RunId id : options.runs) {
    TOKENMARK_TRY(RunRow row, store->run(id));
    rows.push_back(std::move(row));
  }
  if (options.samples) {
    TOKENMARK_TRY(const auto samples, matching_samples({}));
    rows.insert(rows.end(), samples.begin(), samples.end());
  }
  if (rows.empty())
    return fail(ErrorKind::unavailable, "no run to report{}", !options.sweep.empty() ? fmt::format(" in sweep {}", options.sweep) : "");
  return rows;
}

int run(Options& options) {
  const std::string ending = std::filesystem::path(options.output).extension();
  if (ending == ".pdf")
    return report_usage(options.output + ": PDF is exported by the workbench; write .html here and print it, or choose .html");
  if (ending != ".html" && ending != ".htm") return report_usage(options.output + ": a report is written as .html");
  if (!options.all && options.sweep.empty() && options.runs.empty() && !options.samples)
    return report_usage("report: name runs, or choose --sweep ID, --all or --samples");
  const auto store = open_existing_store(options.store);
  if (!store) return report(store.error());
  const auto rows = choose(store->get(), options);
  if (!rows) return report(rows.error());
  if (!options.title.empty())
    options.report.title = options.title;
  else if (!options.sweep.empty() && !rows->front().sweep_name.empty())
    options.report.title = rows->front().sweep_name;
  const auto made = make_report(store->get(), *rows, options.report);
  if (!made) return report(made.error());
  if (const Status written = write_file(options.output, report_html(*made)); !written) return report(written.error());
  fmt::print(stderr, "wrote {} ({} runs)\n", options.output, rows->size());
  return kDone;
}

}  // namespace

void add_report(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("report", "A report of chosen runs as one HTML file");
  auto options = std::make_shared<Options>();
  auto* runs = verb->add_option("RUN", options->runs, "Ids of runs, as 'runs list' shows them")->check(whole_number_from(1));
  auto* sweep = verb->add_option("--sweep", options->sweep, "All runs of this sweep: its id, or 'latest'")->excludes(runs);
  verb->add_flag("--all", options->all, "All runs of the store")->excludes(runs)->excludes(sweep);
  verb->add_flag("--samples", options->samples, "Take the published sample figures too");
  verb->add_option("--title", options->title, "Title of the report (default: the sweep's name)");
  verb->add_option("--at", options->report.compare_at, "Interactivity at which series are compared (default: the middle they share)");
  verb->add_option("--prices,--price-set", options->report.price_set, "Prices for cost and power (default: yours, else the newest)");
  verb->add_option("--tier", options->report.tier, "Price tier (default: the first)");
  verb->add_option("--store", options->store, "Store to read (default: the user's)");
  verb->add_option("-o,--output", options->output, "FILE.html")->required();
  verb->footer("Example: tokenmark-cli report --sweep 3 -o report.html");
  verb->callback([&context, options] { context.action = [options] { return run(*options); }; });
}

}  // namespace tokenmark::cli
