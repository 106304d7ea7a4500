#include <fmt/ranges.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/figures_text.h"
#include "app/cli/runs_chart.h"
#include "app/cli/runs_compare.h"
#include "app/cli/runs_exchange.h"
#include "app/cli/runs_reproduce.h"
#include "app/cli/runs_marks.h"
#include "app/cli/runs_trend.h"
#include "app/cli/selection.h"
#include "app/cli/stored_run.h"
#include "app/cli/terminal.h"
#include "app/cli/verb.h"
#include "core/load/api.h"
#include "core/metrics/dialects.h"
#include "core/report/logged_run.h"
#include "core/report/report.h"
#include "core/report/run_log.h"
#include "core/workload/point_json.h"

namespace tokenmark::cli {
namespace {

using nlohmann::json;

struct Arguments {
  std::string store, output;
  std::vector<std::string> words;
  std::vector<RunId> ids;
  std::int64_t limit = 0;
  std::string format = "tokenmark";
  bool as_json = false, detailed = false;
};

// The store that `work` is done on; where there is none yet there are no runs.
template <class Work>
int with_store(const Arguments& arguments, Work&& work) {
  const auto store = open_existing_store(arguments.store);
  if (!store) return report(store.error());
  if (!*store)
    return report(
        {ErrorKind::unavailable, fmt::format("{}: there is no store yet; `tokenmark-cli run` makes it",
                                           default_store_path().string())});
  const Status done = work(**store);
  return done ? kDone : report(done.error());
}

std::string search_of(const Arguments& arguments) {
  return search_text(arguments.words);
}

int list(const Arguments& arguments) {
  const auto store = open_existing_store(arguments.store);
  if (!store) return report(store.error());
  std::vector<RunRow> rows;
  if (*store) {
    auto found = (*store)->runs(search_of(arguments));
    if (!found) return report(found.error());
    rows = std::move(*found);
  }
  const std::size_t all = rows.size();
  if (arguments.limit > 0 && all > static_cast<std::size_t>(arguments.limit))
    rows.resize(static_cast<std::size_t>(arguments.limit));
  if (arguments.as_json) {
    json runs = json::array();
    for (const RunRow& row : rows) runs.push_back(row_json(row));
    fmt::print("{}\n", json{{"runs", runs}}.dump(2, ' ', false, json::error_handler_t::replace));
    return kDone;
  }
  std::vector<std::vector<std::string>> cells;
  for (const RunRow& row : rows)
    cells.push_back({fmt::format("{}", row.id), row.starred ? "*" : "", row.started,
                     std::string(run_state_name(row.state)), row.sweep_name, row.model, row.precision,
                     row.device, row.node, fmt::format("{}/{}", row.input, row.output),
                     fmt::format("{}", row.concurrency), cell(row.total_tok_s), cell(row.interactivity),
                     milliseconds(row.ttft_p50_s), fmt::format("{}", fmt::join(row.tags, ","))});
  fmt::print("{}", table({"run", "", "started", "state", "sweep", "model", "precision", "device", "node",
                          "in/out", "concurrency", "tok/s", "tok/s/user", "TTFT ms", "tags"},
                         cells));
  if (rows.size() < all) fmt::print(stderr, "{} of {} runs; --limit 0 lists all\n", rows.size(), all);
  return kDone;
}

// What was set; an empty value means the engine's own default.
void add_facts(const FlatJson& flat, const std::string& prefix, std::vector<std::vector<std::string>>& rows) {
  for (const auto& [path, text] : flat)
    if (!text.empty() && text != "[]" && text != "{}") rows.push_back({prefix + path, text});
}

std::string quality_text(const RunRow& row) {
  std::string text;
  for (const QualityFigure& q : row.quality)
    text += fmt::format("{} {}: {:.5g}{} over {} items\n", q.task, q.metric, q.value,
                        q.interval ? fmt::format(" ({:.5g} to {:.5g})", q.interval->low, q.interval->high) : "", q.items);
  for (const auto& [task, error] : row.quality_failures) text += fmt::format("{} failed: {}\n", task, error);
  return text;
}

Status print_run(Store& store, const RunRow& row) {
  fmt::print("run {}: {}\n{}, {} on {}, {}\n", row.id, row.series, row.source, run_state_name(row.state),
             row.node.empty() ? "local" : row.node, row.started);
  if (!row.error.empty()) fmt::print("error: {}\n", row.error);
  if (!row.tags.empty()) fmt::print("tags: {}\n", fmt::join(row.tags, ", "));
  if (!row.note.empty()) fmt::print("note: {}\n", row.note);
  if (row.random_weights) fmt::print("Random weights: the speed is real.\n");
  if (row.state == RunState::done) {
    TOKENMARK_TRY(const Figures figures, store.figures(row.id));
    fmt::print("{}", figures_text(figures));
    fmt::print("{}", quality_text(row));
  }
  TOKENMARK_TRY(const Point point, store.point(row.id));
  if (const std::string why = not_mlperf_comparable(point.target); !why.empty()) fmt::print("Not comparable with MLPerf: {}.\n", why);
  std::vector<std::vector<std::string>> facts;
  add_facts(flatten(to_json(point)), "", facts);
  if (row.state == RunState::done) {
    TOKENMARK_TRY(const json environment, store.environment(row.id));
    add_facts(flatten(environment), "environment.", facts);
  }
  fmt::print("\n{}\n", table({"configuration", ""}, facts));
  return {};
}

int show(const Arguments& arguments) {
  return with_store(arguments, [&](Store& store) -> Status {
    json runs = json::array();
    for (const RunId id : arguments.ids) {
      TOKENMARK_TRY(const RunRow row, store.run(id));
      if (arguments.as_json) {
        TOKENMARK_TRY(json run, run_json(store, row));
        TOKENMARK_TRY(const Point point, store.point(id));
        if (const auto log = store.event_log(id); log) run["dialects"] = all_dialects(*log, point.limits);
        runs.push_back(std::move(run));
      } else {
        TOKENMARK_CHECK(print_run(store, row));
      }
    }
    if (arguments.as_json) fmt::print("{}\n", json{{"runs", runs}}.dump(2));
    return {};
  });
}

int log(const Arguments& arguments) {
  return with_store(arguments, [&](Store& store) -> Status {
    json runs = json::array();
    for (const RunId id : arguments.ids) {
      TOKENMARK_TRY(const RunRow row, store.run(id));
      TOKENMARK_TRY(const LoggedRun logged, logged_run(store, row));
      json lines = json::array();
      if (!arguments.as_json) fmt::print("run {}: {}\n", id, row.series);
      for (const RunLogLine& line : run_log(*logged.log)) {
        if (!arguments.as_json) fmt::print("{:>12}  {}\n", line.at_s ? fmt::format("{:.3f} s", *line.at_s) : "", line.text);
        lines.push_back({{"at_s", line.at_s ? json(*line.at_s) : json()}, {"text", line.text}, {"failure", line.failure}});
      }
      runs.push_back({{"run", id}, {"log", lines}});
    }
    if (arguments.as_json) fmt::print("{}\n", json{{"runs", runs}}.dump(2, ' ', false, json::error_handler_t::replace));
    return {};
  });
}

// Everything of the runs but their logs, as one JSON document.
Result<std::string> own_document(Store& store, const std::vector<RunRow>& rows) {
  json runs = json::array();
  for (const RunRow& row : rows) {
    TOKENMARK_TRY(json run, run_json(store, row));
    run.update(row_json(row));
    runs.push_back(std::move(run));
  }
  return json{{"definitions", kDefinitions}, {"runs", runs}}.dump(2) + "\n";
}

Result<std::string> document_of(Store& store, const std::vector<RunRow>& rows, const Arguments& arguments) {
  if (arguments.format == "tokenmark") return own_document(store, rows);
  std::vector<RunId> ids;
  for (const RunRow& row : rows)
    if (row.state == RunState::done) ids.push_back(row.id);
  return exported_runs(store, ids, arguments.format, arguments.detailed);
}

int export_runs(const Arguments& arguments) {
  return with_store(arguments, [&](Store& store) -> Status {
    std::vector<RunRow> rows;
    for (const RunId id : arguments.ids) {
      TOKENMARK_TRY(RunRow row, store.run(id));
      rows.push_back(std::move(row));
    }
    if (arguments.ids.empty()) {
      TOKENMARK_TRY(rows, store.runs(search_of(arguments)));
    }
    TOKENMARK_TRY(const std::string text, document_of(store, rows, arguments));
    if (arguments.output.empty()) {
      fmt::print("{}", text);
      return {};
    }
    return write_file(arguments.output, text);
  });
}

}  // namespace

void add_runs(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("runs",
                                  "The store: list, show, log, compare, difference, chart, tag, note, star, delete, restore, "
                                  "bundle, import and export runs, their trend");
  verb->require_subcommand(1);
  verb->footer("Example: tokenmark-cli runs list llama q4_0");
  const auto add = [&](const char* name, const char* what, int (*action)(const Arguments&)) {
    auto* sub = verb->add_subcommand(name, what);
    sub->add_option("--store", arguments->store, "Store to use (default: the user's)");
    sub->callback([arguments, &context, action] {
      context.action = [arguments, action] { return action(*arguments); };
    });
    return sub;
  };
  const auto ids = [&](CLI::App* sub) {
    return sub->add_option("RUN", arguments->ids, "Numbers of runs")->check(whole_number_from(1));
  };

  auto* list_verb = add("list", "Stored runs, newest first", list);
  list_verb->add_option("WORD", arguments->words,
                        "What must hold of a run: words that occur in model, device, series, sweep, tags …, or fields: model:llama "
                        "precision=fp8,fp4 tag:baseline concurrency:8..64 before:2026-05-01 after:2026-04 starred; -- -tag:old: not so");
  list_verb->add_option("--limit", arguments->limit, "At most so many (0: all)")
      ->check(whole_number_from(0));
  list_verb->add_flag("--json", arguments->as_json, "One JSON document on standard output");
  list_verb->footer("Example: tokenmark-cli runs list model:llama tag:baseline after:2026-05 --limit 20");

  auto* show_verb = add("show", "Everything about runs", show);
  ids(show_verb)->required();
  show_verb->add_flag("--json", arguments->as_json, "One JSON document on standard output");
  show_verb->footer("Example: tokenmark-cli runs show 12 --json");

  auto* log_verb = add("log", "What happened in runs, in its order: warm-ups, first token, every failure, end", log);
  ids(log_verb)->required();
  log_verb->add_flag("--json", arguments->as_json, "One JSON document on standard output");
  log_verb->footer("Example: tokenmark-cli runs log 12");

  add_runs_compare(*verb, context);
  add_runs_difference(*verb, context);
  add_runs_marks(*verb, context);

  auto* export_verb = add("export", "Runs as one document, of this program or of another tool", export_runs);
  ids(export_verb);
  export_verb->add_option("--search", arguments->words, "Instead of numbers: words that must all occur");
  export_verb->add_option("-o,--output", arguments->output, "File to write (default: standard output)");
  export_verb->add_option("--format", arguments->format, "tokenmark (the default), inferencex, inferencex-agg, vllm, sglang, guidellm, aiperf or csv");
  export_verb->add_flag("--detailed", arguments->detailed, "The times of single requests too, where the format has them");
  export_verb->footer("Example: tokenmark-cli runs export 12 13 --format vllm -o runs.json");

  add_runs_import(*verb, context);
  add_runs_chart(*verb, context);
  add_runs_trend(*verb, context);
  add_runs_reproduce(*verb, context);
}

}  // namespace tokenmark::cli
