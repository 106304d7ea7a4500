// Keys against tensors, real files, and shapes.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/model/architecture.h"
#include "engine/model/model.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/model/tiny_gguf.h"

namespace tokenmark {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Result<Model> open_bytes(const TinyGguf& tiny) {
  const TemporaryFile file(tiny.bytes());
  return open_model(file.path());
}

std::string error_of(const TinyGguf& tiny) {
  const auto model = open_bytes(tiny);
  return model ? "no error" : model.error().message;
}

TinyGguf with_key(std::string key, auto value) {
  TinyGguf tiny;
  tiny.left_out = {key};
  tiny.add_keys = [=](GgufMetadata& metadata) { metadata.add(key, value); };
  return tiny;
}

TEST(OpenModel, a_tiny_file_gives_its_description) {
  const auto model = open_bytes({});
  ASSERT_TRUE(model) << model.error().message;
  const ModelDescription& d = model->description;
  EXPECT_EQ(d.architecture, "llama");
  EXPECT_EQ(d.layers, 1u);
  EXPECT_EQ(d.head_dim, 8u);
  EXPECT_EQ(d.rope_dim, 8u);
  EXPECT_EQ(d.kv_heads, 2u);
  EXPECT_EQ(d.vocabulary, 264u);
  EXPECT_FLOAT_EQ(d.rope_theta, 10000);
  EXPECT_TRUE(d.tied_output);
  EXPECT_EQ(d.parameters, 264u * 32 + 32 + 2 * 32 + 2 * 32 * 32 + 2 * 16 * 32 + 3 * 64 * 32);
  EXPECT_EQ(d.weight_bytes, d.parameters * 4);
  EXPECT_EQ(model->tokenizer->vocabulary_size(), 264);
  const Tensor* tensor = model->weights->find("blk.0.attn_k.weight");
  ASSERT_NE(tensor, nullptr);
  EXPECT_EQ(tensor->rows, 16u);
  EXPECT_EQ(tensor->columns, 32u);
  std::vector<std::byte> bytes(tensor->bytes);
  ASSERT_TRUE(model->weights->read(*tensor, bytes.data()));
  EXPECT_EQ(bytes.front(), std::byte{1});
  EXPECT_EQ(model->weights->find("blk.1.attn_k.weight"), nullptr);
}

TEST(OpenModel, missing_keys_are_named) {
  for (const char* key : {"general.architecture", "llama.block_count", "llama.context_length", "llama.embedding_length",
                          "llama.feed_forward_length", "llama.attention.head_count",
                          "llama.attention.layer_norm_rms_epsilon", "tokenizer.ggml.model"}) {
    TinyGguf tiny;
    tiny.left_out = {key};
    EXPECT_THAT(error_of(tiny), HasSubstr(key));
  }
}

TEST(OpenModel, keys_that_contradict_the_tensors_name_the_tensor) {
  EXPECT_THAT(error_of(with_key("llama.embedding_length", 64u)),
              AllOf(HasSubstr("'token_embd.weight'"), HasSubstr("264 rows and 32 columns"), HasSubstr("264 and 64")));
  EXPECT_THAT(error_of(with_key("llama.feed_forward_length", 96u)), HasSubstr("'blk.0.ffn_gate.weight'"));
  EXPECT_THAT(error_of(with_key("llama.attention.head_count_kv", 4u)), HasSubstr("'blk.0.attn_k.weight'"));
  EXPECT_THAT(error_of(with_key("llama.attention.key_length", 16u)), HasSubstr("'blk.0.attn_q.weight'"));
  EXPECT_THAT(error_of(with_key("llama.attention.value_length", 16u)), HasSubstr("value_length 16"));
  EXPECT_THAT(error_of(with_key("llama.block_count", 2u)), HasSubstr("'blk.1.attn_norm.weight'"));
  EXPECT_THAT(error_of(with_key("llama.block_count", 4000000u)), HasSubstr("llama.block_count is 4000000"));
  EXPECT_THAT(error_of(with_key("llama.vocab_size", 300u)), HasSubstr("264 rows, expected 300"));
}

TEST(OpenModel, impossible_values_are_named) {
  EXPECT_THAT(error_of(with_key("llama.attention.head_count", 0u)), HasSubstr("head_count' is 0"));
  EXPECT_THAT(error_of(with_key("llama.attention.head_count", 5u)), HasSubstr("multiple"));
  EXPECT_THAT(error_of(with_key("llama.attention.head_count_kv", 3u)), HasSubstr("multiple"));
  EXPECT_THAT(error_of(with_key("llama.rope.dimension_count", 7u)), HasSubstr("dimension_count 7"));
  EXPECT_THAT(error_of(with_key("llama.rope.dimension_count", 16u)), HasSubstr("dimension_count 16"));
  EXPECT_THAT(error_of(with_key("llama.rope.freq_base", -1.0f)), HasSubstr("freq_base"));
  EXPECT_THAT(error_of(with_key("llama.attention.layer_norm_rms_epsilon", std::nanf(""))), HasSubstr("epsilon"));
  EXPECT_THAT(error_of(with_key("llama.block_count", "one")), HasSubstr("type string"));
  EXPECT_THAT(error_of(with_key("llama.expert_count", 8u)), HasSubstr("'llama.expert_used_count' is missing"));
  EXPECT_THAT(error_of(with_key("llama.rope.scaling.type", "longrope")), HasSubstr("'longrope'"));
  EXPECT_THAT(error_of(with_key("general.architecture", "mamba")),
              AllOf(HasSubstr("'mamba'"), HasSubstr("known are llama, qwen2, qwen3")));
}

TEST(OpenModel, rope_scaling_comes_from_keys_or_from_a_tensor) {
  TinyGguf linear;
  linear.add_keys = [](GgufMetadata& metadata) {
    metadata.add("llama.rope.scaling.type", "linear");
    metadata.add("llama.rope.scaling.factor", 4.0f);
    metadata.add("llama.rope.freq_base", 500000.0f);
  };
  const auto scaled = open_bytes(linear);
  ASSERT_TRUE(scaled) << scaled.error().message;
  EXPECT_EQ(scaled->description.rope_scaling.kind, RopeScalingKind::linear);
  EXPECT_FLOAT_EQ(scaled->description.rope_scaling.factor, 4);
  EXPECT_FLOAT_EQ(scaled->description.rope_theta, 500000);

  TinyGguf factors;
  std::uint64_t count = 4;
  factors.change_tensors = [&](std::vector<Tensor>& tensors) {
    tensors.push_back({"rope_freqs.weight", Format::f32, 1, count, count * 4, nullptr});
  };
  const auto with_factors = open_bytes(factors);
  ASSERT_TRUE(with_factors) << with_factors.error().message;
  EXPECT_EQ(with_factors->description.rope_scaling.kind, RopeScalingKind::none);
  EXPECT_NE(with_factors->weights->find("rope_freqs.weight"), nullptr);
  count = 5;
  EXPECT_THAT(error_of(factors), AllOf(HasSubstr("'rope_freqs.weight'"), HasSubstr("5 columns, expected 1 and 4")));
}

TEST(OpenModel, tensors_that_would_change_the_result_are_not_ignored) {
  TinyGguf bias;
  bias.change_tensors = [](std::vector<Tensor>& tensors) {
    tensors.push_back({"blk.0.ffn_down.bias", Format::f32, 1, 32, 128, nullptr});
  };
  EXPECT_THAT(error_of(bias), HasSubstr("'blk.0.ffn_down.bias' is not part"));
}

// Embeddings are padded to a round number of rows, and some vocabularies have tokens that the model never learnt.
TEST(OpenModel, a_vocabulary_may_be_smaller_or_larger_than_the_embedding) {
  for (const std::uint64_t rows : {300, 260}) {
    TinyGguf tiny;
    tiny.change_tensors = [&](std::vector<Tensor>& tensors) {
      tensors[0].rows = rows;
      tensors[0].bytes = rows * 32 * 4;
    };
    const TemporaryFile file(tiny.bytes());
    const auto model = open_model(file.path());
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->description.vocabulary, rows);
    EXPECT_EQ(model->tokenizer->vocabulary_size(), 264);
    EXPECT_EQ(model->tokenizer->bytes(299), "");
  }
}

TEST(OpenModel, a_file_without_tensors_has_a_tokenizer_but_is_no_model) {
  TinyGguf tiny;
  tiny.change_tensors = [](std::vector<Tensor>& tensors) { tensors.clear(); };
  EXPECT_THAT(error_of(tiny), HasSubstr("no tensors"));
  const TemporaryFile file(tiny.bytes());
  const auto tokenizer = open_tokenizer(file.path());
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->vocabulary_size(), 264);
}

TEST(OpenModel, the_hash_of_a_file_is_its_sha256) {
  const TemporaryFile file("abc");
  Model model;
  model.source = file.path();
  std::stop_source stopping;
  stopping.request_stop();
  const auto cancelled = hash_model(model, stopping.get_token());
  ASSERT_FALSE(cancelled) << "a large file is not read to its end once nobody waits";
  EXPECT_EQ(cancelled.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(*hash_model(model), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(OpenModel, stories260k_is_what_it_is_known_to_be) {
  const std::string path = std::string(TOKENMARK_SHARED_DATA) + "/models/stories260K.gguf";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no test data at " << path;
  const auto model = open_model(path);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->description.name, "stories260K");
  EXPECT_EQ(model->description.layers, 5u);
  EXPECT_EQ(model->description.kv_heads, 4u);
  EXPECT_EQ(model->description.context, 128u);
  EXPECT_FALSE(model->description.tied_output);
  EXPECT_FALSE(model->random_weights);
  EXPECT_EQ(model->tokenizer->encode("Once upon a time", true).front(), 1);
  EXPECT_EQ(model->tokenizer->eos(), 2);
}

TEST(Shapes, every_known_shape_has_a_consistent_description) {
  ASSERT_GE(known_shapes().size(), 8u);
  for (const ModelDescription& shape : known_shapes()) {
    EXPECT_NE(find_architecture(shape.architecture), nullptr) << shape.name;
    const Status checked = check_description(shape);
    EXPECT_TRUE(checked) << shape.name << ": " << checked.error().message;
    EXPECT_GT(shape.parameters, 0u) << shape.name;
    EXPECT_GE(shape.vocabulary, 258u) << shape.name;
  }
}

TEST(Shapes, parameter_counts_are_the_published_ones) {
  struct Published {
    double parameters, active, tolerance;  // active 0: all
  };
  const std::map<std::string, Published> published = {
      {"llama-3.2-1b", {1.236e9, 0, 1e6}},      {"llama-3.1-8b", {8.030e9, 7.505e9, 1e6}},
      {"llama-3.1-405b", {405.85e9, 403.75e9, 1e7}}, {"smollm2-135m", {134.5e6, 0, 1e5}},
      {"qwen3-0.6b", {0.596e9, 0, 1e6}},        {"qwen3-30b-a3b", {30.53e9, 3.04e9, 1e7}},
      {"mixtral-8x7b", {46.70e9, 12.75e9, 1e7}}, {"gpt-oss-20b", {20.91e9, 3.61e9, 1e7}},
      {"gpt-oss-120b", {116.83e9, 5.13e9, 1e7}}, {"deepseek-v3", {671.03e9, 36.6e9, 1e8}},
      {"mixtral-1.4b", {1.41e9, 0.394e9, 5e6}}, {"gpt-oss-1.8b", {1.80e9, 0.335e9, 5e6}}};
  std::size_t found = 0;
  for (const ModelDescription& shape : known_shapes()) {
    const auto expected = published.find(shape.name);
    if (expected == published.end()) continue;
    const auto [parameters, active, tolerance] = expected->second;
    EXPECT_NEAR(static_cast<double>(shape.parameters), parameters, tolerance) << shape.name;
    EXPECT_NEAR(static_cast<double>(shape.active_parameters), active > 0 ? active : parameters, tolerance) << shape.name;
    ++found;
  }
  EXPECT_EQ(found, published.size());
}

TEST(Shapes, mixtures_in_mxfp4_hold_only_their_experts_in_it) {
  const auto model = open_model("shape:gpt-oss-1.8b:mxfp4");
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->description.format, Format::mxfp4);
  EXPECT_EQ(model->weights->find("blk.0.ffn_up_exps.weight")->format, Format::mxfp4);
  EXPECT_EQ(model->weights->find("blk.0.attn_q.weight")->format, Format::q8_0);
  EXPECT_EQ(model->weights->find("blk.0.ffn_gate_inp.weight")->format, Format::f32);
  EXPECT_NEAR(static_cast<double>(model->description.weight_bytes), 1.07e9, 0.02e9);  // as in the peers' table
  const auto dense = open_model("shape:llama-3.2-1b:mxfp4");
  ASSERT_TRUE(dense) << dense.error().message;
  EXPECT_EQ(dense->weights->find("blk.0.attn_q.weight")->format, Format::mxfp4);
}

TEST(Shapes, a_shape_opens_at_once_whatever_its_size) {
  const auto model = open_model("shape:llama-3.1-405b:q4_0");
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_TRUE(model->random_weights);
  EXPECT_EQ(model->description.format, Format::q4_0);
  EXPECT_EQ(model->description.rope_scaling.kind, RopeScalingKind::llama3);
  EXPECT_EQ(model->tokenizer->vocabulary_size(), 128256);
  EXPECT_EQ(model->hash.size(), 7u + 64);
  EXPECT_NE(model->hash, open_model("shape:llama-3.1-405b:q4_0:1")->hash);
  EXPECT_EQ(model->hash, *hash_model(*model));
}

TEST(Shapes, wrong_specifications_list_what_is_known) {
  const auto message = [](const char* specification) {
    const auto model = open_model(specification);
    return model ? std::string("no error") : model.error().message;
  };
  EXPECT_THAT(message("shape:llama-9:q4_0"), AllOf(HasSubstr("'llama-9'"), HasSubstr("llama-3.2-1b")));
  EXPECT_THAT(message("shape:smollm2-135m:q3_k"), AllOf(HasSubstr("'q3_k'"), HasSubstr("q8_0, q4_0")));
  EXPECT_THAT(message("shape:smollm2-135m"), HasSubstr("shape:NAME:FORMAT"));
  EXPECT_THAT(message("shape:smollm2-135m:f16:1:2"), HasSubstr("shape:NAME:FORMAT"));
  EXPECT_THAT(message("shape:smollm2-135m:f16:-1"), HasSubstr("seed '-1'"));
  EXPECT_THAT(message("shape:"), HasSubstr("shape:NAME:FORMAT"));
}

TEST(Llama3Rope, divisors_are_one_for_fast_rotations_and_the_factor_for_slow_ones) {
  const auto model = open_model("shape:llama-3.2-1b:q4_0");
  ASSERT_TRUE(model);
  const auto divisors = llama3_rope_divisors(model->description);
  ASSERT_EQ(divisors.size(), 32u);
  EXPECT_FLOAT_EQ(divisors.front(), 1);
  EXPECT_FLOAT_EQ(divisors.back(), 32);
  EXPECT_TRUE(std::is_sorted(divisors.begin(), divisors.end()));
  // The wavelength of pair 16 is 2π · 500000^½ = 4443, between 8192/4 and 8192/1.
  const double smooth = (8192.0 / 4442.88 - 1) / 3;
  EXPECT_NEAR(divisors[16], 1 / ((1 - smooth) / 32 + smooth), 1e-3);
}

}  // namespace
}  // namespace tokenmark
