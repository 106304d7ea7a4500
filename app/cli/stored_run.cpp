#include "app/cli/stored_run.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/workload/point_json.h"

namespace tokenmark::cli {

using nlohmann::json;

namespace {

void add_quality(json& out, const RunRow& row) {
  for (const QualityFigure& q : row.quality) {
    json& one = out["quality"][q.task][q.metric];
    one = {{"value", q.value}, {"items", q.items}};
    if (q.interval) one["ci"] = {q.interval->low, q.interval->high};
  }
  for (const auto& [task, error] : row.quality_failures) out["quality_failures"][task] = error;
}

}  // namespace

json row_json(const RunRow& row) {
  json out = {{"run", row.id},
              {"state", run_state_name(row.state)},
              {"source", row.source},
              {"started", row.started},
              {"series", row.series},
              {"model", row.model},
              {"device", row.device},
              {"precision", row.precision},
              {"framework", row.framework},
              {"hardware", row.hardware},
              {"node", row.node},
              {"input", row.input},
              {"output", row.output},
              {"concurrency", row.concurrency},
              {"repeat", row.repeat},
              {"random_weights", row.random_weights},
              {"starred", row.starred},
              {"tags", row.tags}};
  if (row.sweep != 0) out["sweep"] = {{"id", row.sweep}, {"name", row.sweep_name}};
  if (!row.error.empty()) out["error"] = row.error;
  if (!row.note.empty()) out["note"] = row.note;
  if (row.gpus > 0) out["gpus"] = row.gpus;
  if (row.state != RunState::done) return out;
  if (row.completed + row.failed > 0 || !row.source.starts_with("import: "))
    out["requests"] = {{"completed", row.completed}, {"failed", row.failed}};
  const std::pair<const char*, std::optional<double>> figures[] = {
      {"duration_s", row.duration_s},
      {"output_tok_s", row.output_tok_s},
      {"total_tok_s", row.total_tok_s},
      {"total_tok_s_gpu", row.total_tok_s_gpu},
      {"output_tok_s_gpu", row.output_tok_s_gpu},
      {"input_tok_s_gpu", row.input_tok_s_gpu},
      {"interactivity_tok_s_p50", row.interactivity},
      {"ttft_s_p50", row.ttft_p50_s},
      {"ttft_s_p99", row.ttft_p99_s},
      {"tpot_s_p50", row.tpot_p50_s},
      {"tpot_s_p99", row.tpot_p99_s},
      {"e2e_s_p50", row.e2e_p50_s},
      {"request_s", row.request_s},
      {"goodput_request_s", row.goodput_req_s},
      {"ttft_s_p95", row.ttft_p95_s},
      {"tpot_s_p95", row.tpot_p95_s},
      {"power_w_gpu", row.power_w_gpu},
      {"joules_per_output_token", row.joules_per_output_token},
      {"joules_per_total_token", row.joules_per_total_token}};
  for (const auto& [key, value] : figures)
    if (value && std::isfinite(*value)) out[key] = *value;
  add_quality(out, row);
  return out;
}

Result<json> run_json(Store& store, const RunRow& row) {
  json out = json::object();
  if (row.state == RunState::done) {
    TOKENMARK_TRY(const Figures figures, store.figures(row.id));
    out = to_json(figures);
    TOKENMARK_TRY(out["environment"], store.environment(row.id));
  }
  TOKENMARK_TRY(const Point point, store.point(row.id));
  out["configuration"] = to_json(point);
  out["run"] = row.id;
  out["state"] = run_state_name(row.state);
  out["series"] = row.series;
  if (!row.error.empty()) out["error"] = row.error;
  if (!row.tags.empty()) out["tags"] = row.tags;
  add_quality(out, row);
  return out;
}

std::string cell(const std::optional<double>& value, int digits) {
  if (!value) return "–";
  return std::isinf(*value) ? "∞" : fmt::format("{:.{}f}", *value, digits);
}

std::string milliseconds(const std::optional<double>& seconds) {
  return seconds ? cell(*seconds * 1000, *seconds < 0.1 ? 2 : 1) : "–";
}

}  // namespace tokenmark::cli
