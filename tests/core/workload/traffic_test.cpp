#include "core/workload/traffic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "core/statistics/random.h"
#include "core/workload/requests.h"

namespace tokenmark {
namespace {

Point point_of(std::int32_t requests) {
  Point point;
  point.workload.input = 100;
  point.workload.output = 50;
  point.load.concurrency = 2;
  point.load.requests = requests;
  return point;
}

std::vector<PlannedRequest> measured(const Plan& plan) {
  std::vector<PlannedRequest> out;
  for (const PlannedRequest& request : plan.requests)
    if (!request.warmup) out.push_back(request);
  return out;
}

TEST(Zipf, groups_have_their_probabilities) {
  for (const double exponent : {0.0, 0.7, 1.0, 2.5}) {
    const ZipfGroups groups(20, exponent);
    std::vector<double> counts(20);
    for (std::uint64_t i = 0; i < 200'000; ++i) ++counts[static_cast<std::size_t>(groups.group(random_at(5, 0, i)))];
    double sum = 0;
    for (int k = 1; k <= 20; ++k) sum += std::pow(k, -exponent);
    for (int k = 1; k <= 20; ++k) {
      const double p = std::pow(k, -exponent) / sum;
      EXPECT_NEAR(counts[static_cast<std::size_t>(k - 1)], 200'000 * p, 6 * std::sqrt(200'000 * p)) << k;
    }
  }
}

TEST(Traffic, classes_have_their_share_of_the_requests_even_in_a_short_run) {
  Point point = point_of(400);
  point.workload.classes = {{"chat", 5, 0, 0, -1, 0}, {"summary", 3, 2000, 20, -1, 0}, {"code", 2, 0, 500, -1, 4}};
  const Plan plan = *plan_requests(point);
  EXPECT_EQ(plan.class_names, (std::vector<std::string>{"chat", "summary", "code"}));
  std::vector<int> counts(3);
  for (const PlannedRequest& request : measured(plan)) {
    ++counts[request.traffic_class];
    EXPECT_EQ(request.input, request.traffic_class == 1 ? 2000 : 100);
    EXPECT_EQ(request.output, std::vector<int>({50, 20, 500})[request.traffic_class]);
    EXPECT_EQ(request.group >= 0, request.traffic_class == 2);  // the one with conversations
  }
  EXPECT_NEAR(counts[0], 200, 8);
  EXPECT_NEAR(counts[1], 120, 8);
  EXPECT_NEAR(counts[2], 80, 8);
}

TEST(Traffic, a_conversation_s_turns_follow_each_other_and_think) {
  Point point = point_of(40'001);
  point.workload.turns = 4;
  point.workload.think_s = 2;
  point.load.arrivals = "poisson";
  point.load.rate = 10;
  const auto requests = measured(*plan_requests(point));
  ASSERT_EQ(requests.size(), 40'001u);  // the last conversation is cut
  double think = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(requests[i].group, static_cast<std::int32_t>(i / 4));
    EXPECT_EQ(requests[i].turn, static_cast<std::int32_t>(i % 4));
    EXPECT_EQ(requests[i].arrival_ns >= 0, i % 4 == 0);
    EXPECT_EQ(requests[i].think_ns > 0, i % 4 != 0);
    think += static_cast<double>(requests[i].think_ns) * 1e-9;
  }
  EXPECT_NEAR(think / 30'000, 2, 6 * 2 / std::sqrt(30'000));
  point.load.requests = 10;
  const auto few = measured(*plan_requests(point));
  for (std::size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i].think_ns, requests[i].think_ns);
}

TEST(Traffic, prefixes_are_shared_within_a_group_and_never_with_warmups) {
  Point point = point_of(300);
  point.workload.prefix = 64;
  point.workload.prefix_groups = 5;
  point.workload.prefix_zipf = 1;
  const Plan plan = *plan_requests(point);
  std::vector<std::int32_t> ordinary = ordinary_tokens_of_any_vocabulary();
  std::map<std::uint64_t, int> groups, warm;
  std::set<std::vector<std::int32_t>> beginnings;
  for (std::size_t i = 0; i < plan.requests.size(); ++i) {
    const PlannedRequest& request = plan.requests[i];
    EXPECT_EQ(request.input, 164);
    const auto pieces = prompt_pieces(plan, i);
    ASSERT_EQ(pieces.size(), 2u);
    EXPECT_EQ(pieces[0].tokens, 64);
    ++(request.warmup ? warm : groups)[pieces[0].seed];
    const auto ids = prompt_ids(plan, i, ordinary, nullptr);
    ASSERT_EQ(ids.size(), 164u);
    if (!request.warmup) beginnings.insert({ids.begin(), ids.begin() + 64});
  }
  EXPECT_EQ(groups.size(), 5u);
  EXPECT_EQ(beginnings.size(), 5u);
  for (const auto& [seed, count] : warm) EXPECT_FALSE(groups.contains(seed));
  Point again = point;
  again.repeat = 1;  // its prefixes are others, so that none is found in a cache
  EXPECT_FALSE(groups.contains(prompt_pieces(*plan_requests(again), 10)[0].seed));
}

TEST(Traffic, an_open_loop_s_arrivals_are_those_of_its_requests) {
  Point point = point_of(0);
  point.load.arrivals = "constant";
  point.load.rate = 8;
  point.load.duration_s = 5;
  const Plan plan = *plan_requests(point);
  const auto requests = measured(plan);
  ASSERT_EQ(requests.size(), 40u);
  for (std::size_t i = 0; i < requests.size(); ++i) EXPECT_EQ(requests[i].arrival_ns, static_cast<std::int64_t>(i) * 125'000'000);
  for (const PlannedRequest& request : plan.requests) EXPECT_EQ(request.warmup, request.arrival_ns < 0);
  Point other = point;  // another target: the same schedule and lengths
  other.target = EndpointTarget{.url = "http://x", .model = "m"};
  other.load.concurrency = 1;
  const auto same = measured(*plan_requests(other));
  for (std::size_t i = 0; i < requests.size(); ++i) EXPECT_EQ(requests[i].arrival_ns, same[i].arrival_ns);
  point.load.arrivals = "poisson";
  point.load.rate = 1e-6;
  EXPECT_NE(plan_requests(point).error().message.find("no request arrives"), std::string::npos);
}

TEST(Traffic, what_cannot_be_is_named) {
  Point point = point_of(10);
  point.workload.classes = {{"a", 1, 0, 0, -1, 0}, {"a", 1, 0, 0, -1, 0}};
  EXPECT_NE(check_plan(point).error().message.find("two classes named 'a'"), std::string::npos);
  point.workload.classes = {{"a", 0, 0, 0, -1, 0}};
  EXPECT_NE(check_plan(point).error().message.find("all 0"), std::string::npos);
  point.workload.classes.clear();
  point.workload.prefix_groups = 3;
  EXPECT_NE(check_plan(point).error().message.find("workload.prefix_groups"), std::string::npos);
}

}  // namespace
}  // namespace tokenmark
