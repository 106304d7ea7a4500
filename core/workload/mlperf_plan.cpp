#include <algorithm>
#include <cmath>

#include "core/workload/mlperf_queries.h"

namespace tokenmark {
namespace {

constexpr double kMaxSamples = 10'000'000;

// The benchmark's limits, or where none is named the point's own.
Status take_benchmark(const Point& point, MlperfSettings& s) {
  if (point.load.mlperf_benchmark.empty()) {
    s.limits = {s.scenario.name, point.limits.ttft_s, point.limits.tpot_s, point.limits.e2e_s};
    s.tokens = s.equal_issue = !point.limits.e2e_s;
    return {};
  }
  TOKENMARK_TRY(s.benchmark, s.round.benchmark(point.load.mlperf_benchmark));
  const MlperfLimits* limits = s.benchmark->limits(s.scenario.name);
  if (limits == nullptr) {
    std::string has;
    for (const MlperfLimits& one : s.benchmark->scenarios) has += (has.empty() ? "" : ", ") + one.scenario;
    return fail(ErrorKind::invalid_input, "load.scenario: {} has no scenario '{}' in MLPerf {}; it has {}", s.benchmark->name,
                s.scenario.name, s.round.name, has);
  }
  s.limits = *limits;
  s.tokens = s.equal_issue = s.benchmark->tokens;
  return {};
}

Status take_samples(std::int32_t samples, MlperfSettings& s) {
  if (samples <= 0 && !s.benchmark)
    return fail(ErrorKind::invalid_input, "load.mlperf_benchmark is empty and there is no dataset: one of them must say how many samples there are");
  const MlperfBenchmark none;
  const MlperfBenchmark& b = s.benchmark ? *s.benchmark : none;
  s.samples = samples > 0 ? samples : std::max(b.performance_samples, b.accuracy_samples);
  s.performance_samples = b.performance_samples > 0 ? std::min(b.performance_samples, s.samples) : s.samples;
  s.accuracy_samples = b.accuracy_samples > 0 ? std::min(b.accuracy_samples, s.samples) : s.samples;
  return {};
}

}  // namespace

Status mlperf_counts(const Load& load, MlperfSettings& s) {
  const double seconds = load.duration_s > 0 ? load.duration_s : s.round.min_duration_s;
  s.min_duration_ns = std::llround(seconds * 1e9);
  s.target_qps = load.rate > 0 ? load.rate : s.scenario.expected_qps;
  if (!(s.target_qps > 0)) return fail(ErrorKind::invalid_input, "load.rate is {}: a {} run needs its target QPS", load.rate, s.scenario.name);
  const bool offline = s.scenario.loadgen == "Offline";
  const std::int64_t own = offline && s.benchmark ? s.benchmark->offline_samples : s.scenario.min_queries;
  s.min_queries = load.min_requests > 0 ? load.min_requests : own;
  s.samples_per_query = s.scenario.samples_per_query;
  const double slack = offline ? 1.1 : s.scenario.loadgen == "Server" ? 1.0 : 2.0;
  const double expected = slack * seconds * s.target_qps;
  if (expected * static_cast<double>(s.samples_per_query) > kMaxSamples)
    return fail(ErrorKind::invalid_input, "load: {} s at {} queries a second are more than {} requests: lower load.rate or load.duration_s",
                seconds, s.target_qps, kMaxSamples);
  if (offline) {
    s.samples_per_query = std::max(s.min_queries, static_cast<std::int64_t>(expected));
    s.min_queries = 1;
  }
  if (s.equal_issue && s.scenario.loadgen == "SingleStream") {
    s.min_queries = std::max(s.min_queries, static_cast<std::int64_t>(expected));
    s.min_queries += s.performance_samples - s.min_queries % s.performance_samples;
  }
  s.min_samples = s.min_queries * s.samples_per_query;
  return {};
}

Result<MlperfSettings> mlperf_settings(const Point& point, std::int32_t samples) {
  MlperfSettings s;
  TOKENMARK_TRY(s.round, mlperf_round(point.load.mlperf_round));
  TOKENMARK_TRY(s.scenario, s.round.scenario(point.load.scenario));
  s.accuracy = point.load.mlperf_mode == "accuracy";
  TOKENMARK_CHECK(take_benchmark(point, s));
  TOKENMARK_CHECK(take_samples(samples, s));
  TOKENMARK_CHECK(mlperf_counts(point.load, s));
  return s;
}

Result<Plan> arrange_mlperf(const MlperfSettings& settings, Plan bank) {
  std::vector<PlannedRequest> samples;
  samples.swap(bank.requests);
  std::erase_if(samples, [](const PlannedRequest& request) { return request.warmup; });
  if (static_cast<std::int64_t>(samples.size()) < settings.samples)
    return fail(ErrorKind::invalid_input, "workload: holds {} samples, the run draws from {}", samples.size(), settings.samples);
  TOKENMARK_TRY(const MlperfQueries queries, mlperf_queries(settings));
  bank.stop = mlperf_stop(settings);
  const bool timed = !bank.stop && (settings.scenario.loadgen == "Server" || settings.scenario.loadgen == "Offline");
  bank.requests.reserve(queries.samples.size());
  for (std::size_t query = 0; query < queries.first.size(); ++query) {
    const std::size_t begin = static_cast<std::size_t>(queries.first[query]);
    const std::size_t end = query + 1 < queries.first.size() ? static_cast<std::size_t>(queries.first[query + 1]) : queries.samples.size();
    for (std::size_t i = begin; i < end; ++i) {
      PlannedRequest request = samples[static_cast<std::size_t>(queries.samples[i])];
      request.sample = queries.samples[i];
      request.group = static_cast<std::int32_t>(query);
      request.turn = 0;
      request.arrival_ns = timed ? queries.scheduled_ns[query] : -1;
      bank.requests.push_back(request);
    }
  }
  return bank;
}

Result<Plan> plan_mlperf(const Point& point, std::int32_t samples, const Tokenizer* tokenizer) {
  TOKENMARK_TRY(const MlperfSettings settings, mlperf_settings(point, samples));
  if (point.workload.turns != 1)
    return fail(ErrorKind::invalid_input, "workload.turns is {}: an MLPerf sample is one request", point.workload.turns);
  Point bank = point;
  bank.load.scenario.clear();
  bank.load.arrivals = "closed";
  bank.load.warmups_per_concurrency = 0;
  bank.load.requests_per_concurrency = 1;
  bank.load.concurrency = 1;
  bank.load.min_requests = settings.samples;
  bank.load.requests = 0;
  bank.load.duration_s = 0;
  bank.load.rate = 0;
  TOKENMARK_TRY(Plan plan, plan_requests(bank, tokenizer));
  return arrange_mlperf(settings, std::move(plan));
}

}  // namespace tokenmark
