// GuideLLM's benchmarks.json (metadata.version 2; facts from its schemas as of 0.5). Its time_per_output_token includes
// the time to first token and is nothing of ours; its inter_token_latency is the mean of a request, our TPOT.
#include <cmath>

#include "core/exchange/formats.h"
#include "core/exchange/request_times.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "guidellm";
constexpr std::pair<const char*, Percentile Distribution::*> kPercentiles[] = {
    {"p25", &Distribution::p25}, {"p50", &Distribution::p50}, {"p75", &Distribution::p75}, {"p90", &Distribution::p90},
    {"p95", &Distribution::p95}, {"p99", &Distribution::p99}, {"p999", &Distribution::p999}};

// The statistics of the requests that succeeded, of one metric.
void read_summary(const Fields& metrics, const char* name, double scale, Distribution& d) {
  const Fields ok = metrics.object(name).object("successful");
  const auto scaled = [&](const Fields& in, const char* key) {
    const auto value = in.positive(key);
    return value ? std::optional(*value * scale) : std::nullopt;
  };
  const auto count = ok.count("count");
  if (count == 0) return;  // zeros that nothing was measured for
  d.samples = static_cast<std::size_t>(count.value_or(0));
  d.mean = scaled(ok, "mean");
  d.deviation = scaled(ok, "std_dev");
  d.minimum = scaled(ok, "min");
  d.maximum = scaled(ok, "max");
  const Fields percentiles = ok.object("percentiles");
  for (const auto& [key, member] : kPercentiles) (d.*member).value = scaled(percentiles, key);
  if (!d.p50.value) d.p50.value = scaled(ok, "median");
}

std::optional<RequestTimes> read_request(const Fields& fields) {
  RequestTimes r;
  const auto start = fields.number("request_start_time"), end = fields.number("request_end_time");
  const auto ttft = fields.milliseconds("time_to_first_token_ms"), tpot = fields.milliseconds("inter_token_latency_ms");
  r.input = fields.count("prompt_tokens").value_or(-1);
  r.output = fields.count("output_tokens").value_or(-1);
  if (!start || !end || !ttft || *end < *start) return std::nullopt;
  r.start_s = *start;
  r.ttft_s = *ttft;
  const Fields timings = fields.object("info").object("timings");
  const auto last = timings.number("last_token_iteration");
  r.e2e_s = last ? *last - *start : tpot && r.output > 1 ? *ttft + *tpot * static_cast<double>(r.output - 1) : *end - *start;
  return r;
}

// Requests with their times, or nothing where one of them lacks its own.
std::optional<EventLog> read_requests(const Fields& benchmark) {
  const Fields requests = benchmark.object("requests");
  std::vector<RequestTimes> times;
  for (const char* group : {"successful", "errored"}) {
    const Json* list = requests.list(group);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const Fields fields((*list)[i], fmt::format("{}: requests.{}[{}]", benchmark.place(), group, i), benchmark.problem());
      const bool failed = group == std::string_view("errored");
      if (failed) {
        if (const auto start = fields.number("request_start_time")) times.push_back({.start_s = *start, .failed = true});
      } else if (auto one = read_request(fields)) {
        times.push_back(std::move(*one));
      } else {
        return std::nullopt;
      }
    }
  }
  double start = times.empty() ? 0 : times.front().start_s;
  for (const RequestTimes& r : times) start = std::min(start, r.start_s);
  return log_of(times, start, TokenSource::usage);
}

void read_figures(const Fields& benchmark, ImportedRun& run) {
  const Fields metrics = benchmark.object("metrics");
  Figures& f = run.figures;
  const auto total = [&](const char* name) { return metrics.object(name).object("successful"); };
  const Fields totals = metrics.object("request_totals");
  const auto completed = totals.count("successful", 1'000'000'000), errored = totals.count("errored", 1'000'000'000);
  f.completed = static_cast<std::int32_t>(completed.value_or(total("request_latency").count("count", 1'000'000'000).value_or(0)));
  f.failed = static_cast<std::int32_t>(errored.value_or(0));
  f.duration_s = benchmark.positive("duration").value_or(0);
  f.request_s = total("requests_per_second").positive("mean");
  f.output_tok_s = total("output_tokens_per_second").positive("mean");
  f.total_tok_s = total("tokens_per_second").positive("mean");
  f.input_tok_s = total("prompt_tokens_per_second").positive("mean");
  f.input_tokens = std::llround(std::min(total("prompt_token_count").positive("total_sum").value_or(0), 1e15));
  f.output_tokens = std::llround(std::min(total("output_token_count").positive("total_sum").value_or(0), 1e15));
  f.token_source = "usage";
  read_summary(metrics, "time_to_first_token_ms", 1e-3, f.ttft_s);
  read_summary(metrics, "inter_token_latency_ms", 1e-3, f.tpot_s);
  read_summary(metrics, "request_latency", 1, f.e2e_s);
  f.itl_s.p50.why_absent = "GuideLLM keeps one inter-token latency a request: it is the TPOT here";
}

RunFacts read_facts(const Fields& file, const Fields& benchmark, ImportedRun& run) {
  RunFacts facts;
  const Fields config = benchmark.object("config"), strategy = config.object("strategy");
  const Fields backend = config.object("backend");
  facts.model = backend.text("model");
  if (facts.model.empty()) facts.model = config.text("model");
  const Json& args = file.json();
  for (const char* key : {"config", "args"})  // of the whole file, in this and the version before
    if (facts.model.empty() && args.contains(key) && args[key].is_object()) facts.model = file.object(key).text("model");
  const std::string type = strategy.text("type_");
  if (!type.empty()) facts.configuration["strategy"] = type;
  if (type == "synchronous") facts.concurrency = 1;
  for (const char* key : {"streams", "max_concurrency"})
    if (const auto streams = strategy.count(key, 65'536); streams && type == "concurrent") facts.concurrency = static_cast<std::int32_t>(*streams);
  if (const auto rate = strategy.positive("rate"); rate && *rate > 0 && *rate <= 1e7) {
    run.run.point.load.arrivals = type == "poisson" ? "poisson" : "constant";
    run.run.point.load.rate = *rate;
  }
  return facts;
}

}  // namespace

bool is_guidellm(const Json& object) {
  return object.is_object() && object.contains("benchmarks") && object["benchmarks"].is_array() &&
         (object.contains("metadata") || object.contains("args"));
}

Result<std::vector<ImportedRun>> read_guidellm(const Json& object, const Source& source) {
  std::vector<ImportedRun> runs;
  Json around = object;
  around.erase("benchmarks");
  for (std::size_t i = 0; i < object["benchmarks"].size(); ++i) {
    Problem problem;
    const Fields file(object, source.file, problem);
    const Fields benchmark(object["benchmarks"][i], fmt::format("{}: benchmarks[{}]", source.file, i), problem);
    ImportedRun& run = runs.emplace_back();
    Json own = around;
    own["benchmarks"] = Json::array({object["benchmarks"][i]});
    run.document = own.dump(-1, ' ', false, Json::error_handler_t::replace);
    run.start_unix_s = benchmark.positive("start_time").value_or(0);
    run.end_unix_s = benchmark.positive("end_time").value_or(0);
    read_figures(benchmark, run);
    run.log = read_requests(benchmark);
    const RunFacts facts = read_facts(file, benchmark, run);
    if (object.contains("metadata")) run.environment["import"]["metadata"] = object["metadata"];
    TOKENMARK_CHECK(problem.status());
    identify(run, facts, kFormat, source);
  }
  return runs;
}

namespace {

Json summary(const Distribution& d, double unit) {
  Json ok = Json::object();
  if (d.samples > 0) ok["count"] = d.samples;
  const auto put = [&](Json& out, const char* key, const std::optional<double>& value) {
    if (value && std::isfinite(*value)) out[key] = *value * unit;
  };
  put(ok, "mean", d.mean);
  put(ok, "median", d.p50.value);
  put(ok, "std_dev", d.deviation);
  put(ok, "min", d.minimum);
  put(ok, "max", d.maximum);
  ok["percentiles"] = Json::object();
  for (const auto& [key, member] : kPercentiles) put(ok["percentiles"], key, (d.*member).value);
  return {{"successful", ok}};
}

Json mean_of(const std::optional<double>& value) {
  return {{"successful", value ? Json{{"mean", *value}} : Json::object()}};
}

Json written_requests(const EventLog& log) {
  Json out = {{"successful", Json::array()}, {"incomplete", Json::array()}, {"errored", Json::array()}};
  const double zero = static_cast<double>(log.wall_clock_start_ns) * 1e-9;
  for (const RequestTimes& r : request_times(log)) {
    const double start = zero + r.start_s, e2e = r.e2e_s.value_or(0);
    Json one = {{"type_", "generative_request_stats"}, {"request_start_time", start}, {"request_end_time", start + e2e}};
    if (!r.failed) {
      one["request_latency"] = e2e;
      one["time_to_first_token_ms"] = r.ttft_s * 1e3;
      if (r.input >= 0) one["prompt_tokens"] = r.input;
      if (r.output >= 0) one["output_tokens"] = r.output;
      if (r.output > 1) one["inter_token_latency_ms"] = (e2e - r.ttft_s) * 1e3 / static_cast<double>(r.output - 1);
    }
    out[r.failed ? "errored" : "successful"].push_back(std::move(one));
  }
  return out;
}

}  // namespace

Json write_guidellm_benchmark(const StoredRun& stored) {
  const Figures f = with_population_deviation(stored);
  const Load& load = stored.point.load;
  Json strategy = {{"type_", load.arrivals == "closed" ? "concurrent" : load.arrivals}};
  if (load.arrivals == "closed" && stored.row.concurrency > 0) strategy["streams"] = stored.row.concurrency;
  if (load.arrivals != "closed") strategy["rate"] = load.rate;
  Json metrics = {{"time_to_first_token_ms", summary(f.ttft_s, 1e3)}, {"inter_token_latency_ms", summary(f.tpot_s, 1e3)},
                  {"request_latency", summary(f.e2e_s, 1)},           {"requests_per_second", mean_of(f.request_s)},
                  {"output_tokens_per_second", mean_of(f.output_tok_s)}, {"tokens_per_second", mean_of(f.total_tok_s)},
                  {"prompt_tokens_per_second", mean_of(f.input_tok_s)}};
  if (!f.lacking.count("requests")) metrics["request_totals"] = {{"successful", f.completed}, {"errored", f.failed}, {"incomplete", 0}, {"total", f.completed + f.failed}};
  if (!f.lacking.count("input_tokens")) metrics["prompt_token_count"]["successful"]["total_sum"] = f.input_tokens;
  if (!f.lacking.count("output_tokens")) metrics["output_token_count"]["successful"]["total_sum"] = f.output_tokens;
  Json out = {{"type_", "generative_benchmark"},
              {"config", {{"strategy", strategy}, {"backend", {{"model", stored.row.model}}}}},
              {"metrics", metrics}};
  if (!f.lacking.count("duration_s")) out["duration"] = f.duration_s;
  if (stored.log && stored.log->wall_clock_start_ns > 0) {
    out["start_time"] = static_cast<double>(stored.log->wall_clock_start_ns) * 1e-9;
    out["end_time"] = static_cast<double>(stored.log->wall_clock_start_ns) * 1e-9 + f.duration_s;
  }
  if (stored.log && stored.detailed) out["requests"] = written_requests(*stored.log);
  return out;
}

}  // namespace tokenmark
