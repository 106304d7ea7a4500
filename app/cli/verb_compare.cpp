// tokenmark-cli compare: all series of stored runs against a baseline where they are equal in interactivity, latency or cost.
#include <nlohmann/json.hpp>

#include "app/cli/runs_compare.h"
#include "app/cli/selection.h"
#include "app/cli/table_format.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/report/comparison_table.h"

namespace tokenmark::cli {
namespace {

struct Options {
  RunChoice runs;
  std::string equal = "interactivity", output, format;
  ComparisonQuery query;
};

Result<ComparisonTable> made(const Options& options) {
  ComparisonQuery query = options.query;
  TOKENMARK_TRY(query.equal, equal_from_key(options.equal));
  TOKENMARK_TRY(const ChosenRuns chosen, chosen_runs(options.runs));
  TOKENMARK_TRY(ComparisonTable table, comparison_table(chosen.rows, query));
  if (!query.baseline.empty() && !table.baseline.starts_with(query.baseline))
    return fail(ErrorKind::invalid_input, "there is no series '{}' among these runs; there are: {}", query.baseline, [&] {
      std::string names;
      for (const std::string& name : table.series) names += (names.empty() ? "" : ", ") + name;
      return names;
    }());
  return table;
}

int run(const Options& options) {
  const auto made_table = made(options);
  if (!made_table) return report(made_table.error());
  if (!options.output.empty()) {
    if (const Status written = write_file(options.output, comparison_csv(*made_table)); !written) return report(written.error());
    fmt::print(stderr, "wrote {}\n", options.output);
  }
  print_table(options.format, {.text = [&] { return comparison_text(*made_table); },
                               .csv = [&] { return comparison_csv(*made_table); },
                               .markdown = [&] { return comparison_markdown(*made_table); },
                               .json = [&] { return to_json(*made_table); }});
  if (options.format == "text")
    for (const std::string& note : made_table->notes) fmt::print(stderr, "note: {}\n", note);
  return kDone;
}

}  // namespace

void add_compare(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("compare", "Series of stored runs against a baseline at equal interactivity, latency or cost");
  auto options = std::make_shared<Options>();
  verb->add_option("--equal", options->equal, "What is held equal: interactivity, ttft, e2e or cost")->capture_default_str();
  verb->add_option("--at", options->query.at,
                   "At which value of it (default: the middle of what the baseline shares with most others)");
  verb->add_option("--baseline", options->query.baseline, "Series that the others are compared with (default: the first)");
  verb->add_option("--prices,--price-set", options->query.price_set,
                   "Prices for cost and power (default: yours, else the newest)");
  verb->add_option("--tier", options->query.tier, "Price tier (default: the first)");
  verb->add_flag("--only-significant", options->query.only_significant, "Only changes whose interval leaves 0 out");
  add_run_choice(*verb, options->runs);
  add_table_format(*verb, options->format);
  verb->add_option("-o,--output", options->output, "Also write FILE.csv");
  verb->footer("Example: tokenmark-cli compare llama --equal interactivity --at 30 --baseline \"llama · a100\"");
  verb->callback([&context, options] { context.action = [options] { return run(*options); }; });
}

}  // namespace tokenmark::cli
