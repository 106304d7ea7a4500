#include "engine/runtime/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/engine/runtime/collector.h"
#include "tests/engine/runtime/fake_plugin.h"

namespace tokenmark {
namespace {

using testing::HasSubstr;
constexpr std::int64_t kMillisecond = 1'000'000;

class EngineTest : public testing::Test {
 protected:
  void SetUp() override {
    fake::behaviour().reset();
    registry.add(fake_plugin_query);
    restart({});
  }
  void TearDown() override {
    engine.reset();
    EXPECT_EQ(fake::behaviour().executors, 0);
    EXPECT_EQ(fake::behaviour().devices, 0);
  }
  void restart(EngineOptions options) {
    if (options.device == "cpu") options.device = "fake";
    engine.reset();
    auto started = Engine::start(fake::fake_model(), registry, options);
    ASSERT_TRUE(started) << started.error().message;
    engine = std::move(*started);
  }
  static GenerationRequest request(std::vector<TokenId> prompt, std::int32_t max_tokens) {
    GenerationRequest made;
    made.prompt = std::move(prompt);
    made.max_tokens = max_tokens;
    made.sampling.temperature = 0;
    return made;
  }
  RequestId submit(GenerationRequest wanted, int key) {
    auto id = engine->submit(std::move(wanted), collector.sink(key));
    EXPECT_TRUE(id) << id.error().message;
    return id.value_or(0);
  }
  // Counts are published before the sinks are called, so after the last event they are final.
  void expect_all_free() {
    const SchedulerCounts counts = engine->counts().scheduler;
    EXPECT_EQ(counts.running + counts.waiting, 0);
    EXPECT_EQ(counts.free_blocks, counts.blocks);
  }

  PluginRegistry registry{RegistryOptions{}};
  fake::Collector collector;  // outlives the engine
  std::unique_ptr<Engine> engine;
};

TEST_F(EngineTest, a_request_gets_its_tokens_and_one_last_event) {
  submit(request({1, 2, 3}, 20), 0);
  collector.wait_ended(1);
  EXPECT_EQ(collector[0].tokens, fake::expected_tokens({1, 2, 3}, 20));
  EXPECT_EQ(collector[0].finish, FinishReason::length);
  for (std::size_t i = 1; i < 20; ++i) EXPECT_GE(collector[0].events[i].time_ns, collector[0].events[i - 1].time_ns);
  expect_all_free();
  EXPECT_EQ(engine->counts().steps, 20u);
  EXPECT_EQ(engine->counts().scheduler.generated_tokens, 20u);
}

TEST_F(EngineTest, requests_from_many_threads_get_the_tokens_they_would_get_alone) {
  restart({.max_sequences = 5, .step_tokens = 16, .kv_bytes = 60 * 16 * 32});
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 50; ++i) submit(request({thread, i, 5}, 10 + i), thread * 50 + i);
    });
  for (auto& thread : threads) thread.join();
  collector.wait_ended(200);
  for (int key = 0; key < 200; ++key)
    EXPECT_EQ(collector[key].tokens, fake::expected_tokens({key / 50, key % 50, 5}, 10 + key % 50));
  expect_all_free();
}

TEST_F(EngineTest, sinks_may_submit_and_cancel) {
  std::atomic<int> left = 30, ended = 0;
  std::function<void(const TokenEvent&)> closed_loop = [&](const TokenEvent& event) {
    if (event.finish == FinishReason::none) {
      if (left % 3 == 0) engine->cancel(event.request);
      return;
    }
    ++ended;
    if (--left > 0)
      EXPECT_TRUE(engine->submit(request({left}, 5), closed_loop));
    else
      collector.sink(0)(event);
  };
  ASSERT_TRUE(engine->submit(request({1}, 5), closed_loop));
  collector.wait_ended(1);
  EXPECT_EQ(ended, 30);
  EXPECT_GE(engine->counts().scheduler.cancelled, 9u);
}

TEST_F(EngineTest, replicas_share_the_requests_and_each_gets_its_tokens) {
  restart({.device = "fake:1-2", .replicas = 2, .max_sequences = 1});
  EXPECT_EQ(fake::behaviour().devices, 2);
  ASSERT_EQ(engine->devices().size(), 2u);
  EXPECT_STREQ(engine->devices()[1].id, "fake:2");
  fake::behaviour().step_ns = 2 * kMillisecond;
  // One sequence each: both run beside each other, on two of them.
  const RequestId first = submit(request({1, 2, 3}, 1000), 0), second = submit(request({4, 5}, 1000), 1);
  EXPECT_NE(first, second);
  collector.wait_tokens(0, 3);
  collector.wait_tokens(1, 3);
  EXPECT_EQ(engine->counts().scheduler.running, 2);
  EXPECT_EQ(collector[1].events[0].request, second);
  engine->cancel(second);
  collector.wait_ended(1);
  EXPECT_EQ(collector[1].finish, FinishReason::cancelled);
  engine->cancel(first);
  collector.wait_ended(2);
  fake::behaviour().step_ns = 0;
  for (int key = 2; key < 42; ++key) submit(request({key, 7}, 20), key);
  collector.wait_ended(42);
  for (int key = 2; key < 42; ++key) EXPECT_EQ(collector[key].tokens, fake::expected_tokens({key, 7}, 20));
  engine->forget_prefixes();
  expect_all_free();
}

TEST_F(EngineTest, sinks_of_replicas_are_called_one_at_a_time) {
  restart({.device = "fake:1-2", .replicas = 2});
  std::atomic<int> inside = 0, left = 200;
  bool alone = true;
  std::function<void(const TokenEvent&)> closed_loop = [&](const TokenEvent& event) {
    alone = alone && ++inside == 1;
    --inside;
    if (event.finish == FinishReason::none) return;
    if (const int now = --left; now > 0) EXPECT_TRUE(engine->submit(request({now}, 5), closed_loop));
    else if (now == 0) collector.sink(0)(event);
  };
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(engine->submit(request({i}, 5), closed_loop));
  collector.wait_ended(1);
  engine->forget_prefixes();
  EXPECT_TRUE(alone);
}

TEST_F(EngineTest, an_engine_whose_replicas_are_all_lost_says_why) {
  restart({.device = "fake,fake:1,fake:2", .replicas = 3});
  fake::behaviour().lost = true;
  for (int key = 0; key < 3; ++key) submit(request({1, key}, 20), key);
  collector.wait_ended(3);
  EXPECT_FALSE(engine->failure().empty());
  EXPECT_FALSE(engine->submit(request({1}, 2), collector.sink(4)));
}

TEST_F(EngineTest, devices_that_replicas_cannot_share_equally_are_an_error) {
  const auto started = Engine::start(fake::fake_model(), registry, {.device = "fake:1-2,fake", .replicas = 2});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message, "2 replicas cannot share 3 devices ('fake:1-2,fake') equally");
}

TEST_F(EngineTest, a_cancelled_request_ends_within_one_step) {
  fake::behaviour().step_ns = 2 * kMillisecond;
  const RequestId id = submit(request({1, 2}, 1000), 0);
  collector.wait_tokens(0, 3);
  engine->cancel(id);
  const std::int64_t steps = fake::behaviour().steps;
  collector.wait_ended(1);
  EXPECT_EQ(collector[0].finish, FinishReason::cancelled);
  EXPECT_LE(fake::behaviour().steps, steps + 1) << "the step that ran, none after it";
  expect_all_free();
}

TEST_F(EngineTest, a_stop_token_ends_the_request) {
  fake::behaviour().end_at = 10;
  GenerationRequest wanted = request({1, 2, 3}, 50);
  wanted.stop_tokens = {fake::kEos};
  submit(wanted, 0);
  submit(request({1, 2, 3}, 50), 1);  // ignores it
  collector.wait_ended(2);
  EXPECT_EQ(collector[0].tokens.size(), 8u);
  EXPECT_EQ(collector[0].tokens.back(), fake::kEos);
  EXPECT_EQ(collector[0].finish, FinishReason::stop);
  EXPECT_EQ(collector[1].tokens.size(), 50u);
}

TEST_F(EngineTest, seeded_sampling_does_not_depend_on_the_batch) {
  GenerationRequest seeded = request({9, 8, 7}, 30);
  seeded.sampling = {.temperature = 1, .seed = 42};
  submit(seeded, 0);
  collector.wait_ended(1);
  for (int key = 1; key < 40; ++key) {
    GenerationRequest other = seeded;
    if (key % 4) other.sampling.seed = static_cast<std::uint64_t>(key);
    submit(other, key);
  }
  collector.wait_ended(40);
  for (int key = 1; key < 40; ++key) EXPECT_EQ(collector[key].tokens == collector[0].tokens, key % 4 == 0) << key;
}

TEST_F(EngineTest, a_failing_step_ends_its_requests_with_the_reason_and_the_engine_goes_on) {
  fake::behaviour().failing_steps = 1;
  submit(request({1}, 5), 0);
  collector.wait_ended(1);
  EXPECT_EQ(collector[0].finish, FinishReason::error);
  EXPECT_THAT(collector[0].error, HasSubstr("told to fail"));
  submit(request({1}, 5), 1);
  collector.wait_ended(2);
  EXPECT_EQ(collector[1].tokens, fake::expected_tokens({1}, 5));
}

TEST_F(EngineTest, a_lost_device_ends_everything_and_later_requests_are_refused_with_the_reason) {
  restart({.max_sequences = 2});
  fake::behaviour().step_ns = 2 * kMillisecond;
  for (int key = 0; key < 5; ++key) submit(request({1}, 1000), key);  // three of them wait
  collector.wait_tokens(0, 2);
  fake::behaviour().lost = true;
  collector.wait_ended(5);
  for (int key = 0; key < 5; ++key) {
    EXPECT_EQ(collector[key].finish, FinishReason::error);
    EXPECT_THAT(collector[key].error, HasSubstr("off the bus"));
  }
  const auto refused = engine->submit(request({1}, 1), collector.sink(9));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("off the bus"));
}

TEST_F(EngineTest, ending_the_engine_cancels_what_runs_and_what_waits) {
  restart({.max_sequences = 1});
  fake::behaviour().step_ns = 2 * kMillisecond;
  for (int key = 0; key < 3; ++key) submit(request({1}, 1000), key);
  collector.wait_tokens(0, 1);
  engine.reset();
  for (int key = 0; key < 3; ++key) EXPECT_EQ(collector[key].finish, FinishReason::cancelled);
}

TEST_F(EngineTest, what_can_never_run_is_refused_at_once) {
  EXPECT_FALSE(engine->submit(request({}, 5), collector.sink(0)));
  EXPECT_FALSE(engine->submit(request({1}, 100000), collector.sink(0)));
  EXPECT_FALSE(engine->submit(request({2000}, 1), collector.sink(0)));
}

TEST_F(EngineTest, calibration_waits_until_nothing_runs) {
  fake::behaviour().step_ns = kMillisecond;
  submit(request({1}, 20), 0);
  const auto ceilings = engine->calibrate();
  ASSERT_TRUE(ceilings);
  EXPECT_EQ(ceilings->memory_gb_s, 10);
  EXPECT_EQ(collector[0].finish, FinishReason::length);
}

TEST_F(EngineTest, options_are_given_as_resolved_and_progress_ends_at_one) {
  EXPECT_EQ(engine->options().context, 4096);
  EXPECT_GE(engine->options().threads, 1u);
  EXPECT_GT(engine->options().kv_bytes, 0u);
  EXPECT_STREQ(engine->device().id, "fake");
  std::vector<double> shares;
  const auto started = Engine::start(fake::fake_model(), registry, {.device = "fake"},
                                     [&](double share) { shares.push_back(share); });
  ASSERT_TRUE(started);
  ASSERT_FALSE(shares.empty());
  EXPECT_EQ(shares.back(), 1);
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
}

TEST_F(EngineTest, progress_follows_the_rows_that_are_taken) {
  std::vector<double> shares;
  ASSERT_TRUE(Engine::start(fake::fake_model(), registry, {.device = "fake"}, [&](double share) { shares.push_back(share); }));
  EXPECT_GT(shares.size(), 500u);
  EXPECT_LT(shares[shares.size() / 2], 0.6);
}

TEST_F(EngineTest, loading_ends_soon_when_it_is_cancelled) {
  fake::behaviour().load_row_ns = kMillisecond;  // two seconds in all
  std::stop_source stop;
  double reached = 0;
  const auto started = Engine::start(fake::fake_model(), registry, {.device = "fake"}, [&](double share) {
    reached = share;
    if (share > 0.01) stop.request_stop();
  }, stop.get_token());
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::cancelled);
  EXPECT_LT(reached, 0.1);
}

TEST_F(EngineTest, a_device_that_works_ahead_gives_the_same_tokens) {
  fake::behaviour().async_depth = 2;
  restart({.max_sequences = 5, .step_tokens = 16, .kv_bytes = 60 * 16 * 32});
  for (int key = 0; key < 60; ++key) submit(request({key % 7, key, 5}, 10 + key), key);
  collector.wait_ended(60);
  for (int key = 0; key < 60; ++key) EXPECT_EQ(collector[key].tokens, fake::expected_tokens({key % 7, key, 5}, 10 + key));
  expect_all_free();
  fake::behaviour().lost = true;
  submit(request({1}, 10), 60);
  collector.wait_ended(61);
  EXPECT_EQ(collector[60].finish, FinishReason::error);
}

TEST_F(EngineTest, speculation_gives_the_same_tokens) {
  for (const char* method : {"ngram", "mtp"}) {
    restart({.max_sequences = 4, .speculate = method, .draft_tokens = 3});
    fake::Collector own;
    for (int key = 0; key < 12; ++key)
      ASSERT_TRUE(engine->submit(request({key, 3, key, 3, key, 3}, 40), own.sink(key)));
    own.wait_ended(12);
    for (int key = 0; key < 12; ++key)
      EXPECT_EQ(own[key].tokens, fake::expected_tokens({key, 3, key, 3, key, 3}, 40)) << method;
    const EngineCounts counts = engine->counts();
    if (std::string_view(method) == "mtp") {  // text of the fake device does not repeat itself
      EXPECT_GT(counts.scheduler.drafted_tokens, 0u);
      EXPECT_EQ(counts.scheduler.accepted_tokens, counts.scheduler.drafted_tokens) << "the fake MTP layer is always right";
      EXPECT_LT(counts.steps, 12u * 40 / 4);
      EXPECT_GT(counts.draft_steps, 0u);
    }
  }
}

TEST_F(EngineTest, a_draft_model_with_other_words_is_refused) {
  const auto started = Engine::start(fake::fake_model(), registry, {.device = "fake", .speculate = "draft:shape:smollm2-135m:q8_0"});
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("vocabularies differ"));
  EXPECT_FALSE(Engine::start(fake::fake_model(), registry, {.device = "fake", .speculate = "guess"}));
}

TEST_F(EngineTest, cached_prompt_tokens_are_told_until_they_are_forgotten) {
  const std::vector<TokenId> prompt(50, 7);
  for (int key = 0; key < 3; ++key) {
    if (key == 2) engine->forget_prefixes();
    submit(request(prompt, 3), key);
    collector.wait_ended(static_cast<std::size_t>(key) + 1);
    EXPECT_EQ(collector[key].events[0].cached_tokens, key == 1 ? 48 : 0);
    EXPECT_EQ(collector[key].tokens, fake::expected_tokens(prompt, 3));
  }
  EXPECT_EQ(engine->counts().scheduler.cached_prompt_tokens, 48u);
}

TEST_F(EngineTest, a_device_that_refuses_gives_its_reason) {
  fake::behaviour().refuse_executor = true;
  const auto started = Engine::start(fake::fake_model(), registry, {.device = "fake"});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::exhausted);
  EXPECT_THAT(started.error().message, HasSubstr("no memory left"));
  EXPECT_FALSE(Engine::start(fake::fake_model(), registry, {.device = "nonesuch"}));
}

}  // namespace
}  // namespace tokenmark
