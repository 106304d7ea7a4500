#include <cmath>
#include <nlohmann/json.hpp>

#include "core/metrics/figures.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

// ---- writing ----

Json number(double value) { return std::isinf(value) ? Json(value > 0 ? "inf" : "-inf") : Json(value); }

void put(Json& out, const char* key, const std::optional<double>& value) {
  if (value) out[key] = number(*value);
}
void put(Json& out, const char* key, const std::optional<double>& value, const std::string& why) {
  if (value) out[key] = number(*value);
  else out["withheld"][key] = why;
}
void put(Json& out, const std::string& key, const Percentile& percentile) {
  if (!percentile.value && percentile.why_absent.empty()) return;  // not known: figures of a time before that percentile
  put(out, key.c_str(), percentile.value, percentile.why_absent);
  if (percentile.interval) out[key + "_ci"] = {number(percentile.interval->low), number(percentile.interval->high)};
}

using NamedPercentile = std::pair<const char*, Percentile Distribution::*>;
constexpr NamedPercentile kPercentiles[] = {{"p25", &Distribution::p25}, {"p50", &Distribution::p50}, {"p75", &Distribution::p75},
                                            {"p90", &Distribution::p90}, {"p95", &Distribution::p95}, {"p99", &Distribution::p99},
                                            {"p99.9", &Distribution::p999}};

Json written(const Distribution& distribution) {
  Json out = {{"samples", distribution.samples}};
  put(out, "mean", distribution.mean);
  put(out, "deviation", distribution.deviation);
  put(out, "min", distribution.minimum);
  put(out, "max", distribution.maximum);
  for (const auto& [key, percentile] : kPercentiles) put(out, key, distribution.*percentile);
  return out;
}

void put_rates(Json& out, const RequestFigures& figures) {
  const std::string none = figures.duration_s <= 0         ? "no request was sent and ended"
                           : figures.items > 0 && !figures.output_tok_s ? "the answers are no tokens"
                                                                        : "the number of input tokens is unknown";
  put(out, "request_s", figures.request_s, none);
  put(out, "output_tok_s", figures.output_tok_s, none);
  put(out, "input_tok_s", figures.input_tok_s, none);
  put(out, "total_tok_s", figures.total_tok_s, none);
  const auto per_gpu = [&](const char* key, const std::optional<double>& value, const std::optional<double>& of) {
    put(out, key, value, of ? "the number of accelerators is unknown" : none);
  };
  per_gpu("output_tok_s_gpu", figures.output_tok_s_gpu, figures.output_tok_s);
  per_gpu("input_tok_s_gpu", figures.input_tok_s_gpu, figures.input_tok_s);
  per_gpu("total_tok_s_gpu", figures.total_tok_s_gpu, figures.total_tok_s);
}

void put_goodput(Json& out, const RequestFigures& figures) {
  if (!figures.goodput_req_s) {
    out["withheld"]["goodput"] = figures.duration_s > 0 ? "no limits were given" : "no request was sent and ended";
    return;
  }
  Json& goodput = out["goodput"] = Json::object();
  put(goodput, "request_s", figures.goodput_req_s);
  put(goodput, "tok_s", figures.goodput_tok_s);
  put(goodput, "share", figures.goodput_share);
}

// What all sets of figures have: the run's, its steady window's, those of a class.
Json written(const RequestFigures& figures) {
  Json out = {{"requests", {{"completed", figures.completed}, {"failed", figures.failed}, {"errors", figures.errors}}},
              {"duration_s", figures.duration_s},
              {"input_tokens", figures.input_tokens},
              {"output_tokens", figures.output_tokens},
              {"token_source", figures.token_source},
              {"ttft_s", written(figures.ttft_s)},
              {"tpot_s", written(figures.tpot_s)},
              {"itl_s", written(figures.itl_s)},
              {"e2e_s", written(figures.e2e_s)},
              {"scheduled", {{"ttft_s", written(figures.scheduled_ttft_s)}, {"e2e_s", written(figures.scheduled_e2e_s)}}}};
  put_rates(out, figures);
  Json& interactivity = out["interactivity_tok_s"] = Json::object();
  put(interactivity, "p50", figures.interactivity_p50);
  put(interactivity, "p99", figures.interactivity_p99);
  put_goodput(out, figures);
  put(out, "in_flight", figures.in_flight);
  put(out, "cached_prompt_share", figures.cached_prompt_share);
  if (figures.items == 0) return out;
  out["items"] = {{"count", figures.items}, {"latency_s", written(figures.item_latency_s)}};
  put(out["items"], "item_s", figures.item_s);
  return out;
}

Json written(const SteadyFigures& steady) {
  if (!steady.settled) return {{"settled", false}, {"reason", steady.reason}};
  Json out = written(steady.figures);
  out["settled"] = true;
  out["from_s"] = steady.from_s;
  out["to_s"] = steady.to_s;
  put(out, "littles_law", steady.figures.littles_law, "no request completed");
  return out;
}

Json written(const MeterFigures& meter) {
  Json out = {{"source", meter.source}, {"id", meter.id}, {"name", meter.name}, {"kind", meter.kind}, {"computes", meter.computes}};
  put(out, "power_w", meter.power_w);
  put(out, "counter_j", meter.counter_j);
  put(out, "trapezoid_j", meter.trapezoid_j);
  if (!meter.note.empty()) out["note"] = meter.note;
  return out;
}

void put_power(Json& out, const Figures& figures) {
  for (const MeterFigures& meter : figures.meters) out["meters"].push_back(written(meter));
  if (figures.power_source.empty()) return;
  Json& power = out["power"] = {{"source", figures.power_source}};
  if (!figures.power_note.empty()) power["note"] = figures.power_note;
  put(power, "power_w", figures.power_w);
  put(power, "power_w_gpu", figures.power_w_gpu);
  put(power, "energy_j", figures.energy_j);
  put(power, "energy_check_j", figures.energy_check_j);
  put(power, "joules_per_output_token", figures.joules_per_output_token);
  put(power, "joules_per_total_token", figures.joules_per_total_token);
}

void take_out_lacking(Json& out, const Figures& figures) {
  for (const auto& [key, why] : figures.lacking) {
    out.erase(key);
    out["withheld"][key] = why;
  }
}

// ---- reading ----

// Remembers the first key that is wrong; absent keys leave what they were meant for untouched.
struct Reader {
  std::string error;

  void wrong(const std::string& key, const char* expected) {
    if (error.empty()) error = fmt::format("figures: {} must be {}", key, expected);
  }
  const Json* find(const Json& in, const std::string& key) {
    const auto at = in.find(key);
    return at == in.end() ? nullptr : &*at;
  }
  Json object(const Json& in, const char* key) {
    const Json* value = find(in, key);
    if (value != nullptr && !value->is_object()) wrong(key, "an object");
    return value != nullptr && value->is_object() ? *value : Json::object();
  }
  std::optional<double> as_number(const Json& value, const std::string& key) {
    if (value == "inf") return INFINITY;
    if (value == "-inf") return -INFINITY;
    if (value.is_number()) return value.get<double>();
    wrong(key, "a number or \"inf\"");
    return std::nullopt;
  }
  void read(const Json& in, const char* key, std::optional<double>& out) {
    if (const Json* value = find(in, key)) out = as_number(*value, key);
  }
  void read(const Json& in, const char* key, double& out) {
    if (const Json* value = find(in, key)) out = as_number(*value, key).value_or(0);
  }
  template <class T>
  void read_count(const Json& in, const char* key, T& out) {
    const Json* value = find(in, key);
    if (value == nullptr) return;
    const bool counts = value->is_number_integer() && (value->is_number_unsigned() || value->get<std::int64_t>() >= 0);
    if (!counts || value->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<T>::max()))
      return wrong(key, "a count");
    out = static_cast<T>(value->get<std::uint64_t>());
  }
  void read(const Json& in, const char* key, std::string& out) {
    const Json* value = find(in, key);
    if (value == nullptr) return;
    if (!value->is_string()) return wrong(key, "a text");
    out = value->get<std::string>();
  }
  void read(const Json& in, const char* key, bool& out) {
    const Json* value = find(in, key);
    if (value == nullptr) return;
    if (!value->is_boolean()) return wrong(key, "true or false");
    out = value->get<bool>();
  }
  void read(const Json& in, const std::string& key, Percentile& out) {
    read(in, key.c_str(), out.value);
    read(object(in, "withheld"), key.c_str(), out.why_absent);
    const Json* ends = find(in, key + "_ci");
    if (ends == nullptr) return;
    if (!ends->is_array() || ends->size() != 2) return wrong(key + "_ci", "two numbers");
    const auto low = as_number((*ends)[0], key + "_ci"), high = as_number((*ends)[1], key + "_ci");
    if (low && high) out.interval = Interval{*low, *high};
  }
  void read(const Json& in, const char* key, Distribution& out) {
    const Json json = object(in, key);
    read_count(json, "samples", out.samples);
    read(json, "mean", out.mean);
    read(json, "deviation", out.deviation);
    read(json, "min", out.minimum);
    read(json, "max", out.maximum);
    for (const auto& [percentile_key, percentile] : kPercentiles) read(json, std::string(percentile_key), out.*percentile);
  }
};

void read_power(Reader& reader, const Json& power, Figures& figures) {
  reader.read(power, "source", figures.power_source);
  reader.read(power, "note", figures.power_note);
  reader.read(power, "power_w", figures.power_w);
  reader.read(power, "power_w_gpu", figures.power_w_gpu);
  reader.read(power, "energy_j", figures.energy_j);
  reader.read(power, "energy_check_j", figures.energy_check_j);
  reader.read(power, "joules_per_output_token", figures.joules_per_output_token);
  reader.read(power, "joules_per_total_token", figures.joules_per_total_token);
}

void read_meters(Reader& reader, const Json& json, std::vector<MeterFigures>& meters) {
  const Json* list = reader.find(json, "meters");
  if (list == nullptr) return;
  if (!list->is_array()) return reader.wrong("meters", "a list");
  for (const Json& one : *list) {
    if (!one.is_object()) return reader.wrong("meters", "a list of objects");
    MeterFigures& meter = meters.emplace_back();
    for (const auto& [key, text] : {std::pair{"source", &meter.source}, std::pair{"id", &meter.id}, std::pair{"name", &meter.name},
                                    std::pair{"kind", &meter.kind}, std::pair{"note", &meter.note}})
      reader.read(one, key, *text);
    reader.read(one, "computes", meter.computes);
    reader.read(one, "power_w", meter.power_w);
    reader.read(one, "counter_j", meter.counter_j);
    reader.read(one, "trapezoid_j", meter.trapezoid_j);
  }
}

// The reasons come back as they went: of a measured run they are those that to_json gives anyway.
void read_lacking(Reader& reader, const Json& json, Figures& figures) {
  const Json withheld = reader.object(json, "withheld");
  for (const auto& item : withheld.items())
    if (item.value().is_string() && !json.contains(item.key())) figures.lacking[item.key()] = item.value().get<std::string>();
}

void read_requests(Reader& reader, const Json& requests, RequestFigures& figures) {
  reader.read_count(requests, "completed", figures.completed);
  reader.read_count(requests, "failed", figures.failed);
  const Json errors = reader.object(requests, "errors");
  for (const auto& item : errors.items()) {
    std::int32_t count = 0;
    reader.read_count(errors, item.key().c_str(), count);
    figures.errors[item.key()] = count;
  }
}

void read_figures(Reader& reader, const Json& json, RequestFigures& figures) {
  read_requests(reader, reader.object(json, "requests"), figures);
  reader.read(json, "duration_s", figures.duration_s);
  reader.read_count(json, "input_tokens", figures.input_tokens);
  reader.read_count(json, "output_tokens", figures.output_tokens);
  reader.read(json, "token_source", figures.token_source);
  for (const auto& [key, value] : {std::pair{"request_s", &figures.request_s}, std::pair{"output_tok_s", &figures.output_tok_s},
                                   std::pair{"input_tok_s", &figures.input_tok_s}, std::pair{"total_tok_s", &figures.total_tok_s},
                                   std::pair{"in_flight", &figures.in_flight},
                                   std::pair{"cached_prompt_share", &figures.cached_prompt_share},
                                   std::pair{"output_tok_s_gpu", &figures.output_tok_s_gpu},
                                   std::pair{"input_tok_s_gpu", &figures.input_tok_s_gpu},
                                   std::pair{"total_tok_s_gpu", &figures.total_tok_s_gpu}})
    reader.read(json, key, *value);
  for (const auto& [key, value] : {std::pair{"ttft_s", &figures.ttft_s}, std::pair{"tpot_s", &figures.tpot_s},
                                   std::pair{"itl_s", &figures.itl_s}, std::pair{"e2e_s", &figures.e2e_s}})
    reader.read(json, key, *value);
  const Json interactivity = reader.object(json, "interactivity_tok_s"), goodput = reader.object(json, "goodput"),
             scheduled = reader.object(json, "scheduled"), items = reader.object(json, "items");
  reader.read(interactivity, std::string("p50"), figures.interactivity_p50);
  reader.read(interactivity, std::string("p99"), figures.interactivity_p99);
  reader.read(goodput, "request_s", figures.goodput_req_s);
  reader.read(goodput, "tok_s", figures.goodput_tok_s);
  reader.read(goodput, "share", figures.goodput_share);
  reader.read(scheduled, "ttft_s", figures.scheduled_ttft_s);
  reader.read(scheduled, "e2e_s", figures.scheduled_e2e_s);
  reader.read_count(items, "count", figures.items);
  reader.read(items, "item_s", figures.item_s);
  reader.read(items, "latency_s", figures.item_latency_s);
}

void read_steady(Reader& reader, const Json& json, SteadyFigures& steady) {
  reader.read(json, "settled", steady.settled);
  reader.read(json, "reason", steady.reason);
  if (!steady.settled) return;
  reader.read(json, "from_s", steady.from_s);
  reader.read(json, "to_s", steady.to_s);
  reader.read(json, "littles_law", steady.figures.littles_law);
  read_figures(reader, json, steady.figures);
}

void read_classes(Reader& reader, const Json& json, std::vector<ClassFigures>& classes) {
  const Json* list = reader.find(json, "classes");
  if (list == nullptr) return;
  if (!list->is_array()) return reader.wrong("classes", "a list");
  for (const Json& one : *list) {
    if (!one.is_object()) return reader.wrong("classes", "a list of objects");
    ClassFigures& figures = classes.emplace_back();
    reader.read(one, "class", figures.name);
    reader.read(one, "littles_law", figures.figures.littles_law);
    read_figures(reader, one, figures.figures);
  }
}

}  // namespace

Json to_json(const Figures& figures) {
  Json out = written(static_cast<const RequestFigures&>(figures));
  out["definitions"] = kDefinitions;
  out["send_lag_s"] = written(figures.send_lag_s);
  out["self_check"] = {{"client_limited", figures.client_limited}, {"verdict", figures.client_verdict}};
  put(out["self_check"], "client_cpu_share", figures.client_cpu_share);
  put(out["self_check"], "client_stall_s", figures.client_stall_s);
  if (figures.client_threads > 0) out["self_check"]["client_threads"] = figures.client_threads;
  put(out["self_check"], "littles_law", figures.littles_law, "no request completed");
  put(out["scheduled"], "intended_request_s", figures.intended_request_s);
  put(out["scheduled"], "sent_request_s", figures.sent_request_s);
  put(out, "draft_acceptance", figures.draft_acceptance);
  out["steady"] = written(figures.steady);
  for (const ClassFigures& one : figures.classes) {
    Json& of_class = out["classes"].emplace_back(written(one.figures));
    of_class["class"] = one.name;
    put(of_class, "littles_law", one.figures.littles_law);
  }
  put_power(out, figures);
  take_out_lacking(out, figures);
  return out;
}

Result<Figures> figures_from_json(const Json& json) {
  if (!json.is_object()) return fail(ErrorKind::invalid_input, "figures: must be an object, not {}", json.type_name());
  Figures figures;
  Reader reader;
  std::string definitions;
  reader.read(json, "definitions", definitions);
  if (reader.error.empty() && definitions != kDefinitions)
    return fail(ErrorKind::invalid_input, "figures: made by the definitions '{}', only '{}' are known here", definitions, kDefinitions);
  read_figures(reader, json, figures);
  reader.read(json, "send_lag_s", figures.send_lag_s);
  reader.read(json, "draft_acceptance", figures.draft_acceptance);
  const Json self_check = reader.object(json, "self_check"), scheduled = reader.object(json, "scheduled");
  reader.read(self_check, "littles_law", figures.littles_law);
  reader.read(self_check, "client_cpu_share", figures.client_cpu_share);
  reader.read(self_check, "client_stall_s", figures.client_stall_s);
  reader.read_count(self_check, "client_threads", figures.client_threads);
  reader.read(self_check, "client_limited", figures.client_limited);
  reader.read(self_check, "verdict", figures.client_verdict);
  reader.read(scheduled, "intended_request_s", figures.intended_request_s);
  reader.read(scheduled, "sent_request_s", figures.sent_request_s);
  read_steady(reader, reader.object(json, "steady"), figures.steady);
  read_classes(reader, json, figures.classes);
  read_power(reader, reader.object(json, "power"), figures);
  read_meters(reader, json, figures.meters);
  read_lacking(reader, json, figures);
  if (!reader.error.empty()) return fail(ErrorKind::invalid_input, "{}", reader.error);
  return figures;
}

}  // namespace tokenmark
