// Random traffic against a device that notices every wrong block, slot and position.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>

#include "engine/runtime/sampling.h"
#include "engine/runtime/scheduler.h"
#include "tests/engine/runtime/paged_device.h"

namespace tokenmark {
namespace {

constexpr std::int32_t kVocabulary = 97;

struct Traffic {
  SchedulerOptions options;
  double cancel_share = 0;
  double fail_share = 0;
  double shared_share = 0;     // of requests that begin as others do
  std::size_t depth = 0;       // steps in flight beside the one that is completed next
  std::int32_t wrong_every = 4;  // of a draft model or MTP layer
  std::int32_t window = 0;     // of the device; text repeats itself only where it is short
};

class Simulation {
 public:
  Simulation(const Traffic& traffic, unsigned seed)
      : traffic_(traffic), scheduler_(traffic.options), random_(seed),
        device_(traffic.options.blocks, traffic.options.tokens_per_block, 0, kVocabulary) {
    device_.window = traffic.window;
    draft_device_ = device_;
    draft_device_.wrong_every = traffic.wrong_every;
    for (auto& beginning : beginnings_)
      for (int i = 0; i < 40; ++i) beginning.push_back(between(0, kVocabulary - 1));
  }

  void run(int requests) {
    while (added_ < requests || !scheduler_.idle() || !launched_.empty()) {
      while (added_ < requests && chance(0.4)) add();
      if (chance(traffic_.cancel_share)) cancel();
      step();
      if (testing::Test::HasFailure()) return;
    }
    check_end();
  }
  SchedulerCounts counts() const { return scheduler_.counts(); }
  std::int64_t foreign_hidden() const { return draft_device_.foreign_hidden; }

 private:
  struct Launched {  // done at once by the device, known to the scheduler later
    std::vector<std::int32_t> tokens;
    std::vector<float> logits, hidden;
    StepOutput output() const { return {tokens.data(), logits.data(), hidden.data()}; }
  };
  struct Expected {
    GenerationRequest wanted;
    std::vector<TokenId> tokens;  // prompt and what came
    FinishReason finish = FinishReason::none;
    bool started = false;
  };

  bool chance(double share) { return std::uniform_real_distribution<>(0, 1)(random_) < share; }
  std::int32_t between(std::int32_t low, std::int32_t high) {
    return std::uniform_int_distribution<std::int32_t>(low, high)(random_);
  }

  void add() {
    GenerationRequest wanted;
    const std::int32_t longest = std::min(traffic_.options.context, traffic_.options.blocks * traffic_.options.tokens_per_block);
    wanted.prompt.resize(static_cast<std::size_t>(between(1, longest / 2)));
    for (TokenId& token : wanted.prompt) token = between(0, kVocabulary - 1);
    if (chance(traffic_.shared_share)) {
      const auto& beginning = beginnings_[static_cast<std::size_t>(between(0, 2))];
      std::copy_n(beginning.begin(), std::min(wanted.prompt.size(), beginning.size()), wanted.prompt.begin());
    }
    wanted.max_tokens = between(1, longest / 2);
    wanted.sampling.temperature = chance(0.5) ? 1.f : 0.f;
    wanted.sampling.seed = random_();
    if (chance(0.3)) wanted.stop_tokens = {between(0, kVocabulary - 1), between(0, kVocabulary - 1)};
    if (chance(0.2)) wanted.logprobs = between(0, 3);
    const auto id = static_cast<RequestId>(++added_);
    ASSERT_TRUE(scheduler_.add(id, wanted, 0));
    requests_[id] = {wanted, wanted.prompt};
  }

  void cancel() {
    if (requests_.empty()) return;
    scheduler_.cancel(static_cast<RequestId>(between(1, added_)), 0, events_);
    take_events();
  }

  Launched launch(const PlannedStep& planned, fake::PagedDevice& device) {
    const tm_step view = planned.view();
    Launched launched;
    launched.tokens.resize(view.n_samples);
    launched.logits.resize(view.n_logits * static_cast<std::size_t>(kVocabulary));
    launched.hidden.resize(view.n_hidden * static_cast<std::size_t>(fake::PagedDevice::kWidth));
    EXPECT_LE(static_cast<std::int32_t>(planned.tokens.size()), traffic_.options.step_tokens);
    EXPECT_LE(static_cast<std::int32_t>(planned.sequence_ids.size()), traffic_.options.max_sequences);
    for (const std::int32_t sequence : planned.sequence_ids) EXPECT_LT(sequence, traffic_.options.max_sequences);
    EXPECT_EQ(device.step(view, launched.tokens.data(), launched.logits.data(), launched.hidden.data()), "");
    return launched;
  }

  // The MTP layer reads what the model has read.
  void draft() {
    while (const PlannedStep* planned = scheduler_.plan_draft()) {
      if (!planned->previous_hidden.empty()) draft_device_.cache = device_.cache;
      const Launched launched = launch(*planned, draft_device_);
      if (testing::Test::HasFailure()) return;
      if (chance(traffic_.cancel_share)) cancel();
      scheduler_.complete_draft(launched.output());
    }
  }

  void step() {
    if (launched_.empty()) draft();
    while (launched_.size() <= traffic_.depth) {
      const PlannedStep& planned = scheduler_.plan(0);
      if (launched_.empty()) {
        ASSERT_EQ(planned.empty(), scheduler_.idle());
      }
      if (planned.empty()) break;
      if (traffic_.options.policy == Policy::fcfs) check_order(planned);
      launched_.push_back(launch(planned, device_));
      if (testing::Test::HasFailure()) return;
    }
    if (launched_.empty()) return;
    if (chance(traffic_.cancel_share)) cancel();  // while the steps run
    if (chance(traffic_.fail_share))
      scheduler_.fail_step("lost", 0, events_);
    else
      scheduler_.complete(launched_.front().output(), 0, events_);
    launched_.pop_front();
    take_events();
  }

  // First tokens come in the order of arrival: nobody is overtaken.
  void check_order(const PlannedStep& planned) {
    for (const RequestId id : planned.sampled_requests) {
      Expected& request = requests_.at(id);
      if (request.started) continue;
      request.started = true;
      ASSERT_GT(id, last_started_);
      last_started_ = id;
    }
  }

  void take_events() {
    for (const TokenEvent& event : events_) {
      Expected& request = requests_.at(event.request);
      ASSERT_EQ(request.finish, FinishReason::none) << "an event after the last";
      request.finish = event.finish;
      if (event.token < 0) continue;
      const SamplingParameters& wanted = request.wanted.sampling;
      const std::uint64_t index = request.tokens.size() - request.wanted.prompt.size();
      const tm_sampling sampling{wanted.temperature, wanted.top_p, wanted.min_p, wanted.top_k,
                                 uniform_draw(wanted.seed, index)};
      ASSERT_EQ(event.token, device_.next(request.tokens, sampling));
      ASSERT_EQ(event.top_logprobs.size(), static_cast<std::size_t>(std::max(request.wanted.logprobs, 0)));
      ASSERT_LT(event.cached_tokens, static_cast<std::int32_t>(request.wanted.prompt.size()));
      request.tokens.push_back(event.token);
    }
    events_.clear();
  }

  void check_end() {
    EXPECT_EQ(scheduler_.counts().free_blocks, traffic_.options.blocks);
    EXPECT_EQ(scheduler_.counts().running + scheduler_.counts().waiting, 0);
    for (const auto& [id, request] : requests_) {
      const auto generated = static_cast<std::int32_t>(request.tokens.size() - request.wanted.prompt.size());
      const auto& stops = request.wanted.stop_tokens;
      const auto stopped = [&](TokenId token) { return std::find(stops.begin(), stops.end(), token) != stops.end(); };
      const auto first_generated = request.tokens.begin() + static_cast<std::ptrdiff_t>(request.wanted.prompt.size());
      const auto stop = std::find_if(first_generated, request.tokens.end(), stopped);
      ASSERT_NE(request.finish, FinishReason::none) << id;
      if (request.finish == FinishReason::length) {
        ASSERT_EQ(generated, request.wanted.max_tokens);
        ASSERT_EQ(stop, request.tokens.end());
      }
      if (request.finish == FinishReason::stop) {
        ASSERT_EQ(stop, request.tokens.end() - 1);
      }
      if (request.finish == FinishReason::cancelled) {
        ASSERT_GT(traffic_.cancel_share, 0);
      }
      if (request.finish == FinishReason::error) {
        ASSERT_GT(traffic_.fail_share, 0);
      }
    }
  }

  Traffic traffic_;
  Scheduler scheduler_;
  std::mt19937 random_;
  fake::PagedDevice device_, draft_device_{device_};
  std::deque<Launched> launched_;
  std::array<std::vector<TokenId>, 3> beginnings_;
  std::map<RequestId, Expected> requests_;
  std::vector<TokenEvent> events_;
  int added_ = 0;
  RequestId last_started_ = 0;
};

SchedulerOptions options(std::int32_t blocks, std::int32_t per_block, std::int32_t sequences, std::int32_t step_tokens) {
  return {.tokens_per_block = per_block, .blocks = blocks, .max_sequences = sequences, .step_tokens = step_tokens,
          .context = 80, .vocabulary = kVocabulary, .width = fake::PagedDevice::kWidth};
}

TEST(SchedulerProperty, every_request_gets_the_tokens_it_would_get_alone) {
  Simulation roomy({options(200, 4, 8, 16)}, 1);
  roomy.run(500);
  EXPECT_EQ(roomy.counts().preemptions, 0u);
}

TEST(SchedulerProperty, preempted_requests_get_the_same_tokens_too) {
  Simulation tight({options(12, 4, 8, 16)}, 2);
  tight.run(1500);
  EXPECT_GT(tight.counts().preemptions, 100u);
}

TEST(SchedulerProperty, cancels_at_any_time_leave_nothing_behind) {
  Simulation traffic({options(12, 4, 8, 16), 0.3}, 3);
  traffic.run(3000);
  EXPECT_GT(traffic.counts().cancelled, 300u);
  EXPECT_GT(traffic.counts().finished, 300u);
}

TEST(SchedulerProperty, failing_steps_leave_nothing_behind) {
  Simulation traffic({options(20, 4, 8, 16), 0.1, 0.1}, 4);
  traffic.run(1500);
  EXPECT_GT(traffic.counts().finished, 100u);
}

TEST(SchedulerProperty, shared_prefixes_change_nothing_but_the_work) {
  Simulation traffic({.options = options(60, 4, 8, 16), .cancel_share = 0.05, .fail_share = 0.02, .shared_share = 0.8}, 20);
  traffic.run(1500);
  EXPECT_GT(traffic.counts().cached_prompt_tokens, 3000u);
  Simulation tight({.options = options(14, 4, 8, 16), .cancel_share = 0.05, .shared_share = 0.8}, 21);
  tight.run(1500);
  EXPECT_GT(tight.counts().cached_prompt_tokens, 1000u);
  EXPECT_GT(tight.counts().preemptions, 100u);
}

TEST(SchedulerProperty, without_the_prefix_cache_nothing_is_found) {
  Traffic traffic{.options = options(60, 4, 8, 16), .shared_share = 0.8};
  traffic.options.prefix_cache = false;
  Simulation cold(traffic, 22);
  cold.run(300);
  EXPECT_EQ(cold.counts().cached_prompt_tokens + static_cast<std::uint64_t>(cold.counts().cached_blocks), 0u);
}

TEST(SchedulerProperty, steps_planned_ahead_give_the_same_tokens) {
  for (const std::size_t depth : {1u, 3u}) {
    Simulation traffic({.options = options(16, 4, 8, 16), .cancel_share = 0.1, .fail_share = 0, .shared_share = 0.5, .depth = depth}, 23);
    traffic.run(1500);
    EXPECT_GT(traffic.counts().preemptions, 100u);
  }
}

TEST(SchedulerProperty, shortest_first_gives_the_same_tokens) {
  Traffic traffic{.options = options(20, 4, 8, 16), .cancel_share = 0.1, .shared_share = 0.5};
  traffic.options.policy = Policy::shortest_first;
  Simulation(traffic, 24).run(1500);
}

// Every way of drafting, with room and without, beside everything else.
class SpeculativeTraffic : public testing::TestWithParam<Drafting> {
 protected:
  static Traffic traffic(std::int32_t blocks, std::int32_t step_tokens) {
    Traffic made{.options = options(blocks, 4, 8, step_tokens)};
    if (GetParam() == Drafting::ngram) made.window = 1;
    made.options.drafting = GetParam();
    made.options.prefix_cache = false;
    return made;
  }
};

TEST_P(SpeculativeTraffic, gives_the_tokens_of_plain_decoding_and_accepts_some) {
  Simulation roomy(traffic(200, 64), 30);
  roomy.run(800);
  const SchedulerCounts counts = roomy.counts();
  EXPECT_GT(counts.drafted_tokens, 1000u);
  EXPECT_LT(counts.accepted_tokens, counts.drafted_tokens);
  EXPECT_EQ(counts.drafted_at[0] + counts.drafted_at[1] + counts.drafted_at[2] + counts.drafted_at[3], counts.drafted_tokens);
  EXPECT_GE(counts.accepted_at[0], counts.accepted_at[1]);
  EXPECT_EQ(roomy.foreign_hidden(), 0) << "the MTP layer gets the states of its own sequence";
  EXPECT_GT(counts.accepted_tokens, 500u);
  if (GetParam() == Drafting::ngram) return;
  // Three of four drafts are right where the one before was.
  EXPECT_NEAR(static_cast<double>(counts.accepted_at[0]) / static_cast<double>(counts.drafted_at[0]), 0.75, 0.04);
  EXPECT_NEAR(static_cast<double>(counts.accepted_at[2]) / static_cast<double>(counts.drafted_at[2]), 0.42, 0.06);
}

TEST_P(SpeculativeTraffic, holds_with_preemption_cancels_failures_and_shared_prefixes) {
  for (const std::int32_t step_tokens : {6, 16, 100}) {
    Traffic tight = traffic(14, step_tokens);
    tight.cancel_share = tight.fail_share = 0.05;
    tight.shared_share = 0.5;
    tight.options.prefix_cache = true;
    Simulation simulation(tight, 31);
    simulation.run(800);
    EXPECT_GT(simulation.counts().drafted_tokens, 100u);
  }
}

TEST_P(SpeculativeTraffic, bad_drafts_are_given_up) {
  Traffic bad = traffic(200, 64);
  bad.wrong_every = 1;
  Simulation simulation(bad, 32);
  simulation.run(300);
  EXPECT_LT(simulation.counts().drafted_tokens, 2 * simulation.counts().generated_tokens);
  if (GetParam() != Drafting::ngram) {
    EXPECT_EQ(simulation.counts().accepted_tokens, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SpeculativeTraffic, testing::Values(Drafting::ngram, Drafting::model, Drafting::mtp),
                         [](const auto& drafting) {
                           return drafting.param == Drafting::ngram ? "ngram" : drafting.param == Drafting::model ? "model" : "mtp";
                         });

TEST(SchedulerProperty, odd_sizes_hold_too) {
  unsigned seed = 5;
  for (const SchedulerOptions& odd : {options(40, 1, 8, 16), options(3, 16, 1, 1), options(5, 7, 8, 3), options(5, 16, 64, 2),
                                      options(2, 32, 4, 1000)})
    Simulation({odd, 0.1}, ++seed).run(300);
}

}  // namespace
}  // namespace tokenmark
