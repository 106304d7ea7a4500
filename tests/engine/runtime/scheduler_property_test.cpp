// Random traffic against a device that notices every wrong block, slot and position.
#include <gtest/gtest.h>

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
};

class Simulation {
 public:
  Simulation(const Traffic& traffic, unsigned seed)
      : traffic_(traffic), scheduler_(traffic.options), random_(seed),
        device_(traffic.options.blocks, traffic.options.tokens_per_block, 0, kVocabulary) {}

  void run(int requests) {
    while (added_ < requests || !scheduler_.idle()) {
      while (added_ < requests && chance(0.4)) add();
      if (chance(traffic_.cancel_share)) cancel();
      step();
      if (testing::Test::HasFailure()) return;
    }
    check_end();
  }
  const SchedulerCounts counts() const { return scheduler_.counts(); }

 private:
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

  void step() {
    const PlannedStep& planned = scheduler_.plan(0);
    ASSERT_EQ(planned.empty(), scheduler_.idle());
    if (planned.empty()) return;
    ASSERT_LE(static_cast<std::int32_t>(planned.tokens.size()), traffic_.options.step_tokens);
    ASSERT_LE(static_cast<std::int32_t>(planned.sequence_ids.size()), traffic_.options.max_sequences);
    for (const std::int32_t sequence : planned.sequence_ids) ASSERT_LT(sequence, traffic_.options.max_sequences);
    check_order(planned);
    const tm_step view = planned.view();
    std::vector<std::int32_t> tokens(view.n_samples);
    std::vector<float> logits(view.n_logits * static_cast<std::size_t>(kVocabulary));
    ASSERT_EQ(device_.step(view, tokens.data(), logits.data()), "");
    if (chance(traffic_.cancel_share)) cancel();  // while the step runs
    if (chance(traffic_.fail_share))
      scheduler_.fail_step("lost", 0, events_);
    else
      scheduler_.complete(tokens.data(), logits.data(), 0, events_);
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
      ASSERT_EQ(event.token, fake::reference_next(request.tokens, sampling, 0, kVocabulary));
      ASSERT_EQ(event.top_logprobs.size(), static_cast<std::size_t>(std::max(request.wanted.logprobs, 0)));
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
  fake::PagedDevice device_;
  std::map<RequestId, Expected> requests_;
  std::vector<TokenEvent> events_;
  int added_ = 0;
  RequestId last_started_ = 0;
};

SchedulerOptions options(std::int32_t blocks, std::int32_t per_block, std::int32_t sequences, std::int32_t step_tokens) {
  return {.tokens_per_block = per_block, .blocks = blocks, .max_sequences = sequences, .step_tokens = step_tokens,
          .context = 80, .vocabulary = kVocabulary};
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

TEST(SchedulerProperty, odd_sizes_hold_too) {
  unsigned seed = 5;
  for (const SchedulerOptions& odd : {options(40, 1, 8, 16), options(3, 16, 1, 1), options(5, 7, 8, 3), options(5, 16, 64, 2),
                                      options(2, 32, 4, 1000)})
    Simulation({odd, 0.1}, ++seed).run(300);
}

}  // namespace
}  // namespace tokenmark
