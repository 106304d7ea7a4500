#include "engine/model/random_weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "engine/model/shapes.h"
#include "tests/gpu/shapes.h"

namespace tokenmark {
namespace {

Tensor matrix(Format format, std::uint64_t rows, std::uint64_t columns, std::string name = "m") {
  return {std::move(name), format, rows, columns, row_bytes(format, columns) * rows, nullptr};
}

std::vector<std::byte> bytes_of(const RandomWeights& weights, const Tensor& tensor) {
  std::vector<std::byte> bytes(tensor.bytes);
  EXPECT_TRUE(weights.read(tensor, bytes.data()));
  return bytes;
}

class EveryFormat : public testing::TestWithParam<Format> {};

TEST_P(EveryFormat, values_have_mean_zero_and_deviation_one_by_the_root_of_the_columns) {
  const Tensor tensor = matrix(GetParam(), 256, 1024);
  const RandomWeights weights({tensor}, 1);
  const auto bytes = bytes_of(weights, tensor);
  std::vector<float> row(tensor.columns);
  double sum = 0, squares = 0, fourth = 0;
  for (std::uint64_t r = 0; r < tensor.rows; ++r) {
    dequantize_row(tensor.format, bytes.data() + r * row_bytes(tensor.format, tensor.columns), tensor.columns, row.data());
    for (const float value : row) {
      ASSERT_TRUE(std::isfinite(value));
      sum += value;
      squares += value * value;
      fourth += std::pow(value, 4);
    }
  }
  const double count = 256.0 * 1024, deviation = 1 / std::sqrt(1024.0);
  EXPECT_NEAR(sum / count, 0, 5 * deviation / std::sqrt(count));
  EXPECT_NEAR(std::sqrt(squares / count), deviation, 0.05 * deviation);
  const double kurtosis = fourth / count / std::pow(squares / count, 2);  // 1 for two values, 1.8 flat, 3 normal
  EXPECT_GT(kurtosis, 2.0);
  EXPECT_LT(kurtosis, 4.5);
}

TEST_P(EveryFormat, rows_do_not_depend_on_how_they_are_read) {
  const Tensor tensor = matrix(GetParam(), 33, 768);
  const RandomWeights weights({tensor}, 5);
  const auto whole = bytes_of(weights, tensor);
  std::vector<std::byte> parts(tensor.bytes);
  const std::uint64_t stride = row_bytes(tensor.format, tensor.columns);
  std::thread half([&] { EXPECT_TRUE(weights.read_rows(tensor, 20, 13, parts.data() + 20 * stride)); });
  EXPECT_TRUE(weights.read_rows(tensor, 0, 20, parts.data()));
  half.join();
  EXPECT_EQ(parts, whole);
}

TEST_P(EveryFormat, seed_name_and_row_all_matter) {
  const Tensor tensor = matrix(GetParam(), 2, 256), other = matrix(GetParam(), 2, 256, "other");
  const auto bytes = bytes_of(RandomWeights({tensor}, 5), tensor);
  EXPECT_EQ(bytes, bytes_of(RandomWeights({tensor}, 5), tensor));
  EXPECT_NE(bytes, bytes_of(RandomWeights({tensor}, 6), tensor));
  EXPECT_NE(bytes, bytes_of(RandomWeights({other}, 5), other));
  const auto middle = bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2);
  EXPECT_FALSE(std::equal(bytes.begin(), middle, middle));
}

INSTANTIATE_TEST_SUITE_P(All, EveryFormat,
                         testing::Values(Format::f32, Format::f16, Format::bf16, Format::q8_0, Format::q4_0, Format::q4_k,
                                         Format::q5_k, Format::q6_k, Format::mxfp4, Format::mxfp6, Format::fp8),
                         [](const auto& given) { return std::string(format_name(given.param)); });

TEST(RandomWeights, norms_are_ones) {
  const Tensor norm = matrix(Format::f32, 1, 7);
  const auto bytes = bytes_of(RandomWeights({norm}, 1), norm);
  for (std::size_t i = 0; i < 7; ++i) {
    float value = 0;
    std::memcpy(&value, bytes.data() + 4 * i, 4);
    EXPECT_EQ(value, 1.0f);
  }
}

TEST(RandomWeights, biases_are_small_sinks_as_large_as_logits_and_experts_have_matrices_of_their_own) {
  const auto deviation = [](const Tensor& tensor) {
    const auto bytes = bytes_of(RandomWeights({tensor}, 1), tensor);
    double squares = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 4) {
      float value = 0;
      std::memcpy(&value, bytes.data() + i, 4);
      squares += value * value;
    }
    return std::sqrt(squares / static_cast<double>(bytes.size() / 4));
  };
  EXPECT_NEAR(deviation(matrix(Format::f32, 1, 4096, "blk.0.attn_q.bias")), 0.02, 0.002);
  EXPECT_NEAR(deviation(matrix(Format::f32, 32, 128, "blk.0.ffn_gate_exps.bias")), 0.02, 0.002);
  EXPECT_NEAR(deviation(matrix(Format::f32, 1, 4096, "blk.0.attn_sinks.weight")), 1, 0.1);
  Tensor experts = matrix(Format::mxfp4, 8, 64, "blk.0.ffn_up_exps.weight");
  experts.depth = 3;
  experts.bytes *= 3;
  const auto bytes = bytes_of(RandomWeights({experts}, 1), experts);
  const auto third = static_cast<std::ptrdiff_t>(bytes.size() / 3);
  EXPECT_FALSE(std::equal(bytes.begin(), bytes.begin() + third, bytes.begin() + third));
  EXPECT_FALSE(std::equal(bytes.begin(), bytes.begin() + third, bytes.begin() + 2 * third));
}

TEST(RandomWeights, odd_columns_do_not_write_past_the_row) {
  for (const Format format : {Format::f32, Format::f16, Format::bf16}) {
    const Tensor tensor = matrix(format, 3, 37);
    std::vector<std::byte> bytes(tensor.bytes + 16, std::byte{0xAB});
    ASSERT_TRUE(RandomWeights({tensor}, 1).read(tensor, bytes.data()));
    for (std::size_t i = tensor.bytes; i < bytes.size(); ++i) EXPECT_EQ(bytes[i], std::byte{0xAB});
  }
}

TEST(ShapeTensors, columns_that_fill_no_blocks_fall_back_to_f16) {
  const auto shape = make_shape_specification("stories260k", "q4_0", 0);
  ASSERT_TRUE(shape);
  for (const Tensor& tensor : shape_tensors(shape->description, shape->format)) {
    const Format matrix_format = tensor.columns % 32 == 0 ? Format::q4_0 : Format::f16;
    EXPECT_EQ(tensor.format, tensor.rows == 1 ? Format::f32 : matrix_format) << tensor.name;
  }
}

// tests/gpu has no reader of resources.
TEST(Shapes, those_of_the_check_of_gpus_are_the_resources) {
  for (const ModelDescription& measured : {gpu::llama_8b(), gpu::gpt_oss_20b()}) {
    bool found = false;
    for (const ModelDescription& known : known_shapes()) {
      if (known.name != measured.name) continue;
      found = true;
      EXPECT_EQ(known, measured) << known.name;
    }
    EXPECT_TRUE(found) << measured.name;
  }
}

}  // namespace
}  // namespace tokenmark
