#include "app/cli/runs_compare.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/selection.h"
#include "app/cli/stored_run.h"
#include "app/cli/table_format.h"
#include "app/cli/terminal.h"
#include "core/report/run_comparison.h"
#include "core/report/run_difference.h"
#include "core/report/run_sides.h"

namespace tokenmark::cli {
namespace {

using nlohmann::json;

struct Options {
  std::vector<std::string> sides;   // each a run, or several: "12,15,18"
  std::string store, format;
  RunComparisonQuery query;
  bool all = false;                 // of differences: what is equal too
};

Result<std::vector<RunId>> numbers(const std::string& list) {
  std::vector<RunId> out;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    RunId id = 0;
    const auto parsed = std::from_chars(list.data() + begin, list.data() + end, id);
    if (parsed.ec != std::errc() || parsed.ptr != list.data() + end || id < 1)
      return fail(ErrorKind::invalid_input, "'{}' must be numbers of runs, like 12 or 12,15,18", list);
    out.push_back(id);
    begin = end + 1;
  }
  return out;
}

json ids_of(const RunSide& rows) {
  json out = json::array();
  for (const RunRow& row : rows) out.push_back(row.id);
  return out;
}

std::string described(const char* name, const RunSide& rows) {
  std::string ids;
  for (const RunRow& row : rows) ids += fmt::format("{}{}", ids.empty() ? "" : ", ", row.id);
  return fmt::format("{}: {}, {}/{}, concurrency {} (run{} {})\n", name, rows[0].series, rows[0].input, rows[0].output, rows[0].concurrency,
                     rows.size() == 1 ? "" : "s", ids);
}

std::string text_of(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows;
  std::string absent;
  const auto percent = [](double share) { return cell(100 * share, 1); };
  for (const FigureComparison& f : comparison.figures) {
    if (!f.compared) {
      absent += fmt::format("{} is not compared: {}.\n", f.name, f.verdict);
      continue;
    }
    const bool time = f.unit == "s";
    rows.push_back({fmt::format("{}, {}", f.name, time ? "ms" : f.unit), fmt::format("{:.4g}", time ? 1e3 * f.a : f.a),
                    fmt::format("{:.4g}", time ? 1e3 * f.b : f.b), percent(f.change),
                    fmt::format("{} to {}", percent(f.interval.low), percent(f.interval.high)), fmt::format("{:.2g}", f.p),
                    f.detectable < 10 ? percent(f.detectable) : "> 1000", f.verdict});
  }
  std::string text = "\n";
  if (!rows.empty()) text += table({"figure", "A", "B", "change %", "95 %", "p (Holm)", "detectable %", "verdict"}, rows);
  text += absent;
  text += fmt::format("\nBy {}; a difference is called one where Holm's p is below 0.05. Detectable: found in 4 of 5 cases.\n",
                      comparison.method);
  for (const std::string& note : comparison.notes) text += note + "\n";
  return text;
}

// A against B, as thoroughly as two can be compared.
Status compare_two(Store& store, const Options& options) {
  const auto side = [&](const std::string& list) -> Result<RunSide> {
    TOKENMARK_TRY(const auto ids, numbers(list));
    return run_side(store, ids, options.query.only_these);
  };
  TOKENMARK_TRY(const RunSide a, side(options.sides[0]));
  TOKENMARK_TRY(const RunSide b, side(options.sides[1]));
  for (const RunRow& row : a)
    if (std::any_of(b.begin(), b.end(), [&](const RunRow& other) { return other.id == row.id; }))
      return fail(ErrorKind::invalid_input, "run {} is on both sides{}", row.id,
                  options.query.only_these ? "" : ": to compare repeats of one point with each other, add --only-these");
  TOKENMARK_TRY(const auto runs_a, compared_runs(store, a));
  TOKENMARK_TRY(const auto runs_b, compared_runs(store, b));
  TOKENMARK_TRY(const Comparison comparison, compare_runs(runs_a, runs_b));
  if (options.format == "json") {
    json out = to_json(comparison);
    out["a"] = ids_of(a);
    out["b"] = ids_of(b);
    fmt::print("{}\n", out.dump(2));
    return {};
  }
  fmt::print("{}{}{}", described("A", a), described("B", b), text_of(comparison));
  return {};
}

Result<std::vector<RunRow>> rows_of(Store& store, const std::vector<std::string>& lists) {
  std::vector<RunRow> rows;
  for (const std::string& list : lists) {
    TOKENMARK_TRY(const auto ids, numbers(list));
    for (const RunId id : ids) {
      TOKENMARK_TRY(RunRow row, store.run(id));
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

// Two without --baseline: the second is what the first is compared with, as above.
Status compare_all(Store& store, const Options& options, bool to_the_second) {
  TOKENMARK_TRY(std::vector<RunRow> rows, rows_of(store, options.sides));
  RunComparisonQuery query = options.query;
  if (to_the_second) query.baseline = rows.back().id;
  const auto holds = [&] {
    return std::any_of(rows.begin(), rows.end(), [&](const RunRow& row) { return row.id == query.baseline; });
  };
  if (query.baseline != 0 && !holds()) {
    TOKENMARK_TRY(RunRow base, store.run(query.baseline));
    rows.insert(rows.begin(), std::move(base));
  }
  for (const RunRow& row : rows)
    if (row.state != RunState::done)
      return fail(ErrorKind::invalid_input, "run {} is {} and has nothing to compare", row.id, run_state_name(row.state));
  TOKENMARK_TRY(const ComparisonTable made, run_comparison(&store, rows, query));
  if (made.series.size() < 2)
    return fail(ErrorKind::invalid_input, "a comparison needs two runs or more; run {} is alone", rows.front().id);
  print_table(options.format, {.text = [&] { return comparison_text(made); },
                               .csv = [&] { return comparison_csv(made); },
                               .markdown = [&] { return comparison_markdown(made); },
                               .json = [&] { return to_json(made); }});
  if (options.format == "text")
    for (const std::string& note : made.notes) fmt::print(stderr, "note: {}\n", note);
  return {};
}

Status compare(Store& store, const Options& options) {
  const bool two = options.sides.size() == 2 && options.query.baseline == 0;
  if (two && (options.format == "text" || options.format == "json")) return compare_two(store, options);
  return compare_all(store, options, two);
}

Status show_difference(Store& store, const Options& options) {
  TOKENMARK_TRY(const std::vector<RunRow> rows, rows_of(store, options.sides));
  if (rows.size() < 2)
    return fail(ErrorKind::invalid_input, "a difference needs two runs or more; run {} is alone", rows.front().id);
  TOKENMARK_TRY(const RunDifference made, run_difference(&store, rows));
  print_table(options.format, {.text = [&] { return table(difference_header(made), difference_cells(made, options.all)); },
                               .csv = [&] { return difference_csv(made, options.all); },
                               .markdown = [&] { return difference_markdown(made, options.all); },
                               .json = [&] { return to_json(made, options.all); }});
  return {};
}

int with_store(const Options& options, Status (*work)(Store&, const Options&)) {
  const auto store = open_existing_store(options.store);
  if (!store) return report(store.error());
  if (!*store)
    return report({ErrorKind::unavailable,
                   fmt::format("{}: there is no store yet; `tokenmark-cli run` makes it", default_store_path().string())});
  const Status done = work(**store, options);
  return done ? kDone : report(done.error());
}

CLI::App* add_verb(CLI::App& runs, Context& context, const char* name, const char* what,
                   const std::shared_ptr<Options>& options, Status (*work)(Store&, const Options&)) {
  CLI::App* verb = runs.add_subcommand(name, what);
  verb->add_option("--store", options->store, "Store to use (default: the user's)");
  add_table_format(*verb, options->format);
  verb->callback([options, &context, work] { context.action = [options, work] { return with_store(*options, work); }; });
  return verb;
}

}  // namespace

std::string comparison_text(const ComparisonTable& made) {
  std::vector<std::vector<std::string>> rows;
  for (const ComparisonRow& row : made.rows) rows.push_back(comparison_cells(row));
  return fmt::format("{}\n{}", comparison_heading(made), table(comparison_header(made), rows));
}

void add_runs_compare(CLI::App& runs, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = add_verb(runs, context, "compare",
                            "Whether two configurations differ, or how several stand against a baseline", options, compare);
  verb->add_option("RUN", options->sides,
                   "Two: A is compared with B. More, or --baseline: all are held against the baseline (default: the first). "
                   "Each is a run, or several of one side: 12,15,18")
      ->required()
      ->expected(1, 1000);
  verb->add_option("--baseline", options->query.baseline, "The run that the others are held against")
      ->check(whole_number_from(1));
  verb->add_flag("--only-these", options->query.only_these, "Without the other repeats of their points in their sweeps");
  verb->add_flag("--only-significant", options->query.only_significant, "Of several: only changes that are no noise");
  verb->add_option("--prices,--price-set", options->query.price_set,
                   "Of several: prices for the cost (default: yours, else the newest)");
  verb->add_option("--tier", options->query.tier, "Price tier (default: the first)");
  verb->footer(
      "Example: tokenmark-cli runs compare 12 15\n         tokenmark-cli runs compare 12 15 18 --baseline 12 --format "
      "markdown");
}

void add_runs_difference(CLI::App& runs, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      add_verb(runs, context, "difference", "What differs between runs: figures, configuration and environment side by side",
               options, show_difference);
  verb->add_option("RUN", options->sides, "Numbers of runs")->required()->expected(1, 1000);
  verb->add_flag("--all", options->all, "What is equal too");
  verb->footer("Example: tokenmark-cli runs difference 12 15 18 --format csv");
}

}  // namespace tokenmark::cli
