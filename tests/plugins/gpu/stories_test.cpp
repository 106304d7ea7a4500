// A real model from its file on the emulated GPU: the CPU plugin's logits and story.
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/model/device_model.h"
#include "tests/plugins/cpu/plugin_runner.h"
#include "tests/plugins/gpu/emulated_plugin.h"

namespace tokenmark::test {
namespace {

class GpuStories : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    const std::string path = std::string(TOKENMARK_SHARED_DATA) + "/models/stories260K.gguf";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
    auto opened = open_model(path);
    ASSERT_TRUE(opened) << opened.error().message;
    model_.emplace(std::move(*opened));
    gpu_.table = emulated_plugin(GetParam());
    gpu_.device = std::string(gpu_.table->name) + ":0";
    gpu_.tokens_per_block = cpu_.tokens_per_block = 16;
  }
  std::optional<std::decay_t<decltype(*open_model(""))>> model_;
  RunnerOptions gpu_, cpu_;
};
INSTANTIATE_TEST_SUITE_P(Wave, GpuStories, testing::Values(32, 64), [](const auto& param) { return std::to_string(param.param); });

// One prompt whole, then token by token (graphs): the logits of the CPU plugin within the rounding of activations to BF16.
TEST_P(GpuStories, stories260K_gives_the_logits_of_the_cpu_plugin) {
  Runner gpu(device_model(model_->description), device_weights(*model_), gpu_), cpu(device_model(model_->description), device_weights(*model_), cpu_);
  Sequence on_gpu = gpu.sequence(0), on_cpu = cpu.sequence(0);
  const Tokens prompt{1, 403, 407, 261, 378, 429, 280, 395, 424, 266, 421, 291, 276, 432, 410, 351, 268, 417, 285, 404};
  EXPECT_LT(difference(gpu.feed(on_gpu, prompt), cpu.feed(on_cpu, prompt)), 0.08);
  for (const std::int32_t token : {263, 349, 427, 310}) EXPECT_LT(difference(gpu.feed(on_gpu, {token}), cpu.feed(on_cpu, {token})), 0.08) << token;
}

TEST_P(GpuStories, split_over_two_it_tells_the_same_story_with_two_steps_under_way) {
  RunnerOptions two = gpu_;
  two.device += "," + std::string(two.table->name) + ":1";
  Runner one(device_model(model_->description), device_weights(*model_), gpu_), group(device_model(model_->description), device_weights(*model_), two);
  Sequence on_one = one.sequence(0), in_group = group.sequence(0);
  const Tokens prompt{1, 403, 407, 261, 378, 429, 280, 395, 424, 266, 421, 291, 276, 432, 410, 351, 268, 417, 285, 404};
  EXPECT_LT(difference(group.feed(in_group, prompt), one.feed(on_one, prompt)), 0.03);
  const Tokens told = group.run_ahead(in_group, 263, 10);
  EXPECT_EQ(told, one.run_ahead(on_one, 263, 10));
  EXPECT_EQ(told.size(), 10u);
}

TEST_P(GpuStories, a_greedy_story_is_one_that_the_cpu_plugin_would_tell) {
  Runner gpu(device_model(model_->description), device_weights(*model_), gpu_), cpu(device_model(model_->description), device_weights(*model_), cpu_);
  Sequence on_gpu = gpu.sequence(0), on_cpu = cpu.sequence(0);
  std::int32_t token = 1;
  for (int i = 0; i < 20; ++i) {
    Step step;
    gpu.add(step, on_gpu, {i == 0 ? 1 : -1});
    Runner::sample_last_rows(step);
    ASSERT_EQ(gpu.run(step), TM_OK) << gpu.error();
    const std::vector<float> logits = cpu.feed(on_cpu, {token}).front();
    token = gpu.sampled[0];
    EXPECT_GT(logits[static_cast<std::size_t>(token)], *std::max_element(logits.begin(), logits.end()) - 0.15f) << "token " << i;
  }
}

}  // namespace
}  // namespace tokenmark::test
