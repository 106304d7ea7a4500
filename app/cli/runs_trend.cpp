#include "app/cli/runs_trend.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/render_picture.h"
#include "app/cli/selection.h"
#include "app/cli/terminal.h"
#include "core/report/ticks.h"
#include "core/report/trend_json.h"
#include "core/statistics/change_points.h"

namespace tokenmark::cli {
namespace {

using nlohmann::json;

struct Options {
  RunChoice runs;
  std::string figure = "total_tok_s_gpu", x = "interactivity", by = "version", price_set, tier, task, output;
  std::optional<double> at;
  bool as_json = false, as_csv = false;
  std::optional<PictureSize> size;
};

Result<Trend> make_trend(const Options& options) {
  TrendQuery query{.at = options.at, .price_set = options.price_set, .tier = options.tier, .task = options.task};
  TOKENMARK_TRY(query.figure, axis_from_key(options.figure));
  TOKENMARK_TRY(query.x, axis_from_key(options.x));
  TOKENMARK_TRY(query.by, trend_by_from_key(options.by));
  TOKENMARK_TRY(const ChosenRuns chosen, chosen_runs(options.runs));
  Environments environments;
  if (chosen.store) {
    TOKENMARK_TRY(environments, chosen.store->environments());
  }
  return trend(chosen.rows, environments, query);
}

std::string day(const std::string& time) { return time.substr(0, 10); }

void print_series(const Trend& trend, const TrendSeries& series) {
  std::vector<std::vector<std::string>> rows;
  for (const TrendPoint& point : series.points) {
    const TrendState& state = trend.states[point.state];
    const auto begins = std::find_if(series.changes.begin(), series.changes.end(), [&](const TrendChange& c) { return c.after == point.state; });
    rows.push_back({state.name, day(state.first), point.value ? number_text(*point.value) : "–",
                    point.range ? fmt::format("{} to {}", number_text(point.range->low), number_text(point.range->high)) : "",
                    std::to_string(point.runs.size()),
                    begins == series.changes.end() ? "" : fmt::format("{:+.1f} % ({})", 100 * begins->change, begins->better ? "better" : "worse")});
  }
  const AxisMeaning& figure = meaning(trend.figure);
  fmt::print("\n{}\n{}", series.name, table({std::string(trend_axis(trend.by).key), "first measured", fmt::format("{} ({})", figure.key, figure.unit),
                                              "repeats' range", "runs", "change"}, rows));
  for (const TrendChange& change : series.changes) fmt::print("{}\n", change_sentence(trend, change));
  const bool enough = std::count_if(series.points.begin(), series.points.end(), [](const TrendPoint& p) { return p.value.has_value(); }) >= static_cast<std::ptrdiff_t>(kFewestForChanges);
  if (series.changes.empty() && enough) fmt::print("No change of its level was found.\n");
}

Status write_output(const Context& context, const Trend& trend, const Options& options) {
  const std::string& output = options.output;
  const std::string ending = std::filesystem::path(output).extension();
  if (ending == ".csv") return write_file(output, trend_csv(trend));
  if (ending == ".json") return write_file(output, chart_json_text(trend));
  if (ending == ".png" || ending == ".svg" || ending == ".pdf")
    return render_picture(context, chart_json_text(trend), output, "choose .csv or .json", {}, options.size);
  return fail(ErrorKind::invalid_input, "{}: a trend can be written as .png, .svg, .pdf, .csv or .json", output);
}

void print_json(const Trend& trend) {
  json document = trend_to_json(trend);
  document["figure_unit"] = meaning(trend.figure).unit;
  document["x_unit"] = meaning(trend.x).unit;
  fmt::print("{}\n", document.dump(1, ' ', false, json::error_handler_t::replace));
}

int run(const Options& options, const Context& context) {
  const Result<Trend> made = make_trend(options);
  if (!made) return report(made.error());
  if (!options.output.empty()) {
    if (const Status written = write_output(context, *made, options); !written) return report(written.error());
    fmt::print(stderr, "wrote {}\n", options.output);
  }
  if (options.as_json) {
    print_json(*made);
    return kDone;
  }
  for (const std::string& note : made->notes) fmt::print(stderr, "note: {}\n", note);
  if (options.as_csv) {
    fmt::print("{}", trend_csv(*made));
    return kDone;
  }
  fmt::print("{}{}\n", made->title, made->subtitle.empty() ? "" : " · " + made->subtitle);
  for (const TrendSeries& series : made->series) print_series(*made, series);
  return kDone;
}

}  // namespace

void add_runs_trend(CLI::App& runs, Context& context) {
  CLI::App* verb = runs.add_subcommand("trend", "A figure over versions of software, with the changes of its level and what differs there");
  auto options = std::make_shared<Options>();
  std::vector<std::string> keys, by;
  for (const AxisMeaning& axis : axis_meanings()) keys.emplace_back(axis.key);
  for (const TrendAxis& axis : trend_axes()) by.emplace_back(axis.key);
  verb->add_option("--figure", options->figure, fmt::format("One of {}", fmt::join(keys, ", ")))->check(CLI::IsMember(keys))->capture_default_str();
  verb->add_option("--x", options->x, "What is held: interactivity, ttft, e2e or concurrency")->check(CLI::IsMember(keys))->capture_default_str();
  verb->add_option("--at", options->at, "Its value (default: the middle of what most states have measured)");
  verb->add_option("--by", options->by, fmt::format("What a step is: {}", fmt::join(by, ", ")))->check(CLI::IsMember(by))->capture_default_str();
  verb->add_option("--prices,--price-set", options->price_set, "Prices for cost and power (default: yours, else the newest)");
  verb->add_option("--tier", options->tier, fmt::format("Price tier: {} (default: the first)", fmt::join(price_tiers(), ", ")));
  verb->add_option("--task", options->task, "Task of a quality figure (default: the first that a run has)");
  add_run_choice(*verb, options->runs);
  auto* as_json = verb->add_flag("--json", options->as_json, "One JSON document on standard output");
  verb->add_flag("--csv", options->as_csv, "CSV on standard output")->excludes(as_json);
  verb->add_option("-o,--output", options->output, "Also write FILE.png, .svg, .pdf, .csv or .json");
  add_picture_size(*verb, options->size);
  verb->footer("Example: tokenmark-cli runs trend llama --figure total_tok_s_gpu --at 30 --by commit -o trend.svg");
  verb->callback([&context, options] { context.action = [&context, options] { return run(*options, context); }; });
}

}  // namespace tokenmark::cli
