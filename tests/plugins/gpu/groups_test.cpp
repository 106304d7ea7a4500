// A model split over several emulated GPUs, one thread each: what one GPU computes, for every architecture that divides.
#include <gmock/gmock.h>

#include "tests/plugins/cpu/architectures.h"
#include "tests/plugins/cpu/golden.h"
#include "tests/plugins/gpu/emulated_plugin.h"

namespace tokenmark::test {
namespace {

using testing::HasSubstr;

RunnerOptions options_for(int wave, int gpus) {
  RunnerOptions options;
  options.table = emulated_plugin(wave);
  const std::string name = options.table->name;
  options.device = gpus == 1 ? name + ":0" : name + ":0-" + std::to_string(gpus - 1);
  options.tokens_per_block = 16;
  options.max_step_tokens = 96;
  return options;
}

struct Architecture {
  const char* golden;
  tm_model (*model)();
  int gpus;
  bool tied = false, mxfp4 = false;
};

class GpuGroup : public testing::TestWithParam<Architecture> {
 protected:
  const int wave_ = GetParam().gpus == 2 ? 32 : 64;
  const tm_model model_ = GetParam().model();
  FormulaWeights weights_ = [this] {
    FormulaWeights weights(model_, Format::f32, !GetParam().tied);
    if (GetParam().mxfp4) set_mxfp4_experts(model_, weights);
    return weights;
  }();
  const Golden golden_ = golden(GetParam().golden);
};

TEST_P(GpuGroup, gives_the_logits_of_one_gpu_and_of_transformers) {
  Runner group(model_, weights_.source(), options_for(wave_, GetParam().gpus)), one(model_, weights_.source(), options_for(wave_, 1));
  Sequence in_group = group.sequence(0), on_one = one.sequence(0);
  const Rows rows = group.feed(in_group, golden_.tokens);
  EXPECT_LT(typical_difference(golden_.select(rows), golden_.logits), 0.04);
  // Where rounding sends a token to another expert, single rows are far off.
  const Rows expected = one.feed(on_one, golden_.tokens);
  EXPECT_LT(typical_difference(rows, expected), model_.experts > 0 ? 0.02 : 0.01);
  if (model_.experts == 0) {
    EXPECT_LT(difference(rows, expected), 0.05);
  }
}

// Decoding: captured graphs on every rank, a new one as sequences come and block tables widen.
TEST_P(GpuGroup, samples_the_tokens_of_one_gpu) {
  Runner group(model_, weights_.source(), options_for(wave_, GetParam().gpus)), one(model_, weights_.source(), options_for(wave_, 1));
  std::vector<Sequence> in_group, on_one;
  for (int round = 0; round < 4; ++round) {
    Step step, same;
    if (round % 2 == 0) {
      in_group.push_back(group.sequence(round));
      on_one.push_back(one.sequence(round));
    }
    for (std::size_t i = 0; i < in_group.size(); ++i) {
      const bool is_new = i + 1 == in_group.size() && round % 2 == 0;
      const Tokens tokens = is_new ? Tokens{golden_.tokens.begin() + round, golden_.tokens.begin() + 14 + 2 * round} : Tokens{-1};
      group.add(step, in_group[i], tokens);
      one.add(same, on_one[i], tokens);
    }
    Runner::sample_last_rows(step, {0.7f, 0.9f, 0, 20, 0.3f});
    Runner::sample_last_rows(same, {0.7f, 0.9f, 0, 20, 0.3f});
    ASSERT_EQ(group.run(step), TM_OK) << group.error();
    ASSERT_EQ(one.run(same), TM_OK) << one.error();
    EXPECT_EQ(group.sampled, one.sampled) << "round " << round;
  }
}

// Hidden states come back from the first rank and go to all; the MTP layer is split as the others are.
TEST(GpuGroupMtp, drafts_what_one_gpu_drafts) {
  const tm_model model = tiny_deepseek_with_mtp();
  FormulaWeights weights(model);
  Runner group(model, weights.source(), options_for(32, 2)), one(model, weights.source(), options_for(32, 1));
  Rows logits[2];
  int which = 0;
  for (Runner* runner : {&group, &one}) {
    Sequence s = runner->sequence(0), drafted = runner->sequence(1);
    Step step, draft;
    runner->add(step, s, {3, 17, 40, 5, 60, 11, 2, 90});
    step.hidden_rows = {0, 1, 2, 3, 4, 5, 6, 7};
    Runner::sample_last_rows(step);
    ASSERT_EQ(runner->run(step), TM_OK) << runner->error();
    runner->add(draft, drafted, {17, 40, 5, 60, 11, 2, 90, 31});
    draft.previous_hidden = runner->hidden;
    Runner::want_all_logits(draft);
    ASSERT_EQ(runner->run(draft), TM_OK) << runner->error();
    logits[which++] = runner->rows();
  }
  EXPECT_LT(typical_difference(logits[0], logits[1]), 0.02);
}

INSTANTIATE_TEST_SUITE_P(
    all, GpuGroup,
    testing::Values(Architecture{"tiny_gqa_llama3", small_model, 2}, Architecture{"tiny_gqa_llama3", small_model, 4},
                    Architecture{"tiny_qwen3", tiny_qwen3, 2, true}, Architecture{"tiny_qwen3", tiny_qwen3, 4, true},
                    Architecture{"tiny_qwen3moe", tiny_qwen3moe, 2}, Architecture{"tiny_qwen3moe", tiny_qwen3moe, 4},
                    Architecture{"tiny_mixtral", tiny_mixtral, 2}, Architecture{"tiny_mixtral", tiny_mixtral, 4},
                    Architecture{"tiny_gpt_oss", tiny_gpt_oss, 2}, Architecture{"tiny_gpt_oss", tiny_gpt_oss, 4},
                    Architecture{"tiny_deepseek", [] { return tiny_deepseek(); }, 2},
                    Architecture{"tiny_deepseek_full_q", [] { return tiny_deepseek(false); }, 2}),
    [](const auto& param) { return std::string(param.param.golden) + "_on_" + std::to_string(param.param.gpus); });

}  // namespace
}  // namespace tokenmark::test
