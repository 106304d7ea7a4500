#include "app/cli/runs_reproduce.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/selection.h"
#include "app/cli/terminal.h"
#include "core/sweep/reproduce_run.h"

namespace tokenmark::cli {
namespace {

using nlohmann::json;

struct Options {
  RunId id = 0;
  std::string store, only, output;
  bool as_json = false;
};

Result<Reproduction> made(const Options& options) {
  TOKENMARK_TRY(const auto store, open_existing_store(options.store));
  if (!store) return fail(ErrorKind::unavailable, "{}: there is no store yet; 'tokenmark-cli run' makes it", default_store_path().string());
  TOKENMARK_TRY(const RunRow row, store->run(options.id));
  return reproduce_run(store.get(), row);
}

json recipe_json(const Recipe& recipe) { return recipe.text.empty() ? json{{"why_not", recipe.why_not}} : json{{"text", recipe.text}}; }

void print_part(const char* title, const Recipe& recipe) {
  if (recipe.text.empty())
    fmt::print("# {}: there is none: {}.\n\n", title, recipe.why_not);
  else
    fmt::print("# {}\n{}{}\n", title, recipe.text, recipe.text.ends_with('\n') ? "" : "\n");
}

int run(const Options& options) {
  const Result<Reproduction> found = made(options);
  if (!found) return report(found.error());
  const std::pair<const char*, const Recipe*> parts[] = {{"sweep", &found->sweep}, {"command", &found->command}, {"server", &found->server}};
  if (options.as_json) {
    json document = {{"run", options.id}};
    for (const auto& [key, recipe] : parts) document[key] = recipe_json(*recipe);
    fmt::print("{}\n", document.dump(2, ' ', false, json::error_handler_t::replace));
    return kDone;
  }
  for (const auto& [key, recipe] : parts) {
    if (options.only != key) continue;
    if (recipe->text.empty()) return report({ErrorKind::unavailable, fmt::format("run {}: there is no {}: {}", options.id, key, recipe->why_not)});
    fmt::print("{}{}", recipe->text, recipe->text.ends_with('\n') ? "" : "\n");
    return kDone;
  }
  print_part("Sweep file", found->sweep);
  print_part("Command", found->command);
  print_part("Server", found->server);
  return kDone;
}

}  // namespace

void add_runs_reproduce(CLI::App& runs, Context& context) {
  CLI::App* verb = runs.add_subcommand("reproduce", "How a run is measured again: a sweep file, a command, what its server was started with");
  auto options = std::make_shared<Options>();
  verb->add_option("RUN", options->id, "Number of a run, as 'runs list' shows it")->check(whole_number_from(1))->required();
  auto* only = verb->add_option("--only", options->only, "Print one of them as it is: sweep, command or server")->check(CLI::IsMember({"sweep", "command", "server"}));
  verb->add_flag("--json", options->as_json, "One JSON document on standard output")->excludes(only);
  verb->add_option("--store", options->store, "Store to read (default: the user's)");
  verb->footer("Example: tokenmark-cli runs reproduce 12 --only sweep > again.yaml");
  verb->callback([&context, options] { context.action = [options] { return run(*options); }; });
}

}  // namespace tokenmark::cli
