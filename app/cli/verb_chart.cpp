// tokenmark-cli chart: the chart of a definition file (*.chart.json) as picture or data; the window saves and opens the same.
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/render_picture.h"
#include "app/cli/selection.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/report/chart_definition.h"
#include "core/report/chart_json.h"
#include "core/report/svg.h"

namespace tokenmark::cli {
namespace {

struct Options {
  std::string file, output, store;
  bool as_json = false;
};

Result<ChartDefinition> read_definition(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::invalid_input, "{}: cannot be read", path);
  std::ostringstream text;
  text << file.rdbuf();
  Result<ChartDefinition> definition = parse_chart_definition(text.str());
  if (!definition) return fail(definition.error().kind, "{}: {}", path, definition.error().message);
  return definition;
}

Status write(const Options& options, const Context& context, const ChartDefinition& definition, const Chart& chart) {
  const std::string ending = std::filesystem::path(options.output).extension();
  if (ending == ".svg") return write_file(options.output, chart_svg(shown_part(chart, definition), {.dark_too = false, .view = definition.view}));
  if (ending == ".csv") return write_file(options.output, chart_csv(shown_part(chart, definition)));
  if (ending == ".json") return write_file(options.output, chart_json_text(chart));
  if (ending == ".png" || ending == ".pdf")
    return render_picture(context, chart_json_text(chart), options.output, "choose .svg or .csv", options.file);
  return fail(ErrorKind::invalid_input, "{}: a chart can be written as .svg, .png, .pdf, .csv or .json", options.output);
}

int run(const Options& options, const Context& context) {
  const auto definition = read_definition(options.file);
  if (!definition) return report(definition.error());
  const auto chosen = chosen_runs({.filters = {}, .sweep = {}, .store = options.store, .samples = definition->samples});
  if (!chosen) return report(chosen.error());
  const auto chart = make_chart(*definition, chosen->rows);
  if (!chart) return report(chart.error());
  for (const std::string& note : chart->notes) fmt::print(stderr, "note: {}\n", note);
  if (options.output.empty()) {
    if (options.as_json) print_document(chart_to_json(*chart));
    else fmt::print("{}", chart_csv(shown_part(*chart, *definition)));
    return kDone;
  }
  if (const Status written = write(options, context, *definition, *chart); !written) return report(written.error());
  print_written(options.output, options.as_json);
  return kDone;
}

}  // namespace

void add_chart(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("chart", "A saved chart (*.chart.json) of the store's runs as picture or data");
  auto options = std::make_shared<Options>();
  verb->add_option("FILE", options->file, "The chart's definition, as the window saves it")->required();
  verb->add_option("-o,--output", options->output, "Write FILE.svg, .png, .pdf, .csv or .json (default: CSV on standard output)");
  verb->add_option("--store", options->store, "Store to read (default: the user's)");
  verb->add_flag("--json", options->as_json, "One JSON document on standard output: the chart, or what was written");
  verb->footer("Example: tokenmark-cli chart cost.chart.json -o cost.svg");
  verb->callback([&context, options] { context.action = [&context, options] { return run(*options, context); }; });
}

}  // namespace tokenmark::cli
