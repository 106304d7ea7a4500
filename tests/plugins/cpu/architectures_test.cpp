// Every architecture, tiny, against an implementation that was not written here (golden/README.md), and against itself:
// however a sequence is cut into steps and whatever runs beside it.
#include <gtest/gtest.h>

#include "tests/plugins/cpu/architectures.h"
#include "tests/plugins/cpu/golden.h"

namespace tokenmark::test {
namespace {

RunnerOptions options_for(const std::string& kernels, std::uint32_t threads = 2) {
  RunnerOptions options;
  options.kernels = kernels;
  options.threads = threads;
  options.tokens_per_block = 16;
  options.max_step_tokens = 96;
  return options;
}

std::vector<std::string> available_kernels() {
  std::vector<std::string> names;
  for (const auto* table : cpu::compiled_kernels())
    if (cpu::isa_available(table->isa)) names.emplace_back(cpu::isa_name(table->isa));
  return names;
}

struct Architecture {
  const char* golden;
  tm_model (*model)();
  bool tied = false, mxfp4 = false;
};

class ArchitectureTest : public testing::TestWithParam<Architecture> {
 protected:
  const tm_model model_ = GetParam().model();
  FormulaWeights weights_ = [this] {
    FormulaWeights weights(model_, Format::f32, !GetParam().tied);
    if (GetParam().mxfp4) set_mxfp4_experts(model_, weights);
    return weights;
  }();
  const Golden golden_ = golden(GetParam().golden);
  // In standard deviations of the logits. MXFP4's products take inputs rounded to bytes.
  const double tolerance_ = GetParam().mxfp4 ? 0.08 : 5e-5;
};

TEST_P(ArchitectureTest, gives_the_logits_of_transformers) {
  for (const auto& kernels : available_kernels()) {
    Runner runner(model_, weights_.source(), options_for(kernels));
    Sequence s = runner.sequence(0);
    const Rows rows = golden_.select(runner.feed(s, golden_.tokens));
    const double off = difference(rows, golden_.logits);
    if (GetParam().mxfp4) EXPECT_LT(typical_difference(rows, golden_.logits), 0.04) << kernels;
    else EXPECT_LT(off, tolerance_) << kernels;
    RecordProperty("difference_" + kernels, std::to_string(off));
  }
}

TEST_P(ArchitectureTest, in_chunks_on_scattered_blocks_beside_others_is_the_same) {
  Runner runner(model_, weights_.source(), options_for(""));
  EXPECT_LT(difference(golden_.select(runner.feed_in_chunks(golden_.tokens)), golden_.logits), tolerance_);
}

TEST_P(ArchitectureTest, any_number_of_threads_gives_the_same_bits) {
  std::vector<Rows> results;
  for (const std::uint32_t threads : {1u, 2u, 5u}) {
    Runner runner(model_, weights_.source(), options_for("", threads));
    Sequence s = runner.sequence(0);
    Rows rows = runner.feed(s, golden_.tokens);
    rows.push_back(runner.feed(s, {5}).front());
    results.push_back(std::move(rows));
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

// The sequence's last tokens, one at a time, alone and beside two others.
TEST_P(ArchitectureTest, a_token_in_a_batch_is_the_token_alone) {
  Runner runner(model_, weights_.source(), options_for(""));
  const std::size_t n = golden_.tokens.size(), singles = 8;
  const Tokens prompt(golden_.tokens.begin(), golden_.tokens.end() - singles);
  std::vector<Sequence> sequences;
  for (std::int32_t id = 0; id < 4; ++id) {
    sequences.push_back(runner.sequence(id));
    runner.feed(sequences.back(), id < 2 ? prompt : Tokens{5, id, 70});
  }
  Rows alone, beside;
  for (std::size_t i = n - singles; i < n; ++i) {
    alone.push_back(runner.feed(sequences[0], {golden_.tokens[i]}).front());
    Step step;
    runner.add(step, sequences[2], {3});
    runner.add(step, sequences[1], {golden_.tokens[i]});
    runner.add(step, sequences[3], {static_cast<std::int32_t>(i % 96)});
    step.logit_rows = {1};
    ASSERT_EQ(runner.run(step), TM_OK) << runner.error();
    beside.push_back(runner.rows().front());
  }
  EXPECT_EQ(beside, alone);
}

INSTANTIATE_TEST_SUITE_P(
    all, ArchitectureTest,
    testing::Values(Architecture{"tiny_qwen3", tiny_qwen3, true}, Architecture{"tiny_qwen3moe", tiny_qwen3moe},
                    Architecture{"tiny_mixtral", tiny_mixtral}, Architecture{"tiny_gpt_oss", tiny_gpt_oss},
                    Architecture{"tiny_gpt_oss_mxfp4", tiny_gpt_oss, false, true},
                    Architecture{"tiny_deepseek", [] { return tiny_deepseek(); }},
                    Architecture{"tiny_deepseek_full_q", [] { return tiny_deepseek(false); }}),
    [](const auto& info) { return std::string(info.param.golden).substr(5); });

// ---- caches -----------------------------------------------------------------------------------------------------------

struct LongCache {
  const char* name;
  tm_model (*model)();
};

class LongCacheTest : public testing::TestWithParam<LongCache> {};

// Single tokens attend to long caches in parts that are merged, prompts to all at once.
TEST_P(LongCacheTest, single_tokens_and_a_few_at_once_give_what_a_prompt_gives) {
  const tm_model model = GetParam().model();
  FormulaWeights weights(model);
  RunnerOptions options = options_for("");
  options.blocks = 256;
  Runner runner(model, weights.source(), options);
  Tokens tokens;
  for (std::int32_t i = 0; i < 1100; ++i) tokens.push_back((i * i + 5 * i) % 96);
  const auto part = [&](std::size_t begin, std::size_t n) {
    return Tokens(tokens.begin() + static_cast<std::ptrdiff_t>(begin), tokens.begin() + static_cast<std::ptrdiff_t>(begin + n));
  };
  Sequence whole = runner.sequence(0), parts = runner.sequence(1);
  Rows expected, got;
  for (std::size_t at = 0; at < tokens.size(); at += 44)
    for (auto& row : runner.feed(whole, part(at, 44))) expected.push_back(row);
  for (std::size_t at = 0; at < tokens.size();) {  // slowly over the borders of parts, at 512 and 1024
    const bool slow = (at >= 500 && at < 530) || (at >= 1010 && at < 1040);
    const std::size_t n = slow ? 1 + at % 5 : std::min<std::size_t>(at < 500 ? 500 - at : at < 1010 ? 1010 - at : 1100 - at, 90);
    for (auto& row : runner.feed(parts, part(at, n))) got.push_back(row);
    at += n;
  }
  EXPECT_LT(difference(got, expected), 5e-5);
}

INSTANTIATE_TEST_SUITE_P(all, LongCacheTest,
                         testing::Values(LongCache{"llama", small_model}, LongCache{"gpt_oss", tiny_gpt_oss},
                                         LongCache{"deepseek", [] { return tiny_deepseek(); }}),
                         [](const auto& info) { return std::string(info.param.name); });

// The best kernels may bring queries to BF16 as well, the portable ones round nothing but the cache.
TEST(CacheFormats, each_agrees_within_its_rounding_in_every_kind_of_attention) {
  const std::vector<std::pair<tm_format, double>> bounds = {{TM_F16, 0.01}, {TM_BF16, 0.05}, {TM_Q8_0, 0.2}, {TM_FP8, 0.4}};
  for (const auto& [name, model] : {std::pair{"tiny_qwen3", tiny_qwen3()}, {"tiny_gpt_oss", tiny_gpt_oss()}, {"tiny_deepseek", tiny_deepseek()}})
    for (const auto& [format, bound] : bounds)
      for (const std::string kernels : {"portable", ""}) {
        FormulaWeights weights(model, Format::f32, std::string(name) != "tiny_qwen3");
        RunnerOptions options = options_for(kernels);
        options.kv_format = format;
        Runner runner(model, weights.source(), options);
        const Golden expected = golden(name);
        Sequence s = runner.sequence(0);
        const double off = difference(expected.select(runner.feed(s, expected.tokens)), expected.logits);
        EXPECT_LT(off, kernels.empty() ? std::max(bound, 0.05) : bound) << name << ", format " << format << ' ' << kernels;
      }
}

TEST(Experts, weights_in_every_format_agree_with_their_dequantised_values) {
  for (const tm_model& model : {tiny_qwen3moe(), tiny_deepseek()})
    for (const Format format : {Format::f16, Format::bf16, Format::q8_0, Format::q4_0, Format::mxfp4, Format::mxfp6}) {
      FormulaWeights weights(model, Format::f32), floats(model, Format::f32);
      for (auto& [name, tensor] : weights.tensors()) {
        if (tensor.depth == 1 || tensor.columns % 32 != 0) continue;
        std::vector<float> values(tensor.depth * tensor.rows * tensor.columns);
        std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
        weights.set(name, format, tensor.rows, tensor.columns, values, tensor.depth);
        for (std::uint64_t r = 0; r < tensor.depth * tensor.rows; ++r)
          dequantize_row(format, weights.tensors()[name].bytes.data() + r * row_bytes(format, tensor.columns), tensor.columns,
                         values.data() + r * tensor.columns);
        floats.set(name, Format::f32, tensor.rows, tensor.columns, values, tensor.depth);
      }
      Tokens tokens;
      for (std::int32_t i = 0; i < 30; ++i) tokens.push_back((i * i + 5 * i) % 96);
      Runner a(model, weights.source(), options_for("")), b(model, floats.source(), options_for(""));
      Sequence first = a.sequence(0), second = b.sequence(0);
      EXPECT_LT(typical_difference(a.feed(first, tokens), b.feed(second, tokens)), 0.03)
          << model.architecture << " " << format_name(format);
    }
}

// ---- hidden states and multi-token prediction -----------------------------------------------------------------------

// One step of a sequence with the hidden states of all its tokens.
std::vector<float> hidden_of(Runner& runner, const Tokens& tokens) {
  Sequence s = runner.sequence(0);
  Step step;
  runner.add(step, s, tokens);
  for (std::size_t i = 0; i < tokens.size(); ++i) step.hidden_rows.push_back(static_cast<std::int32_t>(i));
  EXPECT_EQ(runner.run(step), TM_OK) << runner.error();
  return runner.hidden;
}

TEST(Mtp, predicts_the_token_after_next_as_the_paper_says) {
  const tm_model model = tiny_deepseek_with_mtp();
  FormulaWeights weights(model);
  const Golden expected = golden("tiny_deepseek_mtp");
  Runner runner(model, weights.source(), options_for(""));
  const auto hidden = hidden_of(runner, expected.tokens);

  // Token i + 1 with the hidden state of token i, in three steps.
  Sequence s = runner.sequence(1);
  Rows all;
  const std::size_t n = expected.tokens.size() - 1;
  for (const auto& [begin, end] : {std::pair<std::size_t, std::size_t>{0, 33}, {33, 34}, {34, n}}) {
    Step step;
    runner.add(step, s, {expected.tokens.begin() + static_cast<std::ptrdiff_t>(begin) + 1,
                         expected.tokens.begin() + static_cast<std::ptrdiff_t>(end) + 1});
    step.previous_hidden.assign(hidden.begin() + static_cast<std::ptrdiff_t>(begin * model.width),
                                hidden.begin() + static_cast<std::ptrdiff_t>(end * model.width));
    Runner::want_all_logits(step);
    ASSERT_EQ(runner.run(step), TM_OK) << runner.error();
    for (auto& row : runner.rows()) all.push_back(row);
  }
  EXPECT_LT(difference(expected.select(all), expected.logits), 5e-5);
}

// Its own state behind each place stands in for the model's at the next, which then writes over what it left.
TEST(Mtp, goes_on_from_its_own_state) {
  const tm_model model = tiny_deepseek_with_mtp();
  FormulaWeights weights(model);
  const Golden expected = golden("tiny_deepseek_mtp_further");
  Runner runner(model, weights.source(), options_for(""));
  const auto hidden = hidden_of(runner, expected.tokens);
  Sequence s = runner.sequence(1);
  Rows all;
  for (std::size_t i = 0; i + 2 < expected.tokens.size(); ++i) {
    Step step, own;
    runner.add(step, s, {expected.tokens[i + 1]});
    step.previous_hidden.assign(hidden.begin() + static_cast<std::ptrdiff_t>(i * model.width),
                                hidden.begin() + static_cast<std::ptrdiff_t>((i + 1) * model.width));
    step.hidden_rows = {0};
    ASSERT_EQ(runner.run(step), TM_OK) << runner.error();
    const std::int32_t length = s.length;
    own.previous_hidden = runner.hidden;
    own.previous_is_mtp = true;
    runner.add(own, s, {expected.tokens[i + 2]});
    Runner::want_all_logits(own);
    ASSERT_EQ(runner.run(own), TM_OK) << runner.error();
    all.push_back(runner.rows().front());
    s.length = length;
  }
  EXPECT_LT(difference(expected.select(all), expected.logits), 5e-5);
}

TEST(Mtp, its_cache_and_the_models_do_not_touch_each_other) {
  const tm_model model = tiny_deepseek_with_mtp();
  FormulaWeights weights(model);
  const Golden expected = golden("tiny_deepseek");
  Runner runner(model, weights.source(), options_for(""));
  const std::size_t half = expected.tokens.size() / 2;
  Sequence s = runner.sequence(0);
  const Tokens first(expected.tokens.begin(), expected.tokens.begin() + static_cast<std::ptrdiff_t>(half));
  const Tokens second(expected.tokens.begin() + static_cast<std::ptrdiff_t>(half), expected.tokens.end());
  Rows all = runner.feed(s, first);
  Sequence same_blocks{0, 0, s.blocks};
  Step mtp;
  runner.add(mtp, same_blocks, first);
  mtp.previous_hidden.assign(first.size() * model.width, 0.5f);
  ASSERT_EQ(runner.run(mtp), TM_OK) << runner.error();
  for (auto& row : runner.feed(s, second)) all.push_back(row);
  EXPECT_LT(difference(expected.select(all), expected.logits), 5e-5);
}

TEST(Mtp, a_model_without_it_refuses_its_steps) {
  const tm_model model = tiny_deepseek();
  FormulaWeights weights(model);
  Runner runner(model, weights.source(), options_for(""));
  Sequence s = runner.sequence(0);
  Step step;
  runner.add(step, s, {1});
  step.previous_hidden.assign(model.width, 0);
  EXPECT_EQ(runner.run(step), TM_INVALID);
  EXPECT_NE(runner.error().find("no MTP layer"), std::string::npos) << runner.error();
}

TEST(Hidden, rows_come_back_in_the_order_asked_for_and_give_the_logits) {
  const tm_model model = small_model();
  FormulaWeights weights(model);
  Runner runner(model, weights.source(), options_for(""));
  const Tokens tokens = {4, 9, 33, 70, 2, 11};
  const auto all = hidden_of(runner, tokens);
  Sequence s = runner.sequence(1);
  Step step;
  runner.add(step, s, tokens);
  step.hidden_rows = {5, 2, 2};
  step.logit_rows = {3};
  ASSERT_EQ(runner.run(step), TM_OK) << runner.error();
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t d = 0; d < model.width; ++d)
      ASSERT_EQ(runner.hidden[i * model.width + d], all[static_cast<std::size_t>(step.hidden_rows[i]) * model.width + d]);
}

}  // namespace
}  // namespace tokenmark::test
