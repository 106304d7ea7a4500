// The CPU plugin's forward pass against the scalar one: however a sequence is cut into steps, wherever its blocks lie,
// whatever runs beside it, on any number of threads and any instruction set, the logits are the model's.
#include <gtest/gtest.h>

#include "kernels/cpu/kernels.h"
#include "tests/plugins/cpu/formula_weights.h"
#include "tests/plugins/cpu/plugin_runner.h"
#include "tests/plugins/cpu/reference_forward.h"

namespace tokenmark::test {
namespace {

// In standard deviations of the logits. Q8_0 and Q4_0 multiply with inputs rounded to bytes in blocks of 32, an error
// of up to 1/254 of a block's greatest value at each of 15 matrix products in a row.
double tolerance(Format format) { return format == Format::q8_0 || format == Format::q4_0 ? 0.08 : 2e-4; }

Tokens prompt(std::size_t n, std::int32_t seed = 0) {
  Tokens tokens;
  for (std::size_t i = 0; i < n; ++i) tokens.push_back(static_cast<std::int32_t>((7 * i * i + 3 * i + 1 + 11 * static_cast<std::size_t>(seed)) % 96));
  return tokens;
}

Tokens part(const Tokens& tokens, std::size_t begin, std::size_t n) {
  return {tokens.begin() + static_cast<std::ptrdiff_t>(begin), tokens.begin() + static_cast<std::ptrdiff_t>(begin + n)};
}

Rows expected(const tm_model& model, FormulaWeights& weights, const Tokens& tokens) {
  return ReferenceForward(model, weights.source()).run(tokens);
}

void append(Rows& rows, Rows more) {
  for (auto& row : more) rows.push_back(std::move(row));
}

struct Case {
  Format format;
  cpu::Isa isa;
};

class ForwardTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (!cpu::isa_available(GetParam().isa))
      GTEST_SKIP() << cpu::isa_name(GetParam().isa) << " cannot run on this processor";
    options_.kernels = cpu::isa_name(GetParam().isa);
  }
  RunnerOptions options_;
};

TEST_P(ForwardTest, a_prompt_gives_the_references_logits_however_it_is_cut) {
  const tm_model model = small_model();
  FormulaWeights weights(model, GetParam().format);
  const Tokens tokens = prompt(37);
  const Rows wanted = expected(model, weights, tokens);
  for (const std::uint32_t threads : {1u, 2u, 3u}) {
    options_.threads = threads;
    Runner runner(model, weights.source(), options_);
    Sequence whole = runner.sequence(0);
    EXPECT_LT(difference(runner.feed(whole, tokens), wanted), tolerance(GetParam().format)) << threads << " threads";

    Sequence single = runner.sequence(1);
    Rows by_token;
    for (const auto token : tokens) append(by_token, runner.feed(single, {token}));
    EXPECT_LT(difference(by_token, wanted), tolerance(GetParam().format)) << threads << " threads, token by token";

    runner.scramble_blocks();
    Sequence chunked = runner.sequence(2);
    Rows by_chunk;
    for (const auto& [begin, n] : {std::pair<std::size_t, std::size_t>{0, 5}, {5, 1}, {6, 16}, {22, 15}})
      append(by_chunk, runner.feed(chunked, part(tokens, begin, n)));
    EXPECT_LT(difference(by_chunk, wanted), tolerance(GetParam().format)) << threads << " threads, in chunks";
  }
}

TEST_P(ForwardTest, sequences_in_one_step_do_not_touch_each_other) {
  const tm_model model = small_model();
  FormulaWeights weights(model, GetParam().format);
  Runner runner(model, weights.source(), options_);
  runner.scramble_blocks();
  std::vector<Sequence> sequences;
  std::vector<Tokens> tokens;
  std::vector<Rows> got(4);
  for (std::int32_t s = 0; s < 4; ++s) {
    sequences.push_back(runner.sequence(7 - s));
    tokens.push_back(prompt(20, s));
  }
  // Prompts of different lengths together, then mixed with single tokens, then single tokens only.
  const std::vector<std::vector<std::size_t>> lengths = {{9, 3, 1, 6}, {1, 8, 1, 1}, {1, 1, 1, 1}, {4, 1, 9, 1}};
  for (const auto& n : lengths) {
    Step step;
    for (std::size_t s = 0; s < 4; ++s)
      runner.add(step, sequences[s], part(tokens[s], static_cast<std::size_t>(sequences[s].length), n[s]));
    Runner::want_all_logits(step);
    ASSERT_EQ(runner.run(step), TM_OK) << runner.error();
    const Rows rows = runner.rows();
    for (std::size_t s = 0, row = 0; s < 4; ++s)
      for (std::size_t i = 0; i < n[s]; ++i) got[s].push_back(rows[row++]);
  }
  for (std::size_t s = 0; s < 4; ++s)
    EXPECT_LT(difference(got[s], expected(model, weights, part(tokens[s], 0, got[s].size()))),
              tolerance(GetParam().format))
        << "sequence " << s;
}

INSTANTIATE_TEST_SUITE_P(
    all, ForwardTest,
    testing::ValuesIn([] {
      std::vector<Case> cases;
      for (const auto format : {Format::f32, Format::f16, Format::bf16, Format::q8_0, Format::q4_0})
        for (const auto isa : test::kernels_without_bf16()) cases.push_back({format, isa});
      return cases;
    }()),
    [](const auto& info) {
      return std::string(format_name(info.param.format)) + "_" + std::string(cpu::isa_name(info.param.isa));
    });

double difference_of(const tm_model& model, FormulaWeights& weights, std::size_t n = 40, RunnerOptions options = {}) {
  const Tokens tokens = prompt(n);
  Runner runner(model, weights.source(), options);
  Sequence s = runner.sequence(0);
  return difference(runner.feed(s, tokens), expected(model, weights, tokens));
}

TEST(Forward, both_rope_styles_and_all_scalings_agree_with_the_reference) {
  for (const auto style : {TM_ROPE_INTERLEAVED, TM_ROPE_HALF})
    for (const auto scaling : {TM_ROPE_PLAIN, TM_ROPE_LINEAR, TM_ROPE_LLAMA3}) {
      tm_model model = small_model();
      model.rope_style = style;
      model.rope_scaling = scaling;
      FormulaWeights weights(model);
      EXPECT_LT(difference_of(model, weights), 2e-4) << "style " << style << ", scaling " << scaling;
    }
}

TEST(Forward, rope_over_part_of_a_head_agrees_with_the_reference) {
  tm_model model = small_model();
  model.rope_dim = 8;
  FormulaWeights weights(model);
  EXPECT_LT(difference_of(model, weights), 2e-4);
}

TEST(Forward, rope_divisors_of_the_file_stand_for_llama3_scaling) {
  const tm_model model = small_model();
  FormulaWeights weights(model);
  weights.set("rope_freqs.weight", Format::f32, 1, 8, {1, 1, 1, 2.5f, 8, 8, 8, 8});
  EXPECT_LT(difference_of(model, weights), 2e-4);
}

TEST(Forward, without_an_output_matrix_the_embedding_is_the_output) {
  const tm_model model = small_model();
  FormulaWeights weights(model, Format::f32, /*untied=*/false);
  EXPECT_LT(difference_of(model, weights), 2e-4);
}

TEST(Forward, weights_that_are_read_equal_weights_that_are_mapped) {
  const tm_model model = small_model();
  FormulaWeights weights(model, Format::q8_0, true, /*mapped=*/false);
  EXPECT_LT(difference_of(model, weights), tolerance(Format::q8_0));
}

TEST(Forward, formats_may_differ_between_the_matrices_of_one_layer) {
  const tm_model model = small_model();
  FormulaWeights weights(model, Format::f32);
  weights.add("blk.0.attn_k.weight", Format::q8_0, 32, 64, 0.5);
  weights.add("blk.0.attn_v.weight", Format::f16, 32, 64, 0.5);
  weights.add("blk.1.ffn_up.weight", Format::q4_0, 96, 64, 0.5);
  weights.add("blk.1.attn_q.weight", Format::bf16, 128, 64, 0.5);
  weights.add("blk.1.attn_v.weight", Format::q4_0, 32, 64, 0.5);
  EXPECT_LT(difference_of(model, weights), tolerance(Format::q4_0));
  EXPECT_LT(difference_of(model, weights, 1), tolerance(Format::q4_0));
}

TEST(Forward, a_cache_of_halves_agrees_within_its_rounding) {
  const tm_model model = small_model();
  FormulaWeights weights(model);
  RunnerOptions options;
  options.kv_format = TM_F16;
  for (const auto isa : {cpu::Isa::portable, cpu::Isa::avx2, cpu::Isa::avx512, cpu::Isa::neon}) {
    if (!cpu::isa_available(isa)) continue;
    options.kernels = cpu::isa_name(isa);
    EXPECT_LT(difference_of(model, weights, 40, options), 2.5e-3) << options.kernels;
  }
}

// The error is that of rounding to BF16 what the units multiply: a reference that rounds the same, queries, keys, values
// and the softmax's weights, is far nearer. The first token tells it at its purest; in later ones a value now and then
// lies so near the middle of two that it is rounded to the other side, and the next layer carries that on.
TEST(Forward, a_cache_of_halves_with_matrix_units_agrees_within_the_rounding_to_bf16) {
  if (!cpu::isa_available(cpu::Isa::amx)) GTEST_SKIP() << "amx cannot run on this processor";
  const tm_model model = small_model();
  FormulaWeights weights(model);
  RunnerOptions options;
  options.kv_format = TM_F16;
  options.kernels = cpu::isa_name(cpu::Isa::amx);
  const Tokens tokens = prompt(40);
  Runner runner(model, weights.source(), options);
  Sequence s = runner.sequence(0);
  const Rows got = runner.feed(s, tokens);
  EXPECT_LT(difference(got, expected(model, weights, tokens)), 0.015);
  ReferenceForward reference(model, weights.source());
  reference.round_attention();
  const Rows rounded = reference.run(tokens);
  EXPECT_LT(difference({got[0]}, {rounded[0]}), 5e-4);
  EXPECT_LT(typical_difference(got, rounded), typical_difference(got, expected(model, weights, tokens)) / 2);
}

TEST(Forward, odd_shapes_agree_with_the_reference) {
  tm_model model = small_model();
  model.width = 40;
  model.ffn_width = 51;
  model.heads = 3;
  model.kv_heads = 1;
  model.head_dim = model.value_dim = model.rope_dim = 10;
  model.vocabulary = 97;
  FormulaWeights weights(model);
  EXPECT_LT(difference_of(model, weights, 33), 2e-4);
  EXPECT_LT(difference_of(model, weights, 1), 2e-4);
}

TEST(Forward, more_wanted_rows_than_are_held_at_once_all_come_back) {
  const tm_model model = small_model();
  FormulaWeights weights(model);
  EXPECT_LT(difference_of(model, weights, 64), 2e-4);
}

}  // namespace
}  // namespace tokenmark::test
