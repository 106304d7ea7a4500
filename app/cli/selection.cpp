#include "app/cli/selection.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/report/samples.h"
#include "core/store/run_filter.h"

namespace tokenmark::cli {
Result<std::unique_ptr<Store>> open_existing_store(const std::string& path) {
  const std::filesystem::path file = path.empty() ? default_store_path() : std::filesystem::path(path);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    if (path.empty()) return std::unique_ptr<Store>();
    return fail(ErrorKind::invalid_input, "{}: there is no such store; --store names the file that runs were kept in", path);
  }
  TOKENMARK_TRY(auto store, Store::open(file));
  (void)store->mark_interrupted();  // what a killed program left; a store that may only be read is shown as it is
  return store;
}

Result<SweepId> sweep_named(Store& store, const std::string& text) {
  TOKENMARK_TRY(const std::vector<SweepRow> sweeps, store.sweeps());
  if (text == "latest" && !sweeps.empty()) return sweeps.front().id;
  SweepId id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool number = error == std::errc() && end == text.data() + text.size();
  const auto known = [&](const SweepRow& sweep) { return number && sweep.id == id; };
  if (std::any_of(sweeps.begin(), sweeps.end(), known)) return id;
  if (sweeps.empty()) return fail(ErrorKind::unavailable, "--sweep {}: the store holds no sweep yet", text);
  return fail(ErrorKind::invalid_input, "--sweep {}: no such sweep; ids go from {} to {}, or say 'latest'", text,
              sweeps.back().id, sweeps.front().id);
}

std::string search_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    const std::size_t sign = word.find_first_of(":="), space = word.find(' ');
    const bool field = sign < space && space != std::string::npos && word.find('"') == std::string::npos;
    text += field ? fmt::format("{}\"{}\"", word.substr(0, sign + 1), word.substr(sign + 1)) : word;
  }
  return text;
}

Result<std::vector<RunRow>> matching_samples(const std::string& search) {
  TOKENMARK_TRY(const RunFilter filter, parse_run_filter(search));
  TOKENMARK_TRY(std::vector<RunRow> rows, sample_runs());
  std::erase_if(rows, [&](const RunRow& row) { return !matches(filter, row); });
  return rows;
}

void add_run_choice(CLI::App& verb, RunChoice& choice) {
  verb.add_option("FILTER", choice.filters, "Words that must all occur in model, device, series, sweep or tags of a run");
  verb.add_flag("--samples", choice.samples, "Take the published sample figures too");
  verb.add_option("--sweep", choice.sweep, "Only runs of this sweep: its id, or 'latest'");
  verb.add_option("--store", choice.store, "Store to read (default: the user's)");
}

Result<ChosenRuns> chosen_runs(const RunChoice& choice) {
  const std::string search = search_text(choice.filters);
  ChosenRuns chosen;
  TOKENMARK_TRY(chosen.store, open_existing_store(choice.store));
  if (chosen.store) {
    SweepId sweep = 0;
    if (!choice.sweep.empty()) {
      TOKENMARK_TRY(sweep, sweep_named(*chosen.store, choice.sweep));
    }
    TOKENMARK_TRY(chosen.rows, chosen.store->runs(search, sweep));
  }
  if (choice.samples) {
    TOKENMARK_TRY(const auto samples, matching_samples(search));
    chosen.rows.insert(chosen.rows.end(), samples.begin(), samples.end());
  }
  if (chosen.rows.empty())
    return fail(ErrorKind::unavailable, "no run matches{}; 'tokenmark-cli runs list' shows what there is, --samples takes published figures",
                search.empty() ? "" : fmt::format(" '{}'", search));
  return chosen;
}

Result<ChartDefinition> read_chart_definition(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::invalid_input, "{}: cannot be read", path);
  std::ostringstream text;
  text << file.rdbuf();
  Result<ChartDefinition> definition = parse_chart_definition(text.str());
  if (!definition) return fail(definition.error().kind, "{}: {}", path, definition.error().message);
  return definition;
}

Status write_file(const std::string& path, std::string_view content) {
  const std::string unfinished = path + ".part";
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(unfinished, path, error);
  if (file && !error) return {};
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  return fail(ErrorKind::io, "{}: cannot be written; is the folder there, may it be written to, is there space?", path);
}

}  // namespace tokenmark::cli
