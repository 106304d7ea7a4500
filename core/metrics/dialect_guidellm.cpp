// GuideLLM's distributions are over weighted values: of tokens, or of time.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/metrics/dialects.h"

namespace tokenmark {
namespace {

using Json = nlohmann::json;

struct Weighted {
  double value = 0, weight = 1;
};

constexpr double kMergeWithin = 1e-4;  // s: events closer than that to the first of a group are one
constexpr double kShortest = 1e-6;     // s: least time given to the last event

void merge_equal(std::vector<Weighted>& sorted) {
  std::vector<Weighted> merged;
  for (const Weighted& one : sorted) {
    if (!merged.empty() && merged.back().value == one.value) merged.back().weight += one.weight;
    else merged.push_back(one);
  }
  sorted = std::move(merged);
}

void sort_by_value(std::vector<Weighted>& values) {
  std::stable_sort(values.begin(), values.end(), [](const Weighted& a, const Weighted& b) { return a.value < b.value; });
}

std::optional<Json> distribution(std::vector<Weighted> values, std::optional<double> count = {}) {
  if (!count) {
    double sum = 0;
    for (const Weighted& one : values) sum += one.weight;
    count = std::nearbyint(sum);
  }
  sort_by_value(values);
  merge_equal(values);
  std::erase_if(values, [](const Weighted& one) { return one.weight <= 0; });
  if (values.empty()) return std::nullopt;
  double total = 0, mean = 0, variance = 0;
  for (const Weighted& one : values) total += one.weight;
  for (Weighted& one : values) mean += one.value * (one.weight /= total);
  const Weighted* mode = &values.front();
  for (const Weighted& one : values) {
    variance += (one.value - mean) * (one.value - mean) * one.weight;
    if (one.weight > mode->weight) mode = &one;
  }
  Json out = {{"mean", mean},         {"mode", mode->value},        {"variance", variance}, {"std_dev", std::sqrt(variance)},
              {"min", values.front().value}, {"max", values.back().value}, {"count", *count},      {"total_sum", mean * *count}};
  constexpr std::pair<const char*, double> kShares[] = {{"p001", 0.001}, {"p01", 0.01}, {"p05", 0.05}, {"p10", 0.1},
                                                        {"p25", 0.25},   {"p50", 0.5},  {"p75", 0.75}, {"p90", 0.9},
                                                        {"p95", 0.95},   {"p99", 0.99}, {"p999", 0.999}};
  std::size_t at = 0;
  double cumulated = values[0].weight;
  for (const auto& [key, share] : kShares) {
    while (cumulated < share && at + 1 < values.size()) cumulated += values[++at].weight;
    out["percentiles"][key] = values[at].value;
  }
  out["median"] = out["percentiles"]["p50"];
  return out;
}

// Times with weights, each group of close ones as one at its first time.
std::vector<Weighted> merged_times(std::vector<Weighted> times) {
  sort_by_value(times);
  merge_equal(times);
  std::vector<Weighted> out;
  for (const Weighted& one : times) {
    if (!out.empty() && one.value <= out.back().value + kMergeWithin) out.back().weight += one.weight;
    else out.push_back(one);
  }
  return out;
}

// Events a second over time: each event's weight ÷ the time halfway to its neighbours, weighted by that time.
std::optional<Json> rate(std::vector<Weighted> events, double from, double to) {
  std::erase_if(events, [&](const Weighted& one) { return one.value < from || one.value > to; });
  events.push_back({from, 0});
  events.push_back({to, 0});
  events = merged_times(std::move(events));
  if (events.size() < 2) return std::nullopt;
  double count = 0;
  std::vector<Weighted> rates;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const double left = i == 0 ? events[0].value : (events[i - 1].value + events[i].value) / 2;
    const double right = i + 1 == events.size() ? events[i].value : (events[i].value + events[i + 1].value) / 2;
    const double time = i + 1 == events.size() ? std::max(kShortest, right - left) : right - left;
    rates.push_back({events[i].weight / time, time});
    count += events[i].weight;
  }
  return distribution(std::move(rates), std::nearbyint(count));
}

// Requests under way over time, weighted by how long.
std::optional<Json> concurrency(const std::vector<std::pair<double, double>>& spans, double from, double to) {
  std::vector<Weighted> changes;
  for (const auto& [begin, end] : spans) {
    changes.push_back({begin, 1});
    changes.push_back({end, -1});
  }
  changes = merged_times(std::move(changes));
  std::vector<Weighted> levels;
  double level = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    level += changes[i].weight;
    const double until = i + 1 < changes.size() ? changes[i + 1].value : to;
    levels.push_back({std::max(0.0, level), std::max(0.0, until - std::max(from, changes[i].value))});
  }
  return distribution(std::move(levels), static_cast<double>(spans.size()));
}

struct Samples {
  std::vector<Weighted> latency, ttft, tpot, itl, prompt, output, total;
  std::vector<Weighted> ends, prompt_times, output_times, total_times;
  std::vector<std::pair<double, double>> spans;
};

// When its tokens came, as it takes them: one at the first iteration, the others spread evenly up to the last.
std::vector<Weighted> token_times(double first, double last, double tokens, std::int64_t iterations) {
  if (iterations <= 1) return {{last, tokens}};
  std::vector<Weighted> out = {{first, tokens > 0 ? 1.0 : 0.0}};
  if (tokens <= 1) return out;
  const double each = (tokens - 1) / static_cast<double>(iterations - 1);
  for (std::int64_t k = 1; k < iterations; ++k)
    out.push_back({first + (last - first) * static_cast<double>(k) / static_cast<double>(iterations - 1), each});
  return out;
}

void add(const LogReading& reading, std::size_t i, std::int64_t iterations, Samples& s) {
  const RequestColumns& r = reading.log.requests;
  const double start = seconds_of(r.send_start[i]), end = seconds_of(r.end[i]), first = seconds_of(reading.first_token(i)),
               last = seconds_of(reading.finished(i));
  const double input = std::max(0, r.input_tokens[i]), output = static_cast<double>(reading.output_tokens(i));
  s.latency.push_back({end - start});
  s.ttft.push_back({1e3 * (first - start)});
  if (output > 0) s.tpot.push_back({1e3 * (last - start) / output, output});
  if (output > 1) s.itl.push_back({1e3 * (last - first) / (output - 1), output - 1});
  s.prompt.push_back({input});
  s.output.push_back({output});
  s.total.push_back({input + output});
  s.ends.push_back({end});
  s.spans.emplace_back(start, end);
  s.prompt_times.push_back({first, input});
  s.total_times.push_back({first, input});
  for (const Weighted& token : token_times(first, last, output, iterations)) {
    s.output_times.push_back(token);
    s.total_times.push_back(token);
  }
}

}  // namespace

Json guidellm_figures(const LogReading& reading) {
  const RequestColumns& r = reading.log.requests;
  std::vector<std::int64_t> iterations(r.size(), 0);
  reading.each_token_message([&](std::size_t i, std::int64_t, const std::optional<double>&, std::int32_t) { ++iterations[i]; });
  Samples s;
  std::int64_t successful = 0, incomplete = 0, errored = 0;
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (!reading.measured(i)) continue;
    if (reading.completed(i) && reading.gave_tokens(i) && r.end[i] != kAbsent) {
      ++successful;
      add(reading, i, iterations[i], s);
    } else {
      ++(r.error[i] == RequestError::cancelled ? incomplete : errored);
    }
  }
  Json out = {{"request_totals", {{"successful", successful}, {"incomplete", incomplete}, {"errored", errored},
                                  {"total", successful + incomplete + errored}}}};
  const auto put = [&](const char* name, std::optional<Json> metric) {
    if (metric) out[name]["successful"] = *std::move(metric);
  };
  put("request_latency", distribution(std::move(s.latency)));
  put("time_to_first_token_ms", distribution(std::move(s.ttft)));
  put("time_per_output_token_ms", distribution(std::move(s.tpot)));
  put("inter_token_latency_ms", distribution(std::move(s.itl)));
  put("prompt_token_count", distribution(std::move(s.prompt)));
  put("output_token_count", distribution(std::move(s.output)));
  put("total_token_count", distribution(std::move(s.total)));
  const auto run = span_of(reading.log);
  if (!run || run->seconds() <= 0) return out;
  const double from = seconds_of(run->from), to = seconds_of(run->to);
  out["duration"] = to - from;
  put("request_concurrency", concurrency(s.spans, from, to));
  put("requests_per_second", rate(std::move(s.ends), from, to));
  put("prompt_tokens_per_second", rate(std::move(s.prompt_times), from, to));
  put("output_tokens_per_second", rate(std::move(s.output_times), from, to));
  put("tokens_per_second", rate(std::move(s.total_times), from, to));
  return out;
}

}  // namespace tokenmark
