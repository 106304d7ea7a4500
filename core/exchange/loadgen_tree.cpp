#include "core/exchange/loadgen_tree.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <map>
#include <thread>

#include "core/exchange/fields.h"
#include "core/exchange/loadgen_log.h"
#include "core/exchange/mlperf_systems.h"

namespace tokenmark {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::size_t kMaxSystemBytes = 1 << 20;

// What the folders of a submission are by the rules of the tree; empty outside of one.
struct Place {
  std::string division, submitter, system, benchmark, scenario;
  fs::path description;              // systems/{system}.json
};

Place place_of(const fs::path& folder) {
  std::vector<fs::path> parents;     // run_1, performance, scenario, benchmark, system, "results", submitter, division
  for (fs::path at = folder.lexically_normal(); at.has_filename() && parents.size() < 8; at = at.parent_path()) parents.push_back(at);
  if (parents.size() < 8 || parents[5].filename() != "results" || parents[1].filename() != "performance") return {};
  const auto name = [&](std::size_t i) { return parents[i].filename().string(); };
  return {name(7), name(6), name(4), name(3), name(2), parents[6] / "systems" / (name(4) + ".json")};
}

struct Reading {
  fs::path folder;
  Place place;
  std::optional<Result<ImportedRun>> outcome;
};

double seconds(double ns) { return ns * 1e-9; }

void read_latency(const LoadGenRun& run, const std::string& before, const std::string& after, Distribution& d) {
  const auto value = [&](const std::string& key) {
    const auto ns = run.number(key);
    return ns && *ns >= 0 ? std::optional(seconds(*ns)) : std::nullopt;
  };
  for (const auto& [key, p] : {std::pair{"50.00", &d.p50}, std::pair{"90.00", &d.p90}, std::pair{"95.00", &d.p95}, std::pair{"99.00", &d.p99}, std::pair{"99.90", &d.p999}})
    p->value = value(before + key + after);
}

void read_extremes(const LoadGenRun& run, const std::string& mean, const std::string& least, const std::string& most, Distribution& d) {
  const auto value = [&](const std::string& key) {
    const auto ns = run.number(key);
    return ns && *ns >= 0 ? std::optional(seconds(*ns)) : std::nullopt;
  };
  d.mean = value(mean);
  d.minimum = value(least);
  d.maximum = value(most);
}

void read_power(const LoadGenRun& log, Figures& f) {
  if (!log.power) return;
  f.power_w = log.power->watts;
  f.energy_j = log.power->watts * log.power->seconds;
  f.power_source = kWallPower;
  if (f.output_tok_s.value_or(0) > 0) f.joules_per_output_token = *f.power_w / *f.output_tok_s;
}

void read_figures(const LoadGenRun& log, const std::string& benchmark, ImportedRun& run) {
  constexpr double kMost = 1e9;
  Figures& f = run.figures;
  f.completed = static_cast<std::int32_t>(std::clamp(log.number("result_query_count").value_or(0) * log.number("generated_samples_per_query").value_or(1), 0.0, kMost));
  f.failed = static_cast<std::int32_t>(std::clamp(log.number("num_errors").value_or(0), 0.0, kMost));
  read_latency(log, "result_", "_percentile_latency_ns", f.e2e_s);
  read_extremes(log, "result_mean_latency_ns", "result_min_latency_ns", "result_max_latency_ns", f.e2e_s);
  read_latency(log, "result_first_token_", "_percentile_latency_ns", f.ttft_s);
  read_extremes(log, "result_first_token_mean_latency_ns", "result_first_token_min_latency_ns", "result_first_token_max_latency_ns", f.ttft_s);
  read_latency(log, "result_time_per_output_token_", "_percentile_ns", f.tpot_s);
  read_extremes(log, "result_time_to_output_token_mean", "result_time_to_output_token_min", "result_time_to_output_token_max", f.tpot_s);
  for (const char* key : {"result_completed_samples_per_sec", "result_samples_per_second"})
    if (const auto rate = log.number(key); rate && *rate >= 0) f.request_s = rate;
  const auto result = loadgen_result(log, benchmark);
  if (result && result->value >= 0) (void)set_published_result(std::string(log.scenario()), result->value, result->unit, f);
  if (const auto began = log.began_unix_ns()) run.start_unix_s = seconds(static_cast<double>(*began));
  if (const auto ended = loadgen_time_ns(log.text("power_end"))) run.end_unix_s = seconds(static_cast<double>(*ended));
  if (run.end_unix_s > run.start_unix_s && run.start_unix_s > 0) f.duration_s = run.end_unix_s - run.start_unix_s;
  read_power(log, f);
  f.itl_s.p50.why_absent = "LoadGen has no inter-token latencies";
}

Json mlperf_json(const LoadGenRun& log, const std::string& benchmark) {
  Json out = {{"validity", log.text("result_validity")}, {"scenario", log.scenario()}, {"errors", log.errors}, {"warnings", log.warnings}};
  if (const auto result = loadgen_result(log, benchmark)) out["result"] = {{"key", result->key}, {"value", result->value}, {"unit", result->unit}};
  for (const auto& [name, score] : log.scores) out["scores"][name] = score;
  for (const std::string& note : log.notes) out["notes"].push_back(note);
  for (const auto& [key, value] : log.values)
    if (key.rfind("effective_", 0) == 0) out["settings"][key] = value;
  return out;
}

// A system's description, where the submission has one: hardware, number of accelerators, framework.
Result<RunFacts> read_description(const fs::path& path) {
  RunFacts facts;
  std::error_code error;
  const auto size = path.empty() ? 0 : fs::file_size(path, error);
  if (path.empty() || error) return facts;
  if (size > kMaxSystemBytes) return fail(ErrorKind::invalid_input, "{}: has {} bytes; a system's description has a few hundred", path.string(), size);
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  TOKENMARK_TRY(const Json object, parse_json(text, path.string()));
  Problem problem;
  const Fields fields(object, path.string(), problem);
  const std::string accelerator = fields.text("accelerator_model_name"), software = fields.text("framework");
  const auto count = [&](const char* key) -> std::optional<std::int64_t> {
    return fields.has(key) && object[key] != "" && object[key] != "N/A" ? fields.count(key, 1'000'000) : std::nullopt;
  };
  facts.hardware = hardware_key(accelerator);
  facts.gpus = accelerator_count(accelerator, count("number_of_nodes"), count("accelerators_per_node"), std::nullopt);
  facts.framework = software.substr(0, software.find(','));
  facts.node = fields.text("system_name");
  TOKENMARK_CHECK(problem.status());
  return facts;
}

Result<ImportedRun> read_one(const Reading& reading, RunFacts facts, const ImportSettings& settings) {
  TOKENMARK_TRY(const LoadGenRun log, read_loadgen_folder(reading.folder.string()));
  const Place& place = reading.place;
  ImportedRun run;
  read_figures(log, place.benchmark, run);
  facts.model = place.benchmark;
  facts.configuration["scenario"] = place.scenario.empty() ? std::string(log.scenario()) : place.scenario;
  for (const auto& [key, value] : {std::pair{"division", place.division}, std::pair{"submitter", place.submitter}, std::pair{"system", place.system}})
    if (!value.empty()) facts.configuration[key] = value;
  run.environment["mlperf"] = mlperf_json(log, place.benchmark);
  // The document is what counts of the logs: their keys, without the megabytes of sample lists.
  run.document = Json{{"place", {place.division, place.submitter, place.system, place.benchmark, place.scenario}}, {"values", log.values}, {"scores", log.scores},
                      {"watts", log.power ? Json(log.power->watts) : Json()}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  const Source source{reading.folder.filename().string(), settings};
  identify(run, std::move(facts), "loadgen", source);
  return run;
}

}  // namespace

bool is_loadgen_folder(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "mlperf_log_detail.txt", error) || fs::exists(folder / "mlperf_log_summary.txt", error);
}

Result<std::vector<ImportedRun>> read_loadgen_tree(const std::vector<fs::path>& folders, const ImportSettings& settings) {
  std::vector<Reading> readings;
  std::map<fs::path, RunFacts> systems;
  for (const fs::path& folder : folders) {
    std::error_code error;
    const fs::path whole = fs::absolute(folder, error);
    const Reading& reading = readings.emplace_back(Reading{folder, place_of(error ? folder : whole), {}});
    if (systems.count(reading.place.description)) continue;
    TOKENMARK_TRY(systems[reading.place.description], read_description(reading.place.description));
  }
  std::atomic<std::size_t> next = 0;
  {
    std::vector<std::jthread> readers;
    const std::size_t threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 16);
    for (std::size_t t = 0; t < std::min(threads, readings.size()); ++t)
      readers.emplace_back([&] {
        for (std::size_t i = next++; i < readings.size(); i = next++)
          readings[i].outcome = read_one(readings[i], systems.at(readings[i].place.description), settings);
      });
  }
  std::vector<ImportedRun> runs;
  for (Reading& reading : readings) {
    if (!*reading.outcome) return tl::unexpected(reading.outcome->error());
    runs.push_back(std::move(**reading.outcome));
  }
  return runs;
}

}  // namespace tokenmark
