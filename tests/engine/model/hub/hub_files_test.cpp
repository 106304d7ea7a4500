// What lies in a hub folder: number types, scales of FP8, shards, and what is refused with a name.
#include <gmock/gmock.h>

#include <random>

#include "engine/model/gguf.h"
#include "engine/model/model.h"
#include "engine/model/write_model.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/model/hub/hub_folder.h"
#include "tests/plugins/cpu/architectures.h"

namespace tokenmark::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

json config_of(const std::string& name) {
  std::ifstream file(std::string(TOKENMARK_SOURCE_DIR) + "/tests/engine/model/hub/" + name + ".json");
  return json::parse(file)["config"];
}

std::vector<float> floats_of(const HubTensorBytes& tensor) {
  std::vector<float> values(tensor.bytes.size() / sizeof(float));
  std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

// A tensor of the model in float.
std::vector<float> values_of(const Model& model, const std::string& name) {
  const Tensor* tensor = model.weights->find(name);
  EXPECT_NE(tensor, nullptr) << name;
  if (!tensor) return {};
  std::vector<std::byte> bytes(tensor->bytes);
  EXPECT_TRUE(model.weights->read(*tensor, bytes.data()));
  const std::uint64_t rows = tensor->depth * tensor->rows,
                      stride = row_bytes(tensor->format, tensor->columns);
  std::vector<float> values(rows * tensor->columns);
  for (std::uint64_t row = 0; row < rows; ++row)
    dequantize_row(tensor->format, bytes.data() + row * stride, tensor->columns,
                   values.data() + row * tensor->columns);
  return values;
}

// A small llama folder that tests change before they open it.
class HubFiles : public testing::Test {
 protected:
  void open_as(const tm_model& model, const std::string& config) {
    model_ = model;
    weights_ = std::make_unique<FormulaWeights>(model_, Format::f32, true);
    tensors_ = HubTensors(model_, *weights_).list;
    config_ = config_of(config);
  }
  HubFiles() { open_as(small_model(), "tiny_llama"); }

  void write() const {
    folder_.write("config.json", config_.dump());
    folder_.write("model.safetensors", safetensors_bytes(tensors_));
  }
  std::string error() const {
    const auto model = open_model(folder_.path());
    return model ? "no error" : model.error().message;
  }
  HubTensorBytes& tensor(const std::string& name) {
    const auto found =
        std::find_if(tensors_.begin(), tensors_.end(), [&](const auto& one) { return one.name == name; });
    EXPECT_NE(found, tensors_.end()) << name;
    return *found;
  }

  tm_model model_;
  std::unique_ptr<FormulaWeights> weights_;
  HubFolderOnDisk folder_{"tokenmark-hub-files"};
  std::vector<HubTensorBytes> tensors_;
  json config_;
};

TEST_F(HubFiles, halves_stay_halves_and_vectors_become_floats) {
  for (const auto& [type, format] : {std::pair{"BF16", Format::bf16}, {"F16", Format::f16}}) {
    const auto original = tensors_;
    for (HubTensorBytes& one : tensors_) {
      const auto values = floats_of(one);
      one.type = type;
      one.bytes.resize(values.size() * 2);
      quantize_row(format, values.data(), values.size(), one.bytes.data());
    }
    write();
    const auto model = open_model(folder_.path());
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->description.format, format);
    EXPECT_EQ(model->weights->find("blk.0.attn_norm.weight")->format, Format::f32);
    EXPECT_EQ(model->weights->find("blk.1.ffn_down.weight")->format, format);
    EXPECT_NE(model->weights->find("blk.1.ffn_down.weight")->mapped, nullptr);
    for (const auto& [own, hub] :
         {std::pair{"blk.0.attn_norm.weight", "model.layers.0.input_layernorm.weight"},
          {"blk.1.ffn_down.weight", "model.layers.1.mlp.down_proj.weight"}}) {
      const HubTensorBytes& source = tensor(hub);
      std::vector<float> expected(source.bytes.size() / 2);
      dequantize_row(format, source.bytes.data(), expected.size(), expected.data());
      EXPECT_EQ(values_of(*model, own), expected) << own;
    }
    tensors_ = original;
  }
}

// A program that reads no tokenizer.json finds the same vocabulary, a token for each row of the embedding.
TEST_F(HubFiles, a_gguf_file_made_of_a_folder_has_the_vocabulary_in_ggufs_own_terms_too) {
  json words = {{"Ġ", 26}, {"th", 27}, {"the", 28}, {"Ġthe", 29}, {"Ġt", 30}, {"he", 31}};
  for (int i = 0; i < 26; ++i) words[std::string(1, static_cast<char>('a' + i))] = i;
  folder_.write("tokenizer.json",
                json{{"added_tokens", {{{"id", 40}, {"content", "<s>"}, {"special", true}}, {{"id", 41}, {"content", "</s>"}, {"special", true}}}},
                     {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}}},
                     {"decoder", {{"type", "ByteLevel"}}},
                     {"model", {{"type", "BPE"}, {"vocab", words}, {"merges", {"t h", "Ġ t", "th e", "Ġ the", "h e"}}}}}
                    .dump());
  folder_.write("tokenizer_config.json", json{{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"chat_template", "T"}}.dump());
  write();
  const auto model = open_model(folder_.path());
  ASSERT_TRUE(model) << model.error().message;
  const std::string path = folder_.path("model.gguf");
  ASSERT_TRUE(write_model(*model, {}, path));

  const auto file = GgufFile::open(path);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ((*file)->text("tokenizer.ggml.pre")->value_or(""), "gpt-2");
  EXPECT_EQ((*file)->text("tokenizer.chat_template")->value_or(""), "T");
  EXPECT_EQ((*file)->texts("tokenizer.ggml.tokens")->value().size(), model->description.vocabulary);
  GgufMetadata other;  // what a program sees that knows these keys alone
  for (const auto& [key, value] : (*file)->metadata())
    if (key.starts_with("tokenizer.ggml.")) other.add(key, value);
  folder_.write("other.gguf", other.header({}));
  const auto foreign = open_tokenizer(folder_.path("other.gguf"));
  ASSERT_TRUE(foreign) << foreign.error().message;
  const auto own = open_tokenizer(path);
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ((*foreign)->kind(), "bpe:gpt-2");
  EXPECT_EQ((*own)->kind(), "json:bpe");
  for (const std::string text : {"the cat and the hat", "other<s>the", " theme", "THE 2"}) {
    const auto expected = model->tokenizer->encode(text, true, true);
    EXPECT_EQ((*foreign)->encode(text, true, true), expected) << text;
    EXPECT_EQ((*own)->encode(text, true, true), expected) << text;
  }
  EXPECT_EQ((*foreign)->bos(), 40);
  EXPECT_EQ((*foreign)->eos(), 41);
}

TEST_F(HubFiles, a_file_that_aligns_nothing_is_read_all_the_same) {
  tensors_.insert(tensors_.begin(), {"model.rotary_emb.inv_freq", "U8", {3}, "abc"});
  write();
  const auto model = open_model(folder_.path());
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->weights->find("blk.1.ffn_down.weight")->mapped, nullptr);
  EXPECT_EQ(values_of(*model, "blk.1.ffn_down.weight"),
            floats_of(tensor("model.layers.1.mlp.down_proj.weight")));
}

// FP8 bytes in place of a matrix, with scales of a shape; gives what they stand for.
std::vector<float> make_fp8(std::vector<HubTensorBytes>& tensors, HubTensorBytes& one,
                            const std::string& kind) {
  std::mt19937 random(7);
  const std::uint64_t rows = one.shape[0], columns = one.shape[1];
  one.type = "F8_E4M3";
  one.bytes.resize(rows * columns);
  for (char& byte : one.bytes) do
      byte = static_cast<char>(random());
    while ((byte & 0x7f) == 0x7f);
  std::vector<std::uint64_t> shape = {(rows + 127) / 128, (columns + 127) / 128};
  if (kind == "row") shape = {rows, 1};
  if (kind == "tensor") shape = {};
  std::uint64_t count = 1;
  for (const auto extent : shape) count *= extent;
  std::vector<float> scales;
  for (std::uint64_t i = 0; i < count; ++i) scales.push_back(static_cast<float>(1 + random() % 64) / 1024);
  std::vector<float> values;
  for (std::uint64_t r = 0; r < rows; ++r)
    for (std::uint64_t c = 0; c < columns; ++c) {
      const std::uint64_t at = kind == "row" ? r : kind == "tensor" ? 0 : r / 128 * shape[1] + c / 128;
      values.push_back(e4m3_to_float(static_cast<std::uint8_t>(one.bytes[r * columns + c])) * scales[at]);
    }
  const std::string name = one.name + (kind == "block" ? "_scale_inv" : "_scale");
  tensors.push_back({name, "F32", shape, as_bytes(scales)});
  return values;
}

TEST_F(HubFiles, fp8_keeps_its_bytes_and_brings_its_scales) {
  for (const char* kind : {"block", "row", "tensor"}) {
    tm_model m = small_model();
    m.width = 256;
    m.heads = 16;
    m.ffn_width = 384;
    open_as(m, "tiny_llama");
    config_["hidden_size"] = 256;
    config_["num_attention_heads"] = 16;
    config_["intermediate_size"] = 384;
    config_["quantization_config"] = {{"quant_method", "fp8"}, {"weight_block_size", {128, 128}}};
    const auto down = make_fp8(tensors_, tensor("model.layers.1.mlp.down_proj.weight"), kind);
    const auto query = make_fp8(tensors_, tensor("model.layers.0.self_attn.q_proj.weight"), kind);
    write();
    const auto model = open_model(folder_.path());
    ASSERT_TRUE(model) << kind << model.error().message;
    EXPECT_EQ(model->weights->find("blk.1.ffn_down.weight")->format, Format::fp8) << kind;
    EXPECT_EQ(values_of(*model, "blk.1.ffn_down.weight"), down) << kind;
    EXPECT_EQ(values_of(*model, "blk.0.attn_q.weight"), query) << kind;
  }
}

// F8_E4M3FNUZ: the same bytes stand for half, and there is no −0.
TEST_F(HubFiles, fp8_of_the_fnuz_kind_is_read_with_its_own_meaning) {
  for (const bool whole_blocks : {true, false}) {
    tm_model m = small_model();
    m.width = 256;
    m.heads = 16;
    m.ffn_width = whole_blocks ? 384 : 96;
    open_as(m, "tiny_llama");
    config_["hidden_size"] = 256;
    config_["num_attention_heads"] = 16;
    config_["intermediate_size"] = m.ffn_width;
    config_["quantization_config"] = {{"quant_method", "fp8"}, {"weight_block_size", {128, 128}}};
    HubTensorBytes& down = tensor("model.layers.1.mlp.down_proj.weight");
    auto expected = make_fp8(tensors_, down, "block");
    HubTensorBytes& named = tensor("model.layers.1.mlp.down_proj.weight");  // tensors_ has grown
    named.type = "F8_E4M3FNUZ";
    for (char& byte : named.bytes)
      if (byte == '\x80') byte = 0;
    for (float& value : expected) value = whole_blocks ? value / 2 : bf16_to_float(float_to_bf16(value / 2));
    write();
    const auto model = open_model(folder_.path());
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->weights->find("blk.1.ffn_down.weight")->format, whole_blocks ? Format::fp8 : Format::bf16);
    EXPECT_EQ(values_of(*model, "blk.1.ffn_down.weight"), expected);
  }
}

TEST_F(HubFiles, fp8_without_whole_blocks_becomes_bf16) {
  const auto exact =
      make_fp8(tensors_, tensor("model.layers.1.mlp.down_proj.weight"), "block");  // 96 columns
  write();
  const auto model = open_model(folder_.path());
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->weights->find("blk.1.ffn_down.weight")->format, Format::bf16);
  std::vector<float> rounded;
  for (const float value : exact) rounded.push_back(bf16_to_float(float_to_bf16(value)));
  EXPECT_EQ(values_of(*model, "blk.1.ffn_down.weight"), rounded);
}

TEST_F(HubFiles, deepseeks_joint_fp8_matrix_is_taken_apart_with_its_scales) {
  tm_model m = tiny_deepseek();
  m.kv_lora = 128;
  open_as(m, "tiny_deepseek");
  config_["kv_lora_rank"] = 128;
  const auto joint = make_fp8(tensors_, tensor("model.layers.2.self_attn.kv_b_proj.weight"), "block");
  write();
  const auto model = open_model(folder_.path());
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->weights->find("blk.2.attn_v_b.weight")->format, Format::fp8);
  const auto v = values_of(*model, "blk.2.attn_v_b.weight"), k = values_of(*model, "blk.2.attn_k_b.weight");
  const std::uint64_t nope = 16, value = 20, latent = 128;
  for (std::uint64_t h = 0; h < 4; ++h)
    for (std::uint64_t l = 0; l < latent; ++l) {
      for (std::uint64_t i = 0; i < value; ++i)
        ASSERT_EQ(v[(h * value + i) * latent + l], joint[(h * (nope + value) + nope + i) * latent + l]);
      for (std::uint64_t i = 0; i < nope; ++i)
        ASSERT_EQ(k[(h * latent + l) * nope + i],
                  bf16_to_float(float_to_bf16(joint[(h * (nope + value) + i) * latent + l])));
    }
}

TEST_F(HubFiles, shards_are_found_by_the_index) {
  json map;
  for (std::size_t part = 0; part < 3; ++part) {
    std::vector<HubTensorBytes> own;
    const std::string name = fmt::format("model-{:05}-of-00003.safetensors", part + 1);
    for (std::size_t i = part; i < tensors_.size(); i += 3)
      own.push_back(tensors_[i]), map[tensors_[i].name] = name;
    folder_.write(name, safetensors_bytes(own));
  }
  folder_.write("config.json", config_.dump());
  const auto index = [&](const json& weights) {
    folder_.write("model.safetensors.index.json",
                  json{{"metadata", {{"total_size", 1}}}, {"weight_map", weights}}.dump());
  };
  index(map);
  const auto model = open_model(folder_.path());
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->files.size(), 4u);  // config.json too
  for (const auto& [name, stored] : weights_->tensors()) {
    const Tensor* found = model->weights->find(name);
    ASSERT_NE(found, nullptr) << name;
    std::vector<std::byte> bytes(found->bytes);
    ASSERT_TRUE(model->weights->read(*found, bytes.data()));
    EXPECT_EQ(bytes, stored.bytes) << name;
  }
  json changed = map;
  changed["model.norm.weight"] = "../elsewhere.safetensors";
  index(changed);
  EXPECT_THAT(error(), AllOf(HasSubstr("index.json"), HasSubstr("'model.norm.weight'")));
  changed = map;
  changed["model.extra.weight"] = "model-00001-of-00003.safetensors";
  index(changed);
  EXPECT_THAT(error(), AllOf(HasSubstr("'model.extra.weight' is not in"), HasSubstr("the index says")));
  changed = map;
  changed["model.extra.weight"] = "model-00004-of-00003.safetensors";
  index(changed);
  EXPECT_THAT(error(), HasSubstr("model-00004-of-00003.safetensors: No such file"));
}

TEST_F(HubFiles, what_is_missing_or_of_another_shape_is_named) {
  const auto original = tensors_;
  std::erase_if(tensors_, [](const auto& one) { return one.name == "model.layers.1.mlp.up_proj.weight"; });
  write();
  EXPECT_THAT(error(), HasSubstr("tensor 'model.layers.1.mlp.up_proj.weight' of shape [96, 64] is missing"));
  tensors_ = original;
  std::swap(tensor("model.layers.0.mlp.up_proj.weight").shape[0],
            tensor("model.layers.0.mlp.up_proj.weight").shape[1]);
  write();
  EXPECT_THAT(error(),
              AllOf(HasSubstr("'model.layers.0.mlp.up_proj.weight' has shape [64, 96], expected [96, 64]"),
                    HasSubstr("model.safetensors")));
  tensors_ = original;
  tensors_.push_back({"model.layers.0.mlp.up_proj.bias", "F32", {96}, std::string(384, '\0')});
  write();
  EXPECT_THAT(error(), HasSubstr("'model.layers.0.mlp.up_proj.bias' is not part"));
  tensors_ = original;
  tensor("model.layers.0.mlp.up_proj.weight").type = "I32";
  write();
  EXPECT_THAT(error(), HasSubstr("'model.layers.0.mlp.up_proj.weight' is of type I32"));
  tensors_ = original;
  tensor("model.layers.0.mlp.up_proj.weight") = {
      "model.layers.0.mlp.up_proj.weight", "F8_E4M3", {96, 64}, std::string(96 * 64, '\0')};
  write();
  EXPECT_THAT(error(), HasSubstr("'model.layers.0.mlp.up_proj.weight_scale_inv' is missing"));
}

TEST_F(HubFiles, settings_that_are_not_built_are_named) {
  write();
  const json original = config_;
  const auto error_with = [&](const json& change) {
    config_ = original;
    config_.merge_patch(change);
    folder_.write("config.json", config_.dump());
    return error();
  };
  EXPECT_THAT(error_with({{"architectures", {"GemmaForCausalLM"}}}),
              AllOf(HasSubstr("'GemmaForCausalLM' is not known"), HasSubstr("LlamaForCausalLM"),
                    HasSubstr("DeepseekV3ForCausalLM")));
  EXPECT_THAT(error_with({{"hidden_size", nullptr}}), HasSubstr("config.json: 'hidden_size' is missing"));
  EXPECT_THAT(error_with({{"hidden_size", "wide"}}),
              HasSubstr("'hidden_size' is \"wide\", expected a whole number"));
  EXPECT_THAT(error_with({{"num_hidden_layers", 4000000000u}}),
              HasSubstr("'num_hidden_layers' is 4000000000"));
  EXPECT_THAT(error_with({{"num_hidden_layers", 60000}}),
              HasSubstr("'num_hidden_layers' is 60000, the folder has"));
  EXPECT_THAT(error_with({{"num_key_value_heads", 3}}), HasSubstr("8 heads are not a multiple of 3"));
  EXPECT_THAT(error_with({{"hidden_act", "gelu"}}), HasSubstr("'hidden_act' is \"gelu\", only \"silu\""));
  EXPECT_THAT(error_with({{"mlp_bias", true}}), HasSubstr("'mlp_bias'"));
  EXPECT_THAT(error_with({{"rope_parameters", {{"rope_type", "longrope"}}}}), HasSubstr("'longrope'"));
  EXPECT_THAT(error_with({{"quantization_config", {{"quant_method", "gptq"}}}}),
              HasSubstr("'gptq' are not supported"));
  EXPECT_THAT(error_with({{"vocab_size", 97}}), HasSubstr("[96, 64], expected [97, 64]"));
  folder_.write("config.json", std::string(5000, '[') + std::string(5000, ']'));
  EXPECT_THAT(error(), HasSubstr("nested deeper than"));
  folder_.write("config.json", "{\"a\": }");
  EXPECT_THAT(error(), HasSubstr("config.json: is not valid JSON"));
}

TEST_F(HubFiles, older_spellings_of_the_rope_settings_are_known) {
  config_["rope_theta"] = 500000.0;
  config_["rope_scaling"] = config_["rope_parameters"];
  config_["rope_scaling"].erase("rope_theta");
  config_["rope_scaling"]["type"] = config_["rope_scaling"]["rope_type"];
  config_["rope_scaling"].erase("rope_type");
  config_.erase("rope_parameters");
  write();
  const auto model = open_model(folder_.path());
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->description.rope_scaling.kind, RopeScalingKind::llama3);
  EXPECT_EQ(model->description.rope_scaling.factor, 8);
  EXPECT_EQ(model->description.rope_theta, 500000);
  EXPECT_FALSE(model->description.rope_interleaved);
}

TEST_F(HubFiles, a_damaged_header_is_described) {
  write();
  const std::string good = safetensors_bytes(tensors_);
  const auto error_of = [&](const std::string& bytes) {
    folder_.write("model.safetensors", bytes);
    return error();
  };
  const auto header = [](const json& entries) {
    const std::string text = entries.dump();
    const std::uint64_t length = text.size();
    return std::string(reinterpret_cast<const char*>(&length), 8) + text + std::string(64, '\0');
  };
  EXPECT_THAT(error_of("abc"), HasSubstr("it has 3 bytes"));
  EXPECT_THAT(error_of(std::string(16, '\xff')), HasSubstr("header claims 18446744073709551615 bytes"));
  EXPECT_THAT(error_of(good.substr(0, good.size() - 1)), HasSubstr("damaged or was not copied completely"));
  const auto entry = [](std::vector<std::uint64_t> shape, std::vector<std::uint64_t> offsets,
                        const char* type = "F32") {
    return json{{"dtype", type}, {"shape", shape}, {"data_offsets", offsets}};
  };
  EXPECT_THAT(error_of(header({{"x", entry({4}, {0, 15})}})),
              HasSubstr("'x' has 15 bytes, expected 16 for F32 of shape [4]"));
  EXPECT_THAT(error_of(header({{"x", entry({1ull << 62, 8}, {0, 16})}})),
              HasSubstr("more than a file can hold"));
  EXPECT_THAT(error_of(header({{"x", entry({4}, {16, 0})}})), HasSubstr("'x' lies at 16 to 0"));
  EXPECT_THAT(error_of(header({{"x", entry({4}, {0, 16}, "F3")}})), HasSubstr("'x' is of type F3"));
  EXPECT_THAT(error_of(header({{"x", entry({4}, {0, 16})}, {"y", entry({4}, {8, 24})}})),
              HasSubstr("'x' and 'y' overlap"));
  EXPECT_THAT(error_of(header({{"x", json::array()}})), HasSubstr("'x' needs a dtype"));
  EXPECT_THAT(error_of(header({{"x", {{"dtype", "F32"}, {"shape", {-1}}, {"data_offsets", {0, 4}}}}})),
              HasSubstr("'x' needs"));
  std::filesystem::remove(folder_.path("model.safetensors"));
  EXPECT_THAT(error(), HasSubstr("has neither model.safetensors nor model.safetensors.index.json"));
}

}  // namespace
}  // namespace tokenmark::test
