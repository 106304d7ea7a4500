// AIPerf: profile_export_aiperf.json (schema 1.x), its CSV, and profile_export.jsonl with a request a line. Its
// inter_token_latency is the mean of a request, our TPOT; its inter_chunk_latency is our ITL. Its std is that of a sample.
#include <cmath>

#include "core/exchange/formats.h"
#include "core/exchange/request_times.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "aiperf";
constexpr std::pair<const char*, Distribution Figures::*> kLatencies[] = {
    {"time_to_first_token", &Figures::ttft_s}, {"inter_token_latency", &Figures::tpot_s},
    {"inter_chunk_latency", &Figures::itl_s},  {"request_latency", &Figures::e2e_s}};
constexpr std::pair<const char*, Percentile Distribution::*> kPercentiles[] = {
    {"p25", &Distribution::p25}, {"p50", &Distribution::p50}, {"p75", &Distribution::p75},
    {"p90", &Distribution::p90}, {"p95", &Distribution::p95}, {"p99", &Distribution::p99}};

// How many seconds a unit is; nothing for a unit that is no time.
std::optional<double> seconds_in(const std::string& unit) {
  for (const auto& [name, seconds] : {std::pair{"ms", 1e-3}, std::pair{"sec", 1.0}, std::pair{"s", 1.0}, std::pair{"us", 1e-6}, std::pair{"ns", 1e-9}})
    if (unit == name) return seconds;
  return std::nullopt;
}

void read_latency(const Fields& fields, const char* tag, Distribution& d) {
  if (!fields.has(tag)) return;
  const Fields one = fields.object(tag);
  const std::string unit = one.text("unit");
  const auto scale = seconds_in(unit.empty() ? "ms" : unit);
  if (!scale) return one.wrong("unit", fmt::format("is '{}', which is no unit of time that is known", unit));
  const auto scaled = [&](const char* key) {
    const auto value = one.positive(key);
    return value ? std::optional(*value * *scale) : std::nullopt;
  };
  d.samples = static_cast<std::size_t>(one.count("count").value_or(0));
  d.mean = scaled("avg");
  d.deviation = scaled("std");
  d.minimum = scaled("min");
  d.maximum = scaled("max");
  for (const auto& [key, member] : kPercentiles) (d.*member).value = scaled(key);
}

std::optional<double> single(const Fields& fields, const char* tag) {
  return fields.has(tag) ? fields.object(tag).positive("avg") : std::nullopt;
}
std::int64_t sum_of(const Fields& fields, const char* tag) {
  if (!fields.has(tag)) return 0;
  return std::llround(std::min(fields.object(tag).positive("sum").value_or(0), 1e15));
}
std::int32_t whole(const std::optional<double>& value) { return static_cast<std::int32_t>(std::llround(std::min(value.value_or(0), 1e9))); }

void read_figures(const Fields& fields, Figures& f) {
  for (const auto& [tag, member] : kLatencies) read_latency(fields, tag, f.*member);
  f.request_s = single(fields, "request_throughput");
  f.output_tok_s = single(fields, "output_token_throughput");
  f.total_tok_s = single(fields, "total_token_throughput");
  f.goodput_req_s = single(fields, "goodput");
  f.completed = whole(single(fields, "request_count"));
  f.failed = whole(single(fields, "error_request_count"));
  f.duration_s = single(fields, "benchmark_duration").value_or(0);
  f.input_tokens = sum_of(fields, "input_sequence_length");
  f.output_tokens = sum_of(fields, "output_sequence_length");
  if (fields.has("total_isl") && f.input_tokens == 0) f.input_tokens = whole(single(fields, "total_isl"));
  if (fields.has("total_output_tokens") && f.output_tokens == 0) f.output_tokens = whole(single(fields, "total_output_tokens"));
  if (f.duration_s > 0 && f.input_tokens > 0) f.input_tok_s = static_cast<double>(f.input_tokens) / f.duration_s;
  f.token_source = "tokenizer";
}

// "2026-06-11T05:58:59.123456", with or without a zone; taken as UTC where there is none.
double iso_unix(const std::string& text) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0;
  double s = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%lf", &y, &mo, &d, &h, &mi, &s) != 6) return 0;
  return unix_of(y, mo, d, h, mi, s).value_or(0);
}

std::string first_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_array() && !value.empty() ? first_text(value[0]) : std::string();
}

RunFacts read_facts(const Fields& fields) {
  RunFacts facts;
  const Fields config = fields.object("input_config"), endpoint = config.object("endpoint"), load = config.object("loadgen");
  for (const char* key : {"model_names", "model"})
    if (endpoint.has(key) && facts.model.empty()) facts.model = first_text(endpoint.json()[key]);
  facts.concurrency = static_cast<std::int32_t>(load.count("concurrency", 65'536).value_or(0));
  return facts;
}

}  // namespace

bool is_aiperf(const Json& object) {
  return object.is_object() && object.contains("request_latency") && object["request_latency"].is_object() &&
         (object.contains("aiperf_version") || object.contains("input_config") || object.contains("schema_version"));
}

Result<ImportedRun> read_aiperf(const Json& object, const std::string& text, const Source& source) {
  Problem problem;
  const Fields fields(object, source.file, problem);
  ImportedRun run;
  run.document = text;
  read_figures(fields, run.figures);
  run.start_unix_s = iso_unix(fields.text("start_time"));
  run.end_unix_s = iso_unix(fields.text("end_time"));
  for (const char* key : {"aiperf_version", "schema_version", "benchmark_id"})
    if (fields.has(key)) run.environment["import"]["said"][key] = object[key];
  const RunFacts facts = read_facts(fields);
  TOKENMARK_CHECK(problem.status());
  identify(run, facts, kFormat, source);
  return run;
}

// ---- a request a line ----

bool is_aiperf_record(const Json& object) {
  return object.is_object() && object.contains("metrics") && object["metrics"].is_object() && object.contains("metadata") &&
         object["metadata"].is_object() && object["metadata"].contains("request_start_ns");
}

namespace {

std::optional<double> record_seconds(const Fields& metrics, const char* tag) {
  if (!metrics.has(tag)) return std::nullopt;
  const Fields one = metrics.object(tag);
  const std::string unit = one.text("unit");
  const auto scale = seconds_in(unit.empty() ? "ms" : unit);
  if (!scale) one.wrong("unit", fmt::format("is '{}', which is no unit of time that is known", unit));
  const auto value = one.positive("value");
  return value && scale ? std::optional(*value * *scale) : std::nullopt;
}

std::int64_t record_count(const Fields& metrics, const char* tag) {
  return metrics.has(tag) ? metrics.object(tag).count("value", 1'000'000'000).value_or(-1) : -1;
}

RequestTimes read_record(const Fields& record) {
  const Fields metadata = record.object("metadata"), metrics = record.object("metrics");
  RequestTimes r;
  r.start_s = metadata.positive("request_start_ns").value_or(0) * 1e-9;
  r.failed = record.has("error");
  r.input = record_count(metrics, "input_sequence_length");
  r.output = record_count(metrics, "output_sequence_length");
  const auto ttft = record_seconds(metrics, "time_to_first_token"), latency = record_seconds(metrics, "request_latency");
  r.e2e_s = latency;
  r.ttft_s = ttft.value_or(latency.value_or(0));  // without streaming the answer comes at once
  if (!latency) r.failed = true;
  if (metrics.has("inter_chunk_latency")) {
    const Fields chunks = metrics.object("inter_chunk_latency");
    const double scale = seconds_in(chunks.text("unit")).value_or(1e-3);
    for (const double gap : chunks.numbers("value")) r.gaps_s.push_back(gap * scale);
  }
  return r;
}

}  // namespace

Result<ImportedRun> read_aiperf_records(const std::vector<Json>& records, const std::string& text, const Source& source) {
  Problem problem;
  std::vector<RequestTimes> requests;
  double start = INFINITY;
  for (const Json& record : records) {
    const Fields fields(record, fmt::format("{}: line {}", source.file, requests.size() + 1), problem);
    const std::string phase = fields.object("metadata").text("benchmark_phase");
    if (!phase.empty() && phase != "profiling") continue;  // warm-ups
    requests.push_back(read_record(fields));
    start = std::min(start, requests.back().start_s);
  }
  TOKENMARK_CHECK(problem.status());
  ImportedRun run;
  run.document = text;
  run.log = log_of(requests, start, TokenSource::tokenizer);
  if (!run.log) return fail(ErrorKind::invalid_input, "{}: holds no request, or times that cannot be", source.file);
  run.figures = compute_figures(*run.log, {}, 0);
  run.start_unix_s = start;
  run.end_unix_s = start + run.figures.duration_s;
  identify(run, RunFacts(), "aiperf-records", source);
  return run;
}

// ---- CSV: "Metric,avg,min,…" with rows "Time to First Token (ms)", then "Metric,Value" ----

namespace {

constexpr std::pair<const char*, const char*> kHeaders[] = {
    {"Time to First Token", "time_to_first_token"}, {"Inter Token Latency", "inter_token_latency"},
    {"Inter Chunk Latency", "inter_chunk_latency"}, {"Request Latency", "request_latency"},
    {"Output Sequence Length", "output_sequence_length"}, {"Input Sequence Length", "input_sequence_length"},
    {"Request Throughput", "request_throughput"}, {"Output Token Throughput", "output_token_throughput"},
    {"Total Token Throughput", "total_token_throughput"}, {"Request Count", "request_count"},
    {"Error Request Count", "error_request_count"}, {"Goodput", "goodput"}, {"Benchmark Duration", "benchmark_duration"}};

// "Time to First Token (ms)" as tag and unit; an empty tag for what is not known.
std::pair<std::string, std::string> tag_of(const std::string& label) {
  const std::size_t open = label.rfind(" (");
  const std::string name = label.substr(0, open);
  for (const auto& [header, tag] : kHeaders)
    if (name == header) return {tag, open == std::string::npos ? "" : label.substr(open + 2, label.size() - open - 3)};
  return {};
}

}  // namespace

bool is_aiperf_csv(const CsvTable& table) { return table.has("Metric") && table.has("avg") && table.has("p50"); }

Result<std::vector<ImportedRun>> read_aiperf_csv(const CsvTable& table, const std::string& text, const Source& source) {
  Json object = {{"schema_version", "csv"}};
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    Json row = table.row(i);
    const auto [tag, unit] = tag_of(row["Metric"].is_string() ? row["Metric"].get<std::string>() : "");
    if (tag.empty()) continue;
    row.erase("Metric");
    row["unit"] = unit;
    object[tag] = row;
  }
  for (const auto& pair : table.rest)
    if (const auto [tag, unit] = tag_of(pair.front()); !tag.empty() && pair.size() == 2) object[tag] = {{"avg", pair[1]}, {"unit", unit}};
  if (!object.contains("request_latency")) return fail(ErrorKind::invalid_input, "{}: has no row 'Request Latency'", source.file);
  TOKENMARK_TRY(ImportedRun run, read_aiperf(object, text, source));
  run.format = "aiperf-csv";
  run.run.source = "import: aiperf-csv";
  return std::vector<ImportedRun>{std::move(run)};
}

Json write_aiperf(const StoredRun& stored) {
  const Figures& f = stored.figures;
  const RunRow& row = stored.row;
  Json out = {{"schema_version", "1.0"}, {"start_time", row.started.substr(0, 19)}};
  out["input_config"]["endpoint"]["model_names"] = {row.model};
  if (row.concurrency > 0) out["input_config"]["loadgen"]["concurrency"] = row.concurrency;
  const auto put = [](Json& in, const char* key, const std::optional<double>& value, double unit) {
    if (value && std::isfinite(*value)) in[key] = *value * unit;
  };
  for (const auto& [tag, member] : kLatencies) {
    const Distribution& d = f.*member;
    Json one = {{"unit", "ms"}};
    put(one, "avg", d.mean, 1e3);
    put(one, "std", d.deviation, 1e3);
    put(one, "min", d.minimum, 1e3);
    put(one, "max", d.maximum, 1e3);
    for (const auto& [key, percentile] : kPercentiles) put(one, key, (d.*percentile).value, 1e3);
    if (one.size() == 1 && tag != std::string_view("request_latency")) continue;
    if (d.samples > 0) one["count"] = d.samples;
    out[tag] = one;
  }
  const auto derived = [&](const char* tag, const char* unit, const std::optional<double>& value) {
    if (value && std::isfinite(*value)) out[tag] = {{"unit", unit}, {"avg", *value}};
  };
  derived("request_throughput", "requests/sec", f.request_s);
  derived("output_token_throughput", "tokens/sec", f.output_tok_s);
  derived("total_token_throughput", "tokens/sec", f.total_tok_s);
  derived("goodput", "requests/sec", f.goodput_req_s);
  if (!f.lacking.count("duration_s")) derived("benchmark_duration", "sec", f.duration_s);
  if (!f.lacking.count("requests")) derived("request_count", "requests", f.completed);
  if (f.failed > 0) derived("error_request_count", "requests", f.failed);
  const auto lengths = [&](const char* tag, const char* lacking, std::int64_t tokens) {
    if (f.lacking.count(lacking) || f.completed <= 0) return;
    out[tag] = {{"unit", "tokens"}, {"avg", static_cast<double>(tokens) / f.completed}, {"sum", tokens}, {"count", f.completed}};
  };
  lengths("input_sequence_length", "input_tokens", f.input_tokens);
  lengths("output_sequence_length", "output_tokens", f.output_tokens);
  return out;
}

}  // namespace tokenmark
