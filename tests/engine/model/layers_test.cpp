#include "engine/model/layers.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "engine/model/random_weights.h"
#include "engine/model/shapes.h"
#include "engine/model/write_model.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/model/tiny_models.h"

namespace tokenmark {
namespace {

using Layers = std::vector<std::uint32_t>;

Model model_of(std::string_view architecture, std::uint32_t layers) {
  Model model;
  model.description = tiny_description(architecture);
  model.description.layers = layers;
  auto tensors = shape_tensors(model.description, Format::f32);
  count_weights(tensors, model.description);
  model.weights = std::make_shared<const RandomWeights>(std::move(tensors), 1);
  model.tokenizer = make_synthetic_tokenizer(static_cast<std::int32_t>(model.description.vocabulary));
  model.source = "random";
  model.random_weights = true;
  return model;
}

std::vector<std::byte> bytes_of(const Model& model, const std::string& name) {
  const Tensor* tensor = model.weights->find(name);
  EXPECT_NE(tensor, nullptr) << name;
  std::vector<std::byte> bytes(tensor ? tensor->bytes : 0);
  if (tensor) {
    EXPECT_TRUE(model.weights->read(*tensor, bytes.data()));
  }
  return bytes;
}

TEST(Layers, those_that_stay_are_numbered_anew_and_keep_their_weights) {
  const Model model = model_of("llama", 6);
  const auto pruned = without_layers(model, Layers{1, 3});
  ASSERT_TRUE(pruned) << pruned.error().message;
  EXPECT_EQ(pruned->description.layers, 4u);
  const Layers kept = {0, 2, 4, 5};
  for (std::uint32_t i = 0; i < 4; ++i)
    for (const char* part : {"attn_q.weight", "ffn_norm.weight", "ffn_down.weight"})
      EXPECT_EQ(bytes_of(*pruned, fmt::format("blk.{}.{}", i, part)), bytes_of(model, fmt::format("blk.{}.{}", kept[i], part)));
  EXPECT_EQ(bytes_of(*pruned, "output.weight"), bytes_of(model, "output.weight"));
  EXPECT_EQ(pruned->weights->find("blk.4.attn_q.weight"), nullptr);
  const std::uint64_t layer = (model.description.parameters - pruned->description.parameters) / 2;
  EXPECT_EQ(model.description.parameters - 2 * layer, pruned->description.parameters);
  EXPECT_GT(layer, 0u);
}

TEST(Layers, every_architecture_stays_one_that_can_be_written_and_opened) {
  const std::string path = (std::filesystem::temp_directory_path() / fmt::format("tokenmark-layers-{}.gguf", getpid())).string();
  for (const Architecture& row : architectures()) {
    const Model model = model_of(row.name, 6);
    const auto pruned = without_layers(model, Layers{0, 1, 3, 4});
    ASSERT_TRUE(pruned) << row.name << ": " << pruned.error().message;
    const auto written = write_model(*pruned, {.dropped_layers = {0, 1, 3, 4}}, path);
    ASSERT_TRUE(written) << written.error().message;
    const auto file = open_model(path);
    ASSERT_TRUE(file) << row.name << ": " << file.error().message;
    EXPECT_EQ(file->description.layers, 2u);
    EXPECT_EQ(file->description.mtp_layers, model.description.mtp_layers);
    EXPECT_EQ(bytes_of(*file, "blk.1.attn_norm.weight"), bytes_of(model, "blk.5.attn_norm.weight"));
    const auto key = (*GgufFile::open(path))->integers(kDroppedLayersKey);
    EXPECT_EQ(key->value(), (std::vector<std::int64_t>{0, 1, 3, 4}));
  }
  std::filesystem::remove(path);
}

TEST(Layers, leading_dense_layers_and_the_mtp_layer_are_counted_anew) {
  Model model = model_of("deepseek2", 5);
  ASSERT_EQ(model.description.experts.dense_layers, 1u);
  const auto without_dense = without_layers(model, Layers{0, 2});
  ASSERT_TRUE(without_dense);
  EXPECT_EQ(without_dense->description.experts.dense_layers, 0u);
  EXPECT_NE(without_dense->weights->find("blk.0.ffn_gate_exps.weight"), nullptr);
  EXPECT_EQ(bytes_of(*without_dense, "blk.3.nextn.eh_proj.weight"), bytes_of(model, "blk.5.nextn.eh_proj.weight"));
  const auto with_dense = without_layers(model, Layers{3});
  ASSERT_TRUE(with_dense);
  EXPECT_EQ(with_dense->description.experts.dense_layers, 1u);
}

TEST(Layers, a_pattern_of_windows_that_would_break_is_refused) {
  const Model model = model_of("gpt-oss", 6);
  const auto broken = without_layers(model, Layers{2});
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, testing::HasSubstr("drop runs of 2 layers"));
  EXPECT_FALSE(without_layers(model, Layers{0, 3}));
  EXPECT_TRUE(without_layers(model, Layers{1, 2}));
  EXPECT_TRUE(without_layers(model, Layers{5}));
  EXPECT_FALSE(without_layers(model, Layers{0, 1, 2, 3, 4, 5}));
  // Single layers, to be looked at, describe their own kind.
  const std::uint32_t windowed = 2, full = 3;
  EXPECT_TRUE(is_windowed(with_layers(model, std::span(&windowed, 1))->description, 0));
  EXPECT_FALSE(is_windowed(with_layers(model, std::span(&full, 1))->description, 0));
  EXPECT_FALSE(with_layers(model, Layers{0, 2, 3}));
}

TEST(Layers, lists_are_read_and_written) {
  EXPECT_EQ(parse_layers("3,7,10-12", 20).value(), (Layers{3, 7, 10, 11, 12}));
  EXPECT_EQ(parse_layers("12-13,0", 20).value(), (Layers{0, 12, 13}));
  EXPECT_EQ(layers_text(Layers{3, 7, 10, 11, 12}), "3, 7, 10-12");
  for (const char* wrong : {"", "20", "3,", ",3", "5-3", "a", "3-", "-3", "3,3", "1-4,2", "3 ", "99999999999", "0-4294967295"}) {
    const auto read = parse_layers(wrong, 20);
    ASSERT_FALSE(read) << wrong;
    EXPECT_THAT(read.error().message, testing::HasSubstr("0 to 19"));
  }
}

}  // namespace
}  // namespace tokenmark
