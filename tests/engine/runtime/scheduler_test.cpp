#include "engine/runtime/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/runtime/sampling.h"

namespace tokenmark {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

GenerationRequest request(std::int32_t prompt, std::int32_t max_tokens) {
  GenerationRequest made;
  for (std::int32_t i = 0; i < prompt; ++i) made.prompt.push_back(i % 50);
  made.max_tokens = max_tokens;
  return made;
}

constexpr SchedulerOptions kRoomy{.tokens_per_block = 4, .blocks = 100, .max_sequences = 8, .step_tokens = 32,
                                  .context = 200, .vocabulary = 50, .prefix_cache = false, .chunk_slowdown = 0};

class SchedulerTest : public testing::Test {
 protected:
  explicit SchedulerTest(SchedulerOptions options = kRoomy) : scheduler(options) {}

  // Completes the planned step; every sample gives `token`.
  std::vector<TokenEvent> complete(std::int32_t token = 1) {
    const std::vector<std::int32_t> tokens(50, token);
    const std::vector<float> logits(50 * 50, 0);
    std::vector<TokenEvent> events;
    scheduler.complete({tokens.data(), logits.data()}, ++now, events);
    return events;
  }
  void add(RequestId id, GenerationRequest wanted) { ASSERT_TRUE(scheduler.add(id, std::move(wanted), 0)); }

  Scheduler scheduler;
  std::int64_t now = 0;
};

TEST_F(SchedulerTest, a_prompt_goes_in_one_step_if_it_fits_and_then_one_token_a_step) {
  add(1, request(5, 3));
  EXPECT_EQ(scheduler.plan(0).tokens.size(), 5u);
  EXPECT_EQ(complete().at(0).finish, FinishReason::none);
  const PlannedStep& decode = scheduler.plan(0);
  EXPECT_THAT(decode.tokens, ElementsAre(1));
  EXPECT_THAT(decode.positions, ElementsAre(5));
  EXPECT_THAT(decode.kv_lengths, ElementsAre(6));
  complete();
  scheduler.plan(0);
  EXPECT_EQ(complete().at(0).finish, FinishReason::length);
  EXPECT_TRUE(scheduler.idle());
  EXPECT_TRUE(scheduler.plan(0).empty());
}

TEST_F(SchedulerTest, decodes_come_first_and_prompts_get_what_is_left_of_the_step) {
  add(1, request(3, 9));
  add(2, request(4, 9));
  scheduler.plan(0);
  complete();
  add(3, request(40, 9));
  const PlannedStep& step = scheduler.plan(0);
  EXPECT_THAT(step.token_offsets, ElementsAre(0, 1, 2, 32));
  EXPECT_THAT(step.sampled_requests, ElementsAre(1, 2)) << "the prompt is not through yet";
  complete();
  EXPECT_THAT(scheduler.plan(0).sampled_requests, ElementsAre(1, 2, 3));
}

TEST_F(SchedulerTest, prompts_go_oldest_first) {
  add(1, request(40, 1));
  add(2, request(3, 1));
  EXPECT_THAT(scheduler.plan(0).token_offsets, ElementsAre(0, 32));
  complete();
  EXPECT_THAT(scheduler.plan(0).sampled_requests, ElementsAre(1, 2));
}

TEST_F(SchedulerTest, a_stop_token_ends_the_request_and_is_given) {
  GenerationRequest wanted = request(3, 9);
  wanted.stop_tokens = {7};
  add(1, wanted);
  scheduler.plan(0);
  EXPECT_EQ(complete(6).at(0).finish, FinishReason::none);
  scheduler.plan(0);
  const auto events = complete(7);
  EXPECT_EQ(events.at(0).token, 7);
  EXPECT_EQ(events.at(0).finish, FinishReason::stop);
  EXPECT_TRUE(scheduler.idle());
}

TEST_F(SchedulerTest, a_request_cancelled_while_its_step_runs_ends_once_and_frees_its_blocks) {
  add(1, request(3, 9));
  add(2, request(3, 9));
  scheduler.plan(0);
  std::vector<TokenEvent> events;
  scheduler.cancel(1, 5, events);
  scheduler.cancel(1, 6, events);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].finish, FinishReason::cancelled);
  const auto completed = complete();
  ASSERT_EQ(completed.size(), 1u);
  EXPECT_EQ(completed[0].request, 2u);
  EXPECT_EQ(scheduler.counts().free_blocks, 99);
  EXPECT_EQ(scheduler.counts().cancelled, 1u);
}

TEST_F(SchedulerTest, a_failed_step_ends_its_requests_and_leaves_the_waiting_ones) {
  add(1, request(32, 4));
  add(2, request(5, 1));
  scheduler.plan(0);
  std::vector<TokenEvent> events;
  scheduler.fail_step("the device is gone", 3, events);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].finish, FinishReason::error);
  EXPECT_EQ(events[0].error, "the device is gone");
  EXPECT_THAT(scheduler.plan(0).sampled_requests, ElementsAre(2));
}

TEST_F(SchedulerTest, logprobs_are_given_to_those_who_asked_and_nobody_else) {
  GenerationRequest asking = request(3, 2);
  asking.logprobs = 2;
  add(1, request(3, 2));
  add(2, asking);
  add(3, request(3, 2));
  EXPECT_THAT(scheduler.plan(0).logit_rows, ElementsAre(5));
  const auto events = complete();
  EXPECT_THAT(events.at(0).top_logprobs, testing::IsEmpty());
  EXPECT_THAT(events.at(1).top_logprobs, testing::SizeIs(2));
  EXPECT_NEAR(events.at(1).logprob, -3.912, 1e-3) << "log(1/50): all logits are equal";
}

TEST_F(SchedulerTest, random_numbers_follow_seed_and_index_of_the_generated_token) {
  GenerationRequest wanted = request(3, 5);
  wanted.sampling.seed = 11;
  add(1, wanted);
  for (std::uint64_t index = 0; index < 5; ++index) {
    EXPECT_EQ(scheduler.plan(0).sampling.at(0).uniform, uniform_draw(11, index));
    complete();
  }
}

TEST_F(SchedulerTest, what_can_never_run_is_refused_with_the_reason) {
  const auto refusal = [&](GenerationRequest wanted) {
    const Status status = scheduler.add(9, std::move(wanted), 0);
    return status ? std::string("accepted") : status.error().message;
  };
  EXPECT_THAT(refusal({}), HasSubstr("prompt is empty"));
  EXPECT_THAT(refusal(request(3, 0)), HasSubstr("max_tokens"));
  EXPECT_THAT(refusal(request(150, 51)), HasSubstr("context of 200"));
  EXPECT_THAT(refusal(request(1, 2147483647)), HasSubstr("context"));
  GenerationRequest strange = request(3, 3);
  strange.prompt[1] = 50;
  EXPECT_THAT(refusal(strange), HasSubstr("token 50"));
  strange = request(3, 3);
  strange.sampling.temperature = NAN;
  EXPECT_THAT(refusal(strange), HasSubstr("temperature"));
  strange = request(3, 3);
  strange.sampling.top_p = 0;
  EXPECT_THAT(refusal(strange), HasSubstr("top_p"));
  strange = request(3, 3);
  strange.logprobs = 21;
  EXPECT_THAT(refusal(strange), HasSubstr("logprobs"));
  EXPECT_TRUE(scheduler.idle());
  add(9, request(150, 50));
  EXPECT_THAT(refusal(request(1, 1)), HasSubstr("still running"));
}

class TightScheduler : public SchedulerTest {
 protected:
  TightScheduler() : SchedulerTest({.tokens_per_block = 4, .blocks = 6, .max_sequences = 8, .step_tokens = 32,
                                    .context = 200, .vocabulary = 50, .prefix_cache = false, .chunk_slowdown = 0}) {}
};

TEST_F(TightScheduler, a_request_larger_than_the_cache_is_refused) {
  EXPECT_FALSE(scheduler.add(1, request(20, 6), 0));
  EXPECT_TRUE(scheduler.add(1, request(20, 5), 0)) << "the last token is never cached";
}

TEST_F(TightScheduler, a_prompt_waits_until_its_blocks_are_free) {
  add(1, request(12, 2));  // 3 blocks, 4 with what it generates
  add(2, request(12, 2));
  EXPECT_THAT(scheduler.plan(0).sampled_requests, ElementsAre(1));
  EXPECT_EQ(scheduler.counts().waiting, 1);
  complete();
  scheduler.plan(0);
  complete();
  EXPECT_THAT(scheduler.plan(0).sampled_requests, ElementsAre(2));
}

TEST_F(TightScheduler, the_youngest_is_preempted_and_comes_back_with_all_its_tokens) {
  add(1, request(7, 14));
  add(2, request(7, 14));
  std::vector<RequestId> finished;
  bool came_back_whole = false;
  while (!scheduler.idle()) {
    const std::uint64_t before = scheduler.counts().preemptions;
    const PlannedStep& step = scheduler.plan(0);
    if (scheduler.counts().preemptions > before) {
      EXPECT_THAT(step.sampled_requests, ElementsAre(1));
    }
    if (step.positions[0] == 0 && step.tokens.size() > 7 && step.sampled_requests[0] == 2) came_back_whole = true;
    for (const TokenEvent& event : complete())
      if (event.finish != FinishReason::none) finished.push_back(event.request);
  }
  EXPECT_EQ(scheduler.counts().preemptions, 1u);
  EXPECT_TRUE(came_back_whole);
  EXPECT_THAT(finished, ElementsAre(1, 2));
  EXPECT_EQ(scheduler.counts().generated_tokens, 28u);
  EXPECT_EQ(scheduler.counts().free_blocks, 6);
}

}  // namespace
}  // namespace tokenmark
