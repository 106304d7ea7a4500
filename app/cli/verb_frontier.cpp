// tokenmark-cli frontier: the frontiers of stored runs as a table, JSON, CSV or picture; values and ratios at an x.
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "app/cli/render_picture.h"
#include "app/cli/selection.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/report/chart_json.h"
#include "core/report/svg.h"
#include "core/report/ticks.h"

namespace tokenmark::cli {
namespace {

using nlohmann::json;

struct Options {
  RunChoice runs;
  std::string x = "interactivity", y = "total_tok_s_gpu", price_set, tier, task, output;
  std::optional<double> at;
  bool log_x = false, log_y = false, as_json = false, as_csv = false, all_points = false;
};

Result<Chart> make_chart(const Options& options) {
  FrontierQuery query{.price_set = options.price_set, .tier = options.tier, .log_x = options.log_x, .log_y = options.log_y,
                      .task = options.task};
  TOKENMARK_TRY(query.x, axis_from_key(options.x));
  TOKENMARK_TRY(query.y, axis_from_key(options.y));
  TOKENMARK_TRY(const ChosenRuns chosen, chosen_runs(options.runs));
  return frontier_chart(chosen.rows, query);
}

std::string with_range(const std::optional<double>& value, const std::optional<Interval>& range) {
  if (!value) return "–";
  if (!range) return number_text(*value);
  return fmt::format("{} [{}, {}]", number_text(*value), number_text(range->low), number_text(range->high));
}

std::string column(AxisFigure figure) { return fmt::format("{} ({})", meaning(figure).key, meaning(figure).unit); }

void print_points(const Chart& chart, bool all_points) {
  std::vector<std::string> header = {"point", column(chart.x), column(chart.y), "repeats"};
  if (all_points) header.push_back("frontier");
  for (const ChartSeries& series : chart.series) {
    std::vector<std::vector<std::string>> rows;
    for (const ChartPoint& p : series.points)
      if (p.optimal || all_points)
        rows.push_back({p.label, with_range(p.x, p.x_range), with_range(p.y, p.y_range), std::to_string(p.runs.size()),
                        p.optimal ? "yes" : "dominated"});
    fmt::print("{}{}{}\n{}", &series == &chart.series.front() ? "" : "\n", series.name,
               series.sample ? " (published)" : "", table(header, rows));
  }
}

void print_values(const Chart& chart, double at) {
  std::vector<std::vector<std::string>> rows;
  bool baseline = true;
  for (const SeriesValue& entry : values_at(chart, at)) {
    const bool is_baseline = entry.value && baseline;
    rows.push_back({chart.series[entry.series].name, entry.value ? with_range(entry.value, entry.range) : "outside its measured range",
                    is_baseline ? "1" : with_range(entry.ratio, entry.ratio_range)});
    baseline = baseline && !entry.value;
  }
  fmt::print("\nAt {} {}:\n{}", number_text(at), meaning(chart.x).unit, table({"series", column(chart.y), "ratio"}, rows));
}

json interval(const std::optional<Interval>& range) { return range ? json{range->low, range->high} : json(); }
json number(const std::optional<double>& value) { return value ? json(*value) : json(); }

void print_json(const Chart& chart, std::optional<double> at) {
  json document = chart_to_json(chart);
  document["x_unit"] = meaning(chart.x).unit;
  document["y_unit"] = meaning(chart.y).unit;
  if (at) {
    json values = json::array();
    for (const SeriesValue& entry : values_at(chart, *at))
      values.push_back({{"series", chart.series[entry.series].name}, {"value", number(entry.value)}, {"range", interval(entry.range)},
                        {"ratio", number(entry.ratio)}, {"ratio_range", interval(entry.ratio_range)}});
    document["at"] = {{"x", *at}, {"values", values}};
  }
  fmt::print("{}\n", document.dump(1, ' ', false, json::error_handler_t::replace));
}

Status write_output(const Context& context, const Chart& chart, const std::string& output) {
  const std::string ending = std::filesystem::path(output).extension();
  if (ending == ".svg") return write_file(output, chart_svg(chart, {.dark_too = false}));
  if (ending == ".csv") return write_file(output, chart_csv(chart));
  if (ending == ".json") return write_file(output, chart_json_text(chart));
  if (ending == ".png" || ending == ".pdf") return render_picture(context, chart_json_text(chart), output, "choose .svg");
  return fail(ErrorKind::invalid_input, "{}: a chart can be written as .svg, .png, .pdf, .csv or .json", output);
}

int run(const Options& options, const Context& context) {
  const auto chart = make_chart(options);
  if (!chart) return report(chart.error());
  if (!options.output.empty()) {
    if (const Status written = write_output(context, *chart, options.output); !written) return report(written.error());
    fmt::print(stderr, "wrote {}\n", options.output);
  }
  if (options.as_json) {
    print_json(*chart, options.at);
    return kDone;
  }
  for (const std::string& note : chart->notes) fmt::print(stderr, "note: {}\n", note);
  if (options.as_csv) {
    fmt::print("{}", chart_csv(*chart));
    return kDone;
  }
  print_points(*chart, options.all_points);
  if (options.at) print_values(*chart, *options.at);
  for (const std::string& source : chart->sources) fmt::print(stderr, "source: {}\n", source);
  return kDone;
}

}  // namespace

void add_frontier(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("frontier", "Frontiers of stored runs, values at a given x, ratios between series");
  auto options = std::make_shared<Options>();
  std::vector<std::string> keys;
  for (const AxisMeaning& axis : axis_meanings()) keys.emplace_back(axis.key);
  verb->add_option("--x", options->x, "interactivity, ttft, e2e, concurrency or a quality: quality, perplexity, kl_divergence")->check(CLI::IsMember(keys))->capture_default_str();
  verb->add_option("--y", options->y, fmt::format("One of {}", fmt::join(keys, ", ")))->check(CLI::IsMember(keys))->capture_default_str();
  verb->add_option("--at", options->at, "An x at which the series are compared");
  verb->add_option("--prices,--price-set", options->price_set, "Prices for cost and power (default: yours, else the newest)");
  verb->add_option("--tier", options->tier, fmt::format("Price tier: {} (default: the first)", fmt::join(price_tiers(), ", ")));
  verb->add_option("--task", options->task, "Task of a quality axis (default: the first that a run has)");
  verb->add_flag("--log-x", options->log_x, "Logarithmic x axis in pictures");
  verb->add_flag("--log-y", options->log_y, "Logarithmic y axis in pictures");
  verb->add_flag("--all-points", options->all_points, "Also list the points that are not on the frontier");
  add_run_choice(*verb, options->runs);
  auto* as_json = verb->add_flag("--json", options->as_json, "One JSON document on standard output");
  verb->add_flag("--csv", options->as_csv, "CSV on standard output")->excludes(as_json);
  verb->add_option("-o,--output", options->output, "Also write FILE.svg, .png, .pdf, .csv or .json");
  verb->footer("Example: tokenmark-cli frontier llama --y dollars_per_mtok --tier neocloud --at 30 -o frontier.svg");
  verb->callback([&context, options] { context.action = [&context, options] { return run(*options, context); }; });
}

}  // namespace tokenmark::cli
