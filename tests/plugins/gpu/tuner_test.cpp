// The tuner on a clock of the test's: what is faster is chosen, noise chooses nothing; and its tables in whole models.
#include "plugins/gpu/tuner.h"

#include <gmock/gmock.h>

#include <random>

#include "kernels/formats/format.h"
#include "plugins/gpu/products.h"
#include "tests/plugins/cpu/architectures.h"
#include "tests/plugins/cpu/golden.h"
#include "tests/plugins/gpu/clocked_gpu.h"
#include "tests/plugins/gpu/emulated_plugin.h"

namespace tokenmark::gpu {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kBf16 = 30;

tm_executor_options options(std::uint32_t rows, std::uint32_t kv_format = TM_F16) {
  return {sizeof(tm_executor_options), TM_ABI_VERSION, 16, 64, rows, rows, kv_format, nullptr};
}

class Tuner : public testing::TestWithParam<int> {
 protected:
  Result<Tuned> tuned(ClockedGpu& gpu, const tm_model& model, Format format, const tm_executor_options& options, double seconds = 1e9) {
    test::FormulaWeights weights(model, format, true);
    return tune(gpu, model, weights.source(), options, {seconds, [&gpu] { return gpu.now_s; }, {}});
  }
};
INSTANTIATE_TEST_SUITE_P(Wave, Tuner, testing::Values(32, 64), [](const auto& param) { return std::to_string(param.param); });

TEST_P(Tuner, a_slow_default_loses) {
  ClockedGpu gpu(GetParam(), [](const std::string& kernel, Grid) { return kernel == "gemv_bf16_1" ? 1e-4 : 1e-5; }, false);
  const auto found = tuned(gpu, test::small_model(), Format::bf16, options(4));
  ASSERT_TRUE(found) << found.error().message;
  int single = 0, others = 0;
  for (const TunedProduct& p : found->table.products) {
    if (p.up_to_rows != 1) {
      EXPECT_EQ(p.times.chosen_s, p.times.rule_s) << "all others take as long as each other";
      ++others;
      continue;
    }
    ++single;
    EXPECT_TRUE(!p.choice.gemv || p.choice.rows_a_block > 1) << p.matrix_rows;
    EXPECT_NEAR(p.times.rule_s, 1e-4, 1e-9);
    EXPECT_LT(p.times.chosen_s, 3e-5);
  }
  EXPECT_EQ(single, 4) << "keys, values and queries (gate and up are as large), attention's output, down, logits";
  EXPECT_EQ(others, 8);
  const TuningSummary s = summarize({found->table.products, {}, {}});
  EXPECT_EQ(s.changed, 4u);
  EXPECT_GT(s.mean_gain, 4);
}

TEST_P(Tuner, a_better_cut_of_the_same_kernel_is_found) {
  // Blocks cost; the rule takes as many as the machine holds.
  ClockedGpu gpu(GetParam(), [](const std::string&, Grid g) { return 1e-6 * g.x; }, false);
  tm_model model = test::small_model();
  model.vocabulary = 4096;
  const auto found = tuned(gpu, model, Format::bf16, options(1));
  ASSERT_TRUE(found) << found.error().message;
  const Machine machine{gpu.facts().name, gpu.facts().wave, gpu.facts().compute_units, gpu.facts().shared_bytes};
  const ProductShape logits{kBf16, 1, model.vocabulary, model.width};
  EXPECT_LT(choose_product(found->table, machine, logits).blocks, choose_product({}, machine, logits).blocks);
}

TEST_P(Tuner, noise_changes_nothing) {
  // Whatever a choice is made of takes as long as another.
  ClockedGpu gpu(GetParam(), [](const std::string& kernel, Grid) { return kernel == "prepare_rows" || kernel.starts_with("merge_parts") ? 0 : 1e-5; }, false);
  std::mt19937 random(5);
  gpu.noise = [&] { return std::uniform_real_distribution<>(0.7, 1.6)(random); };
  const auto found = tuned(gpu, test::tiny_qwen3moe(), Format::bf16, options(16));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_GT(summarize(found->table).choices, 20u);
  EXPECT_EQ(summarize(found->table).changed, 0u) << table_text(tuning_head(gpu.facts()), found->table);
}

TEST_P(Tuner, ends_when_its_time_is_over_and_counts_what_it_left_out) {
  ClockedGpu gpu(GetParam(), [](const std::string&, Grid) { return 0.1; }, false);
  const auto found = tuned(gpu, test::small_model(), Format::bf16, options(16), 200);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_GT(found->left_out, 0u);
  EXPECT_FALSE(found->table.products.empty());
  EXPECT_EQ(found->table.products.front().up_to_rows, 1u) << "few rows first";
  EXPECT_LT(gpu.now_s, 300);
}

TEST_P(Tuner, is_stopped_by_whom_it_tells_its_progress) {
  ClockedGpu gpu(GetParam(), [](const std::string&, Grid) { return 1e-5; }, false);
  test::FormulaWeights weights(test::small_model(), Format::bf16, true);
  std::vector<std::string> told;
  const auto progress = [&](double share, const std::string& what) -> Status {
    EXPECT_TRUE(share >= 0 && share <= 1);
    told.push_back(what);
    if (told.size() == 3) return fail(ErrorKind::cancelled, "enough");
    return {};
  };
  const auto found = tune(gpu, test::small_model(), weights.source(), options(4), {1e9, [] { return 0.0; }, progress});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "enough");
  EXPECT_THAT(told.front(), HasSubstr("bf16 192 x 64, 1 rows")) << "keys, values and queries together";
}

// What is timed by captured graphs is launched outside of one too, on the emulated GPU.
TEST_P(Tuner, whatever_it_tries_can_be_launched) {
  struct One {
    tm_model model;
    Format format;
    std::uint32_t kv_format;
  };
  const std::vector<One> with_32 = {{test::small_model(), Format::q4_0, TM_F16}, {test::tiny_gpt_oss(), Format::mxfp4, TM_BF16}};
  const std::vector<One> with_64 = {{test::tiny_qwen3moe(), Format::q8_0, TM_FP8}, {test::tiny_deepseek(), Format::bf16, TM_F16}};
  for (One one : GetParam() == 32 ? with_32 : with_64) {
    one.model.context = 64;
    ClockedGpu gpu(GetParam(), [n = 0](const std::string&, Grid) mutable { return 1e-6 * (20 - n++ % 17); }, true);
    const auto found = tuned(gpu, one.model, one.format, options(4, one.kv_format));
    ASSERT_TRUE(found) << one.model.architecture << ": " << found.error().message;
    EXPECT_EQ(found->left_out, 0u);
    EXPECT_GT(gpu.launches, 100);
    EXPECT_EQ(found->table.groups.empty(), one.model.experts == 0);
    EXPECT_EQ(found->table.attention.size(), 3u) << "1, 2 and 4 sequences";
  }
}

TEST_P(Tuner, routers_keep_their_precision) {
  ClockedGpu gpu(GetParam(), [](const std::string& kernel, Grid) { return kernel.starts_with("gemv") ? 1e-4 : 1e-5; }, false);
  const auto found = tuned(gpu, test::tiny_qwen3moe(), Format::f32, options(32));
  ASSERT_TRUE(found) << found.error().message;
  for (const TunedProduct& p : found->table.products)
    EXPECT_TRUE(p.choice.gemv) << p.up_to_rows << " rows";
}

// A table whose choices are all others than the rule's gives the same logits and tokens.
TEST_P(Tuner, models_run_with_its_table) {
  std::mt19937 random(1);
  ClockedGpu gpu(GetParam(), [&](const std::string& kernel, Grid) { return kernel == "prepare_rows" ? 0 : kernel.starts_with("gemm") ? 1e-6 : 1e-4 + 1e-7 * (random() % 1000); }, false);
  const tm_model model = test::tiny_qwen3moe();
  const test::Golden golden = test::golden("tiny_qwen3moe");
  test::FormulaWeights in_bf16(model, Format::bf16, true);
  test::RunnerOptions plain;
  plain.table = test::emulated_plugin(GetParam());
  plain.device = std::string(plain.table->name) + ":0";
  plain.tokens_per_block = 16;
  plain.max_step_tokens = 96;
  const auto found = tuned(gpu, model, Format::bf16, options(64));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_GT(summarize(found->table).changed, 10u);
  test::RunnerOptions with_table = plain;
  with_table.tuning = table_text(tuning_head(gpu.facts()), found->table);
  test::Runner by_rule(model, in_bf16.source(), plain), tuned_runner(model, in_bf16.source(), with_table);
  test::Sequence a = by_rule.sequence(0), b = tuned_runner.sequence(0);
  EXPECT_LT(test::typical_difference(tuned_runner.feed(b, golden.tokens), by_rule.feed(a, golden.tokens)), 0.04);
}

TEST_P(Tuner, an_executor_refuses_a_stale_or_broken_table) {
  const tm_plugin* table = test::emulated_plugin(GetParam());
  const tm_model model = test::small_model();
  test::FormulaWeights weights(model, Format::f32, true);
  const tm_weight_source source = weights.source();
  tm_device* device = nullptr;
  ASSERT_EQ(table->open_device((std::string(table->name) + ":0").c_str(), nullptr, &device), TM_OK);
  tm_executor_options o = options(4);
  tm_executor* executor = nullptr;
  o.tuning = "nonsense";
  EXPECT_EQ(table->create_executor(device, &model, &source, &o, &executor), TM_INVALID);
  EXPECT_THAT(table->last_error(), HasSubstr("line 1: 'nonsense'"));
  const std::string stale = table_text({"another GPU", "emulated", "emulation", kernel_sources()}, {});
  o.tuning = stale.c_str();
  EXPECT_EQ(table->create_executor(device, &model, &source, &o, &executor), TM_UNAVAILABLE);
  EXPECT_THAT(table->last_error(), HasSubstr("measured with the device 'another GPU'"));
  // A host that does not know the field yet gives a shorter struct.
  o.size = offsetof(tm_executor_options, tuning);
  EXPECT_EQ(table->create_executor(device, &model, &source, &o, &executor), TM_OK) << table->last_error();
  table->destroy_executor(executor);
  table->close_device(device);
}

}  // namespace
}  // namespace tokenmark::gpu
