// Ranks' parts of a model: together they are the model, and what does not divide is an error with its numbers.
#include "plugins/gpu/slices.h"

#include <gmock/gmock.h>

#include "plugins/gpu/weights.h"
#include "tests/plugins/cpu/architectures.h"

namespace tokenmark::test {
namespace {

using gpu::RankSlices;
using testing::HasSubstr;

std::vector<float> values_of(const tm_weight_source& source, const std::string& name, tm_tensor& tensor, bool by_rows) {
  tensor = {};
  tensor.size = sizeof tensor;
  tensor.version = TM_ABI_VERSION;
  EXPECT_EQ(source.find(source.context, name.c_str(), &tensor), TM_OK) << name;
  std::vector<std::byte> raw(tensor.bytes);
  if (by_rows) {
    // In pieces that end inside of matrices.
    const std::uint64_t rows = tensor.depth * tensor.rows, row = tensor.bytes / rows;
    for (std::uint64_t first = 0; first < rows; first += 7)
      EXPECT_EQ(source.read_rows(source.context, name.c_str(), first, std::min<std::uint64_t>(7, rows - first), raw.data() + first * row), TM_OK);
  } else {
    EXPECT_EQ(source.read(source.context, name.c_str(), raw.data(), raw.size()), TM_OK);
  }
  const auto format = static_cast<Format>(tensor.format);
  std::vector<float> values(tensor.depth * tensor.rows * tensor.columns);
  for (std::uint64_t r = 0; r < tensor.depth * tensor.rows; ++r)
    dequantize_row(format, raw.data() + r * row_bytes(format, tensor.columns), tensor.columns, values.data() + r * tensor.columns);
  return values;
}

// Where value (depth, row, column) of the parts comes from in the whole: the parts lie one after another along `cut`.
void expect_parts_make(const std::string& name, const tm_model& model, FormulaWeights& weights, std::uint32_t ranks, char cut, bool by_rows) {
  const tm_weight_source source = weights.source();
  tm_tensor whole{};
  const std::vector<float> expected = values_of(source, name, whole, false);
  std::uint64_t begin = 0;
  for (std::uint32_t r = 0; r < ranks; ++r) {
    const auto slices = RankSlices::make(model, source, {r, ranks});
    ASSERT_TRUE(slices) << slices.error().message;
    tm_tensor part{};
    const std::vector<float> found = values_of((*slices)->source(), name, part, by_rows);
    std::size_t i = 0;
    for (std::uint64_t d = 0; d < part.depth; ++d)
      for (std::uint64_t row = 0; row < part.rows; ++row)
        for (std::uint64_t c = 0; c < part.columns; ++c, ++i) {
          const std::uint64_t wd = d + (cut == 'd') * begin, wr = row + (cut == 'r') * begin, wc = c + (cut == 'c') * begin;
          ASSERT_EQ(found[i], expected[(wd * whole.rows + wr) * whole.columns + wc]) << name << " of rank " << r << " at " << d << ", " << row << ", " << c;
        }
    begin += cut == 'd' ? part.depth : cut == 'r' ? part.rows : part.columns;
  }
  EXPECT_EQ(begin, cut == 'd' ? whole.depth : cut == 'r' ? whole.rows : whole.columns) << name;
}

using Cuts = std::vector<std::pair<const char*, char>>;

TEST(RankSlices, make_up_the_model) {
  const tm_model gpt_oss = tiny_gpt_oss(), deepseek = tiny_deepseek();
  FormulaWeights of_gpt_oss(gpt_oss, Format::f32), of_deepseek(deepseek), tied(small_model(), Format::q8_0, false), unmapped(small_model(), Format::f16, true, false);
  for (const bool by_rows : {false, true}) {
    for (const auto& [name, cut] : Cuts{{"attn_q.weight", 'r'}, {"attn_q.bias", 'c'}, {"attn_k.weight", 'r'}, {"attn_v.bias", 'c'}, {"attn_output.weight", 'c'},
                                    {"attn_sinks.weight", 'c'}, {"ffn_gate_exps.weight", 'r'}, {"ffn_up_exps.bias", 'c'}, {"ffn_down_exps.weight", 'c'}})
      expect_parts_make(std::string("blk.1.") + name, gpt_oss, of_gpt_oss, 2, cut, by_rows);
    for (const auto& [name, cut] : Cuts{{"attn_q_b.weight", 'r'}, {"attn_k_b.weight", 'd'}, {"attn_v_b.weight", 'd'}, {"ffn_up_shexp.weight", 'r'},
                                    {"ffn_down_shexp.weight", 'c'}})
      expect_parts_make(std::string("blk.1.") + name, deepseek, of_deepseek, 2, cut, by_rows);
    for (FormulaWeights* weights : {&tied, &unmapped}) {
      expect_parts_make("blk.0.ffn_gate.weight", small_model(), *weights, weights == &tied ? 2 : 4, 'r', by_rows);
      expect_parts_make("blk.0.ffn_down.weight", small_model(), *weights, 2, 'c', by_rows);
    }
  }
}

TEST(RankSlices, have_the_embedding_whole_and_their_rows_of_it_as_a_tied_output) {
  const tm_model model = small_model();
  FormulaWeights weights(model, Format::f32, false);
  tm_tensor whole{}, embedding{}, output{};
  const auto expected = values_of(weights.source(), "token_embd.weight", whole, false);
  const auto slices = RankSlices::make(model, weights.source(), {1, 4});
  ASSERT_TRUE(slices);
  EXPECT_EQ(values_of((*slices)->source(), "token_embd.weight", embedding, true), expected);
  const auto rows = values_of((*slices)->source(), "output.weight", output, true);
  EXPECT_EQ(rows, std::vector<float>(expected.begin() + 24 * 64, expected.begin() + 48 * 64));
}

TEST(RankSlices, add_biases_of_sums_once) {
  const tm_model model = tiny_gpt_oss();
  FormulaWeights weights(model);
  for (const char* name : {"blk.0.attn_output.bias", "blk.0.ffn_down_exps.bias"}) {
    tm_tensor tensor{};
    const auto first = RankSlices::make(model, weights.source(), {0, 2}), second = RankSlices::make(model, weights.source(), {1, 2});
    ASSERT_TRUE(first && second);
    EXPECT_EQ(values_of((*first)->source(), name, tensor, false), values_of(weights.source(), name, tensor, false));
    EXPECT_THAT(values_of((*second)->source(), name, tensor, false), testing::Each(0.0f));
  }
}

TEST(RankSlices, share_key_value_heads_that_are_fewer_than_they) {
  const tm_model model = small_model();  // 8 heads, 2 of keys and values
  FormulaWeights weights(model);
  tm_tensor tensor{};
  std::vector<std::vector<float>> keys;
  for (std::uint32_t r = 0; r < 4; ++r) {
    const auto slices = RankSlices::make(model, weights.source(), {r, 4});
    ASSERT_TRUE(slices);
    EXPECT_EQ((*slices)->model().heads, 2u);
    EXPECT_EQ((*slices)->model().kv_heads, 1u);
    keys.push_back(values_of((*slices)->source(), "blk.0.attn_k.weight", tensor, true));
  }
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_EQ(keys[2], keys[3]);
  EXPECT_NE(keys[1], keys[2]);
}

std::string why_not(const tm_model& model, std::uint32_t ranks, Format format = Format::f32, bool mxfp4 = false) {
  FormulaWeights weights(model, format);
  if (mxfp4) set_mxfp4_experts(model, weights);
  const auto slices = RankSlices::make(model, weights.source(), {0, ranks});
  return slices ? "it was split" : slices.error().message;
}

TEST(RankSlices, say_which_numbers_do_not_divide) {
  EXPECT_THAT(why_not(small_model(), 3), HasSubstr("8 heads of attention cannot be split over 3 GPUs"));
  tm_model six = small_model();
  six.heads = 12;
  six.kv_heads = 3;
  EXPECT_THAT(why_not(six, 2), HasSubstr("3 key/value heads can neither be split over 2 GPUs nor shared by equally many of them"));
  EXPECT_THAT(why_not(small_model(), 8, Format::q8_0), HasSubstr("8 heads of 16 values are 16 columns of attn_output for each of 8 GPUs, no multiple of its format's blocks of 32"));
  EXPECT_THAT(why_not(tiny_deepseek(), 4), HasSubstr("the experts' feed-forward width, 24, cannot be split over 4 GPUs: each takes whole blocks of 8"));
  EXPECT_THAT(why_not(tiny_gpt_oss(), 2, Format::f32, true), HasSubstr("the experts' feed-forward width, 32, cannot be split over 2 GPUs: each takes whole blocks of 32"));
  tm_model odd = small_model();
  odd.width = 60;
  EXPECT_THAT(why_not(odd, 2), HasSubstr("a model of width 60 cannot be split over 2 GPUs"));
}

}  // namespace
}  // namespace tokenmark::test
