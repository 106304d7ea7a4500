// InferenceX's aggregated results (agg_*.json): one configuration an object, times in seconds, throughput per GPU.
// Agentic rows are nested; power is per GPU, as the GPUs report it.
#include <cmath>

#include "core/exchange/formats.h"
#include "core/exchange/statistics_keys.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "inferencex-agg";
constexpr const char* kPowerSource = "the GPUs' own report: no wall power, no MLPerf number";

// Accelerators of one role: workers × tp × pp, where the file does not count them itself.
std::int32_t role_gpus(const Fields& fields, const std::string& role) {
  if (const auto count = fields.count("num_" + role + "_gpu", 1'000'000)) return static_cast<std::int32_t>(*count);
  double gpus = 1;
  bool told = false;
  for (const char* key : {"_num_workers", "_tp", "_pp"})
    if (const auto size = fields.count(role + key, 100'000); size && *size > 0) gpus *= static_cast<double>(*size), told = true;
  return told ? static_cast<std::int32_t>(std::min(gpus, 1e6)) : 0;
}

RunFacts read_facts(const Fields& fields) {
  RunFacts facts;
  facts.model = fields.text("model");
  if (facts.model.empty()) facts.model = fields.text("infmax_model_prefix");
  facts.hardware = fields.text("hw");
  facts.framework = fields.text("framework");
  facts.precision = fields.text("precision");
  facts.input = static_cast<std::int32_t>(fields.count("isl", 16'000'000).value_or(0));
  facts.output = static_cast<std::int32_t>(fields.count("osl", 16'000'000).value_or(0));
  facts.concurrency = static_cast<std::int32_t>(fields.count("conc", 65'536).value_or(0));
  const bool disagg = fields.flag("disagg").value_or(false), multinode = fields.flag("is_multinode").value_or(false);
  const std::int32_t prefill = role_gpus(fields, "prefill"), decode = role_gpus(fields, "decode");
  if (prefill + decode > 0) {
    facts.gpus = prefill + decode;
    if (disagg) facts.prefill_gpus = prefill, facts.decode_gpus = decode;
  } else {
    double gpus = 1;
    for (const char* key : {"tp", "pp", "pcp_size"})
      if (const auto size = fields.count(key, 100'000); size && *size > 0) gpus *= static_cast<double>(*size);
    if (fields.has("tp")) facts.gpus = static_cast<std::int32_t>(std::min(gpus, 1e6));
  }
  for (const char* key : {"tp", "pp", "dcp_size", "pcp_size", "ep", "dp_attention", "spec_decoding", "image", "prefill_tp", "prefill_pp",
                          "prefill_ep", "prefill_dp_attention", "prefill_num_workers", "decode_tp", "decode_pp", "decode_ep",
                          "decode_dp_attention", "decode_num_workers", "scenario_type"}) {
    const Json& json = fields.json();
    if (!fields.has(key)) continue;
    const std::string value = json[key].is_boolean() ? (json[key].get<bool>() ? "true" : "false") : fields.text(key);
    if (value != "none" && value != "false") facts.configuration[key] = value;
  }
  if (disagg) facts.configuration["disagg"] = "disaggregated";
  if (multinode) facts.configuration["is_multinode"] = "true";
  return facts;
}

void read_power(const Fields& fields, const RunFacts& facts, Figures& f) {
  if (!fields.has("avg_power_w") && !fields.has("total_gpu_energy_j")) return;
  if (fields.flag("power_valid") == false) {
    f.lacking["power"] = "the file marks its power as not valid";
    return;
  }
  f.power_source = kPowerSource;
  f.power_w_gpu = fields.positive("avg_power_w");
  f.power_w = fields.positive("avg_total_gpu_power_w");
  if (!f.power_w && f.power_w_gpu && facts.gpus > 0) f.power_w = *f.power_w_gpu * facts.gpus;
  f.energy_j = fields.positive("total_gpu_energy_j");
  f.joules_per_output_token = fields.positive("joules_per_output_token");
  f.joules_per_total_token = fields.positive("joules_per_total_token");
}

// Throughput of the whole from that per GPU: each over its own denominator.
void read_throughput(const Fields& fields, const char* total, const char* output, const char* input, const RunFacts& facts, Figures& f) {
  f.total_tok_s_gpu = fields.positive(total);
  f.output_tok_s_gpu = fields.positive(output);
  f.input_tok_s_gpu = fields.positive(input);
  const auto times = [](const std::optional<double>& per_gpu, std::int32_t gpus) {
    return per_gpu && gpus > 0 ? std::optional(*per_gpu * gpus) : std::nullopt;
  };
  f.total_tok_s = times(f.total_tok_s_gpu, facts.gpus);
  f.output_tok_s = times(f.output_tok_s_gpu, facts.decode_gpus > 0 ? facts.decode_gpus : facts.gpus);
  f.input_tok_s = times(f.input_tok_s_gpu, facts.prefill_gpus > 0 ? facts.prefill_gpus : facts.gpus);
}

void read_flat(const Fields& fields, const RunFacts& facts, Figures& f) {
  read_throughput(fields, "tput_per_gpu", "output_tput_per_gpu", "input_tput_per_gpu", facts, f);
  for (const auto& [metric, out] : {std::pair{"ttft", &f.ttft_s}, std::pair{"tpot", &f.tpot_s}, std::pair{"itl", &f.itl_s}, std::pair{"e2el", &f.e2e_s}})
    read_statistics(fields, metric, 1, *out);
}

// An agentic row: {"request_metrics": {"qps", "latency": {"ttft": {"mean", "p50", …}}, "throughput": {"per_gpu": {…}}}}.
void read_agentic(const Fields& fields, Figures& f) {
  const Fields request = fields.object("request_metrics");
  f.request_s = request.positive("qps");
  const Fields latency = request.object("latency"), throughput = request.object("throughput"), per_gpu = throughput.object("per_gpu");
  for (const auto& [metric, out] : {std::pair{"ttft", &f.ttft_s}, std::pair{"tpot", &f.tpot_s}, std::pair{"itl", &f.itl_s}, std::pair{"e2el", &f.e2e_s}}) {
    const Fields one = latency.object(metric);
    out->mean = one.positive("mean");
    out->deviation = one.positive("std");
    for (const auto& [key, p] : {std::pair{"median", &out->p50}, std::pair{"p50", &out->p50}, std::pair{"p75", &out->p75}, std::pair{"p90", &out->p90},
                                 std::pair{"p95", &out->p95}, std::pair{"p99", &out->p99}})
      if (const auto value = one.positive(key)) *p = {value, {}, {}};
  }
  for (const auto& [key, names] : {std::pair{&Figures::total_tok_s_gpu, std::pair{"total", "tput_per_gpu"}},
                                   std::pair{&Figures::output_tok_s_gpu, std::pair{"output", "output_tput_per_gpu"}},
                                   std::pair{&Figures::input_tok_s_gpu, std::pair{"input", "input_tput_per_gpu"}}})
    for (const char* name : {names.first, names.second})
      if (const auto value = per_gpu.positive(name)) f.*key = value;
  f.total_tok_s = throughput.positive("total");
  f.output_tok_s = throughput.positive("output");
  f.input_tok_s = throughput.positive("input");
}

}  // namespace

bool is_inferencex_agg(const Json& object) {
  if (!object.is_object() || !object.contains("hw") || object.contains("completed")) return false;
  for (const char* key : {"tput_per_gpu", "output_tput_per_gpu", "request_metrics", "median_ttft", "median_tpot"})
    if (object.contains(key)) return true;
  return false;
}

Result<ImportedRun> read_inferencex_agg(const Json& object, const std::string& text, const Source& source) {
  Problem problem;
  const Fields fields(object, source.file, problem);
  ImportedRun run;
  run.document = text;
  const RunFacts facts = read_facts(fields);
  if (object.contains("request_metrics")) read_agentic(fields, run.figures);
  else read_flat(fields, facts, run.figures);
  read_power(fields, facts, run.figures);
  if (object.contains("server_metrics")) run.environment["import"]["server_metrics"] = object["server_metrics"];
  TOKENMARK_CHECK(problem.status());
  identify(run, facts, kFormat, source);
  return run;
}

Json write_inferencex_agg(const StoredRun& stored) {
  const Figures f = with_population_deviation(stored);
  const RunRow& row = stored.row;
  Json out = {{"hw", row.hardware}, {"model", row.model}, {"framework", row.framework}, {"precision", row.precision},
              {"spec_decoding", "none"}, {"disagg", false}, {"is_multinode", false}, {"dp_attention", "false"}};
  if (row.concurrency > 0) out["conc"] = row.concurrency;
  if (row.input > 0) out["isl"] = row.input;
  if (row.output > 0) out["osl"] = row.output;
  if (row.gpus > 0) out["tp"] = row.gpus;  // how they share the model is not known: as one group of that size
  const auto put = [&](const char* key, const std::optional<double>& value) {
    if (value && std::isfinite(*value)) out[key] = *value;
  };
  put("tput_per_gpu", f.total_tok_s_gpu);
  put("output_tput_per_gpu", f.output_tok_s_gpu);
  put("input_tput_per_gpu", f.input_tok_s_gpu);
  for (const auto& [metric, d] : {std::pair{"ttft", &f.ttft_s}, std::pair{"tpot", &f.tpot_s}, std::pair{"itl", &f.itl_s}, std::pair{"e2el", &f.e2e_s}})
    write_statistics(out, metric, 1, *d);
  for (const char* key : {"mean_", "median_", "p90_", "p99_", "p99.9_"})
    if (const auto at = out.find(std::string(key) + "tpot"); at != out.end() && at->get<double>() > 0)
      out[std::string(key) + "intvty"] = 1 / at->get<double>();
  if (f.power_source == kPowerSource) {
    out["power_metric_schema_version"] = 2;
    out["power_valid"] = true;
    put("avg_power_w", f.power_w_gpu);
    put("avg_total_gpu_power_w", f.power_w);
    put("total_gpu_energy_j", f.energy_j);
    put("joules_per_output_token", f.joules_per_output_token);
    put("joules_per_total_token", f.joules_per_total_token);
  }
  return out;
}

}  // namespace tokenmark
