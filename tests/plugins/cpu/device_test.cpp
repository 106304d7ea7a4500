// The CPU as a device of the registry: capabilities, options, and models it must refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "plugins/api/registry.h"
#include "plugins/cpu/cpu_plugin.h"
#include "tests/plugins/cpu/architectures.h"
#include "tests/plugins/cpu/plugin_runner.h"

namespace tokenmark::test {
namespace {

using testing::HasSubstr;

const tm_plugin& table() { return *tokenmark_cpu_plugin_query(TM_ABI_VERSION); }

tm_device_options device_options() {
  tm_device_options options{};
  options.size = sizeof options;
  options.version = TM_ABI_VERSION;
  return options;
}

TEST(CpuDevice, is_found_through_the_registry_with_its_capabilities) {
  PluginRegistry registry;
  registry.add(tokenmark_cpu_plugin_query);
  const auto cpu = registry.device("cpu");
  ASSERT_TRUE(cpu) << cpu.error().message;
  EXPECT_GE(cpu->capabilities.compute_units, 1u);
  EXPECT_GT(cpu->capabilities.memory_bytes, 1u << 20);
  const auto native = cpu->capabilities.native_formats, emulated = cpu->capabilities.emulated_formats;
  EXPECT_EQ(native & emulated, 0u);
  for (const tm_format format : {TM_F32, TM_F16, TM_BF16, TM_FP8, TM_Q8_0, TM_Q4_0, TM_Q4_K, TM_Q5_K, TM_Q6_K, TM_MXFP4, TM_MXFP6})
    EXPECT_TRUE((native | emulated) >> format & 1) << format;
  EXPECT_THAT(cpu->capabilities.name, HasSubstr("cores"));
}

TEST(CpuDevice, another_version_of_the_host_gets_no_table) {
  EXPECT_EQ(tokenmark_cpu_plugin_query(TM_ABI_VERSION + 1), nullptr);
}

TEST(CpuDevice, options_that_cannot_be_met_are_refused_with_the_reason) {
  tm_device* device = nullptr;
  EXPECT_EQ(table().open_device("cpu:1", nullptr, &device), TM_NOT_FOUND);
  EXPECT_THAT(table().last_error(), HasSubstr("no device 'cpu:1'"));

  auto options = device_options();
  options.kernels = "mmx";
  EXPECT_EQ(table().open_device("cpu", &options, &device), TM_INVALID);
  EXPECT_THAT(table().last_error(), HasSubstr("kernels 'mmx' are not known"));

  options = device_options();
  const std::uint32_t cores[] = {0, 100000};
  options.cores = cores;
  options.n_cores = 2;
  EXPECT_EQ(table().open_device("cpu", &options, &device), TM_INVALID);
  EXPECT_THAT(table().last_error(), HasSubstr("core 100000"));

  options = device_options();
  options.threads = 1u << 20;
  EXPECT_EQ(table().open_device("cpu", &options, &device), TM_INVALID);
  EXPECT_THAT(table().last_error(), HasSubstr("threads"));
  EXPECT_EQ(device, nullptr);
}

class WithDevice : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(table().open_device("cpu", nullptr, &device_), TM_OK) << table().last_error(); }
  void TearDown() override { table().close_device(device_); }
  tm_device* device_ = nullptr;
};

TEST_F(WithDevice, the_memory_needed_covers_weights_and_cache) {
  const tm_model model = small_model();
  FormulaWeights weights(model);
  const auto source = weights.source();
  auto options = Runner::executor_options({});
  options.tokens_per_block = 16;  // a whole group of the cache: nothing is rounded up
  std::uint64_t bytes = 0, more = 0;
  ASSERT_EQ(table().memory_needed(device_, &model, &source, &options, &bytes), TM_OK) << table().last_error();
  std::uint64_t weight_bytes = 0;
  for (const auto& [name, tensor] : weights.tensors()) weight_bytes += tensor.bytes.size();
  EXPECT_GT(bytes, weight_bytes);
  options.blocks += 10;
  ASSERT_EQ(table().memory_needed(device_, &model, &source, &options, &more), TM_OK) << table().last_error();
  EXPECT_EQ(more - bytes, 10u * options.tokens_per_block * model.layers * 2 * model.kv_heads * model.head_dim * 4);
}

TEST_F(WithDevice, the_memory_needed_grows_with_everything_an_architecture_has) {
  const auto needed = [&](const tm_model& model) {
    FormulaWeights weights(model);
    const auto source = weights.source();
    const auto options = Runner::executor_options({});
    std::uint64_t bytes = 0, weight_bytes = 0;
    EXPECT_EQ(table().memory_needed(device_, &model, &source, &options, &bytes), TM_OK) << table().last_error();
    for (const auto& [name, tensor] : weights.tensors()) weight_bytes += tensor.bytes.size();
    EXPECT_GT(bytes, weight_bytes);
    return bytes;
  };
  for (const auto& model : {tiny_qwen3(), tiny_mixtral(), tiny_gpt_oss()}) needed(model);
  EXPECT_GT(needed(tiny_deepseek_with_mtp()), needed(tiny_deepseek()));
}

TEST_F(WithDevice, a_model_that_does_not_fit_says_how_much_it_needs_and_what_there_is) {
  const tm_model model = small_model();
  FormulaWeights weights(model);
  const auto source = weights.source();
  auto options = Runner::executor_options({});
  options.tokens_per_block = 4096;
  options.blocks = INT32_MAX / 4096;  // 2^31 tokens of 512 bytes: a tebibyte
  tm_executor* executor = nullptr;
  EXPECT_EQ(table().create_executor(device_, &model, &source, &options, &executor), TM_OUT_OF_MEMORY);
  EXPECT_THAT(table().last_error(), testing::ContainsRegex("needs [0-9.]+ GiB of memory .*KV cache.* GiB are available"));
}

struct WrongModel {
  const char* name;
  std::function<void(tm_model&, FormulaWeights&, tm_executor_options&)> spoil;
  const char* says;
  tm_model (*model)() = small_model;
};

class WrongModelTest : public WithDevice, public testing::WithParamInterface<WrongModel> {};

TEST_P(WrongModelTest, is_refused_with_the_reason) {
  tm_model model = GetParam().model();
  FormulaWeights weights(model);
  auto options = Runner::executor_options({});
  GetParam().spoil(model, weights, options);
  const auto source = weights.source();
  tm_executor* executor = nullptr;
  std::uint64_t bytes = 0;
  EXPECT_NE(table().create_executor(device_, &model, &source, &options, &executor), TM_OK);
  EXPECT_THAT(table().last_error(), HasSubstr(GetParam().says));
  EXPECT_NE(table().memory_needed(device_, &model, &source, &options, &bytes), TM_OK);
  EXPECT_THAT(table().last_error(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    all, WrongModelTest,
    testing::Values(
        WrongModel{"no_heads", [](auto& m, auto&, auto&) { m.heads = 0; }, "the number of heads is 0"},
        WrongModel{"uneven_groups", [](auto& m, auto&, auto&) { m.kv_heads = 3; }, "no multiple of 3"},
        WrongModel{"head_too_wide", [](auto& m, auto&, auto&) { m.head_dim = 4096; }, "the head dimension is 4096"},
        WrongModel{"huge_width", [](auto& m, auto&, auto&) { m.width = UINT32_MAX; }, "the width is 4294967295"},
        WrongModel{"rope_wider_than_head", [](auto& m, auto&, auto&) { m.rope_dim = 32; }, "rope_dim is 32"},
        WrongModel{"no_theta", [](auto& m, auto&, auto&) { m.rope_theta = 0; }, "rope_theta is 0"},
        WrongModel{"scaling_bounds", [](auto& m, auto&, auto&) { m.rope_high = 0.5f; }, "0 < low < high"},
        WrongModel{"other_shape", [](auto& m, auto&, auto&) { m.ffn_width = 128; }, "'blk.0.ffn_gate.weight' is 96 × 64"},
        WrongModel{"tensor_missing", [](auto&, auto& w, auto&) { w.tensors().erase("blk.1.attn_k.weight"); },
                   "no tensor 'blk.1.attn_k.weight'"},
        WrongModel{"tensor_short", [](auto&, auto& w, auto&) { w.tensors()["blk.1.attn_k.weight"].bytes.pop_back(); },
                   "'blk.1.attn_k.weight' has 8191 bytes"},
        WrongModel{"unknown_format",
                   [](auto&, auto& w, auto&) { w.tensors()["output.weight"].format = static_cast<Format>(99); },
                   "number format 99"},
        WrongModel{"yarn_bounds", [](auto& m, auto&, auto&) { m.rope_high = 1; }, "yarn rope scaling needs 0 < low < high", tiny_gpt_oss},
        WrongModel{"yarn_theta", [](auto& m, auto&, auto&) { m.rope_theta = 1; }, "needs rope_theta above 1", tiny_gpt_oss},
        WrongModel{"sinks_missing", [](auto&, auto& w, auto&) { w.tensors().erase("blk.1.attn_sinks.weight"); },
                   "no tensor 'blk.1.attn_sinks.weight' (1 × 8 is expected)", tiny_gpt_oss},
        WrongModel{"bias_of_another_length", [](auto&, auto& w, auto&) { w.tensors()["blk.0.attn_q.bias"].columns = 127; },
                   "'blk.0.attn_q.bias' is 1 × 127, the model's description wants 1 × 128", tiny_gpt_oss},
        WrongModel{"limit_missing", [](auto& m, auto&, auto&) { m.activation_limit = 0; }, "limit is 0", tiny_gpt_oss},
        WrongModel{"activation_unknown", [](auto& m, auto&, auto&) { m.activation = 7; }, "the activation is 7"},
        WrongModel{"norms_missing", [](auto&, auto& w, auto&) { w.tensors().erase("blk.0.attn_k_norm.weight"); },
                   "no tensor 'blk.0.attn_k_norm.weight'", tiny_qwen3},
        WrongModel{"more_experts_used_than_there_are", [](auto& m, auto&, auto&) { m.experts_used = 5; },
                   "experts a token uses is 5, supported are 1 to 4", tiny_mixtral},
        WrongModel{"fewer_experts_in_the_file", [](auto&, auto& w, auto&) { w.tensors()["blk.1.ffn_up_exps.weight"].depth = 3; },
                   "'blk.1.ffn_up_exps.weight' is 3 × 48 × 64, the model's description wants 4 × 48 × 64", tiny_mixtral},
        WrongModel{"experts_cut_short",
                   [](auto&, auto& w, auto&) { w.tensors()["blk.1.ffn_up_exps.weight"].bytes.resize(4 * 48 * 64 * 4 - 4); },
                   "'blk.1.ffn_up_exps.weight' has 49148 bytes, 4 × 48 × 64 in f32 take 49152", tiny_mixtral},
        WrongModel{"uneven_expert_groups", [](auto& m, auto&, auto&) { m.expert_groups = 3; }, "do not divide into 3 groups",
                   [] { return tiny_deepseek(); }},
        WrongModel{"too_few_experts_in_the_groups", [](auto& m, auto&, auto&) { m.expert_groups_used = 1; },
                   "1 of 4 expert groups with 8 experts, 3 used", [] { return tiny_deepseek(); }},
        WrongModel{"latent_too_wide", [](auto& m, auto&, auto&) { m.kv_lora = 576; }, "kv_lora + rope_dim is 584",
                   [] { return tiny_deepseek(); }},
        WrongModel{"latent_without_nope", [](auto& m, auto&, auto&) { m.rope_dim = 24; }, "rope_dim of latent attention is 24",
                   [] { return tiny_deepseek(); }},
        WrongModel{"latent_with_sinks", [](auto& m, auto&, auto&) { m.attention_sinks = 1; },
                   "attention_sinks with latent attention is 1", [] { return tiny_deepseek(); }},
        WrongModel{"heads_missing", [](auto&, auto& w, auto&) { w.tensors()["blk.0.attn_v_b.weight"].depth = 1; },
                   "'blk.0.attn_v_b.weight' is 20 × 32, the model's description wants 4 × 20 × 32", [] { return tiny_deepseek(); }},
        WrongModel{"scale_not_a_number", [](auto& m, auto&, auto&) { m.attention_scale = NAN; }, "attention scale is nan"},
        WrongModel{"mtp_tensor_missing", [](auto&, auto& w, auto&) { w.tensors().erase("blk.3.nextn.eh_proj.weight"); },
                   "no tensor 'blk.3.nextn.eh_proj.weight' (64 × 128 is expected)", tiny_deepseek_with_mtp},
        WrongModel{"two_mtp_layers", [](auto& m, auto&, auto&) { m.mtp_layers = 2; }, "number of MTP layers is 2"},
        WrongModel{"no_blocks", [](auto&, auto&, auto& o) { o.blocks = 0; }, "blocks is 0"},
        WrongModel{"too_many_slots", [](auto&, auto&, auto& o) { o.blocks = 1u << 30; }, "more slots than a step can name"},
        WrongModel{"cache_format", [](auto&, auto&, auto& o) { o.kv_format = TM_Q4_0; }, "cache format 2"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tokenmark::test
