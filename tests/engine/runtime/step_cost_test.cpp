#include "engine/runtime/step_cost.h"

#include <gtest/gtest.h>

namespace tokenmark {
namespace {

Model shape(const char* specification) {
  auto model = open_model(specification);
  EXPECT_TRUE(model) << model.error().message;
  return *model;
}

// 5 layers of 4 attention matrices (64, 32, 32 and 64 rows) and 3 of the feed-forward network (172), of 64 values each,
// 11 norms, and an embedding of 512 tokens that is the output too.
TEST(StepCost, a_dense_model_reads_all_its_matrices_and_the_sequences_keys) {
  const StepCost cost(shape("shape:stories260k:f32"), Format::f16);
  const double layers = 5 * 64 * (64 + 32 + 32 + 64 + 3 * 172), output = 512 * 64, norms = 11 * 64;
  const double key = 2 * 4 * 8 * 2;  // keys and values of 4 heads of 8, two bytes each
  EXPECT_EQ(cost.decode_bytes(2, 10), 4 * (layers + output + norms) + 2 * 5 * 10 * key);
  EXPECT_EQ(cost.prompt_operations(3), 2 * (3 * layers + output + (1 + 2 + 3) * 5 * 2 * 64.0));
}

// 4 of 32 experts; every second of 8 layers sees 128 keys only.
TEST(StepCost, few_tokens_reach_few_experts_and_windows_end_the_keys) {
  const StepCost cost(shape("shape:gpt-oss-1.8b:bf16"), Format::f16);
  const double dense = cost.decode_bytes(0, 0);
  const double experts = cost.decode_bytes(1e6, 0) - dense;
  EXPECT_DOUBLE_EQ(cost.decode_bytes(1, 0) - dense, experts / 8);
  EXPECT_DOUBLE_EQ(cost.decode_bytes(2, 0) - dense, experts * (1 - 49.0 / 64));
  EXPECT_NEAR(experts, 8.0 * 32 * 3 * 1440 * 1440 * 2, 0.002 * experts);  // and their biases
  const double key = 2 * 8 * 64 * 2;
  EXPECT_DOUBLE_EQ(cost.decode_bytes(1, 1000) - cost.decode_bytes(1, 0), key * (4 * 1000 + 4 * 128));
  const double longer = cost.prompt_operations(1001) - cost.prompt_operations(1000);
  const double long_after = cost.prompt_operations(2001) - cost.prompt_operations(2000);
  EXPECT_DOUBLE_EQ(long_after - longer, 2.0 * 4 * 1000 * 32 * 128);  // the layers without a window only
}

TEST(StepCost, latent_attention_keeps_one_key_for_all_heads_and_the_mtp_layer_is_not_run) {
  const StepCost cost(shape("shape:deepseek-v3-1.1b:bf16"), Format::f16);
  EXPECT_DOUBLE_EQ(cost.decode_bytes(1, 101) - cost.decode_bytes(1, 100), 10 * (512 + 64) * 2);
  const double third = cost.prompt_operations(3) - cost.prompt_operations(2);
  const double second = cost.prompt_operations(2) - cost.prompt_operations(1);
  EXPECT_DOUBLE_EQ(third - second, 2.0 * 10 * 16 * (2 * 512 + 64));
}

}  // namespace
}  // namespace tokenmark
