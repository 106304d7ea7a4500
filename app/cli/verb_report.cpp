// tokenmark-cli report: one self-contained HTML file of chosen runs, or a PDF; its template.
#include <filesystem>
#include <fstream>
#include <memory>

#include "app/cli/render_picture.h"
#include "app/cli/selection.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/report/report_document.h"
#include "core/report/report_template.h"

namespace tokenmark::cli {
namespace {

struct Options {
  std::vector<RunId> runs;
  std::string sweep;
  bool all = false, samples = false, as_json = false;
  std::string output, store, title, template_file, equal = "interactivity";
  std::vector<std::string> charts, seen;
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

// The user's template, or the default one.
Result<std::string> template_text(const std::string& path) {
  if (path.empty()) return default_report_template();
  std::ifstream file(path, std::ios::binary);
  std::error_code error;
  if (!file || std::filesystem::is_directory(path, error)) return fail(ErrorKind::not_found, "--template {}: cannot be read", path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Status write_report(const Options& options, const Context& context, const Report& made, bool pdf) {
  const nlohmann::json document = report_document(made);
  if (pdf) return render_picture(context, document.dump(), options.output, "choose .html");
  TOKENMARK_TRY(const std::string text, template_text(options.template_file));
  TOKENMARK_TRY(const std::string html, render_report(document, text, options.template_file.empty() ? "report.html" : options.template_file));
  return write_file(options.output, html);
}

Status read_names(Options& options) {
  if (!options.charts.empty()) options.report.charts.emplace();
  for (const std::string& key : options.charts) {
    TOKENMARK_TRY(const ReportChart chart, report_chart_from_key(key));
    options.report.charts->push_back(chart);
  }
  for (const std::string& path : options.seen) {
    TOKENMARK_TRY(ChartDefinition definition, read_chart_definition(path));
    options.report.seen.push_back(std::move(definition));
  }
  TOKENMARK_TRY(options.report.equal, equal_from_key(options.equal));
  return {};
}

int run(Options& options, const Context& context) {
  const std::string ending = std::filesystem::path(options.output).extension();
  const bool pdf = ending == ".pdf";
  if (options.output.empty()) return report_usage("report: --output is missing: -o FILE.html or FILE.pdf");
  if (!pdf && ending != ".html" && ending != ".htm") return report_usage(options.output + ": a report is written as .html or .pdf");
  if (pdf && !options.template_file.empty()) return report_usage("--template is for .html; the pages of a PDF have their own form");
  if (!options.all && options.sweep.empty() && options.runs.empty() && !options.samples)
    return report_usage("report: name runs, or choose --sweep ID, --all or --samples");
  if (const Status names = read_names(options); !names) return report_usage(names.error().message);
  if (!pdf) {   // before anything takes its time
    const auto text = template_text(options.template_file);
    const Status good = text ? check_report_template(*text, options.template_file) : Status(tl::unexpected(text.error()));
    if (!good) return report(good.error());
  }
  const auto store = open_existing_store(options.store);
  if (!store) return report(store.error());
  const auto rows = choose(store->get(), options);
  if (!rows) return report(rows.error());
  if (!options.title.empty())
    options.report.title = options.title;
  else if (!options.sweep.empty() && !rows->front().sweep_name.empty())
    options.report.title = rows->front().sweep_name;
  Result<Report> made;
  {
    ProgressBar bar("report");
    made = make_report(store->get(), *rows, options.report, [&](double share, const std::string& what) { bar.set(share, what); });
  }
  if (!made) return report(made.error());
  if (const Status written = write_report(options, context, *made, pdf); !written) return report(written.error());
  std::vector<RunId> ids;   // samples have none
  for (const RunRow& row : *rows)
    if (row.id > 0) ids.push_back(row.id);
  print_written(options.output, options.as_json, {{"runs", ids}});
  return kDone;
}

int write_template(const Options& options) {
  if (const Status written = write_file(options.output, default_report_template()); !written) return report(written.error());
  fmt::print(stderr, "wrote {}: change it, then 'tokenmark-cli report … --template {} -o FILE.html'; its language and names are described in docs/reports.md\n",
             options.output, options.output);
  return kDone;
}

template <class Meanings>
std::string keys_of(const Meanings& meanings) {
  std::string keys;
  for (const auto& one : meanings) keys += fmt::format("{}{}", keys.empty() ? "" : ", ", one.key);
  return keys;
}

void add_template(CLI::App& report_verb, Context& context, const std::shared_ptr<Options>& options) {
  CLI::App* verb = report_verb.add_subcommand("template", "Write the default template, to be changed");
  verb->add_option("-o,--output", options->output, "FILE.html")->required();
  verb->footer("Example: tokenmark-cli report template -o my.html");
  verb->callback([&context, options] { context.action = [options] { return write_template(*options); }; });
}

}  // namespace

void add_report(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("report", "A report of chosen runs as one HTML file or as PDF");
  auto options = std::make_shared<Options>();
  auto* runs = verb->add_option("RUN", options->runs, "Ids of runs, as 'runs list' shows them")->check(whole_number_from(1));
  auto* sweep = verb->add_option("--sweep", options->sweep, "All runs of this sweep: its id, or 'latest'")->excludes(runs);
  verb->add_flag("--all", options->all, "All runs of the store")->excludes(runs)->excludes(sweep);
  verb->add_flag("--samples", options->samples, "Take the published sample figures too");
  verb->add_option("--title", options->title, "Title of the report (default: the sweep's name)");
  verb->add_option("--author", options->report.author, "Who made it");
  verb->add_option("--remarks", options->report.remarks, "What is to be known beforehand; empty lines part paragraphs");
  verb->add_option(
          "--charts", options->charts,
          fmt::format("Only these: {} (default: all that have points, or none with --chart)", keys_of(report_charts())))
      ->delimiter(',');
  verb->add_option("--chart", options->seen, "A chart as it was seen, from its FILE.chart.json; may be given several times")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--at", options->report.compare_at,
                   "Value at which series are compared (default: the middle of what the baseline shares with most others)");
  verb->add_option("--by", options->equal, fmt::format("What is equal for all there: {}", keys_of(equal_meanings())))
      ->capture_default_str();
  verb->add_option("--baseline", options->report.baseline, "A run of the series that others are compared with (default: the first series)")->check(whole_number_from(1));
  verb->add_option("--prices,--price-set", options->report.price_set, "Prices for cost and power (default: yours, else the newest)");
  verb->add_option("--tier", options->report.tier, "Price tier (default: the first)");
  verb->add_option("--template", options->template_file, "Of HTML: a template of your own ('report template' writes the default one)");
  verb->add_option("--store", options->store, "Store to read (default: the user's)");
  verb->add_option("-o,--output", options->output, "FILE.html or .pdf");
  verb->add_flag("--json", options->as_json, "What was written, as one JSON document on standard output");
  verb->footer("Example: tokenmark-cli report --sweep 3 -o report.html");
  verb->callback([&context, options, verb] {
    if (verb->get_subcommands().empty()) context.action = [options, &context] { return run(*options, context); };
  });
  add_template(*verb, context, options);
}

}  // namespace tokenmark::cli
