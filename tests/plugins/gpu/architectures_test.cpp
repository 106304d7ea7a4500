// Every architecture, tiny, on the emulated GPU with both wave sizes: the logits of an implementation that was not written
// here (tests/plugins/cpu/golden), however a sequence is cut into steps and whatever runs beside it.
#include "tests/plugins/cpu/architectures.h"

#include <gtest/gtest.h>

#include "tests/plugins/cpu/golden.h"
#include "tests/plugins/gpu/emulated_plugin.h"

namespace tokenmark::test {
namespace {

// Activations are BF16 between kernels: in standard deviations of the logits.
constexpr double kTolerance = 0.1, kTypical = 0.04;

RunnerOptions options_for(int wave) {
  RunnerOptions options;
  options.table = emulated_plugin(wave);
  options.device = std::string(options.table->name) + ":0";
  options.tokens_per_block = 16;
  options.max_step_tokens = 96;
  return options;
}

struct Architecture {
  const char* golden;
  tm_model (*model)();
  bool tied = false, mxfp4 = false;
};

class GpuArchitecture : public testing::TestWithParam<std::tuple<Architecture, int>> {
 protected:
  const Architecture architecture_ = std::get<0>(GetParam());
  const int wave_ = std::get<1>(GetParam());
  const tm_model model_ = architecture_.model();
  FormulaWeights weights_ = [this] {
    FormulaWeights weights(model_, Format::f32, !architecture_.tied);
    if (architecture_.mxfp4) set_mxfp4_experts(model_, weights);
    return weights;
  }();
  const Golden golden_ = golden(architecture_.golden);

  // Where rounding sends a token to another expert, single rows are far off.
  void expect_golden_rows(const Rows& rows) {
    EXPECT_LT(typical_difference(golden_.select(rows), golden_.logits), kTypical);
    if (model_.experts > 0) return;
    EXPECT_LT(difference(golden_.select(rows), golden_.logits), kTolerance);
  }
};

TEST_P(GpuArchitecture, gives_the_logits_of_transformers) {
  Runner runner(model_, weights_.source(), options_for(wave_));
  Sequence s = runner.sequence(0);
  expect_golden_rows(runner.feed(s, golden_.tokens));
}

TEST_P(GpuArchitecture, in_chunks_on_scattered_blocks_beside_others_is_the_same) {
  Runner runner(model_, weights_.source(), options_for(wave_));
  expect_golden_rows(runner.feed_in_chunks(golden_.tokens));
}

// Decoding steps are captured graphs with padding: five sequences in a graph of eight rows that grow beyond a block.
TEST_P(GpuArchitecture, decoding_with_graphs_gives_the_tokens_that_whole_prompts_give) {
  RunnerOptions options = options_for(wave_);
  Runner graphs(model_, weights_.source(), options), prompts(model_, weights_.source(), options);
  std::vector<Sequence> sequences;
  std::vector<Tokens> texts;
  for (std::int32_t id = 0; id < 5; ++id) {
    sequences.push_back(graphs.sequence(id));
    texts.push_back({golden_.tokens.begin(), golden_.tokens.begin() + 13 + id});
  }
  for (int round = 0; round < 3; ++round) {
    Step step;
    for (std::size_t i = 0; i < sequences.size(); ++i) graphs.add(step, sequences[i], round == 0 ? texts[i] : Tokens{-1});
    Runner::sample_last_rows(step);
    ASSERT_EQ(graphs.run(step), TM_OK) << graphs.error();
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      texts[i].push_back(graphs.sampled[i]);
      if (i % 4 != 0) continue;
      // The logits of the whole text so far must agree that this token is (nearly) the best.
      Sequence whole = prompts.sequence(7);
      const std::vector<float> logits = prompts.feed(whole, {texts[i].begin(), texts[i].end() - 1}).back();
      const float best = *std::max_element(logits.begin(), logits.end());
      const float chosen = logits[static_cast<std::size_t>(graphs.sampled[i])];
      EXPECT_GT(chosen, best - (model_.experts > 0 ? 0.5f : 0.1f)) << "round " << round << ", sequence " << i;
      prompts.give_back(whole);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    all, GpuArchitecture,
    testing::Combine(testing::Values(Architecture{"tiny_gqa_llama3", small_model}, Architecture{"tiny_qwen3", tiny_qwen3, true},
                                     Architecture{"tiny_qwen3moe", tiny_qwen3moe}, Architecture{"tiny_mixtral", tiny_mixtral},
                                     Architecture{"tiny_gpt_oss", tiny_gpt_oss}, Architecture{"tiny_gpt_oss_mxfp4", tiny_gpt_oss, false, true},
                                     Architecture{"tiny_deepseek", [] { return tiny_deepseek(); }},
                                     Architecture{"tiny_deepseek_full_q", [] { return tiny_deepseek(false); }}),
                     testing::Values(32, 64)),
    [](const auto& param) { return std::string(std::get<0>(param.param).golden) + "_wave" + std::to_string(std::get<1>(param.param)); });

}  // namespace
}  // namespace tokenmark::test
