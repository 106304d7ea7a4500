// Results of the serving clients that come from vLLM's: InferenceX (a fork), `vllm bench serve --save-result` and
// SGLang's bench_serving. They differ in a few keys.
#include <cmath>

#include "core/exchange/formats.h"
#include "core/exchange/request_times.h"
#include "core/exchange/statistics_keys.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

struct Dialect {
  const char *format, *goodput, *output_tok_s, *total_tok_s, *e2e;
};
constexpr Dialect kInferenceX{"inferencex", "request_goodput:", "output_throughput", "total_token_throughput", "e2el"};
constexpr Dialect kVllm{"vllm", "request_goodput", "output_throughput", "total_token_throughput", "e2el"};
constexpr Dialect kSglang{"sglang", "request_goodput", "output_throughput", "total_throughput", "e2e_latency"};

const Dialect& dialect_of(const Json& object) {
  for (const char* key : {"total_output_tokens_retokenized", "mean_e2e_latency_ms", "sharegpt_output_len", "total_throughput"})
    if (object.contains(key)) return kSglang;
  const bool fork = object.contains("request_goodput:") || (object.contains("best_of") && !object.contains("endpoint_type"));
  return fork ? kInferenceX : kVllm;
}

// Of a list for each request; a list of another length is an error.
template <class T>
bool fits(const Fields& fields, const char* key, const std::vector<T>& list, std::size_t requests) {
  if (list.size() == requests) return true;
  if (!list.empty())
    fields.wrong(key, fmt::format("has {} entries, other lists of the file have {}", list.size(), requests));
  return false;
}

std::vector<std::vector<double>> read_gaps(const Fields& fields, std::size_t requests) {
  std::vector<std::vector<double>> gaps;
  const Json* lists = fields.list("itls");
  if (lists == nullptr || lists->empty()) return gaps;
  if (lists->size() != requests) {
    fields.wrong("itls", fmt::format("has {} entries, 'ttfts' has {}", lists->size(), requests));
    return gaps;
  }
  for (const Json& list : *lists) {
    std::vector<double>& one = gaps.emplace_back();
    const auto bad = [&](const Json& value) {
      fields.wrong(fmt::format("itls[{}]", gaps.size() - 1), "must be a list of numbers, it holds " + std::string(value.type_name()));
    };
    if (!list.is_array()) return bad(list), gaps;
    for (const Json& value : list) {
      if (!value.is_number()) return bad(value), gaps;
      one.push_back(value.get<double>());
    }
  }
  return gaps;
}

struct Details {
  std::vector<RequestTimes> requests;   // empty: the file has no lists
  bool has_gaps = false, has_starts = false, has_ttfts = false;
};

Details read_details(const Fields& fields) {
  Details details;
  const std::vector<double> ttfts = fields.numbers("ttfts"), inputs = fields.numbers("input_lens"),
                            outputs = fields.numbers("output_lens"), starts = fields.numbers("start_times");
  const std::size_t n = std::max({ttfts.size(), inputs.size(), outputs.size()});
  if (n == 0) return details;
  details.has_ttfts = fits(fields, "ttfts", ttfts, n);
  details.has_starts = fits(fields, "start_times", starts, n);
  const bool has_inputs = fits(fields, "input_lens", inputs, n), has_outputs = fits(fields, "output_lens", outputs, n);
  std::vector<std::vector<double>> gaps = read_gaps(fields, n);
  details.has_gaps = gaps.size() == n;
  const Json* errors = fields.list("errors");
  details.requests.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    RequestTimes& r = details.requests[i];
    if (details.has_ttfts) r.ttft_s = ttfts[i];
    if (details.has_starts) r.start_s = starts[i];
    if (has_inputs) r.input = std::llround(std::clamp(inputs[i], -1.0, 1e9));
    if (has_outputs) r.output = std::llround(std::clamp(outputs[i], -1.0, 1e9));
    if (details.has_gaps) r.gaps_s = std::move(gaps[i]);
    const bool says_error = errors != nullptr && i < errors->size() && (*errors)[i].is_string() && !(*errors)[i].get_ref<const std::string&>().empty();
    r.failed = says_error || (has_outputs && details.has_ttfts && r.output == 0 && r.ttft_s == 0);
  }
  return details;
}

// Latencies from the lists instead of the file's own statistics: the same values, with intervals, and withheld where
// the samples are too few.
void recompute(const Fields& fields, const Details& details, ImportedRun& run) {
  if (details.requests.empty() || !details.has_ttfts) return;
  std::vector<double> ttfts;
  for (const RequestTimes& r : details.requests) {
    if (!std::isfinite(r.ttft_s) || r.ttft_s < 0) return fields.wrong("ttfts", "must hold times from 0 on");
    ttfts.push_back(r.failed ? INFINITY : r.ttft_s);
  }
  Figures& f = run.figures;
  f.ttft_s = distribution_of(ttfts);
  if (!details.has_gaps) return;
  std::vector<RequestTimes> requests = details.requests;
  Json& notes = run.environment["import"]["notes"] = Json::array();
  if (!details.has_starts) {
    const auto slots = fields.count("max_concurrency", 65'536);
    place_in_slots(requests, static_cast<std::int32_t>(slots.value_or(0) > 0 ? *slots : static_cast<std::int64_t>(requests.size())));
    notes.push_back("the file has no start times: its requests are shown one after another in the slots of the closed loop");
  }
  run.log = log_of(requests, run.start_unix_s, TokenSource::usage);
  if (!run.log) return fields.wrong("itls", "holds times that cannot be");
  const Figures computed = compute_figures(*run.log, {}, 0);
  f.tpot_s = computed.tpot_s;
  f.itl_s = computed.itl_s;
  f.e2e_s = computed.e2e_s;
  f.interactivity_p50 = computed.interactivity_p50;
  f.interactivity_p99 = computed.interactivity_p99;
  if (!details.has_starts) return;
  f.steady = computed.steady;
  f.littles_law = computed.littles_law;
  f.in_flight = computed.in_flight;
}

void read_figures(const Fields& fields, const Dialect& dialect, ImportedRun& run) {
  constexpr std::int64_t kMost = 1'000'000'000;
  Figures& f = run.figures;
  const auto completed = fields.count("completed", kMost), prompts = fields.count("num_prompts", kMost);
  f.completed = static_cast<std::int32_t>(completed.value_or(0));
  f.failed = static_cast<std::int32_t>(fields.count("failed", kMost).value_or(
      completed && prompts && *prompts > *completed ? *prompts - *completed : 0));
  f.duration_s = fields.positive("duration").value_or(0);
  f.input_tokens = fields.count("total_input_tokens").value_or(0);
  f.output_tokens = fields.count("total_output_tokens").value_or(0);
  f.request_s = fields.positive("request_throughput");
  f.output_tok_s = fields.positive(dialect.output_tok_s);
  f.total_tok_s = fields.positive(dialect.total_tok_s);
  f.input_tok_s = fields.positive("input_throughput");
  if (!f.input_tok_s && f.duration_s > 0 && fields.has("total_input_tokens"))
    f.input_tok_s = static_cast<double>(f.input_tokens) / f.duration_s;
  f.goodput_req_s = fields.positive(dialect.goodput);
  if (f.goodput_req_s && f.request_s.value_or(0) > 0 && f.completed > 0)
    f.goodput_share = *f.goodput_req_s / *f.request_s * f.completed / (f.completed + f.failed);
  f.token_source = "usage";
  read_statistics(fields, "ttft_ms", 1e-3, f.ttft_s);
  read_statistics(fields, "tpot_ms", 1e-3, f.tpot_s);
  read_statistics(fields, "itl_ms", 1e-3, f.itl_s);
  read_statistics(fields, std::string(dialect.e2e) + "_ms", 1e-3, f.e2e_s);
  for (Distribution* d : {&f.ttft_s, &f.e2e_s})
    if (d->mean) d->samples = static_cast<std::size_t>(f.completed);
}

// "20260611-060111" on the clock of the machine, when the results were written: the end of the run.
std::optional<double> wall_clock(const std::string& date) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
  if (std::sscanf(date.c_str(), "%4d%2d%2d-%2d%2d%2d", &y, &mo, &d, &h, &mi, &s) != 6) return std::nullopt;
  return unix_of(y, mo, d, h, mi, s);
}

void read_times(const Fields& fields, ImportedRun& run) {
  run.start_unix_s = fields.positive("benchmark_start_time_unix").value_or(0);
  run.end_unix_s = fields.positive("benchmark_end_time_unix").value_or(0);
  const auto written = wall_clock(fields.text("date"));
  if (!written) return;
  constexpr double kQuarter = 900;  // zones are whole quarters of an hour apart
  if (run.end_unix_s > 0) {
    run.utc_offset_s = std::round((*written - run.end_unix_s) / kQuarter) * kQuarter;
  } else if (run.start_unix_s == 0) {
    run.end_unix_s = *written;  // the only clock there is
    run.start_unix_s = *written - run.figures.duration_s;
  }
}

std::string framework_of(const Fields& fields) {
  const std::string named = fields.text("framework"), backend = fields.text("backend");
  return named.empty() && backend.rfind("openai", 0) != 0 ? backend : named;
}

RunFacts read_facts(const Fields& fields) {
  RunFacts facts;
  facts.model = fields.text("model_id");
  if (facts.model.empty()) facts.model = fields.text("model");
  if (facts.model.empty() && fields.has("server_info")) facts.model = fields.object("server_info").text("model_path");
  facts.framework = framework_of(fields);
  facts.hardware = fields.text("hw");
  facts.precision = fields.text("precision");
  std::int64_t gpus = 1;
  for (const char* key : {"tp", "pp", "pcp_size"}) {
    const auto size = fields.count(key, 100'000);
    if (!size || *size == 0) continue;
    gpus = std::min<std::int64_t>(gpus * *size, 1'000'000);
    facts.configuration[key] = std::to_string(*size);
  }
  if (fields.has("tp")) facts.gpus = static_cast<std::int32_t>(gpus);
  if (const auto count = fields.count("gpus", 1'000'000)) facts.gpus = static_cast<std::int32_t>(*count);
  for (const auto& [keys, out] : {std::pair{std::pair{"isl", "random_input_len"}, &facts.input},
                                  std::pair{std::pair{"osl", "random_output_len"}, &facts.output}})
    for (const char* key : {keys.first, keys.second})
      if (const auto length = fields.count(key, 16'000'000); length && *out == 0) *out = static_cast<std::int32_t>(*length);
  facts.concurrency = static_cast<std::int32_t>(fields.count("max_concurrency", 65'536).value_or(0));
  return facts;
}

// An open loop's rate; "inf" is a closed loop, or everything at once.
void read_load(const Fields& fields, ImportedRun& run) {
  const auto at = fields.json().find("request_rate");
  if (at == fields.json().end() || at->is_null() || *at == "inf" || *at == "Infinity") return;
  const auto rate = fields.positive("request_rate");
  if (!rate || *rate <= 0 || *rate > 1e7) return;
  const double burstiness = fields.positive("burstiness").value_or(1);
  run.run.point.load.rate = *rate;
  run.run.point.load.arrivals = burstiness == 1 ? "poisson" : "gamma";
  run.run.point.load.burstiness = std::clamp(burstiness, 0.001, 1e6);
}

// Everything short that the file says, for the person who looks at the run.
void keep_the_rest(const Json& object, Json& environment) {
  for (const auto& [key, value] : object.items())
    if (value.is_string() && value.get_ref<const std::string&>().size() < 500) environment["import"]["said"][key] = value;
}

}  // namespace

bool is_client_json(const Json& object) {
  return object.is_object() && object.contains("completed") && object.contains("duration") &&
         (object.contains("total_output_tokens") || object.contains("output_throughput"));
}

Result<ImportedRun> read_client_json(const Json& object, const std::string& text, const Source& source) {
  Problem problem;
  const Fields fields(object, source.file, problem);
  const Dialect& dialect = dialect_of(object);
  ImportedRun run;
  run.document = text;
  read_figures(fields, dialect, run);
  read_times(fields, run);
  read_load(fields, run);
  const Details details = read_details(fields);
  TOKENMARK_CHECK(problem.status());
  recompute(fields, details, run);
  keep_the_rest(object, run.environment);
  const RunFacts facts = read_facts(fields);
  TOKENMARK_CHECK(problem.status());
  identify(run, facts, dialect.format, source);
  return run;
}

namespace {

void put(Json& out, const char* key, const std::optional<double>& value) {
  if (value && std::isfinite(*value)) out[key] = *value;
}

// Their std is that of the population; with a log the lists themselves go into it.
void write_details(const EventLog& log, Json& out) {
  for (const char* key : {"input_lens", "output_lens", "ttfts", "itls", "start_times", "errors"}) out[key] = Json::array();
  for (const RequestTimes& r : request_times(log)) {
    out["input_lens"].push_back(std::max<std::int64_t>(0, r.input));
    out["output_lens"].push_back(r.failed ? 0 : std::max<std::int64_t>(0, r.output));
    out["ttfts"].push_back(r.failed ? 0.0 : r.ttft_s);
    out["itls"].push_back(r.failed ? std::vector<double>() : r.gaps_s);
    out["start_times"].push_back(r.start_s);
    out["errors"].push_back(r.failed ? "failed" : "");
  }
}

}  // namespace

Json write_client_json(const StoredRun& stored, const std::string& format) {
  const Dialect& dialect = format == "sglang" ? kSglang : format == "vllm" ? kVllm : kInferenceX;
  const Figures f = with_population_deviation(stored);
  const RunRow& row = stored.row;
  Json out = {{"backend", row.framework.empty() ? "openai" : row.framework}, {"model_id", row.model}, {"tokenizer_id", row.model},
              {"completed", f.completed}};
  const Load& load = stored.point.load;
  const bool open_loop = load.arrivals != "closed" && load.rate > 0;
  out["request_rate"] = open_loop ? Json(load.rate) : Json("inf");
  if (format == "sglang") {
    out["dataset_name"] = stored.point.workload.source;
    if (row.input > 0) out["random_input_len"] = row.input;
    if (row.output > 0) out["random_output_len"] = row.output;
  } else {
    out["burstiness"] = load.burstiness;
    out["num_prompts"] = f.completed + f.failed;
    out[dialect.goodput] = f.goodput_req_s ? Json(*f.goodput_req_s) : Json();
  }
  if (format == "inferencex") out["best_of"] = 1;
  if (format == "vllm") out["endpoint_type"] = "openai", out["failed"] = f.failed;
  if (row.concurrency > 0) out["max_concurrency"] = row.concurrency;
  if (!f.lacking.count("duration_s")) out["duration"] = f.duration_s;
  if (!f.lacking.count("input_tokens")) out["total_input_tokens"] = f.input_tokens;
  if (!f.lacking.count("output_tokens")) out["total_output_tokens"] = f.output_tokens;
  // Metadata keys, as InferenceX's client takes them: what says on which hardware it ran.
  if (row.gpus > 0) out["gpus"] = row.gpus;
  if (!row.hardware.empty()) out["hw"] = row.hardware;
  if (!row.precision.empty()) out["precision"] = row.precision;
  if (!row.framework.empty()) out["framework"] = row.framework;
  if (row.input > 0) out["isl"] = row.input;
  if (row.output > 0) out["osl"] = row.output;
  put(out, "request_throughput", f.request_s);
  put(out, dialect.output_tok_s, f.output_tok_s);
  put(out, dialect.total_tok_s, f.total_tok_s);
  if (format == "sglang") put(out, "input_throughput", f.input_tok_s);
  for (const auto& [metric, distribution] : {std::pair{std::string("ttft"), &f.ttft_s}, std::pair{std::string("tpot"), &f.tpot_s},
                                             std::pair{std::string("itl"), &f.itl_s}, std::pair{std::string(dialect.e2e), &f.e2e_s}})
    write_statistics(out, metric + "_ms", 1e3, *distribution);
  if (stored.log && stored.log->wall_clock_start_ns > 0) {
    out["benchmark_start_time_unix"] = static_cast<double>(stored.log->wall_clock_start_ns) * 1e-9;
    out["benchmark_end_time_unix"] = static_cast<double>(stored.log->wall_clock_start_ns) * 1e-9 + f.duration_s;
  }
  if (stored.log && stored.detailed) write_details(*stored.log, out);
  return out;
}

}  // namespace tokenmark
