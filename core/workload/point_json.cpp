#include "core/workload/point_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <type_traits>

namespace tokenmark {
namespace {

using Json = nlohmann::json;

// Bounds that keep a foreign point from asking for absurd memory or overflowing a product of counts.
constexpr std::int64_t kMaxTokens = 16'000'000;   // in one prompt or answer
constexpr std::int64_t kMaxConcurrency = 65'536;
constexpr std::int64_t kMaxRequests = 10'000'000;  // of one point
constexpr double kMaxSeconds = 1e7, kMaxRate = 1e7;

// Every struct lists its fields once; a Writer or a Reader walks the list. Numbers come with their bounds.
template <class Visitor, class T>
void fields(Visitor& v, T& t) requires std::is_same_v<std::remove_const_t<T>, EngineTarget> {
  v.required("model", t.model);
  v.text("device", t.device);
  v.number("threads", t.threads, 0, 4096);
  v.list("cores", t.cores, 0, 65'535);
  v.text("kernels", t.kernels);
  v.number("max_sequences", t.max_sequences, 0, kMaxConcurrency);
  v.number("step_tokens", t.step_tokens, 0, kMaxTokens);
  v.number("tokens_per_block", t.tokens_per_block, 0, 65'536);
  v.number("context", t.context, 0, kMaxTokens);
  v.choice("kv_format", t.kv_format, {"", "f16", "bf16", "fp8", "q8_0", "f32"});
  v.choice("prefix_cache", t.prefix_cache, {"", "on", "off"});
  v.choice("policy", t.policy, {"", "fcfs", "shortest-first"});
  v.number("admission_free", t.admission_free, 0.0, 0.99);
  v.number("chunk_slowdown", t.chunk_slowdown, 0.0, 1e6);
  v.text("speculate", t.speculate);
  v.number("draft_tokens", t.draft_tokens, 0, 16);
  v.added();
  v.number("replicas", t.replicas, 1, 1024);
}

template <class Visitor, class T>
void fields(Visitor& v, T& t) requires std::is_same_v<std::remove_const_t<T>, EndpointTarget> {
  v.required("url", t.url);
  v.required("model", t.model);
  v.choice("api", t.api, {"completions", "chat", "responses", "embeddings", "tgi", "triton", "llama.cpp", "images", "videos",
                          "videos-sync", "videos-generations"});
  v.text("api_key_env", t.api_key_env);
  v.text("tokenizer", t.tokenizer);
  v.number("gpus", t.gpus, 0, 1'000'000);
  v.text("hardware", t.hardware);
  v.added();
  v.text("api_key_file", t.api_key_file);
  v.choice("stream", t.stream, {"on", "off"});
  v.choice("http", t.http, {"1.1", "2"});
  v.text("proxy", t.proxy);
  v.text("ca_file", t.ca_file);
  v.choice("tls_verify", t.tls_verify, {"on", "off"});
  v.text("extra", t.extra);
  v.number("poll_s", t.poll_s, 0.001, 3600.0);
}

template <class Visitor, class T>
void fields(Visitor& v, T& t) requires std::is_same_v<std::remove_const_t<T>, TrafficClass> {
  v.required("name", t.name);
  v.number("weight", t.weight, 0.0, 1e9);
  v.number("input", t.input, 0, kMaxTokens);
  v.number("output", t.output, 0, kMaxTokens);
  v.number("prefix", t.prefix, -1, kMaxTokens);
  v.number("turns", t.turns, 0, 10'000);
}

template <class Visitor, class T>
void fields(Visitor& v, T& t) requires std::is_same_v<std::remove_const_t<T>, Workload> {
  v.number("input", t.input, 1, kMaxTokens);
  v.number("output", t.output, 1, kMaxTokens);
  v.number("range_ratio", t.range_ratio, 0.0, 1.0);
  v.seed("seed", t.seed);
  v.added();
  v.choice("lengths", t.lengths, {"inferencex", "vllm", "sglang", "lognormal"});
  v.number("deviation", t.deviation, 0.0, 100.0);
  v.choice("source", t.source, {"random", "sharegpt", "jsonl", "csv", "mooncake", "azure", "burstgpt", "agent"});
  v.text("file", t.file);
  v.text("columns", t.columns);
  v.number("prefix", t.prefix, 0, kMaxTokens);
  v.number("prefix_groups", t.prefix_groups, 1, kMaxRequests);
  v.number("prefix_zipf", t.prefix_zipf, 0.0, 10.0);
  v.number("turns", t.turns, 1, 10'000);
  v.number("think_s", t.think_s, 0.0, kMaxSeconds);
  v.objects("classes", t.classes, 1000);
}

template <class Visitor, class T>
void fields(Visitor& v, T& t) requires std::is_same_v<std::remove_const_t<T>, Load> {
  v.number("concurrency", t.concurrency, 1, kMaxConcurrency);
  v.number("requests_per_concurrency", t.requests_per_concurrency, 1, kMaxRequests);
  v.number("warmups_per_concurrency", t.warmups_per_concurrency, 0, kMaxRequests);
  v.number("min_requests", t.min_requests, 0, kMaxRequests);
  v.added();
  v.choice("arrivals", t.arrivals, {"closed", "constant", "poisson", "gamma", "trace"});
  v.number("rate", t.rate, 0.0, kMaxRate);
  v.number("burstiness", t.burstiness, 0.001, 1e6);
  v.number("burst", t.burst, 1, kMaxRequests);
  v.choice("ramp", t.ramp, {"", "linear", "exponential"});
  v.number("rate_end", t.rate_end, 0.0, kMaxRate);
  v.text("stages", t.stages);
  v.number("time_scale", t.time_scale, 1e-6, 1e6);
  v.number("max_in_flight", t.max_in_flight, 0, kMaxConcurrency);
  v.number("requests", t.requests, 0, kMaxRequests);
  v.number("duration_s", t.duration_s, 0.0, kMaxSeconds);
  v.number("client_threads", t.client_threads, 1, 1024);
  v.list("client_cores", t.client_cores, 0, 65'535);
  v.choice("scenario", t.scenario, {"", "single-stream", "multi-stream", "server", "interactive", "offline"});
  v.choice("mlperf_round", t.mlperf_round, {"v5.1", "v6.0", "v6.1"});
  v.text("mlperf_benchmark", t.mlperf_benchmark);
  v.choice("mlperf_mode", t.mlperf_mode, {"performance", "accuracy"});
  v.choice("keep_answers", t.keep_answers, {"", "on", "off"});
}

template <class Visitor, class T>
void fields(Visitor& v, T& t) requires std::is_same_v<std::remove_const_t<T>, Limits> {
  v.optional("ttft_s", t.ttft_s, 0.0, kMaxSeconds);
  v.optional("tpot_s", t.tpot_s, 0.0, kMaxSeconds);
  v.optional("itl_s", t.itl_s, 0.0, kMaxSeconds);
  v.optional("e2e_s", t.e2e_s, 0.0, kMaxSeconds);
}

template <class Visitor, class T>
void fields(Visitor& v, T& t) requires std::is_same_v<std::remove_const_t<T>, StopRules> {
  v.number("failed_share", t.failed_share, 0.0, 1.0);
  v.number("timeout_s", t.timeout_s, 0.001, kMaxSeconds);
  v.added();
  v.number("request_timeout_s", t.request_timeout_s, 0.0, kMaxSeconds);
  v.number("max_failed", t.max_failed, 0, kMaxRequests);
  v.text("precise_figure", t.precise_figure);
  v.number("precision", t.precision, 1e-4, 1.0);
}

template <class Visitor, class T>
void fields(Visitor& v, T& t) requires std::is_same_v<std::remove_const_t<T>, PowerMeters> {
  v.added();
  v.choice("meter", t.meter, {"auto", "on", "off"});
  v.texts("devices", t.devices, 4096);
  v.number("every_s", t.every_s, 0.01, 60.0);
}

template <class T>
Json written(const T& value);

// Fields behind added() came after the first version. A compact writer leaves them out where they have their default, so
// that a configuration's key is what it was before they existed.
struct Writer {
  Json out = Json::object();
  const Json* defaults = nullptr;  // of a compact writer
  bool is_added = false;
  void added() { is_added = true; }
  template <class T> void put(const char* key, const T& value) {
    Json json(value);
    if (!is_added || defaults == nullptr || defaults->at(key) != json) out[key] = std::move(json);
  }
  void required(const char* key, const std::string& value) { put(key, value); }
  void text(const char* key, const std::string& value) { put(key, value); }
  void choice(const char* key, const std::string& value, std::initializer_list<const char*>) { put(key, value); }
  void seed(const char* key, std::uint64_t value) { put(key, value); }
  template <class T> void number(const char* key, T value, double, double) { put(key, value); }
  template <class T> void list(const char* key, const std::vector<T>& value, double, double) { put(key, value); }
  void texts(const char* key, const std::vector<std::string>& values, std::size_t) { put(key, values); }
  template <class T> void objects(const char* key, const std::vector<T>& values, std::size_t) {
    Json list = Json::array();
    for (const T& value : values) list.push_back(written(value));
    put(key, list);
  }
  void optional(const char* key, const std::optional<double>& value, double, double) {
    if (value) put(key, *value);
  }
};

template <class T>
Json written(const T& value) {
  Writer writer;
  fields(writer, value);
  return std::move(writer.out);
}
template <class T>
Json compact(const T& value) {
  const Json defaults = written(T{});
  Writer writer{.defaults = &defaults};
  fields(writer, value);
  return std::move(writer.out);
}

// Reads the keys that are there, remembers the first thing that is wrong and which keys nobody asked for.
class Reader {
 public:
  Reader(const Json& in, std::string path) : in_(in), path_(std::move(path)) {
    if (!in.is_object()) wrong("", "must be an object, not {}", in.type_name());
  }

  void required(const char* key, std::string& value) {
    if (!has(key)) return wrong(key, "is missing");
    text(key, value);
    if (value.empty()) wrong(key, "must not be empty");
  }
  void text(const char* key, std::string& value) {
    if (!has(key)) return;
    if (!at(key).is_string()) return wrong(key, "must be a text, not {}", shown(at(key)));
    value = at(key).get<std::string>();
    if (value.find('\0') != std::string::npos) wrong(key, "must not contain a zero byte");
  }
  void choice(const char* key, std::string& value, std::initializer_list<const char*> allowed) {
    text(key, value);
    std::string list;
    for (const char* one : allowed) {
      if (value == one) return;
      if (*one != '\0') list += (list.empty() ? "'" : ", '") + std::string(one) + "'";
    }
    wrong(key, "is '{}' but must be one of {}", value, list);
  }
  void seed(const char* key, std::uint64_t& value) {
    if (!has(key)) return;
    if (!at(key).is_number_integer() || (!at(key).is_number_unsigned() && at(key).get<std::int64_t>() < 0))
      return wrong(key, "must be a whole number from 0 on, not {}", shown(at(key)));
    value = at(key).get<std::uint64_t>();
  }
  void number(const char* key, double& value, double low, double high) {
    if (has(key)) read_double(at(key), key, value, low, high);
  }
  template <class T>
  void number(const char* key, T& value, std::int64_t low, std::int64_t high) requires std::is_integral_v<T> {
    if (has(key)) read_integer(at(key), key, value, low, high);
  }
  template <class T>
  void list(const char* key, std::vector<T>& value, std::int64_t low, std::int64_t high) {
    if (!has(key)) return;
    if (!at(key).is_array()) return wrong(key, "must be a list, not {}", shown(at(key)));
    value.clear();
    for (const Json& one : at(key)) {
      T number{};
      read_integer(one, key, number, low, high);
      value.push_back(number);
    }
  }
  void texts(const char* key, std::vector<std::string>& values, std::size_t most) {
    if (!has(key)) return;
    if (!at(key).is_array()) return wrong(key, "must be a list, not {}", shown(at(key)));
    if (at(key).size() > most) return wrong(key, "holds {} entries, at most {} are possible", at(key).size(), most);
    values.clear();
    for (const Json& one : at(key)) {
      if (!one.is_string() || one.get_ref<const std::string&>().empty()) return wrong(key, "must be a list of texts, not {}", shown(at(key)));
      values.push_back(one.get<std::string>());
    }
  }
  template <class T>
  void objects(const char* key, std::vector<T>& values, std::size_t most) {
    if (!has(key)) return;
    if (!at(key).is_array()) return wrong(key, "must be a list, not {}", shown(at(key)));
    if (at(key).size() > most) return wrong(key, "holds {} entries, at most {} are possible", at(key).size(), most);
    values.clear();
    for (const Json& one : at(key)) {
      Reader inner(one, fmt::format("{}.{}[{}]", path_, key, values.size()));
      fields(inner, values.emplace_back());
      if (const Status read = inner.finish(); !read && error_.empty()) error_ = read.error().message;
    }
  }
  void added() {}
  void optional(const char* key, std::optional<double>& value, double low, double high) {
    if (!has(key)) return;
    value = 0.0;
    read_double(at(key), key, *value, low, high);
  }
  const Json* object(const char* key) { return has(key) ? &at(key) : nullptr; }

  Status finish() {
    if (in_.is_object())
      for (const auto& item : in_.items())
        if (!asked_.count(item.key())) wrong(item.key(), "is not a known key");
    if (!error_.empty()) return fail(ErrorKind::invalid_input, "{}", error_);
    return {};
  }

 private:
  bool has(const char* key) {
    asked_.insert(key);
    return in_.is_object() && in_.contains(key);
  }
  const Json& at(const char* key) const { return in_.at(key); }
  static std::string shown(const Json& value) {
    if (value.is_number_float() && !std::isfinite(value.get<double>())) return fmt::format("{}", value.get<double>());
    std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    return text.size() > 40 ? text.substr(0, 40) + "…" : text;
  }

  template <class T>
  void read_integer(const Json& json, const char* key, T& value, std::int64_t low, std::int64_t high) {
    if (!json.is_number_integer()) return wrong(key, "must be a whole number, not {}", shown(json));
    const bool too_large = json.is_number_unsigned() && json.get<std::uint64_t>() > static_cast<std::uint64_t>(high);
    if (too_large || json.get<std::int64_t>() < low || json.get<std::int64_t>() > high)
      return wrong(key, "is {} but must be from {} to {}", shown(json), low, high);
    value = static_cast<T>(json.get<std::int64_t>());
  }
  void read_double(const Json& json, const char* key, double& value, double low, double high) {
    if (!json.is_number()) return wrong(key, "must be a number, not {}", shown(json));
    const double number = json.get<double>();
    if (!(number >= low && number <= high)) return wrong(key, "is {} but must be from {} to {}", shown(json), low, high);
    value = number;
  }
  template <class... Args>
  void wrong(std::string_view key, fmt::format_string<Args...> format, Args&&... args) {
    if (!error_.empty()) return;
    const std::string dot = path_.empty() || key.empty() ? "" : ".";
    error_ = fmt::format("{}{}{} {}", path_.empty() && key.empty() ? "the point" : path_, dot, key,
                         fmt::format(format, std::forward<Args>(args)...));
  }

  const Json& in_;
  std::string path_, error_;
  std::set<std::string> asked_;
};

template <class T>
Status read_into(const Json* json, const std::string& path, T& value) {
  if (json == nullptr) return {};
  Reader reader(*json, path);
  if (json->is_object()) fields(reader, value);
  return reader.finish();
}

Status read_target(const Json* json, Target& target) {
  if (json == nullptr) return fail(ErrorKind::invalid_input, "target is missing: give it an engine or an endpoint");
  Reader reader(*json, "target");
  const Json* engine = reader.object("engine");
  const Json* endpoint = reader.object("endpoint");
  TOKENMARK_CHECK(reader.finish());
  if ((engine == nullptr) == (endpoint == nullptr))
    return fail(ErrorKind::invalid_input, "target must hold either an engine or an endpoint");
  if (engine != nullptr) return read_into(engine, "target.engine", target.emplace<EngineTarget>());
  return read_into(endpoint, "target.endpoint", target.emplace<EndpointTarget>());
}

Status check_counts(const Load& load) {
  for (const auto& [key, each] : {std::pair{"requests_per_concurrency", load.requests_per_concurrency},
                                  std::pair{"warmups_per_concurrency", load.warmups_per_concurrency}}) {
    const std::int64_t total = std::int64_t{load.concurrency} * each;
    if (total > kMaxRequests)
      return fail(ErrorKind::invalid_input, "load.{} is {}: at concurrency {} that is {} requests, at most {} are possible",
                  key, each, load.concurrency, total, kMaxRequests);
  }
  return {};
}

}  // namespace

Json to_json(const Point& point) {
  Json target;
  if (const auto* engine = std::get_if<EngineTarget>(&point.target)) target["engine"] = written(*engine);
  if (const auto* endpoint = std::get_if<EndpointTarget>(&point.target)) target["endpoint"] = written(*endpoint);
  Json json = {{"target", target},          {"workload", written(point.workload)}, {"load", written(point.load)},
               {"limits", written(point.limits)}, {"stop", written(point.stop)},   {"repeat", point.repeat}};
  if (point.power != PowerMeters{}) json["power"] = written(point.power);  // an older agent does not know it
  return json;
}

Result<Point> point_from_json(const Json& json) {
  Point point;
  Reader reader(json, "");
  const Json* target = reader.object("target");
  const Json* workload = reader.object("workload");
  const Json* load = reader.object("load");
  const Json* limits = reader.object("limits");
  const Json* stop = reader.object("stop");
  const Json* power = reader.object("power");
  reader.number("repeat", point.repeat, 0, 1'000'000);
  TOKENMARK_CHECK(reader.finish());
  TOKENMARK_CHECK(read_target(target, point.target));
  TOKENMARK_CHECK(read_into(workload, "workload", point.workload));
  TOKENMARK_CHECK(read_into(load, "load", point.load));
  TOKENMARK_CHECK(read_into(limits, "limits", point.limits));
  TOKENMARK_CHECK(read_into(stop, "stop", point.stop));
  TOKENMARK_CHECK(read_into(power, "power", point.power));
  TOKENMARK_CHECK(check_counts(point.load));
  return point;
}

std::string configuration_key(const Point& point) {
  Json target;
  if (const auto* engine = std::get_if<EngineTarget>(&point.target)) target["engine"] = compact(*engine);
  if (const auto* endpoint = std::get_if<EndpointTarget>(&point.target)) target["endpoint"] = compact(*endpoint);
  Json json = {{"target", target},
               {"workload", compact(point.workload)},
               {"load", compact(point.load)},
               {"limits", compact(point.limits)},
               {"stop", compact(point.stop)}};
  if (Json power = compact(point.power); !power.empty()) json["power"] = std::move(power);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tokenmark
