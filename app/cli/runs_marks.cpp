#include "app/cli/runs_marks.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/selection.h"
#include "app/cli/stored_run.h"
#include "app/cli/terminal.h"

namespace tokenmark::cli {
namespace {

using nlohmann::json;

struct Arguments {
  std::string store, text, output, chart, file;
  std::vector<std::string> tags, search;
  std::vector<RunId> ids;
  std::int64_t days = 30;
  bool off = false, as_json = false;
};

// What `work` did, as a document; without --json it is silent, or has spoken itself.
int with_store(const Arguments& arguments, const std::function<Result<json>(Store&)>& work) {
  const auto store = open_existing_store(arguments.store);
  if (!store) return report(store.error());
  if (!*store)
    return report({ErrorKind::unavailable,
                   fmt::format("{}: there is no store yet; `tokenmark-cli run` makes it", default_store_path().string())});
  const auto done = work(**store);
  if (!done) return report(done.error());
  if (arguments.as_json) print_document(*done);
  return kDone;
}

// The same change of several runs: of all or of none.
int change(const Arguments& arguments, const std::function<Status(Store&, RunId)>& one) {
  return with_store(arguments, [&](Store& store) -> Result<json> {
    TOKENMARK_CHECK(store.together([&]() -> Status {
      for (const RunId id : arguments.ids) TOKENMARK_CHECK(one(store, id));
      return {};
    }));
    return json{{"runs", arguments.ids}};
  });
}

int tag(const Arguments& arguments) {
  return change(arguments, [&](Store& store, RunId id) -> Status {
    TOKENMARK_TRY(RunRow row, store.run(id));
    for (const std::string& tag : arguments.tags) std::erase(row.tags, tag);
    if (!arguments.off) row.tags.insert(row.tags.end(), arguments.tags.begin(), arguments.tags.end());
    return store.set_tags(id, row.tags);
  });
}

int star(const Arguments& arguments) {
  return change(arguments, [&](Store& store, RunId id) { return store.set_starred(id, !arguments.off); });
}

int note(const Arguments& arguments) {
  return change(arguments,
                [&](Store& store, RunId id) { return store.set_note(id, arguments.off ? std::string() : arguments.text); });
}

int remove(const Arguments& arguments) {
  return with_store(arguments, [&](Store& store) -> Result<json> {
    TOKENMARK_CHECK(store.remove(arguments.ids));
    return json{{"runs", arguments.ids}};
  });
}

// Without numbers: which there are.
Result<json> list_deleted(Store& store, bool as_json) {
  TOKENMARK_TRY(const std::vector<RunRow> rows, store.deleted());
  json runs = json::array();
  std::vector<std::vector<std::string>> cells;
  for (const RunRow& row : rows) {
    runs.push_back(row_json(row));
    cells.push_back(
        {fmt::format("{}", row.id), row.started, std::string(run_state_name(row.state)), row.sweep_name, row.series});
  }
  if (!as_json && cells.empty()) fmt::print(stderr, "no run is deleted\n");
  else if (!as_json) fmt::print("{}", table({"deleted run", "started", "state", "sweep", "series"}, cells));
  return json{{"deleted", runs}};
}

int restore(const Arguments& arguments) {
  return with_store(arguments, [&](Store& store) -> Result<json> {
    if (arguments.ids.empty()) return list_deleted(store, arguments.as_json);
    TOKENMARK_CHECK(store.restore(arguments.ids));
    return json{{"runs", arguments.ids}};
  });
}

int purge(const Arguments& arguments) {
  return with_store(arguments, [&](Store& store) -> Result<json> {
    TOKENMARK_TRY(const std::int64_t purged, store.purge(std::chrono::days(arguments.days)));
    fmt::print(stderr, "{} deleted runs are gone for good\n", purged);
    return json{{"purged", purged}};
  });
}

Result<std::string> chart_text(const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in || !json::accept(text.str())) return fail(ErrorKind::invalid_input, "{}: not a chart's definition (JSON)", path);
  return text.str();
}

int bundle(const Arguments& arguments) {
  return with_store(arguments, [&](Store& store) -> Result<json> {
    std::vector<RunId> ids = arguments.ids;
    if (!arguments.search.empty()) {
      TOKENMARK_TRY(const std::vector<RunRow> rows, store.runs(search_text(arguments.search)));
      for (const RunRow& row : rows)
        if (row.state != RunState::running) ids.push_back(row.id);
    }
    if (ids.empty()) return fail(ErrorKind::invalid_input, "no run was named; give numbers, or --search with words that match some");
    TOKENMARK_TRY(const std::string chart, chart_text(arguments.chart));
    TOKENMARK_CHECK(store.save_bundle(ids, chart, arguments.output));
    fmt::print(stderr, "{}: {} runs\n", arguments.output, ids.size());
    return json{{"written", arguments.output}, {"runs", ids}};
  });
}

int open(const Arguments& arguments) {
  const auto store = Store::open(arguments.store.empty() ? default_store_path() : std::filesystem::path(arguments.store));
  if (!store) return report(store.error());
  const auto opened = (*store)->open_bundle(arguments.file);
  if (!opened) return report(opened.error());
  fmt::print(stderr, "{} runs, {} of them were here already\n", opened->runs.size(), opened->known);
  json out = {{"runs", opened->runs}, {"skipped", opened->known}};
  if (!opened->chart.empty()) out["chart"] = opened->chart;
  if (arguments.as_json) print_document(out);
  return kDone;
}

}  // namespace

void add_runs_marks(CLI::App& runs, Context& context) {
  const auto add = [&](const char* name, const char* what, int (*action)(const Arguments&)) {
    auto arguments = std::make_shared<Arguments>();
    auto* verb = runs.add_subcommand(name, what);
    verb->add_option("--store", arguments->store, "Store to use (default: the user's)");
    verb->add_flag("--json", arguments->as_json, "One JSON document on standard output");
    verb->callback([arguments, &context, action] { context.action = [arguments, action] { return action(*arguments); }; });
    return std::pair(verb, arguments);
  };
  const auto ids = [](auto& added) {
    return added.first->add_option("RUN", added.second->ids, "Numbers of runs")->check(whole_number_from(1));
  };

  auto tags = add("tag", "Give runs tags", tag);
  ids(tags)->required();
  tags.first->add_option("--tag,-t", tags.second->tags, "A tag (may be given more than once)")->required();
  tags.first->add_flag("--remove", tags.second->off, "Take the tags away instead");
  tags.first->footer("Example: tokenmark-cli runs tag 12 13 --tag nightly");

  auto notes = add("note", "Give runs a note, in place of the one they have", note);
  ids(notes)->required();
  auto* text = notes.first->add_option("--text", notes.second->text, "The note");
  notes.first->add_flag("--remove", notes.second->off, "Take the note away instead")->excludes(text);
  notes.first->footer("Example: tokenmark-cli runs note 12 --text 'the fan was being cleaned'");

  auto stars = add("star", "Mark runs with a star", star);
  ids(stars)->required();
  stars.first->add_flag("--remove", stars.second->off, "Take the star away instead");
  stars.first->footer("Example: tokenmark-cli runs star 12");

  auto removal = add("delete", "Delete runs; until they are purged they can be restored", remove);
  ids(removal)->required();
  removal.first->footer("Example: tokenmark-cli runs delete 12 13");

  auto restoration = add("restore", "Bring deleted runs back; without numbers: list them", restore);
  ids(restoration);
  restoration.first->footer("Example: tokenmark-cli runs restore 12 13");

  auto purging = add("purge", "Take deleted runs away for good, with their logs", purge);
  purging.first->add_option("--days", purging.second->days, "Those deleted at least so many days ago (0: all)")->capture_default_str()
      ->check(CLI::Range(0, 36500));
  purging.first->footer("Example: tokenmark-cli runs purge --days 0");

  auto saving = add("bundle", "Runs with logs, environments, sweeps, tags and notes in one file", bundle);
  ids(saving);
  saving.first->add_option("--search", saving.second->search, "Beside numbers: all runs that match, as in `runs list`");
  saving.first->add_option("--chart", saving.second->chart, "A chart's definition (JSON) to go with them");
  saving.first->add_option("-o,--output", saving.second->output, "File to write, such as runs.tokenmark")->required();
  saving.first->footer("Example: tokenmark-cli runs bundle 12 13 -o runs.tokenmark");

  auto opening = add("open", "A bundle's runs into the store; those that are here already are left as they are", open);
  opening.first->add_option("FILE", opening.second->file, "The bundle")->required();
  opening.first->footer("Example: tokenmark-cli runs open runs.tokenmark");
}

}  // namespace tokenmark::cli
