#include "app/cli/runs_exchange.h"

#include <fmt/ranges.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/stored_run.h"
#include "app/cli/terminal.h"
#include "core/exchange/export.h"
#include "core/exchange/import.h"

namespace tokenmark::cli {
namespace {

using nlohmann::json;

struct ImportArguments {
  std::vector<std::string> paths, settings;
  std::string gpu_metrics, store;
  bool dry_run = false, as_json = false, again = false;
};

struct Imported {
  std::vector<ImportedRun> runs;
  std::vector<RunId> ids;            // 0: it was there already; empty in a dry run
};

// Each file or folder goes in as a whole or not at all; with several, nothing is stored if one is bad.
Result<Imported> import_all(const ImportArguments& arguments) {
  ImportOptions options;
  TOKENMARK_TRY(options.settings, parse_settings(arguments.settings));
  options.gpu_metrics = arguments.gpu_metrics;
  Imported out;
  for (const std::string& path : arguments.paths) {
    TOKENMARK_TRY(std::vector<ImportedRun> runs,
                  read_runs(path, options, [](const std::string& note) { fmt::print(stderr, "passed over: {}\n", note); }));
    std::move(runs.begin(), runs.end(), std::back_inserter(out.runs));
  }
  if (arguments.dry_run) return out;
  TOKENMARK_TRY(const auto store, Store::open(arguments.store.empty() ? default_store_path() : std::filesystem::path(arguments.store)));
  TOKENMARK_TRY(out.ids, store->add_imported(out.runs, arguments.again));
  return out;
}

json imported_json(const ImportedRun& run, RunId id) {
  json out = to_json(run.figures);
  out["source"] = run.run.source;
  for (const auto& [key, text] : {std::pair{"series", &run.run.series}, std::pair{"model", &run.run.model}, std::pair{"hardware", &run.run.hardware},
                                  std::pair{"framework", &run.run.framework}, std::pair{"precision", &run.run.precision}, std::pair{"started", &run.started}})
    out[key] = *text;
  for (const auto& [key, number] : {std::pair{"gpus", run.run.gpus}, std::pair{"input", run.input}, std::pair{"output", run.output}, std::pair{"concurrency", run.concurrency}})
    if (number > 0) out[key] = number;
  out["environment"] = run.environment;
  if (id > 0) out["run"] = id;
  out["has_log"] = run.log.has_value();
  return out;
}

void print_table(const Imported& imported) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < imported.runs.size(); ++i) {
    const ImportedRun& run = imported.runs[i];
    const Figures& f = run.figures;
    const RunId id = imported.ids.empty() ? 0 : imported.ids[i];
    rows.push_back({id > 0 ? std::to_string(id) : "–", run.format, run.run.series, run.concurrency > 0 ? std::to_string(run.concurrency) : "–",
                    cell(f.output_tok_s), cell(f.total_tok_s_gpu), cell(f.interactivity_p50.value), milliseconds(f.ttft_s.p50.value), cell(f.power_w_gpu)});
  }
  fmt::print("{}", table({"run", "format", "series", "concurrency", "output tok/s", "tok/s/gpu", "tok/s/user", "TTFT ms", "W/gpu"}, rows));
}

int import(const ImportArguments& arguments) {
  const auto imported = import_all(arguments);
  if (!imported) return report(imported.error());
  const auto skipped = std::count(imported->ids.begin(), imported->ids.end(), 0);
  if (skipped > 0)
    fmt::print(stderr, "{} of {} runs are in the store already and were left out; --again imports them once more\n", skipped, imported->ids.size());
  if (arguments.dry_run) fmt::print(stderr, "{} runs found; nothing was stored (--dry-run)\n", imported->runs.size());
  else fmt::print(stderr, "{} runs imported\n", static_cast<std::ptrdiff_t>(imported->ids.size()) - skipped);
  if (!arguments.as_json) {
    print_table(*imported);
    return kDone;
  }
  json runs = json::array();
  for (std::size_t i = 0; i < imported->runs.size(); ++i)
    runs.push_back(imported_json(imported->runs[i], imported->ids.empty() ? 0 : imported->ids[i]));
  fmt::print("{}\n", json{{"runs", runs}, {"skipped", skipped}}.dump(2, ' ', false, json::error_handler_t::replace));
  return kDone;
}

}  // namespace

void add_runs_import(CLI::App& runs, Context& context) {
  auto arguments = std::make_shared<ImportArguments>();
  auto* verb = runs.add_subcommand("import", "Other tools' results into the store: InferenceX, vLLM, SGLang, GuideLLM, AIPerf, MLPerf");
  verb->add_option("FILE", arguments->paths, "Files, folders, MLPerf submission trees; the content says what a file is")->required();
  verb->add_option("--set", arguments->settings,
                   "What a file does not say, KEY=VALUE: hw, gpus, prefill_gpus, decode_gpus, precision, framework, concurrency, input, "
                   "output, node; or another name for its model (may be given more than once)")->allow_extra_args(false);
  verb->add_option("--gpu-metrics", arguments->gpu_metrics, "CSV of nvidia-smi with the GPUs' power, joined to the runs by time");
  verb->add_flag("--again", arguments->again, "Also what was imported before");
  verb->add_flag("--dry-run", arguments->dry_run, "Read and show, store nothing");
  verb->add_flag("--json", arguments->as_json, "One JSON document on standard output");
  verb->add_option("--store", arguments->store, "Store to use (default: the user's)");
  verb->footer("Example: tokenmark-cli runs import results/ --set gpus=8 --set hw=h200 --set precision=fp4");
  verb->callback([arguments, &context] { context.action = [arguments] { return import(*arguments); }; });
}

Result<std::string> exported_runs(Store& store, const std::vector<RunId>& ids, const std::string& format, bool detailed) {
  std::vector<StoredRun> runs;
  for (const RunId id : ids) {
    TOKENMARK_TRY(StoredRun run, stored_run(store, id, detailed));
    runs.push_back(std::move(run));
  }
  return export_runs(runs, format);
}

}  // namespace tokenmark::cli
