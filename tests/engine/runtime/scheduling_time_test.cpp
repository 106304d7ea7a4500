// Who waits for whom: the scheduler in virtual time, on a device whose steps take what a CPU's take.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/runtime/scheduler.h"

namespace tokenmark {
namespace {

constexpr std::int64_t kMs = 1'000'000;

// 40 ms for the weights, 1 ms for each row of a generating sequence and 3 ms for each prompt token.
class VirtualEngine {
 public:
  explicit VirtualEngine(SchedulerOptions options) : scheduler_(options) {}

  void add(RequestId id, std::int32_t prompt, std::int32_t max_tokens) {
    GenerationRequest wanted{.prompt = std::vector<TokenId>(static_cast<std::size_t>(prompt), static_cast<TokenId>(id % 7)), .max_tokens = max_tokens};
    ASSERT_TRUE(scheduler_.add(id, wanted, now_));
  }
  void step() {
    const PlannedStep& planned = scheduler_.plan(now_);
    std::int64_t took = 40 * kMs;
    for (std::size_t s = 0; s < planned.sequence_ids.size(); ++s) {
      const std::int64_t rows = planned.token_offsets[s + 1] - planned.token_offsets[s];
      took += rows == 1 ? kMs : 3 * kMs * rows;
    }
    now_ += took;
    std::vector<TokenEvent> events;
    scheduler_.complete({std::vector<std::int32_t>(planned.sample_rows.size(), 1).data()}, now_, events);
    for (const TokenEvent& event : events) times_[event.request].push_back(event.time_ns);
  }
  void run_until_idle() {
    while (!scheduler_.idle()) step();
  }
  const std::vector<std::int64_t>& times(RequestId id) { return times_[id]; }
  std::vector<std::int64_t> gaps(RequestId id) {
    std::vector<std::int64_t> gaps;
    for (std::size_t i = 1; i < times_[id].size(); ++i) gaps.push_back(times_[id][i] - times_[id][i - 1]);
    std::sort(gaps.begin(), gaps.end());
    return gaps;
  }
  bool idle() const { return scheduler_.idle(); }

 private:
  Scheduler scheduler_;
  std::int64_t now_ = 0;
  std::map<RequestId, std::vector<std::int64_t>> times_;
};

SchedulerOptions options() {
  return {.blocks = 1000, .max_sequences = 16, .step_tokens = 256, .context = 4000, .vocabulary = 10, .prefix_cache = false};
}

TEST(SchedulingTime, a_long_prompt_never_stops_a_stream_for_longer_than_four_gaps) {
  VirtualEngine engine(options());
  engine.add(1, 20, 300);
  for (int i = 0; i < 20; ++i) engine.step();
  engine.add(2, 2000, 5);
  engine.run_until_idle();
  const auto gaps = engine.gaps(1);
  EXPECT_LE(gaps.back(), 4 * gaps[gaps.size() / 2]);
  EXPECT_EQ(engine.times(2).size(), 5u);
}

TEST(SchedulingTime, not_even_the_first_prompt_beside_the_first_stream) {
  VirtualEngine engine(options());
  engine.add(1, 20, 300);
  engine.step();
  engine.add(2, 2000, 5);
  engine.run_until_idle();
  const auto gaps = engine.gaps(1);
  EXPECT_LE(gaps.back(), 4 * gaps[gaps.size() / 4]);
}

TEST(SchedulingTime, without_the_limit_it_does) {
  SchedulerOptions unlimited = options();
  unlimited.chunk_slowdown = 0;
  VirtualEngine engine(unlimited);
  engine.add(1, 20, 300);
  for (int i = 0; i < 20; ++i) engine.step();
  engine.add(2, 2000, 5);
  engine.run_until_idle();
  const auto gaps = engine.gaps(1);
  EXPECT_GT(gaps.back(), 15 * gaps[gaps.size() / 2]);
}

TEST(SchedulingTime, a_prompt_beside_streams_comes_through_soon) {
  VirtualEngine engine(options());
  for (RequestId id = 1; id <= 8; ++id) engine.add(id, 20, 2000);
  for (int i = 0; i < 20; ++i) engine.step();
  const std::int64_t arrived = engine.times(1).back();
  engine.add(9, 600, 2);
  while (engine.times(9).empty()) engine.step();
  // Its tokens alone take 1.8 s; steps with them may take three times as long as without.
  EXPECT_LT(engine.times(9)[0] - arrived, 4000 * kMs);
}

TEST(SchedulingTime, shortest_first_lets_a_short_prompt_go_before_a_long_one) {
  for (const Policy policy : {Policy::fcfs, Policy::shortest_first}) {
    SchedulerOptions chosen = options();
    chosen.policy = policy;
    VirtualEngine engine(chosen);
    engine.add(1, 2000, 1);
    engine.step();
    engine.add(2, 30, 1);
    engine.run_until_idle();
    EXPECT_EQ(engine.times(2)[0] < engine.times(1)[0], policy == Policy::shortest_first);
  }
}

TEST(SchedulingTime, a_long_prompt_is_not_overtaken_for_ever) {
  SchedulerOptions chosen = options();
  chosen.policy = Policy::shortest_first;
  VirtualEngine engine(chosen);
  engine.add(1, 2000, 1);
  RequestId next = 2;
  int steps = 0;
  for (; engine.times(1).empty() && steps < 1000; ++steps) {  // more arrives than can be done
    engine.add(next++, 200, 1);
    engine.add(next++, 200, 1);
    engine.step();
  }
  EXPECT_GT(steps, 20) << "it did wait";
  EXPECT_LT(steps, 300);
}

TEST(SchedulingTime, an_admission_leaves_the_wanted_share_of_blocks_free) {
  SchedulerOptions chosen = options();
  chosen.blocks = 100;
  chosen.admission_free = 0.5f;
  Scheduler scheduler(chosen);
  const auto add = [&](RequestId id) {
    ASSERT_TRUE(scheduler.add(id, {.prompt = std::vector<TokenId>(480, 1), .max_tokens = 10}, 0));  // 30 blocks
  };
  add(1);
  add(2);
  std::vector<TokenEvent> events;
  for (int i = 0; i < 4; ++i) {
    const std::vector<std::int32_t> tokens(scheduler.plan(0).sample_rows.size(), 1);
    scheduler.complete({tokens.data()}, 0, events);
  }
  EXPECT_EQ(scheduler.counts().running, 1) << "40 of 100 would be left";
  EXPECT_EQ(scheduler.counts().waiting, 1);
  scheduler.cancel(1, 0, events);
  EXPECT_FALSE(scheduler.plan(0).empty()) << "alone it goes whatever is left";
}

TEST(SchedulingTime, preempted_prompts_are_counted_once) {
  SchedulerOptions tight = options();
  tight.tokens_per_block = 4;
  tight.blocks = 6;
  Scheduler scheduler(tight);
  for (RequestId id = 1; id <= 2; ++id) ASSERT_TRUE(scheduler.add(id, {.prompt = {1, 2, 3, 4, 5, 6, 7}, .max_tokens = 14}, 0));
  std::vector<TokenEvent> events;
  while (!scheduler.idle()) {
    const std::vector<std::int32_t> tokens(scheduler.plan(0).sample_rows.size(), 1);
    scheduler.complete({tokens.data()}, 0, events);
  }
  EXPECT_GT(scheduler.counts().preemptions, 0u);
  EXPECT_EQ(scheduler.counts().prompt_tokens, 14u);
  EXPECT_GE(scheduler.counts().recomputed_tokens, 7u);
}

}  // namespace
}  // namespace tokenmark
