// Which runs a verb is about, and where its result goes: shared by the verbs that read the store.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/report/chart_definition.h"
#include "core/store/store.h"

namespace CLI {
class App;
}

namespace tokenmark::cli {

// An existing store; an empty path is the default one. Reading never creates a file: null where there is none yet and
// none was named.
Result<std::unique_ptr<Store>> open_existing_store(const std::string& path);

// The sweep that the command line names: an id, or "latest". Known to be in the store.
Result<SweepId> sweep_named(Store& store, const std::string& text);

// Words of the command line as one search (core/store/run_filter.h): the shell has taken the quotes of a field's value.
std::string search_text(const std::vector<std::string>& words);

// The published samples that contain all words of `search`, whatever their case.
Result<std::vector<RunRow>> matching_samples(const std::string& search);

// The runs that a chart is made of, as the command line says it.
struct RunChoice {
  std::vector<std::string> filters;
  std::string sweep, store;
  bool samples = false;
};
void add_run_choice(CLI::App& verb, RunChoice& choice);
struct ChosenRuns {
  std::unique_ptr<Store> store;  // null: there is none yet
  std::vector<RunRow> rows;      // published samples last
};
// No run at all is an error.
Result<ChosenRuns> chosen_runs(const RunChoice& choice);

// A chart as the window saves it (*.chart.json); errors name the file.
Result<ChartDefinition> read_chart_definition(const std::string& path);

// Writes the whole file or says why not; an older one stays until the new one is complete.
Status write_file(const std::string& path, std::string_view content);

}  // namespace tokenmark::cli
