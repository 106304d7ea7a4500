// Every format by itself: whether a document is one of it, the runs in it, and a stored run written as one. Internal to
// core/exchange; import.h and export.h are for the others. Facts about the formats: each tool's own sources, at the
// versions named in the file of the format.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/exchange/csv_table.h"
#include "core/exchange/export.h"
#include "core/exchange/fields.h"
#include "core/exchange/settings.h"

namespace tokenmark {

// ---- one JSON object, one run (or several, where a vector comes back) ----
bool is_client_json(const nlohmann::json& object);      // InferenceX raw, vLLM, SGLang: their clients have one ancestor
Result<ImportedRun> read_client_json(const nlohmann::json& object, const std::string& text, const Source& source);

bool is_inferencex_agg(const nlohmann::json& object);
Result<ImportedRun> read_inferencex_agg(const nlohmann::json& object, const std::string& text, const Source& source);

bool is_guidellm(const nlohmann::json& object);
Result<std::vector<ImportedRun>> read_guidellm(const nlohmann::json& object, const Source& source);

bool is_aiperf(const nlohmann::json& object);
Result<ImportedRun> read_aiperf(const nlohmann::json& object, const std::string& text, const Source& source);
bool is_aiperf_record(const nlohmann::json& object);    // a line of profile_export.jsonl
Result<ImportedRun> read_aiperf_records(const std::vector<nlohmann::json>& records, const std::string& text, const Source& source);

bool is_mlperf_summary(const nlohmann::json& object);   // an entry of a round's summary_results.json
Result<ImportedRun> read_mlperf_summary(const nlohmann::json& object, const std::string& text, const Source& source);

bool is_gpu_check(const nlohmann::json& object);        // tests/gpu of this project
Result<std::vector<ImportedRun>> read_gpu_check(const nlohmann::json& object, const Source& source);

// ---- CSV ----
bool is_dashboard_csv(const CsvTable& table);
Result<std::vector<ImportedRun>> read_dashboard_csv(const CsvTable& table, const Source& source);
bool is_aiperf_csv(const CsvTable& table);
Result<std::vector<ImportedRun>> read_aiperf_csv(const CsvTable& table, const std::string& text, const Source& source);
bool is_mlperf_csv(const CsvTable& table);
Result<std::vector<ImportedRun>> read_mlperf_csv(const CsvTable& table, const Source& source);

// The figures with deviations ÷ n, as most tools have them; those of imported runs stay as they came.
Figures with_population_deviation(const StoredRun& run);

// ---- writing: what the figures and the log of a run say, in the words of the format ----
nlohmann::json write_client_json(const StoredRun& run, const std::string& format);
nlohmann::json write_inferencex_agg(const StoredRun& run);
nlohmann::json write_guidellm_benchmark(const StoredRun& run);
nlohmann::json write_aiperf(const StoredRun& run);
std::string write_dashboard_csv(const std::vector<StoredRun>& runs);

}  // namespace tokenmark
