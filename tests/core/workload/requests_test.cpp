#include "core/workload/requests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/statistics/random.h"
#include "engine/tokenizer/tokenizer.h"

namespace tokenmark {
namespace {

Point point_of(std::int32_t concurrency, double ratio = 0.8) {
  Point point;
  point.workload = {100, 50, ratio, 7};
  point.load = {concurrency, 10, 2, 0};
  return point;
}

std::vector<PlannedRequest> measured(const Point& point) {
  std::vector<PlannedRequest> out;
  for (const Plan plan = *plan_requests(point); const PlannedRequest& request : plan.requests)
    if (!request.warmup) out.push_back(request);
  return out;
}

TEST(Requests, warmups_come_first_and_counts_are_as_asked) {
  const auto plan = plan_requests(point_of(3))->requests;
  ASSERT_EQ(plan.size(), 36u);
  for (std::size_t i = 0; i < plan.size(); ++i) EXPECT_EQ(plan[i].warmup, i < 6);
  Point more = point_of(3);
  more.load.min_requests = 50;
  EXPECT_EQ(measured(more).size(), 50u);
}

TEST(Requests, lengths_are_uniform_in_their_range_and_drawn_independently) {
  Point point = point_of(1000);
  const auto plan = measured(point);
  double input = 0, output = 0, product = 0;
  std::set<std::int32_t> inputs, outputs;
  for (const PlannedRequest& request : plan) {
    inputs.insert(request.input);
    outputs.insert(request.output);
    input += request.input;
    output += request.output;
    product += (request.input - 90.0) * (request.output - 45.0);
  }
  const auto n = static_cast<double>(plan.size());
  EXPECT_EQ(*inputs.begin(), 80);
  EXPECT_EQ(*inputs.rbegin(), 100);
  EXPECT_EQ(inputs.size(), 21u);
  EXPECT_EQ(*outputs.begin(), 40);
  EXPECT_EQ(*outputs.rbegin(), 50);
  EXPECT_NEAR(input / n, 90, 0.3);    // five deviations of the mean
  EXPECT_NEAR(output / n, 45, 0.16);
  EXPECT_NEAR(product / n, 0, 1);     // no covariance
}

TEST(Requests, ratio_one_gives_the_length_itself_and_ratio_zero_at_least_one_token) {
  for (const Plan plan = *plan_requests(point_of(5, 1.0)); const PlannedRequest& request : plan.requests) {
    EXPECT_EQ(request.input, 100);
    EXPECT_EQ(request.output, 50);
  }
  std::int32_t least = 100;
  for (const Plan plan = *plan_requests(point_of(500, 0.0)); const PlannedRequest& request : plan.requests) least = std::min({least, request.input, request.output});
  EXPECT_EQ(least, 1);
}

TEST(Requests, the_list_is_the_same_every_time_and_the_seed_changes_it) {
  // Pinned: a change of the generator would silently change what every stored run measured.
  const auto plan = measured(point_of(1));
  std::vector<std::int32_t> lengths;
  for (const PlannedRequest& request : plan) lengths.push_back(request.input);
  EXPECT_EQ(lengths, (std::vector<std::int32_t>{89, 96, 81, 97, 92, 99, 85, 81, 86, 93}));
  Point other = point_of(1);
  other.workload.seed = 8;
  const auto changed = measured(other);
  EXPECT_FALSE(std::equal(plan.begin(), plan.end(), changed.begin(), [](const auto& a, const auto& b) { return a.input == b.input; }));
}

TEST(Requests, lengths_do_not_depend_on_concurrency_warmups_or_repeat_but_prompts_do) {
  const auto few = measured(point_of(2));
  Point other = point_of(8);
  other.load.warmups_per_concurrency = 0;
  const auto many = measured(other);
  Point repeated = point_of(2);
  repeated.repeat = 1;
  const auto again = measured(repeated);
  for (std::size_t i = 0; i < few.size(); ++i) {
    EXPECT_EQ(few[i].input, many[i].input);
    EXPECT_EQ(few[i].output, many[i].output);
    EXPECT_EQ(few[i].input, again[i].input);
    EXPECT_NE(few[i].prompt_seed, many[i].prompt_seed);
    EXPECT_NE(few[i].prompt_seed, again[i].prompt_seed);
  }
}

TEST(Requests, every_request_has_its_own_prompt) {
  std::set<std::uint64_t> seeds;
  const auto plan = plan_requests(point_of(100))->requests;
  for (const PlannedRequest& request : plan) seeds.insert(request.prompt_seed);
  EXPECT_EQ(seeds.size(), plan.size());
}

TEST(Requests, prompts_have_exactly_the_planned_length_and_no_control_tokens) {
  const auto tokenizer = make_synthetic_tokenizer(300);
  const auto ordinary = ordinary_tokens(*tokenizer, 280);
  EXPECT_EQ(ordinary.size(), 278u);  // all below 280 but <s> and </s>
  const auto prompt = random_prompt(ordinary, 5000, 3);
  ASSERT_EQ(prompt.size(), 5000u);
  for (const TokenId id : prompt) {
    EXPECT_LT(id, 280);
    EXPECT_FALSE(tokenizer->is_control(id));
  }
  EXPECT_EQ(std::set<TokenId>(prompt.begin(), prompt.end()).size(), ordinary.size());
  EXPECT_EQ(prompt, random_prompt(ordinary, 5000, 3));
  EXPECT_NE(prompt, random_prompt(ordinary, 5000, 4));
}

TEST(Random, generator_is_splitmix64) {
  EXPECT_EQ(mix64(0), 0xE220A8397B1DCDAFull);  // the first two numbers of the published generator, seed 0
  EXPECT_EQ(mix64(0x9E3779B97F4A7C15ull), 0x6E789E6AA1B965F4ull);
  EXPECT_EQ(below(0, 10), 0u);
  EXPECT_EQ(below(~0ull, 10), 9u);
}

}  // namespace
}  // namespace tokenmark
