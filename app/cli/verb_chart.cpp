// tokenmark-cli chart: the chart of a definition file (*.chart.json) as picture or data; the window saves and opens the same.
#include <nlohmann/json.hpp>

#include "app/cli/render_picture.h"
#include "app/cli/runs_compare.h"
#include "app/cli/selection.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/report/defined_chart.h"
#include "core/report/svg.h"

namespace tokenmark::cli {
namespace {

struct Options {
  std::string file, output, store, part = "seen";
  std::optional<PictureSize> size;
  bool as_json = false;
};

std::string ending_of(const Options& options) { return std::filesystem::path(options.output).extension(); }

DataPart part_of(const Options& options) { return options.part == "all" ? DataPart::all : DataPart::seen; }

Result<DefinedChart> make(const Options& options, const ChartDefinition& definition) {
  TOKENMARK_TRY(const ChosenRuns chosen,
                chosen_runs({.filters = {}, .sweep = {}, .store = options.store, .samples = definition.samples}));
  Store* store = chosen.store.get();
  const auto log = [store](const RunRow& row) -> Result<LoggedRun> {
    if (!store) return fail(ErrorKind::unavailable, "run {} has no event log: there is no store yet", row.id);
    return logged_run(*store, row);
  };
  const auto environments = [store]() -> Result<Environments> { return store ? store->environments() : Environments(); };
  const std::string ending = ending_of(options);
  return make_defined_chart(definition, {chosen.rows, log, environments, store},
                            {ending.empty() || ending == ".csv", part_of(options)});
}

Status write_comparison(const Options& options, const ComparisonTable& made) {
  const std::string ending = ending_of(options);
  if (ending == ".csv") return write_file(options.output, comparison_csv(made));
  if (ending == ".json") return write_file(options.output, chart_json(made));
  if (ending == ".md") return write_file(options.output, comparison_markdown(made));
  if (ending == ".txt") return write_file(options.output, comparison_text(made));
  return fail(ErrorKind::invalid_input, "{}: a comparison can be written as .csv, .json, .md or .txt", options.output);
}

// Charts of two axes need no window for .svg.
Status write(const Options& options, const Context& context, const ChartDefinition& definition, const DefinedChart& made) {
  if (const auto* comparison = std::get_if<ComparisonTable>(&made)) return write_comparison(options, *comparison);
  const std::string ending = ending_of(options);
  if (ending == ".csv") return write_file(options.output, chart_csv(made, definition, part_of(options)));
  if (ending == ".json") return write_file(options.output, chart_json(made));
  const auto* axes = std::get_if<Chart>(&made);
  if (ending == ".svg" && axes) {
    SvgStyle style{.dark_too = false, .view = definition.view};
    if (options.size) style.width = options.size->width, style.height = options.size->height;
    return write_file(options.output, chart_svg(shown_part(*axes, definition), style));
  }
  if (ending == ".png" || ending == ".pdf" || ending == ".svg")
    return render_picture(context, chart_json(made), options.output, axes ? "choose .svg or .csv" : "choose .csv or .json",
                          options.file, options.size);
  return fail(ErrorKind::invalid_input, "{}: a chart can be written as .svg, .png, .pdf, .csv or .json", options.output);
}

int run(const Options& options, const Context& context) {
  const auto definition = read_chart_definition(options.file);
  if (!definition) return report(definition.error());
  const auto made = make(options, *definition);
  if (!made) return report(made.error());
  for (const std::string& note : notes_of(*made)) fmt::print(stderr, "note: {}\n", note);
  if (options.output.empty()) {
    if (options.as_json) fmt::print("{}\n", chart_json(*made));
    else fmt::print("{}", chart_csv(*made, *definition, part_of(options)));
    return kDone;
  }
  if (const Status written = write(options, context, *definition, *made); !written) return report(written.error());
  print_written(options.output, options.as_json);
  return kDone;
}

}  // namespace

void add_chart(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("chart", "A saved chart (*.chart.json) of the store's runs as picture or data");
  auto options = std::make_shared<Options>();
  verb->add_option("FILE", options->file, "The chart's definition, as the window saves it")->required();
  verb->add_option("-o,--output", options->output,
                   "Write FILE.svg, .png, .pdf, .csv or .json; of a comparison .csv, .json, .md or .txt (default: CSV on "
                   "standard output)");
  verb->add_option("--data", options->part, "In .csv: what the chart shows (seen), or all that it is made of")
      ->check(CLI::IsMember({"seen", "all"}))->capture_default_str();
  add_picture_size(*verb, options->size);
  verb->add_option("--store", options->store, "Store to read (default: the user's)");
  verb->add_flag("--json", options->as_json, "One JSON document on standard output: the chart, or what was written");
  verb->footer("Example: tokenmark-cli chart cost.chart.json -o cost.svg --size 1600x900");
  verb->callback([&context, options] { context.action = [&context, options] { return run(*options, context); }; });
}

}  // namespace tokenmark::cli
