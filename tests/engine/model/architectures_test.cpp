// Every architecture of the table through GGUF: description, tensors, and the spellings of older converters.
#include <gmock/gmock.h>

#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/model/tiny_models.h"

namespace tokenmark {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Result<Model> open_bytes(const std::string& bytes) {
  const TemporaryFile file(bytes);
  return open_model(file.path());
}

std::vector<ModelDescription> all_tiny() {
  std::vector<ModelDescription> list = {tiny_mixtral()};
  for (const Architecture& row : architectures()) list.push_back(tiny_description(row.name));
  return list;
}

// What counting adds is not part of the description's meaning.
ModelDescription without_counts(ModelDescription d) {
  d.parameters = d.active_parameters = d.weight_bytes = 0;
  return d;
}

TEST(Architectures, a_description_survives_the_way_through_a_file) {
  for (const ModelDescription& given : all_tiny()) {
    const auto model = open_bytes(gguf_bytes(tiny_metadata(given), numbered_tensors(given)));
    ASSERT_TRUE(model) << given.name << ": " << model.error().message;
    ModelDescription found = without_counts(model->description);
    EXPECT_NEAR(found.attention_scale, given.attention_scale, 1e-5);
    EXPECT_NEAR(found.rope_scaling.attention_factor, given.rope_scaling.attention_factor, 1e-5);
    found.attention_scale = given.attention_scale;
    found.rope_scaling.attention_factor = given.rope_scaling.attention_factor;
    EXPECT_TRUE(found == given) << given.name;
    for (const NumberedTensor& one : numbered_tensors(given))
      EXPECT_EQ(values_of(*model, one.tensor.name), one.values) << given.name << " " << one.tensor.name;
  }
}

TEST(Architectures, deepseeks_constants_are_the_published_ones) {
  ModelDescription d = tiny_description("deepseek2");
  d.head_dim = 192;
  d.rope_dim = 64;
  d.attention_scale = yarn_magnitude(40) * yarn_magnitude(40) / std::sqrt(192.0f);
  EXPECT_NEAR(d.attention_scale, 0.1352, 5e-5);
  EXPECT_NEAR(yarn_magnitude(32), 1.3466, 5e-5);
  const auto model = open_bytes(gguf_bytes(tiny_metadata(d), numbered_tensors(d)));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_NEAR(model->description.attention_scale, 0.1352, 5e-5);
  EXPECT_FLOAT_EQ(model->description.rope_scaling.attention_factor, 1);
}

TEST(Architectures, every_missing_tensor_is_named) {
  for (const ModelDescription& given : all_tiny()) {
    const auto list = numbered_tensors(given);
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string& name = list[i].tensor.name;
      // Files without these are a tied model and one whose MTP layer was left out.
      if (name == "output.weight" || name.ends_with("eh_proj.weight") || name == "blk.0.attn_q.bias")
        continue;
      auto rest = list;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      const auto model = open_bytes(gguf_bytes(tiny_metadata(given), rest));
      ASSERT_FALSE(model) << given.name << " " << name;
      EXPECT_THAT(model.error().message, HasSubstr(name.substr(0, name.find("_exps")))) << given.name;
    }
  }
}

TEST(Architectures, a_file_without_the_mtp_layer_is_the_model_without_it) {
  const ModelDescription given = tiny_description("deepseek2");
  auto list = numbered_tensors(given);
  std::erase_if(list, [](const NumberedTensor& one) { return one.tensor.name.starts_with("blk.2."); });
  const auto model = open_bytes(gguf_bytes(tiny_metadata(given), list));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->description.mtp_layers, 0u);
  EXPECT_EQ(model->description.layers, 2u);
}

TEST(Architectures, experts_as_tensors_of_their_own_are_gathered) {
  const ModelDescription given = tiny_mixtral();
  std::vector<NumberedTensor> old;
  for (const NumberedTensor& one : numbered_tensors(given)) {
    const std::size_t at = one.tensor.name.find("_exps");
    if (at == std::string::npos) {
      old.push_back(one);
      continue;
    }
    for (std::uint32_t e = 0; e < one.tensor.depth; ++e) {
      NumberedTensor expert = one;
      expert.tensor.name.replace(at, 5, fmt::format(".{}", e));
      expert.tensor.depth = 1;
      expert.tensor.bytes /= one.tensor.depth;
      const auto size = static_cast<std::ptrdiff_t>(one.values.size() / one.tensor.depth);
      expert.values.assign(one.values.begin() + e * size, one.values.begin() + (e + 1) * size);
      old.push_back(std::move(expert));
    }
  }
  const auto model = open_bytes(gguf_bytes(tiny_metadata(given), old));
  ASSERT_TRUE(model) << model.error().message;
  for (const NumberedTensor& one : numbered_tensors(given)) {
    ASSERT_NE(model->weights->find(one.tensor.name), nullptr) << one.tensor.name;
    EXPECT_EQ(model->weights->find(one.tensor.name)->depth, one.tensor.depth);
    EXPECT_EQ(values_of(*model, one.tensor.name), one.values) << one.tensor.name;
  }
  std::erase_if(old, [](const NumberedTensor& one) { return one.tensor.name == "blk.1.ffn_up.3.weight"; });
  EXPECT_THAT(open_bytes(gguf_bytes(tiny_metadata(given), old)).error().message,
              HasSubstr("'blk.1.ffn_up.3.weight' (96 × 64) is missing"));
}

TEST(Architectures, gpt_oss_files_name_the_second_norm_otherwise) {
  const ModelDescription given = tiny_description("gpt-oss");
  auto list = numbered_tensors(given);
  for (NumberedTensor& one : list)
    if (const std::size_t at = one.tensor.name.find("ffn_norm"); at != std::string::npos)
      one.tensor.name.replace(at, 8, "post_attention_norm");
  const auto model = open_bytes(gguf_bytes(tiny_metadata(given), list));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_NE(model->weights->find("blk.1.ffn_norm.weight"), nullptr);
  EXPECT_EQ(model->weights->find("blk.1.post_attention_norm.weight"), nullptr);
}

TEST(Architectures, deepseeks_old_joint_matrix_is_taken_apart) {
  const ModelDescription given = tiny_description("deepseek2");
  const std::uint32_t nope = given.head_dim - given.rope_dim, latent = given.latent.kv_lora;
  auto list = numbered_tensors(given);
  const auto expected = list;
  const auto values = [&](const std::string& name) {
    for (const NumberedTensor& one : expected)
      if (one.tensor.name == name) return one.values;
    return std::vector<float>();
  };
  for (NumberedTensor& one : list) {
    if (!one.tensor.name.ends_with("attn_k_b.weight")) continue;
    const std::string layer = one.tensor.name.substr(0, 6);
    const auto k = values(layer + "attn_k_b.weight"), v = values(layer + "attn_v_b.weight");
    one.tensor =
        tensor_of({layer + "attn_kv_b.weight", given.heads * (nope + given.value_dim), latent}, Format::f32);
    one.values.clear();
    for (std::uint32_t head = 0; head < given.heads; ++head) {
      for (std::uint32_t i = 0; i < nope; ++i)
        for (std::uint32_t l = 0; l < latent; ++l) one.values.push_back(k[(head * latent + l) * nope + i]);
      const std::size_t size = given.value_dim * latent;
      one.values.insert(one.values.end(), v.begin() + static_cast<std::ptrdiff_t>(head * size),
                        v.begin() + static_cast<std::ptrdiff_t>((head + 1) * size));
    }
  }
  std::erase_if(list, [](const NumberedTensor& one) { return one.tensor.name.ends_with("attn_v_b.weight"); });
  const auto model = open_bytes(gguf_bytes(tiny_metadata(given), list));
  ASSERT_TRUE(model) << model.error().message;
  for (const NumberedTensor& one : expected)
    EXPECT_EQ(values_of(*model, one.tensor.name), one.values) << one.tensor.name;
  // In parts, over the border of two heads.
  const Tensor* k = model->weights->find("blk.1.attn_k_b.weight");
  std::vector<float> part(10 * nope);
  ASSERT_TRUE(model->weights->read_rows(*k, latent - 4, 10, reinterpret_cast<std::byte*>(part.data())));
  const auto whole = values("blk.1.attn_k_b.weight");
  EXPECT_TRUE(
      std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>((latent - 4) * nope)));
}

TEST(Architectures, contradictions_are_named) {
  const auto error_with = [](auto change) {
    ModelDescription d = tiny_description("deepseek2");
    const auto list = numbered_tensors(d);
    change(d);
    const auto model = open_bytes(gguf_bytes(tiny_metadata(d), list));
    return model ? std::string("no error") : model.error().message;
  };
  EXPECT_THAT(error_with([](ModelDescription& d) { d.experts.count = 12; }),
              AllOf(HasSubstr("'blk.1.ffn_gate_inp.weight'"), HasSubstr("8 rows"), HasSubstr("expected 12")));
  EXPECT_THAT(error_with([](ModelDescription& d) { d.experts.used = 9; }), HasSubstr("9 of 8 experts"));
  EXPECT_THAT(error_with([](ModelDescription& d) { d.experts.groups = 3; }),
              HasSubstr("2 of 3 groups of 8 experts"));
  EXPECT_THAT(error_with([](ModelDescription& d) { d.latent.kv_lora = 48; }),
              HasSubstr("'blk.0.attn_kv_a_mqa.weight'"));
  EXPECT_THAT(error_with([](ModelDescription& d) { d.value_dim = 16; }),
              AllOf(HasSubstr("'blk.0.attn_v_b.weight' has 4 matrices of 12 rows"),
                    HasSubstr("4 matrices of 16 rows")));
  EXPECT_THAT(error_with([](ModelDescription& d) { d.experts.dense_layers = 3; }),
              HasSubstr("3 dense layers"));
}

class SplitFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("tokenmark-split-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    const auto list = numbered_tensors(description_);
    for (std::uint32_t part = 0; part < 3; ++part) {
      std::vector<NumberedTensor> own;
      for (std::size_t i = part; i < list.size(); i += 3) own.push_back(list[i]);
      GgufMetadata metadata = part == 0 ? tiny_metadata(description_) : GgufMetadata();
      metadata.add("split.no", part);
      metadata.add("split.count", 3u);
      metadata.add("split.tensors.count", static_cast<std::uint32_t>(list.size()));
      std::ofstream(path(part), std::ios::binary) << gguf_bytes(metadata, own);
    }
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(std::uint32_t part) const {
    return (folder_ / fmt::format("m-{:05}-of-00003.gguf", part + 1)).string();
  }

  ModelDescription description_ = tiny_description("qwen3");
  std::filesystem::path folder_;
};

TEST_F(SplitFiles, any_part_opens_the_whole_model) {
  for (std::uint32_t part = 0; part < 3; ++part) {
    const auto model = open_model(path(part));
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->files, (std::vector<std::string>{path(0), path(1), path(2)}));
    for (const NumberedTensor& one : numbered_tensors(description_))
      EXPECT_EQ(values_of(*model, one.tensor.name), one.values) << one.tensor.name;
    EXPECT_EQ((*open_tokenizer(path(part)))->vocabulary_size(), 264);
  }
}

TEST_F(SplitFiles, a_missing_part_is_named) {
  std::filesystem::remove(path(1));
  EXPECT_THAT(open_model(path(2)).error().message, AllOf(HasSubstr(path(1)), HasSubstr("part 2 of 3")));
}

TEST_F(SplitFiles, a_part_under_a_wrong_name_is_refused) {
  std::filesystem::copy_file(path(0), path(1), std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(open_model(path(2)).error().message,
              HasSubstr("says that it is part 1 of 3, its name says 2 of 3"));
  const std::string other = (folder_ / "other.gguf").string();
  std::filesystem::copy_file(path(0), other);
  EXPECT_THAT(open_model(other).error().message, HasSubstr("its name does not end in -00001-of-00003.gguf"));
}

}  // namespace
}  // namespace tokenmark
