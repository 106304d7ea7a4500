#include "core/exchange/export.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/exchange/formats.h"
#include "core/metrics/dialects.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

bool came_from(const StoredRun& run, std::string_view format) { return run.document && run.document->format == format; }

// The tool's own definitions, computed from the log of a run that was measured here, in place of ours.
Json in_its_definitions(const StoredRun& run, std::string_view format) {
  if (!run.log || run.document) return Json::object();
  auto figures = dialect_figures(LogReading(*run.log), run.point.limits, format);
  return figures ? *std::move(figures) : Json::object();
}

Json written(const StoredRun& run, std::string_view format) {
  if (format == "inferencex-agg") return write_inferencex_agg(run);
  Json out = format == "aiperf" ? write_aiperf(run) : write_client_json(run, std::string(format));
  out.update(in_its_definitions(run, format));
  return out;
}

Json guidellm_benchmark(const StoredRun& run) {
  Json out = write_guidellm_benchmark(run), figures = in_its_definitions(run, "guidellm");
  if (figures.contains("duration")) out["duration"] = figures["duration"];
  figures.erase("duration");
  out["metrics"].update(figures);
  return out;
}

// A document on a line of its own, as the tools append theirs.
std::string one_line(const std::string& document) {
  const Json parsed = Json::parse(document, nullptr, false);  // SGLang's bare Infinity is none of JSON: kept as it was
  return parsed.is_discarded() ? document : dumped(parsed);
}

std::string lines(const std::vector<StoredRun>& runs, std::string_view format) {
  if (runs.size() == 1 && came_from(runs[0], format)) return runs[0].document->text;
  std::string out;
  for (const StoredRun& run : runs) out += (came_from(run, format) ? one_line(run.document->text) : dumped(written(run, format))) + '\n';
  return out;
}

std::string list(const std::vector<StoredRun>& runs, std::string_view format) {
  Json out = Json::array();
  for (const StoredRun& run : runs) {
    Json document = came_from(run, format) ? Json::parse(run.document->text, nullptr, false) : Json();
    out.push_back(document.is_object() ? std::move(document) : written(run, format));
  }
  return (runs.size() == 1 ? out[0] : out).dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string guidellm(const std::vector<StoredRun>& runs) {
  Json out = {{"metadata", {{"version", 2}}}, {"benchmarks", Json::array()}};
  for (const StoredRun& run : runs) {
    const Json document = came_from(run, "guidellm") ? Json::parse(run.document->text, nullptr, false) : Json();
    if (!document.is_object()) {
      out["benchmarks"].push_back(guidellm_benchmark(run));
      continue;
    }
    for (const auto& [key, value] : document.items())
      if (key != "benchmarks") out[key] = value;
    for (const Json& benchmark : document["benchmarks"]) out["benchmarks"].push_back(benchmark);
  }
  return dumped(out) + '\n';
}

}  // namespace

Figures with_population_deviation(const StoredRun& run) {
  Figures figures = run.figures;
  if (run.document) return figures;
  for (Distribution* d : {&figures.ttft_s, &figures.tpot_s, &figures.itl_s, &figures.e2e_s})
    if (d->deviation && d->samples > 1) *d->deviation *= std::sqrt(static_cast<double>(d->samples - 1) / static_cast<double>(d->samples));
  return figures;
}

Result<StoredRun> stored_run(Store& store, RunId id, bool detailed) {
  StoredRun out;
  out.detailed = detailed;
  TOKENMARK_TRY(out.row, store.run(id));
  if (out.row.state != RunState::done)
    return fail(ErrorKind::invalid_input, "run {} ({}) has no figures to export", id, run_state_name(out.row.state));
  TOKENMARK_TRY(out.point, store.point(id));
  TOKENMARK_TRY(out.figures, store.figures(id));
  TOKENMARK_TRY(out.environment, store.environment(id));
  TOKENMARK_TRY(out.document, store.document(id));
  auto log = store.event_log(id);
  if (log) out.log = std::move(*log);
  else if (log.error().kind != ErrorKind::not_found) return tl::unexpected(log.error());
  return out;
}

const std::vector<std::string>& export_formats() {
  static const std::vector<std::string> formats = {"inferencex", "inferencex-agg", "vllm", "sglang", "guidellm", "aiperf", "csv"};
  return formats;
}

Result<std::string> export_runs(const std::vector<StoredRun>& runs, std::string_view format) {
  const auto& known = export_formats();
  if (std::find(known.begin(), known.end(), format) == known.end())
    return fail(ErrorKind::invalid_input, "there is no format '{}' to export to; there are: {}", format, fmt::join(known, ", "));
  if (runs.empty()) return fail(ErrorKind::invalid_input, "there is no run to export");
  if (format == "csv") return write_dashboard_csv(runs);
  if (format == "guidellm") return guidellm(runs);
  return format == "inferencex-agg" ? list(runs, format) : lines(runs, format);
}

}  // namespace tokenmark
