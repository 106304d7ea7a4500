#include "core/workload/traffic_sum.h"

#include <gtest/gtest.h>

#include "core/workload/requests.h"

namespace tokenmark {
namespace {

// What the plan of the point really sends; every turn with what was said before it.
TrafficSum planned(const Point& point) {
  TrafficSum sum;
  double before = 0;
  const auto plan = plan_requests(point);
  EXPECT_TRUE(plan) << plan.error().message;
  for (const PlannedRequest& request : plan->requests) {
    before = request.turn > 0 ? before : 0;
    (request.warmup ? sum.warmups : sum.requests) += 1;
    sum.input_tokens += before + request.input;
    sum.output_tokens += request.output;
    before += request.input + request.output;
  }
  return sum;
}

void expect_near(const Point& point, double share, const char* what) {
  const auto expected = expected_traffic(point);
  ASSERT_TRUE(expected) << what;
  const TrafficSum sent = planned(point);
  EXPECT_NEAR(expected->requests, sent.requests, share * sent.requests + 1e-9) << what;
  EXPECT_EQ(expected->warmups, sent.warmups) << what;
  EXPECT_NEAR(expected->input_tokens, sent.input_tokens, share * sent.input_tokens + 1e-9) << what;
  EXPECT_NEAR(expected->output_tokens, sent.output_tokens, share * sent.output_tokens + 1e-9) << what;
}

Point closed_loop() {
  Point point;
  point.workload.input = 100;
  point.workload.output = 50;
  point.load.concurrency = 8;
  point.load.requests_per_concurrency = 12;
  point.load.warmups_per_concurrency = 2;
  return point;
}

TEST(TrafficSum, fixed_lengths_are_exact_with_warmups_prefixes_and_turns) {
  Point point = closed_loop();
  expect_near(point, 0, "closed loop");
  point.load.min_requests = 200;
  expect_near(point, 0, "at least so many");
  point.workload.prefix = 40;
  point.workload.prefix_groups = 4;
  expect_near(point, 0, "prefixes");
  point.workload.turns = 4;
  expect_near(point, 0, "conversations");
}

TEST(TrafficSum, drawn_lengths_rates_and_classes_are_right_on_average) {
  for (const char* lengths : {"inferencex", "sglang", "vllm", "lognormal"}) {
    Point point = closed_loop();
    point.load.requests_per_concurrency = 2000;
    point.workload.lengths = lengths;
    point.workload.range_ratio = 0.5;
    point.workload.deviation = point.workload.lengths == "lognormal" ? 0.3 : 0;
    expect_near(point, 0.02, lengths);
  }
  Point point = closed_loop();
  point.load.arrivals = "poisson";
  point.load.rate = 50;
  point.load.duration_s = 100;
  expect_near(point, 0.05, "poisson");
  point.workload.classes = {{.name = "short", .weight = 3, .input = 10, .output = 5},
                            {.name = "talk", .input = 200, .turns = 3}};
  expect_near(point, 0.05, "classes");
}

TEST(TrafficSum, what_a_file_or_a_scenario_says_is_not_known) {
  Point point = closed_loop();
  point.workload.source = "jsonl";
  point.workload.file = "f.jsonl";
  EXPECT_FALSE(expected_traffic(point));
  point = closed_loop();
  point.load.scenario = "offline";
  EXPECT_FALSE(expected_traffic(point));
}

}  // namespace
}  // namespace tokenmark
