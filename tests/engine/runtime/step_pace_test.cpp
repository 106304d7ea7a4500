#include "engine/runtime/step_pace.h"

#include <gtest/gtest.h>

#include <limits>

namespace tokenmark {
namespace {

constexpr std::int32_t kAny = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMs = 1'000'000;

TEST(StepPace, alone_a_prompt_may_take_all) {
  StepPace pace(3);
  EXPECT_EQ(pace.prompt_tokens(0), kAny);
  EXPECT_EQ(StepPace(0).prompt_tokens(8), kAny) << "no limit wanted";
}

TEST(StepPace, a_step_without_prompt_tokens_is_measured_first) {
  StepPace pace(3);
  EXPECT_EQ(pace.prompt_tokens(1), 0);
  pace.measured(1, 0, 40 * kMs);
  EXPECT_EQ(pace.prompt_tokens(1), 2) << "a token costs a step at most";
}

TEST(StepPace, prompt_tokens_cost_as_much_as_the_slowdown_allows) {
  StepPace pace(3);
  pace.measured(4, 0, 40 * kMs);
  for (int i = 0; i < 20; ++i) pace.measured(4, 10, 60 * kMs);  // 2 ms each
  EXPECT_EQ(pace.prompt_tokens(4), 40);
  for (int i = 0; i < 20; ++i) pace.measured(4, 40, 200 * kMs);  // now 4 ms
  EXPECT_EQ(pace.prompt_tokens(4), 20);
}

TEST(StepPace, a_prompt_alone_tells_what_its_tokens_cost) {
  StepPace pace(2);
  pace.measured(0, 100, 100 * kMs);
  pace.measured(1, 0, 50 * kMs);
  EXPECT_EQ(pace.prompt_tokens(1), 50);
}

TEST(StepPace, more_rows_use_what_fewer_took_and_are_measured_from_time_to_time) {
  StepPace pace(3);
  pace.measured(2, 0, 40 * kMs);
  for (int i = 0; i < 63; ++i) {
    pace.measured(16, 10, 60 * kMs);
    EXPECT_GT(pace.prompt_tokens(16), 0);
  }
  pace.measured(16, 10, 60 * kMs);
  EXPECT_EQ(pace.prompt_tokens(16), 0);
  pace.measured(16, 0, 80 * kMs);
  EXPECT_GT(pace.prompt_tokens(16), 40);
}

TEST(StepPace, one_step_that_was_held_up_changes_little) {
  StepPace pace(3);
  for (int i = 0; i < 30; ++i) pace.measured(1, 0, 40 * kMs);
  pace.measured(0, 10, 20 * kMs);
  const std::int32_t before = pace.prompt_tokens(1);
  pace.measured(1, 0, 4000 * kMs);
  EXPECT_LE(pace.prompt_tokens(1), before * 13 / 10);
}

TEST(StepPace, without_a_clock_there_is_no_limit) {
  StepPace pace(3);
  pace.measured(1, 0, 0);
  EXPECT_EQ(pace.prompt_tokens(1), kAny);
}

}  // namespace
}  // namespace tokenmark
