#include "core/workload/mlperf_queries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace tokenmark {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::int32_t> first_of(const std::vector<std::int32_t>& list, std::size_t count) {
  return {list.begin(), list.begin() + static_cast<std::ptrdiff_t>(std::min(count, list.size()))};
}

Point point_of(const std::string& scenario, double rate, double duration_s) {
  Point point;
  point.target = EndpointTarget{"http://127.0.0.1:1", "m"};
  point.load.scenario = scenario;
  point.load.rate = rate;
  point.load.duration_s = duration_s;
  return point;
}

std::string ours(const std::string& loadgen_scenario) {
  return loadgen_scenario == "SingleStream" ? "single-stream" : loadgen_scenario == "MultiStream" ? "multi-stream"
         : loadgen_scenario == "Server" ? "server" : "offline";
}

// Every line of mlperf_golden.txt was measured from LoadGen 6.0.17 (mlperf_golden.py).
TEST(MlperfQueries, are_those_that_loadgen_issues) {
  std::ifstream in(std::string(TOKENMARK_SOURCE_DIR) + "/tests/core/workload/mlperf_golden.txt");
  std::string line;
  int lines = 0;
  while (std::getline(in, line)) {
    SCOPED_TRACE(line);
    std::istringstream words(line);
    std::string round, scenario, mode, bar;
    int equal = 0, total = 0, performance = 0, min_queries = 0, override_count = 0;
    double qps = 0, duration_ms = 0;
    words >> round >> scenario >> mode >> equal >> total >> performance >> qps >> duration_ms >> min_queries >> override_count >> bar;
    std::int64_t query_count = 0, samples_per_query = 0, duration_ns = 0, issued = 0, weighted = 0;
    words >> query_count >> samples_per_query >> duration_ns >> issued >> bar;
    std::vector<std::int32_t> indices(static_cast<std::size_t>(std::min<std::int64_t>(12, issued)));
    for (std::int32_t& index : indices) words >> index;
    words >> bar >> weighted >> bar;
    std::vector<std::int64_t> arrivals;
    for (std::int64_t at = 0; words >> at;) arrivals.push_back(at);

    MlperfSettings s;
    s.round = *mlperf_round(round);
    s.scenario = *s.round.scenario(ours(scenario));
    s.accuracy = mode == "AccuracyOnly";
    s.equal_issue = equal != 0;
    s.samples = total;
    s.performance_samples = performance;
    s.accuracy_samples = override_count > 0 ? override_count : total;
    Load load;
    load.rate = qps;
    load.duration_s = duration_ms / 1000;
    load.min_requests = min_queries;
    ASSERT_TRUE(mlperf_counts(load, s));
    const Result<MlperfQueries> queries = mlperf_queries(s);
    ASSERT_TRUE(queries) << queries.error().message;
    EXPECT_EQ(static_cast<std::int64_t>(queries->samples.size()), issued);
    EXPECT_EQ(first_of(queries->samples, 12), indices);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < queries->samples.size(); ++i) sum += (i + 1) * static_cast<std::uint64_t>(queries->samples[i]);
    EXPECT_EQ(static_cast<std::int64_t>(sum % (1ull << 32)), weighted);
    if (!s.accuracy) {
      EXPECT_EQ(static_cast<std::int64_t>(queries->first.size()), query_count);
      EXPECT_EQ(queries->duration_ns, duration_ns);
    }
    for (std::size_t i = 0; i < arrivals.size(); ++i) EXPECT_EQ(queries->scheduled_ns[i], arrivals[i]);
    ++lines;
  }
  EXPECT_EQ(lines, 60);
}

TEST(MlperfQueries, golden_vectors_of_the_v6_0_seeds) {
  Point point = point_of("server", 100, 0.5);
  point.load.min_requests = 20;
  const Result<Plan> server = plan_mlperf(point, 64);
  ASSERT_TRUE(server) << server.error().message;
  std::vector<std::int64_t> at;
  std::vector<std::int32_t> samples;
  for (std::size_t i = 0; i < 7; ++i) at.push_back(server->requests[i].arrival_ns);
  for (std::size_t i = 0; i < 10; ++i) samples.push_back(server->requests[i].sample);
  EXPECT_THAT(at, ElementsAre(0, 1080629, 7543987, 9552558, 13868146, 31953181, 36456710));
  EXPECT_THAT(samples, ElementsAre(46, 16, 25, 54, 19, 5, 30, 40, 37, 49));
  point.limits.e2e_s = 20;  // no LLM: samples are drawn with replacement
  const Result<Plan> drawn = plan_mlperf(point, 64);
  samples.clear();
  for (std::size_t i = 0; i < 10; ++i) samples.push_back(drawn->requests[i].sample);
  EXPECT_THAT(samples, ElementsAre(44, 45, 35, 16, 24, 61, 36, 2, 46, 9));
  const MlperfSettings settings = *mlperf_settings(point, 64);
  EXPECT_EQ(first_of(mlperf_queries(settings)->loaded, 6), (std::vector<std::int32_t>{8, 16, 13, 15, 55, 4}));
}

TEST(MlperfPlan, a_multi_stream_query_is_eight_neighbours_that_wait_for_the_eight_before) {
  Point point = point_of("multi-stream", 100, 0.5);
  point.load.min_requests = 20;
  const Result<Plan> plan = plan_mlperf(point, 64);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->requests.size() % 8, 0u);
  for (std::size_t i = 0; i < plan->requests.size(); ++i) {
    EXPECT_EQ(plan->requests[i].group, static_cast<std::int32_t>(i / 8));
    EXPECT_EQ(plan->requests[i].arrival_ns, -1);
    EXPECT_FALSE(plan->requests[i].warmup);
  }
  const std::vector<std::int32_t> first = {37, 41, 31, 30, 22, 53, 61, 34, 62, 2};
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(plan->requests[i].sample, first[i]);
}

TEST(MlperfPlan, offline_is_one_query_at_the_begin_of_whole_rounds_through_the_set) {
  Point point = point_of("offline", 100, 1);
  const Result<Plan> plan = plan_mlperf(point, 64);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->requests.size(), 128u);  // 1.1 · 1 s · 100/s, filled up to two rounds
  std::vector<int> times(64);
  for (const PlannedRequest& request : plan->requests) {
    EXPECT_EQ(request.group, 0);
    EXPECT_EQ(request.arrival_ns, 0);
    ++times[static_cast<std::size_t>(request.sample)];
  }
  EXPECT_THAT(times, testing::Each(2));
}

TEST(MlperfPlan, accuracy_mode_asks_each_sample_once) {
  for (const char* scenario : {"single-stream", "server", "offline"}) {
    SCOPED_TRACE(scenario);
    Point point = point_of(scenario, 50, 600);
    point.load.mlperf_mode = "accuracy";
    const Result<Plan> plan = plan_mlperf(point, 77);
    ASSERT_TRUE(plan);
    std::set<std::int32_t> seen;
    for (const PlannedRequest& request : plan->requests) seen.insert(request.sample);
    EXPECT_EQ(plan->requests.size(), 77u);
    EXPECT_EQ(seen.size(), 77u);
  }
}

TEST(MlperfPlan, a_sample_is_the_same_request_whenever_it_is_issued) {
  Point point = point_of("server", 1000, 1);
  point.workload.range_ratio = 0.1;
  const Result<Plan> plan = plan_mlperf(point, 40), other = plan_mlperf(point_of("server", 1000, 1), 40);
  ASSERT_TRUE(plan && other);
  std::vector<const PlannedRequest*> by_sample(40);
  std::set<std::int32_t> lengths;
  for (const PlannedRequest& request : plan->requests) {
    const PlannedRequest*& first = by_sample[static_cast<std::size_t>(request.sample)];
    if (first == nullptr) first = &request;
    EXPECT_EQ(request.input, first->input);
    EXPECT_EQ(request.output, first->output);
    EXPECT_EQ(request.prompt_seed, first->prompt_seed);
    lengths.insert(request.input);
  }
  EXPECT_GT(lengths.size(), 20u);
}

TEST(MlperfPlan, a_stream_ends_with_the_query_that_is_sent_after_the_minimum_duration) {
  const Result<MlperfSettings> settings = mlperf_settings(point_of("single-stream", 100, 2), 64);
  ASSERT_TRUE(settings);
  const std::optional<MlperfStop> stop = mlperf_stop(*settings);
  ASSERT_TRUE(stop);
  const std::int64_t min_queries = 448;  // 2 · 2 s · 100/s, up to the next multiple of 64
  EXPECT_EQ(stop->min_queries, min_queries);
  EXPECT_FALSE(stop->enough(min_queries, 1'999'999'999));
  EXPECT_FALSE(stop->enough(min_queries - 1, 9'000'000'000));
  EXPECT_TRUE(stop->enough(min_queries, 2'000'000'000));
  EXPECT_FALSE(mlperf_stop(*mlperf_settings(point_of("server", 100, 2), 64)));
  EXPECT_FALSE(mlperf_stop(*mlperf_settings(point_of("offline", 100, 2), 64)));
}

TEST(MlperfPlan, a_benchmark_brings_its_samples_and_limits) {
  Point point = point_of("interactive", 10, 0);
  point.load.mlperf_benchmark = "llama2-70b-99.9";
  const Result<MlperfSettings> s = mlperf_settings(point, 0);
  ASSERT_TRUE(s) << s.error().message;
  EXPECT_EQ(s->performance_samples, 24576);
  EXPECT_EQ(s->min_duration_ns, 600'000'000'000);
  EXPECT_EQ(s->min_queries, 100);
  EXPECT_EQ(s->limits.ttft_s, 0.45);
  EXPECT_EQ(s->limits.tpot_s, 0.04);
  EXPECT_TRUE(s->equal_issue);
  EXPECT_EQ(s->benchmark->factors, std::vector<double>{0.999});
  point.load.scenario = "offline";
  EXPECT_EQ(mlperf_settings(point, 0)->samples_per_query, 24576);
  EXPECT_EQ(mlperf_settings(point, 1000)->performance_samples, 1000);
  point.load.mlperf_benchmark = "gpt-oss-120b";
  EXPECT_EQ(mlperf_settings(point, 0)->accuracy_samples, 4395);
}

TEST(MlperfPlan, errors_name_the_field_and_what_there_is) {
  const auto message = [](const Point& point, std::int32_t samples) {
    const Result<Plan> plan = plan_mlperf(point, samples);
    return plan ? std::string() : plan.error().message;
  };
  EXPECT_THAT(message(point_of("server", 0, 1), 10), HasSubstr("load.rate is 0"));
  EXPECT_THAT(message(point_of("server", 1, 1), 0), HasSubstr("load.mlperf_benchmark is empty"));
  EXPECT_THAT(message(point_of("servant", 1, 1), 1), HasSubstr("no scenario 'servant'; it has single-stream, multi-stream, server"));
  Point point = point_of("server", 1, 1);
  point.load.mlperf_benchmark = "llama3.1-405b";
  point.load.mlperf_round = "v6.1";
  EXPECT_THAT(message(point, 0), HasSubstr("MLPerf v6.1 has no benchmark 'llama3.1-405b' here; it has llama2-70b"));
  point.load.mlperf_benchmark = "wan-2.2-t2v-a14b";
  EXPECT_THAT(message(point, 0), HasSubstr("has no scenario 'server' in MLPerf v6.1; it has single-stream, offline"));
  point.load.mlperf_round = "v9";
  EXPECT_THAT(message(point, 0), HasSubstr("no MLPerf round 'v9' here; there are v5.1, v6.0, v6.1"));
  EXPECT_THAT(message(point_of("server", 1e6, 600), 10), HasSubstr("lower load.rate or load.duration_s"));
}

TEST(MlperfRules, the_table_is_that_of_the_rounds) {
  ASSERT_EQ(mlperf_rounds().size(), 3u);
  EXPECT_TRUE(parse_mlperf_rounds("{}").error().message.starts_with("mlperf.json: "));
  const auto limits = [](const char* round, const char* benchmark, const char* scenario) { return *mlperf_round(round)->benchmark(benchmark)->limits(scenario); };
  EXPECT_EQ(limits("v6.0", "gpt-oss-120b", "interactive").tpot_s, 0.015);  // the checker's, not the rules' text
  EXPECT_EQ(limits("v6.0", "deepseek-r1", "interactive").ttft_s, 1.5);
  EXPECT_EQ(mlperf_round("v5.1")->benchmark("deepseek-r1")->limits("interactive"), nullptr);
  EXPECT_EQ(limits("v6.1", "stable-diffusion-xl", "server").latency_s, 20.0);
  EXPECT_FALSE(mlperf_round("v5.1")->benchmark("gpt-oss-120b"));
  const MlperfBenchmark llama = *mlperf_round("v5.1")->benchmark("llama2-70b-99");
  EXPECT_NEAR(*mlperf_bounds(llama.targets[0], llama.factors[0]).low, 43.986888, 1e-9);
  const MlperfBounds tokens = mlperf_bounds(llama.targets[3], llama.factors[0]);
  EXPECT_NEAR(*tokens.low, 294.45 * 0.9, 1e-9);
  EXPECT_NEAR(*tokens.high, 294.45 * 1.1, 1e-9);
}

}  // namespace
}  // namespace tokenmark
