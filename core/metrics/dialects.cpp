#include "core/metrics/dialects.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <unordered_map>

#include "core/statistics/statistics.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

struct Summary {
  double mean = 0, deviation = 0, sum = 0;  // deviation: of a population
  std::vector<double> sorted;
};

Summary summary_of(std::vector<double> values) {
  Summary out;
  const auto n = static_cast<double>(values.size());
  out.sum = std::accumulate(values.begin(), values.end(), 0.0);
  out.mean = out.sum / n;
  double squares = 0;
  for (const double x : values) squares += (x - out.mean) * (x - out.mean);
  out.deviation = std::sqrt(squares / n);
  std::sort(values.begin(), values.end());
  out.sorted = std::move(values);
  return out;
}

// ---- what the tools of vLLM's family record ----

struct Rules {
  bool empty_chunks;       // a chunk without a token counts too
  bool gap_per_token;      // a gap is divided among the tokens that it brought
  bool ends_with_stream;   // E2E up to the end of the answer, not to its last text
  bool requested_length;   // stands for a number of output tokens that the server did not tell
};

struct Recorded {
  double start = 0, ttft = 0, latency = 0;
  std::int64_t input = 0, output = 0;
  double tpot() const { return output > 1 ? (latency - ttft) / static_cast<double>(output - 1) : 0; }
};

struct Records {
  std::vector<Recorded> requests;          // successful ones
  std::vector<double> itls, token_times;
  std::int64_t failed = 0, input = 0, output = 0;
};

bool is_chunk(const MessageColumns& m, std::size_t k, const Rules& rules) {
  if (!rules.empty_chunks) return carries_tokens(m.kind[k]) && m.tokens[k] > 0;
  return m.kind[k] == MessageKind::role || carries_tokens(m.kind[k]);
}

std::int64_t output_of(const LogReading& reading, std::size_t i, const Rules& rules) {
  const TokenSource source = reading.log.requests.token_source[i];
  const bool told = source == TokenSource::usage || source == TokenSource::engine;
  return rules.requested_length && !told ? reading.log.requests.requested_output[i] : reading.output_tokens(i);
}

Records record(const LogReading& reading, const Rules& rules) {
  const RequestColumns& r = reading.log.requests;
  const MessageColumns& m = reading.log.messages;
  const auto counts = [&](std::size_t i) {
    return reading.measured(i) && r.error[i] == RequestError::none && r.send_start[i] != kAbsent;
  };
  Records out;
  std::vector<std::int64_t> first(r.size(), kAbsent), last(r.size(), kAbsent);
  for (std::size_t k = 0; k < m.size(); ++k) {
    const std::size_t i = m.request[k];
    if (!is_chunk(m, k, rules) || !counts(i)) continue;
    if (first[i] == kAbsent) {
      first[i] = m.received[k];
      out.token_times.push_back(seconds_of(m.received[k]));
    } else {
      const int parts = rules.gap_per_token ? std::max(1, m.tokens[k]) : 1;
      const double gap = seconds_of(m.received[k] - last[i]) / parts;
      for (int p = 1; p <= parts; ++p) {
        out.itls.push_back(gap);
        out.token_times.push_back(seconds_of(last[i]) + gap * p);
      }
    }
    last[i] = m.received[k];
  }
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (!reading.measured(i)) continue;
    const std::int64_t end = rules.ends_with_stream ? r.end[i] : last[i];
    if (!counts(i) || first[i] == kAbsent || end == kAbsent) {
      ++out.failed;
      continue;
    }
    out.requests.push_back({seconds_of(r.send_start[i]), seconds_of(first[i] - r.send_start[i]), seconds_of(end - r.send_start[i]),
                            std::max(0, r.input_tokens[i]), output_of(reading, i, rules)});
    out.input += out.requests.back().input;
    out.output += out.requests.back().output;
  }
  return out;
}

template <class Value>
std::vector<double> each(const std::vector<Recorded>& requests, Value&& value) {
  std::vector<double> out;
  for (const Recorded& request : requests) out.push_back(value(request));
  return out;
}

void put_latency(Json& out, const char* name, std::vector<double> seconds, const std::vector<double>& percentiles) {
  if (seconds.empty()) return;
  const Summary summary = summary_of(std::move(seconds));
  const auto put = [&](const std::string& which, double value) { out[fmt::format("{}_{}_ms", which, name)] = value * 1e3; };
  put("mean", summary.mean);
  put("median", interpolated(summary.sorted, 0.5));
  put("std", summary.deviation);
  for (const double p : percentiles) put(fmt::format("p{:g}", p), interpolated(summary.sorted, p / 100));
}

void put_latencies(Json& out, const Records& records, const char* e2e, const std::vector<double>& percentiles) {
  std::vector<double> tpots;
  for (const Recorded& request : records.requests)
    if (request.output > 1) tpots.push_back(request.tpot());
  put_latency(out, "ttft", each(records.requests, [](const Recorded& r) { return r.ttft; }), percentiles);
  put_latency(out, "tpot", std::move(tpots), percentiles);
  put_latency(out, "itl", records.itls, percentiles);
  put_latency(out, e2e, each(records.requests, [](const Recorded& r) { return r.latency; }), percentiles);
}

// Most tokens that came in one second, the seconds counted from the first start.
double most_tokens_a_second(const Records& records) {
  double origin = INFINITY;
  for (const Recorded& request : records.requests) origin = std::min(origin, request.start);
  std::unordered_map<std::int64_t, std::int64_t> tokens;
  for (const double time : records.token_times) ++tokens[static_cast<std::int64_t>(time - origin)];
  std::int64_t most = 0;
  for (const auto& [second, count] : tokens) most = std::max(most, count);
  return static_cast<double>(most);
}

// The most requests that were under way at once. sglang: that touched the same second.
std::int64_t most_at_once(const std::vector<Recorded>& requests, bool by_seconds) {
  double origin = INFINITY;
  for (const Recorded& request : requests) origin = std::min(origin, request.start);
  std::vector<std::pair<double, int>> events;
  for (const Recorded& request : requests) {
    const double begin = request.start - origin, end = begin + request.latency;
    events.emplace_back(by_seconds ? std::floor(begin) : begin, 1);
    events.emplace_back(by_seconds ? std::floor(end) + 1 : end, -1);
  }
  std::sort(events.begin(), events.end());  // at one time those that end go first
  std::int64_t now = 0, most = 0;
  for (const auto& [time, change] : events) most = std::max(most, now += change);
  return most;
}

std::int64_t good_requests(const Records& records, const Limits& limits) {
  return std::count_if(records.requests.begin(), records.requests.end(), [&](const Recorded& r) {
    const auto within = [](const std::optional<double>& limit, double value) { return !limit || *limit >= value; };
    return within(limits.ttft_s, r.ttft) && within(limits.tpot_s, r.tpot()) && within(limits.e2e_s, r.latency);
  });
}

Json vllm_family(const LogReading& reading, const Limits& limits, bool inferencex) {
  const Records records = record(reading, {.empty_chunks = true, .gap_per_token = false, .ends_with_stream = false, .requested_length = false});
  const auto completed = static_cast<double>(records.requests.size());
  Json out = {{"completed", records.requests.size()}, {"total_input_tokens", records.input}, {"total_output_tokens", records.output}};
  if (!inferencex) out["failed"] = records.failed;
  const auto run = span_of(reading.log);
  if (run && run->seconds() > 0) {
    const double duration = run->seconds();
    out["duration"] = duration;
    out["request_throughput"] = completed / duration;
    out["output_throughput"] = static_cast<double>(records.output) / duration;
    out["total_token_throughput"] = static_cast<double>(records.input + records.output) / duration;
    const bool limited = limits.ttft_s || limits.tpot_s || limits.e2e_s;
    out[inferencex ? "request_goodput:" : "request_goodput"] =
        limited ? Json(static_cast<double>(good_requests(records, limits)) / duration) : Json(nullptr);
  }
  put_latencies(out, records, "e2el", {50, 90, 95, 99, 99.9});
  if (inferencex || records.requests.empty()) return out;
  out["max_output_tokens_per_s"] = most_tokens_a_second(records);
  out["max_concurrent_requests"] = most_at_once(records.requests, false);
  return out;
}

Json sglang(const LogReading& reading) {
  const Records records = record(reading, {.empty_chunks = false, .gap_per_token = true, .ends_with_stream = true, .requested_length = true});
  Json out = {{"completed", records.requests.size()}, {"total_input_tokens", records.input}, {"total_output_tokens", records.output}};
  const auto run = span_of(reading.log);
  if (run && run->seconds() > 0) {
    const double duration = run->seconds();
    double latencies = 0;
    for (const Recorded& request : records.requests) latencies += request.latency;
    out["duration"] = duration;
    out["request_throughput"] = static_cast<double>(records.requests.size()) / duration;
    out["input_throughput"] = static_cast<double>(records.input) / duration;
    out["output_throughput"] = static_cast<double>(records.output) / duration;
    out["total_throughput"] = static_cast<double>(records.input + records.output) / duration;
    out["concurrency"] = latencies / duration;
  }
  put_latencies(out, records, "e2e_latency", {90, 95, 99});
  if (records.requests.empty()) return out;
  out["max_output_tokens_per_s"] = most_tokens_a_second(records);
  out["max_concurrent_requests"] = most_at_once(records.requests, true);
  return out;
}

// ---- aiperf ----

void put_metric(Json& out, const char* tag, const char* unit, std::vector<double> values) {
  if (values.empty()) return;
  const std::size_t count = values.size();
  const Summary summary = summary_of(std::move(values));
  Json& metric = out[tag] = {{"unit", unit},
                             {"avg", summary.mean},
                             {"min", summary.sorted.front()},
                             {"max", summary.sorted.back()},
                             {"std", summary.deviation},
                             {"count", count},
                             {"sum", summary.sum}};
  for (const int p : {1, 5, 10, 25, 50, 75, 90, 95, 99}) metric[fmt::format("p{}", p)] = interpolated(summary.sorted, p / 100.0);
}

struct AiperfSamples {
  std::vector<double> latency, ttft, ttst, itl, chunk_gaps, tok_s_user, prefill_tok_s_user, e2e_tok_s_user, output, input;
};

// Its gaps: between chunks with text; the second token is the second such chunk.
void collect_chunks(const LogReading& reading, AiperfSamples& samples) {
  std::vector<std::int64_t> last(reading.log.requests.size(), kAbsent);
  std::vector<bool> second(last.size(), false);
  reading.each_token_message([&](std::size_t i, std::int64_t at, const std::optional<double>&, std::int32_t) {
    if (last[i] != kAbsent) {
      samples.chunk_gaps.push_back(seconds_of(at - last[i]) * 1e3);
      if (!second[i]) samples.ttst.push_back(samples.chunk_gaps.back());
      second[i] = true;
    }
    last[i] = at;
  });
}

bool good_for_aiperf(const Latencies& l, const Limits& limits) {
  const auto within = [](const std::optional<double>& limit, const std::optional<double>& value) {
    return !limit || (value && *value <= *limit);  // a figure that a request lacks is missed
  };
  return within(limits.ttft_s, l.ttft) && within(limits.tpot_s, l.tpot) && within(limits.e2e_s, l.e2e);
}

Json aiperf(const LogReading& reading, const Limits& limits) {
  const RequestColumns& r = reading.log.requests;
  AiperfSamples s;
  std::int64_t first = kAbsent, last = kAbsent;
  std::int32_t failed = 0, good = 0;
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (!reading.measured(i)) continue;
    if (!reading.completed(i) || !reading.gave_tokens(i)) {
      ++failed;
      continue;
    }
    const Latencies l = reading.latencies(i);
    const auto output = static_cast<double>(reading.output_tokens(i));
    first = first == kAbsent ? r.send_start[i] : std::min(first, r.send_start[i]);
    last = std::max(last, reading.finished(i));
    good += good_for_aiperf(l, limits);
    s.latency.push_back(l.e2e * 1e3);
    s.ttft.push_back(*l.ttft * 1e3);
    s.output.push_back(output);
    if (l.e2e > 0) s.e2e_tok_s_user.push_back(output / l.e2e);
    if (l.tpot) s.itl.push_back(*l.tpot * 1e3);
    if (l.tpot && *l.tpot > 0) s.tok_s_user.push_back(1 / *l.tpot);
    if (r.input_tokens[i] < 0) continue;
    s.input.push_back(r.input_tokens[i]);
    if (*l.ttft > 0) s.prefill_tok_s_user.push_back(r.input_tokens[i] / *l.ttft);
  }
  collect_chunks(reading, s);
  Json out = Json::object();
  const auto derived = [&](const char* tag, const char* unit, double value) { out[tag] = {{"unit", unit}, {"avg", value}}; };
  derived("request_count", "requests", static_cast<double>(s.latency.size()));
  if (failed > 0) derived("error_request_count", "requests", failed);
  if (first != kAbsent && last > first) {
    const double duration = seconds_of(last - first), output = std::accumulate(s.output.begin(), s.output.end(), 0.0),
                 input = std::accumulate(s.input.begin(), s.input.end(), 0.0);
    derived("benchmark_duration", "sec", duration);
    derived("request_throughput", "requests/sec", static_cast<double>(s.latency.size()) / duration);
    derived("output_token_throughput", "tokens/sec", output / duration);
    if (!s.input.empty()) derived("input_token_throughput", "tokens/sec", input / duration);
    if (!s.input.empty()) derived("total_token_throughput", "tokens/sec", (input + output) / duration);
    if (limits.ttft_s || limits.tpot_s || limits.e2e_s) derived("goodput", "requests/sec", good / duration);
  }
  put_metric(out, "request_latency", "ms", std::move(s.latency));
  put_metric(out, "time_to_first_token", "ms", std::move(s.ttft));
  put_metric(out, "time_to_second_token", "ms", std::move(s.ttst));
  put_metric(out, "inter_token_latency", "ms", std::move(s.itl));
  put_metric(out, "inter_chunk_latency", "ms", std::move(s.chunk_gaps));
  put_metric(out, "output_token_throughput_per_user", "tokens/sec/user", std::move(s.tok_s_user));
  put_metric(out, "prefill_throughput_per_user", "tokens/sec/user", std::move(s.prefill_tok_s_user));
  put_metric(out, "e2e_output_token_throughput", "tokens/sec/user", std::move(s.e2e_tok_s_user));
  put_metric(out, "output_sequence_length", "tokens", std::move(s.output));
  put_metric(out, "input_sequence_length", "tokens", std::move(s.input));
  return out;
}

}  // namespace

std::vector<std::string_view> dialect_names() { return {"inferencex", "vllm", "sglang", "guidellm", "aiperf"}; }

Result<Json> dialect_figures(const LogReading& reading, const Limits& limits, std::string_view dialect) {
  if (dialect == "inferencex" || dialect == "vllm") return vllm_family(reading, limits, dialect == "inferencex");
  if (dialect == "sglang") return sglang(reading);
  if (dialect == "guidellm") return guidellm_figures(reading);
  if (dialect == "aiperf") return aiperf(reading, limits);
  std::string known;
  for (const std::string_view name : dialect_names()) known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
  return fail(ErrorKind::invalid_input, "there is no dialect '{}', only {}", dialect, known);
}

Json all_dialects(const EventLog& log, const Limits& limits) {
  const LogReading reading(log);
  Json out = Json::object();
  bool text = false;
  for (std::size_t i = 0; i < log.requests.size() && !text; ++i) text = reading.completed(i) && reading.gave_tokens(i);
  if (!text) return out;
  for (const std::string_view name : dialect_names()) out[std::string(name)] = *dialect_figures(reading, limits, name);
  return out;
}

}  // namespace tokenmark
