#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "core/load/load.h"
#include "core/metrics/figures.h"
#include "core/workload/requests.h"
#include "engine/runtime/engine.h"
#include "tests/engine/runtime/fake_plugin.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;

class MeasureEngine : public testing::Test {
 protected:
  void SetUp() override {
    fake::behaviour().reset();
    registry.add(fake_plugin_query);
    EngineOptions options;
    options.device = "fake";
    auto started = Engine::start(fake::fake_model(), registry, options);
    ASSERT_TRUE(started) << started.error().message;
    engine = std::move(*started);
    point.target = EngineTarget{"fake"};
    point.workload = {20, 10, 0.5, 3};
    point.load = {4, 10, 2, 0};
  }
  Result<EventLog> measure(std::stop_token stop = {}, const LoadProgressSink& progress = {}) {
    return measure_engine(*engine, point, progress, stop);
  }
  void expect_engine_idle() {
    const SchedulerCounts counts = engine->counts().scheduler;
    EXPECT_EQ(counts.running + counts.waiting, 0);
  }

  PluginRegistry registry{RegistryOptions{}};
  std::unique_ptr<Engine> engine;
  Point point;
};

TEST_F(MeasureEngine, every_planned_request_is_logged_with_its_exact_tokens) {
  const auto log = measure();
  ASSERT_TRUE(log) << log.error().message;
  const auto plan = plan_requests(point)->requests;
  const RequestColumns& r = log->requests;
  ASSERT_EQ(r.size(), plan.size());
  std::vector<std::int32_t> tokens(plan.size());
  for (std::size_t k = 0; k < log->messages.size(); ++k) tokens[log->messages.request[k]] += log->messages.tokens[k];
  for (std::size_t i = 0; i < plan.size(); ++i) {
    EXPECT_EQ(r.input_tokens[i], plan[i].input);
    EXPECT_EQ(r.output_tokens[i], plan[i].output);
    EXPECT_EQ(tokens[i], plan[i].output);
    EXPECT_EQ(r.warmup[i] != 0, plan[i].warmup);
    EXPECT_EQ(r.error[i], RequestError::none);
    EXPECT_EQ(r.status[i], 200);
    EXPECT_EQ(r.token_source[i], TokenSource::engine);
    EXPECT_LE(r.intended[i], r.send_start[i]);
    EXPECT_LT(r.send_start[i], r.end[i]);
  }
  EXPECT_TRUE(decode_event_log(encode(*log)));
  expect_engine_idle();
}

// In flight at any time, from the log alone.
std::pair<int, int> concurrency_range(const EventLog& log) {
  std::vector<std::pair<std::int64_t, int>> changes;
  const RequestColumns& r = log.requests;
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (r.warmup[i] != 0) continue;
    changes.emplace_back(r.send_start[i], 1);
    changes.emplace_back(r.end[i], -1);
  }
  std::sort(changes.begin(), changes.end());  // an end before a start at the same time
  int now = 0, most = 0;
  for (const auto& change : changes) most = std::max(most, now += change.second);
  return {now, most};
}

TEST_F(MeasureEngine, so_many_requests_are_in_flight_as_the_concurrency_says) {
  fake::behaviour().step_ns = 100'000;
  const auto log = measure();
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(concurrency_range(*log), (std::pair{0, 4}));
  const RequestColumns& r = log->requests;
  std::int64_t warm = 0, first = r.send_start.back(), last = 0, held = 0;
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (r.warmup[i] != 0) {
      warm = std::max(warm, r.end[i]);
    } else {
      first = std::min(first, r.send_start[i]);
      last = std::max(last, r.end[i]);
      held += r.end[i] - r.send_start[i];
    }
  }
  EXPECT_GE(first, warm);  // warm-ups are over when the measurement begins
  EXPECT_GT(static_cast<double>(held) / static_cast<double>(last - first), 3.0);  // of 4, with the drain at the end
}

TEST_F(MeasureEngine, figures_are_consistent_with_the_pace_of_the_device) {
  fake::behaviour().step_ns = 2'000'000;
  point.workload = {8, 20, 1.0, 0};
  point.load = {2, 5, 0, 0};
  const auto log = measure();
  ASSERT_TRUE(log) << log.error().message;
  const Figures f = compute_figures(*log, {}, 1);
  EXPECT_EQ(f.completed, 10);
  EXPECT_EQ(f.output_tokens, 200);
  EXPECT_GE(*f.tpot_s.minimum, 0.0019);  // no token earlier than a step
  EXPECT_GE(*f.ttft_s.minimum, 0.0019);
  EXPECT_NEAR(*f.littles_law, 1, 0.01);
}

TEST_F(MeasureEngine, one_slot_and_no_warmups_send_one_after_the_other) {
  point.load = {1, 5, 0, 0};
  const auto log = measure();
  ASSERT_TRUE(log) << log.error().message;
  for (std::size_t i = 1; i < 5; ++i) {
    EXPECT_EQ(log->requests.intended[i], log->requests.end[i - 1]);
    EXPECT_GE(log->requests.send_start[i], log->requests.end[i - 1]);
  }
}

TEST_F(MeasureEngine, failures_up_to_the_allowed_share_are_logged_by_class) {
  point.load = {1, 10, 0, 0};
  point.stop.failed_share = 0.2;
  fake::behaviour().failing_steps = 2;
  const auto log = measure();
  ASSERT_TRUE(log) << log.error().message;
  const Figures f = compute_figures(*log, {}, 1);
  EXPECT_EQ(f.failed, 2);
  EXPECT_EQ(f.errors.at("engine"), 2);
  ASSERT_EQ(log->error_texts.size(), 1u);
  EXPECT_THAT(log->error_texts[0], HasSubstr("engine: "));
}

TEST_F(MeasureEngine, more_failures_end_the_point_with_their_reason) {
  fake::behaviour().failing_steps = 100;
  const auto log = measure();
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, ErrorKind::protocol);
  EXPECT_THAT(log.error().message, HasSubstr("of 40 requests completed"));
  EXPECT_THAT(log.error().message, HasSubstr("engine"));
  expect_engine_idle();
}

TEST_F(MeasureEngine, a_lost_device_ends_the_point) {
  fake::behaviour().lost = true;
  EXPECT_FALSE(measure());
}

TEST_F(MeasureEngine, a_request_that_cannot_fit_is_the_engines_own_error) {
  point.workload.input = 100'000;
  const auto log = measure();
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().message, HasSubstr("context"));
  expect_engine_idle();
}

TEST_F(MeasureEngine, cancelling_ends_it_soon_and_leaves_the_engine_idle) {
  fake::behaviour().step_ns = 1'000'000;
  point.workload = {8, 3000, 1.0, 0};
  std::stop_source source;
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    source.request_stop();
  });
  const auto log = measure(source.get_token());
  canceller.join();
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, ErrorKind::cancelled);
  expect_engine_idle();
}

TEST_F(MeasureEngine, the_time_limit_ends_what_runs_as_timed_out) {
  fake::behaviour().step_ns = 1'000'000;
  point.workload = {8, 3000, 1.0, 0};
  point.load = {3, 10, 0, 0};
  point.stop = {1.0, 0.1};
  const auto log = measure();
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->requests.size(), 3u);  // what was never sent is not in the log
  for (const RequestError error : log->requests.error) EXPECT_EQ(error, RequestError::timeout);
  expect_engine_idle();
  point.stop.failed_share = 0.05;
  const auto failed = measure();
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("only 0 of 30 requests completed (failed: 3 timeout)"));
}

TEST_F(MeasureEngine, progress_comes_while_it_runs_and_counts_measured_requests_only) {
  fake::behaviour().step_ns = 2'000'000;
  point.load = {4, 10, 2, 0};
  std::vector<LoadProgress> seen;
  ASSERT_TRUE(measure({}, [&](const LoadProgress& progress) { seen.push_back(progress); }));
  ASSERT_FALSE(seen.empty());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].requests, 40);
    EXPECT_LE(seen[i].completed, 40);
    if (i > 0) {
      EXPECT_GE(seen[i].completed, seen[i - 1].completed);
    }
  }
}

TEST_F(MeasureEngine, points_too_large_to_prepare_are_refused) {
  point.workload = {16'000'000, 1, 1.0, 0};
  const auto log = measure();
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, ErrorKind::exhausted);
}

}  // namespace
}  // namespace tokenmark
