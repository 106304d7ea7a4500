// The export of InferenceX's public dashboard. Its headers say ms where the values are seconds.
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/exchange/formats.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "csv";
constexpr const char* kHeader[] = {"Model", "ISL", "OSL", "Hardware", "Hardware Key", "Framework", "Precision", "TP", "Concurrency", "Date",
                                   "Throughput/GPU (tok/s)", "Output Throughput/GPU (tok/s)", "Input Throughput/GPU (tok/s)",
                                   "Mean TTFT (ms)", "Median TTFT (ms)", "P99 TTFT (ms)", "Std TTFT (ms)", "Mean TPOT (ms)", "Median TPOT (ms)",
                                   "P99 TPOT (ms)", "Std TPOT (ms)", "Mean Interactivity (tok/s/user)", "Median Interactivity (tok/s/user)",
                                   "P99 Interactivity (tok/s/user)", "Std Interactivity (tok/s/user)", "Mean ITL (ms)", "Median ITL (ms)",
                                   "P99 ITL (ms)", "Std ITL (ms)", "Mean E2E Latency (ms)", "Median E2E Latency (ms)", "P99 E2E Latency (ms)",
                                   "Std E2E Latency (ms)", "Disaggregated", "Num Prefill GPUs", "Num Decode GPUs", "Spec Decoding", "EP",
                                   "DP Attention", "Is Multinode"};
constexpr std::pair<const char*, Distribution Figures::*> kLatencies[] = {
    {"TTFT", &Figures::ttft_s}, {"TPOT", &Figures::tpot_s}, {"ITL", &Figures::itl_s}, {"E2E Latency", &Figures::e2e_s}};

void read_figures(const Fields& fields, Figures& f) {
  for (const auto& [name, member] : kLatencies) {
    Distribution& d = f.*member;
    const auto value = [&, metric = name](const char* statistic) { return fields.positive(fmt::format("{} {} (ms)", statistic, metric)); };
    d.mean = value("Mean");
    d.deviation = value("Std");
    d.p50.value = value("Median");
    d.p99.value = value("P99");
  }
  f.total_tok_s_gpu = fields.positive("Throughput/GPU (tok/s)");
  f.output_tok_s_gpu = fields.positive("Output Throughput/GPU (tok/s)");
  f.input_tok_s_gpu = fields.positive("Input Throughput/GPU (tok/s)");
  f.interactivity_p50.value = fields.positive("Median Interactivity (tok/s/user)");
  f.interactivity_p99.value = fields.positive("P99 Interactivity (tok/s/user)");
}

RunFacts read_facts(const Fields& fields) {
  RunFacts facts;
  facts.model = fields.text("Model");
  facts.hardware = fields.text("Hardware");
  facts.framework = fields.text("Framework");
  facts.precision = fields.text("Precision");
  const auto count = [&](const char* key, std::int64_t most) { return static_cast<std::int32_t>(fields.count(key, most).value_or(0)); };
  facts.input = count("ISL", 16'000'000);
  facts.output = count("OSL", 16'000'000);
  facts.concurrency = count("Concurrency", 65'536);
  const std::int32_t prefill = count("Num Prefill GPUs", 1'000'000), decode = count("Num Decode GPUs", 1'000'000);
  facts.gpus = prefill + decode > 0 ? prefill + decode : count("TP", 1'000'000);
  if (fields.flag("Disaggregated").value_or(false)) {
    facts.prefill_gpus = prefill;
    facts.decode_gpus = decode;
    facts.configuration["disagg"] = "disaggregated";
  }
  for (const auto& [column, key] : {std::pair{"TP", "tp"}, std::pair{"EP", "ep"}, std::pair{"DP Attention", "dp_attention"},
                                    std::pair{"Spec Decoding", "spec_decoding"}, std::pair{"Is Multinode", "is_multinode"}})
    if (const std::string value = fields.text(column); !value.empty() && value != "none" && value != "false") facts.configuration[key] = value;
  return facts;
}

double times(std::int32_t of_role, std::int32_t all) { return of_role > 0 ? of_role : all; }

}  // namespace

bool is_dashboard_csv(const CsvTable& table) { return table.has("Throughput/GPU (tok/s)") && table.has("Hardware"); }

Result<std::vector<ImportedRun>> read_dashboard_csv(const CsvTable& table, const Source& source) {
  std::vector<ImportedRun> runs;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    Problem problem;
    const Json row = table.row(i);
    const Fields fields(row, fmt::format("{}: row {}", source.file, i + 2), problem);
    ImportedRun& run = runs.emplace_back();
    run.document = Json{{"comments", table.comments}, {"header", table.header}, {"cells", table.rows[i]}}.dump();
    Figures& f = run.figures;
    read_figures(fields, f);
    const RunFacts facts = read_facts(fields);
    if (facts.gpus > 0) {
      if (f.total_tok_s_gpu) f.total_tok_s = *f.total_tok_s_gpu * facts.gpus;
      if (f.output_tok_s_gpu) f.output_tok_s = *f.output_tok_s_gpu * times(facts.decode_gpus, facts.gpus);
      if (f.input_tok_s_gpu) f.input_tok_s = *f.input_tok_s_gpu * times(facts.prefill_gpus, facts.gpus);
    }
    int y = 0, m = 0, d = 0;
    if (std::sscanf(fields.text("Date").c_str(), "%4d-%2d-%2d", &y, &m, &d) == 3)
      if (const auto day = unix_of(y, m, d, 0, 0, 0)) run.started = iso_time(*day);
    for (const std::string& comment : table.comments) run.environment["import"]["attribution"].push_back(comment);
    TOKENMARK_CHECK(problem.status());
    identify(run, facts, kFormat, source);
  }
  return runs;
}

namespace {

Json said(const StoredRun& stored) {  // the run's own row, where it came from such a file
  if (!stored.document || stored.document->format != kFormat) return {};
  return Json::parse(stored.document->text, nullptr, false);
}

std::string cell_of(const StoredRun& stored, const std::string& column) {
  const RunRow& row = stored.row;
  const auto figure = [](const std::optional<double>& value) { return value && std::isfinite(*value) ? fmt::format("{}", *value) : ""; };
  const auto count = [](std::int32_t value) { return value > 0 ? std::to_string(value) : ""; };
  const Figures f = with_population_deviation(stored);
  for (const auto& [name, member] : kLatencies) {
    const Distribution& d = f.*member;
    for (const auto& [statistic, value] : {std::pair{"Mean", d.mean}, std::pair{"Median", d.p50.value}, std::pair{"P99", d.p99.value}, std::pair{"Std", d.deviation}})
      if (column == fmt::format("{} {} (ms)", statistic, name)) return figure(value);
  }
  const std::pair<const char*, std::string> cells[] = {
      {"Model", row.model}, {"ISL", count(row.input)}, {"OSL", count(row.output)}, {"Hardware", row.hardware}, {"Framework", row.framework},
      {"Precision", row.precision}, {"TP", count(row.gpus)}, {"Concurrency", count(row.concurrency)}, {"Date", row.started.substr(0, 10)},
      {"Throughput/GPU (tok/s)", figure(f.total_tok_s_gpu)}, {"Output Throughput/GPU (tok/s)", figure(f.output_tok_s_gpu)},
      {"Input Throughput/GPU (tok/s)", figure(f.input_tok_s_gpu)}, {"Median Interactivity (tok/s/user)", figure(f.interactivity_p50.value)},
      {"P99 Interactivity (tok/s/user)", figure(f.interactivity_p99.value)}, {"Disaggregated", "false"}, {"Is Multinode", "false"}};
  for (const auto& [name, text] : cells)
    if (column == name) return text;
  return "";
}

std::string line(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = csv_cell(cell);
  return fmt::format("{}\n", fmt::join(cells, ","));
}

}  // namespace

std::string write_dashboard_csv(const std::vector<StoredRun>& runs) {
  std::string out;
  std::vector<std::string> header(std::begin(kHeader), std::end(kHeader)), comments;
  for (const StoredRun& run : runs)  // columns that newer exports have are kept
    if (const Json row = said(run); row.is_object()) {
      for (const std::string& column : row.value("header", std::vector<std::string>()))
        if (std::find(header.begin(), header.end(), column) == header.end()) header.push_back(column);
      if (comments.empty()) comments = row.value("comments", std::vector<std::string>());
    }
  for (const std::string& comment : comments) out += comment + '\n';
  out += line(header);
  for (const StoredRun& run : runs) {
    const Json row = said(run);
    const auto names = row.is_object() ? row.value("header", std::vector<std::string>()) : std::vector<std::string>();
    std::vector<std::string> cells;
    for (const std::string& column : header) {
      const auto at = std::find(names.begin(), names.end(), column);
      const std::string text = names.empty() ? cell_of(run, column)
                               : at == names.end() ? "" : row["cells"].at(static_cast<std::size_t>(at - names.begin())).get<std::string>();
      cells.push_back(text);
    }
    out += line(cells);
  }
  return out;
}

}  // namespace tokenmark
