// Steps as the scheduler makes them: sampling, tokens of −1, and steps that are wrong and must be refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/plugins/cpu/formula_weights.h"
#include "tests/plugins/cpu/plugin_runner.h"

namespace tokenmark::test {
namespace {

using testing::HasSubstr;

class StepTest : public testing::Test {
 protected:
  tm_model model_ = small_model();
  FormulaWeights weights_{model_};
  Runner runner_{model_, weights_.source()};
};

std::int32_t greatest(const std::vector<float>& logits) {
  return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

TEST_F(StepTest, greedy_samples_are_the_greatest_logits_and_minus_one_continues_with_them) {
  Sequence fed = runner_.sequence(3);
  Tokens tokens{5, 9, 60};
  Tokens chosen;
  for (int i = 0; i < 12; ++i) {
    chosen.push_back(greatest(runner_.feed(fed, tokens).back()));
    tokens = {chosen.back()};
  }
  // The same with two sequences at once, whose last tokens the host never sends.
  Sequence a = runner_.sequence(6), b = runner_.sequence(0);
  Tokens a_tokens, b_tokens;
  for (int i = 0; i < 12; ++i) {
    Step step;
    runner_.add(step, b, i == 0 ? Tokens{5, 9, 60} : Tokens{-1});
    runner_.add(step, a, i == 0 ? Tokens{5, 9, 60} : Tokens{-1});
    Runner::sample_last_rows(step);
    ASSERT_EQ(runner_.run(step), TM_OK) << runner_.error();
    b_tokens.push_back(runner_.sampled[0]);
    a_tokens.push_back(runner_.sampled[1]);
  }
  EXPECT_EQ(a_tokens, chosen);
  EXPECT_EQ(b_tokens, chosen);
}

TEST_F(StepTest, minus_one_without_a_sampled_token_is_refused) {
  Sequence s = runner_.sequence(1);
  Step step;
  runner_.add(step, s, {-1});
  EXPECT_EQ(runner_.run(step), TM_INVALID);
  EXPECT_THAT(runner_.error(), HasSubstr("sequence id 1"));
}

TEST_F(StepTest, the_random_number_decides_the_draw) {
  Sequence s = runner_.sequence(0);
  std::vector<std::int32_t> seen;
  for (const float uniform : {0.0f, 0.25f, 0.5f, 0.75f, 0.999f}) {
    Step step;
    runner_.add(step, s, {40});
    Runner::sample_last_rows(step, {5, 1, 0, 0, uniform});
    ASSERT_EQ(runner_.run(step), TM_OK) << runner_.error();
    ASSERT_GE(runner_.sampled[0], 0);
    ASSERT_LT(runner_.sampled[0], 96);
    seen.push_back(runner_.sampled[0]);
  }
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end())) << "a greater number draws a later id";
  EXPECT_LT(seen.front(), seen.back());
}

TEST_F(StepTest, wanted_rows_come_back_in_the_order_asked_for) {
  Sequence s = runner_.sequence(0);
  const Rows all = runner_.feed(s, {1, 2, 3, 4, 5, 6});
  Sequence again = runner_.sequence(1);
  Step step;
  runner_.add(step, again, {1, 2, 3, 4, 5, 6});
  step.logit_rows = {5, 0, 5, 2};
  step.sample_rows = {5, 1};
  step.sampling.assign(2, {0, 1, 0, 0, 0});
  ASSERT_EQ(runner_.run(step), TM_OK) << runner_.error();
  EXPECT_LT(difference(runner_.rows(), {all[5], all[0], all[5], all[2]}), 1e-5);
  EXPECT_EQ(runner_.sampled, (Tokens{greatest(all[5]), greatest(all[1])}));
}

struct WrongStep {
  const char* name;
  std::function<void(Step&)> spoil;
  const char* says;
};

class WrongStepTest : public StepTest, public testing::WithParamInterface<WrongStep> {};

TEST_P(WrongStepTest, is_refused_with_the_reason_and_changes_nothing) {
  Sequence first = runner_.sequence(1), second = runner_.sequence(4);
  Step step;
  runner_.add(step, first, {1, 2, 3, 4, 5});
  runner_.add(step, second, {6});
  Runner::sample_last_rows(step);
  Step good = step;
  Runner::want_all_logits(good);
  ASSERT_EQ(runner_.run(good), TM_OK) << runner_.error();
  const Rows before = runner_.rows();

  Step spoiled = step;
  GetParam().spoil(spoiled);
  EXPECT_EQ(runner_.run(spoiled), TM_INVALID);
  EXPECT_THAT(runner_.error(), HasSubstr(GetParam().says));

  ASSERT_EQ(runner_.run(good), TM_OK) << runner_.error();
  EXPECT_LT(difference(runner_.rows(), before), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(
    all, WrongStepTest,
    testing::Values(
        WrongStep{"token_beyond_vocabulary", [](Step& s) { s.tokens[1] = 96; }, "has id 96, the vocabulary has 96"},
        WrongStep{"token_negative", [](Step& s) { s.tokens[1] = -2; }, "has id -2"},
        WrongStep{"block_beyond_cache", [](Step& s) { s.block_tables[0] = 64; }, "names block 64"},
        WrongStep{"block_negative", [](Step& s) { s.block_tables[1] = -1; }, "names block -1"},
        WrongStep{"slot_elsewhere", [](Step& s) { s.slots[2] = 1 << 30; }, "has slot 1073741824"},
        WrongStep{"position_off", [](Step& s) { s.positions[0] = 3; }, "has position 3"},
        WrongStep{"position_negative", [](Step& s) { s.positions[5] = -1; }, "has position -1"},
        WrongStep{"length_beyond_table", [](Step& s) { s.kv_lengths[0] = 321; }, "cache of 321 tokens"},
        WrongStep{"length_huge", [](Step& s) { s.kv_lengths[0] = INT32_MAX; }, "cache of 2147483647 tokens"},
        WrongStep{"length_zero", [](Step& s) { s.kv_lengths[1] = 0; }, "cache of 0 tokens"},
        WrongStep{"length_below_tokens", [](Step& s) { s.kv_lengths[0] = 4; }, "has 5 tokens and a cache of 4"},
        WrongStep{"sequence_id_beyond", [](Step& s) { s.sequence_ids[0] = 8; }, "has id 8, ids are below 8"},
        WrongStep{"sequence_id_negative", [](Step& s) { s.sequence_ids[0] = -1; }, "has id -1"},
        WrongStep{"sequence_id_twice", [](Step& s) { s.sequence_ids[1] = 1; }, "the sequence id 1 is there twice"},
        WrongStep{"offsets_backwards", [](Step& s) { s.token_offsets = {0, 7, 6}; }, "has its tokens from 7 to 6"},
        WrongStep{"offsets_short", [](Step& s) { s.token_offsets = {0, 5, 5}; }, "go from 0 to 5, it has 6 tokens"},
        WrongStep{"no_sequences",
                  [](Step& s) {
                    s.sequence_ids.clear();
                    s.token_offsets = {0};
                  },
                  "it has 0 sequences"},
        WrongStep{"too_many_tokens",
                  [](Step& s) {
                    s.tokens.resize(65);
                    s.positions.resize(65);
                    s.slots.resize(65);
                    s.token_offsets.back() = 65;
                  },
                  "it has 65 tokens, 1 to 64 are possible"},
        WrongStep{"sample_row_beyond", [](Step& s) { s.sample_rows[0] = 6; }, "row 6 is wanted of 6 tokens"},
        WrongStep{"logit_row_negative", [](Step& s) { s.logit_rows = {-1}; }, "row -1 is wanted"},
        WrongStep{"temperature_not_a_number", [](Step& s) { s.sampling[1].temperature = NAN; }, "one is out of range"},
        WrongStep{"uniform_of_one", [](Step& s) { s.sampling[0].uniform = 1; }, "one is out of range"}),
    [](const auto& info) { return info.param.name; });

TEST_F(StepTest, null_arrays_and_other_versions_are_refused) {
  Sequence s = runner_.sequence(1);
  Step step;
  runner_.add(step, s, {1});
  const tm_plugin* table = tokenmark_cpu_plugin_query(TM_ABI_VERSION);
  tm_step_result result{sizeof(tm_step_result), TM_ABI_VERSION, nullptr, nullptr};
  tm_step view = step.view();
  EXPECT_EQ(table->step(nullptr, &view, &result), TM_INVALID);
  EXPECT_THAT(table->last_error(), HasSubstr("is null"));
}

}  // namespace
}  // namespace tokenmark::test
