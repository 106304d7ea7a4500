// Published MLPerf Inference results: the CSV of a round (v6.0) and its summary JSON (v5.1). A row is one result: tokens,
// samples or queries a second, or a latency, with hardly anything beside it.
#include <cmath>

#include "core/economics/economics.h"
#include "core/exchange/formats.h"
#include "core/exchange/mlperf_systems.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

// Where the two files keep the same thing.
struct Columns {
  const char *submitter, *division, *suite, *system, *model, *scenario, *framework, *result, *units, *accelerator, *nodes, *per_node, *total;
};
constexpr Columns kCsv{"Organization", "Division", "SystemType", "SystemName", "MlperfModel", "Scenario", "framework", "Result", "Units",
                       "accelerator_model_name", "number_of_nodes", "accelerators_per_node", "total_accelerators"};
constexpr Columns kJson{"Submitter", "Category", "Suite", "System", "Model", "Scenario", "Software", "Performance_Result", "Performance_Units",
                        "Accelerator", "Nodes", "a#", "total_accelerators"};

// A number of accelerators may be an empty text: none.
std::int32_t accelerators(const Fields& fields, const Columns& columns) {
  const auto count = [&](const char* key) -> std::optional<std::int64_t> {
    return fields.has(key) && fields.json()[key] != "" ? fields.count(key, 1'000'000) : std::nullopt;
  };
  return accelerator_count(fields.text(columns.accelerator), count(columns.nodes), count(columns.per_node), count(columns.total));
}

void read_power(const Fields& fields, Figures& f) {
  const auto value = fields.positive("Power_Result");
  if (!value) return;
  if (fields.text("Power_Units") != "Watts") {
    f.lacking["power"] = fmt::format("the file gives energy a query: {} {}", *value, fields.text("Power_Units"));
    return;
  }
  f.power_w = value;
  f.power_source = kWallPower;
  if (f.output_tok_s.value_or(0) > 0) f.joules_per_output_token = *value / *f.output_tok_s;
}

Result<ImportedRun> read_result(const Json& row, const Columns& columns, const std::string& place, const char* format, const Source& source) {
  Problem problem;
  const Fields fields(row, place, problem);
  ImportedRun run;
  const auto value = fields.positive(columns.result);
  const std::string units = fields.text(columns.units), scenario = fields.text(columns.scenario);
  if (!value) fields.wrong(columns.result, "is missing");
  else if (!set_published_result(scenario, *value, units, run.figures)) fields.wrong(columns.units, fmt::format("is '{}', which is not known", units));
  read_power(fields, run.figures);
  RunFacts facts;
  facts.model = fields.text(columns.model);
  facts.hardware = hardware_key(fields.text(columns.accelerator));
  facts.gpus = accelerators(fields, columns);
  const std::string software = fields.text(columns.framework);
  facts.framework = software.substr(0, software.find(','));
  facts.precision = fields.text("weight_data_types");
  facts.node = fields.text(columns.system);
  for (const auto& [key, column] : {std::pair{"submitter", columns.submitter}, std::pair{"division", columns.division}, std::pair{"suite", columns.suite},
                                    std::pair{"system", columns.system}, std::pair{"platform", "Platform"}, std::pair{"scenario", columns.scenario},
                                    std::pair{"round", "version"}, std::pair{"availability", "Availability"}})
    if (const std::string text = fields.text(column); !text.empty()) facts.configuration[key] = text;
  for (const auto& [key, cell] : row.items())
    if (!cell.is_null() && cell != "") run.environment["import"]["said"][key] = cell;
  TOKENMARK_CHECK(problem.status());
  run.document = row.dump(-1, ' ', false, Json::error_handler_t::replace);
  identify(run, facts, format, source);
  return run;
}

}  // namespace

std::string hardware_key(const std::string& name) {
  std::string word, found;
  for (const char c : name + " ") {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      continue;
    }
    if (find_accelerator(word) != nullptr) {
      if (!found.empty() && found != word) return name;  // of several kinds
      found = word;
    }
    word.clear();
  }
  return found.empty() ? name : found;
}

std::int32_t accelerator_count(const std::string& name, std::optional<std::int64_t> nodes, std::optional<std::int64_t> per_node,
                               std::optional<std::int64_t> total) {
  std::int64_t listed = 0;
  for (std::size_t at = name.find("(x"); at != std::string::npos; at = name.find("(x", at + 2)) listed += std::atoi(name.substr(at + 2, 7).c_str());
  if (listed <= 0) listed = total ? *total : nodes.value_or(0) == 1 ? per_node.value_or(0) : 0;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(listed, 0, 1'000'000));
}

bool set_published_result(const std::string& scenario, double value, const std::string& units, Figures& f) {
  if (units == "Tokens/s" || units == "tok/s") {
    f.output_tok_s = value;
  } else if (units == "Samples/s" || units == "Queries/s" || units == "samples/s" || units == "queries/s") {
    f.request_s = value;
  } else if (units == "Latency (ms)" || units == "Latency (s)" || units == "ms" || units == "s") {
    const bool multi = !scenario.empty() && std::tolower(static_cast<unsigned char>(scenario[0])) == 'm';  // MultiStream reports p99
    (multi ? f.e2e_s.p99 : f.e2e_s.p90).value = value * (units == "Latency (ms)" || units == "ms" ? 1e-3 : 1);
  } else {
    return false;
  }
  return true;
}

bool is_mlperf_summary(const Json& object) {
  return object.is_object() && object.contains("Submitter") && object.contains("Performance_Result") && object.contains("Scenario");
}

Result<ImportedRun> read_mlperf_summary(const Json& object, const std::string& text, const Source& source) {
  TOKENMARK_TRY(ImportedRun run, read_result(object, kJson, source.file, "mlperf-results", source));
  run.document = text;
  return run;
}

bool is_mlperf_csv(const CsvTable& table) { return table.has("MlperfModel") && table.has("Result") && table.has("Scenario"); }

Result<std::vector<ImportedRun>> read_mlperf_csv(const CsvTable& table, const Source& source) {
  std::vector<ImportedRun> runs;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    TOKENMARK_TRY(ImportedRun run, read_result(table.row(i), kCsv, fmt::format("{}: row {}", source.file, i + 2), "mlperf-csv", source));
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace tokenmark
