// Folders as on the hub: every class that is known, held against what transformers writes and what it
// computes.
#include <gmock/gmock.h>

#include <set>

#include "engine/model/device_model.h"
#include "engine/model/hash.h"
#include "engine/model/write_model.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/model/hub/hub_folder.h"
#include "tests/plugins/cpu/architectures.h"
#include "tests/plugins/cpu/golden.h"

namespace tokenmark::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

const std::string kHere = std::string(TOKENMARK_SOURCE_DIR) + "/tests/engine/model/hub/";

json read_json(const std::string& path) {
  std::ifstream file(path);
  return json::parse(file);
}

tm_model tiny_llama() {
  tm_model m = small_model();
  m.rope_yarn_rounds = 1;
  return m;
}
tm_model tiny_mistral() {
  tm_model m = small_model();
  m.rope_scaling = TM_ROPE_PLAIN;
  m.rope_theta = 1e6f;
  m.window = 8;
  return m;
}
tm_model tiny_qwen2() {
  tm_model m = tiny_mistral();
  m.window = 0;
  m.architecture = "qwen2";
  m.head_dim = m.value_dim = m.rope_dim = 8;
  m.attention_bias = 1;
  return m;
}

tm_model tiny_deepseek_v2_lite() {
  tm_model m = tiny_deepseek(false);
  m.gating = TM_GATE_SOFTMAX_ALL;
  m.expert_groups = m.expert_groups_used = 0;
  return m;
}

struct Class {
  const char* name;
  tm_model (*model)();
  bool tied = false, mixtral = false, mxfp4 = false;
  const char* golden = nullptr;  // logits; null: the name's
};

class HubModel : public testing::TestWithParam<Class> {
 protected:
  HubModel() : folder_(std::string("tokenmark-hub-") + GetParam().name) {
    if (GetParam().mxfp4) set_mxfp4_experts(model_, weights_);
    if (model_.architecture == std::string("qwen2"))  // unlike gpt-oss no bias of the output
      std::erase_if(weights_.tensors(),
                    [](const auto& one) { return one.first.ends_with("attn_output.bias"); });
    manifest_ = read_json(kHere + (GetParam().mxfp4 ? "tiny_gpt_oss" : manifest_name()) + ".json");
    tensors_ = HubTensors(model_, weights_, GetParam().mixtral, GetParam().mxfp4).list;
  }
  std::string manifest_name() const { return model_.mtp_layers > 0 ? "tiny_deepseek" : GetParam().name; }
  void write_config() const {
    json config = manifest_["config"];
    if (GetParam().mxfp4) config["quantization_config"] = {{"quant_method", "mxfp4"}};
    folder_.write("config.json", config.dump());
  }

  const tm_model model_ = GetParam().model();
  FormulaWeights weights_{model_, Format::f32, !GetParam().tied};
  HubFolderOnDisk folder_;
  json manifest_;
  std::vector<HubTensorBytes> tensors_;
};

TEST_P(HubModel, what_the_test_writes_is_what_transformers_writes) {
  if (GetParam().mxfp4) GTEST_SKIP() << "make_manifests.py compares the blocks with transformers' unpacking";
  std::set<std::string> names;
  for (const HubTensorBytes& tensor : tensors_) {
    if (model_.mtp_layers > 0 && tensor.name.starts_with("model.layers.3."))
      continue;  // transformers drops it
    names.insert(tensor.name);
    ASSERT_TRUE(manifest_["tensors"].contains(tensor.name)) << tensor.name;
    const json& written = manifest_["tensors"][tensor.name];
    EXPECT_EQ(written[1], json(tensor.shape)) << tensor.name;
    EXPECT_EQ("sha256:" + written[2].get<std::string>(), sha256(tensor.bytes)->substr(0, 7 + 16))
        << tensor.name;
  }
  EXPECT_EQ(names.size(), manifest_["tensors"].size());
}

TEST_P(HubModel, every_tensor_arrives_under_its_own_name) {
  write_config();
  folder_.write("model.safetensors", safetensors_bytes(tensors_));
  const auto model = open_model(folder_.path());
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->description.architecture, model_.architecture);
  std::size_t found = 0;
  for (const auto& [name, stored] : weights_.tensors()) {
    const Tensor* tensor = model->weights->find(name);
    ASSERT_NE(tensor, nullptr) << name;
    EXPECT_EQ(tensor->format, stored.format) << name;
    EXPECT_EQ(tensor->depth, stored.depth) << name;
    ASSERT_EQ(tensor->bytes, stored.bytes.size()) << name;
    std::vector<std::byte> bytes(tensor->bytes);
    ASSERT_TRUE(model->weights->read(*tensor, bytes.data()));
    EXPECT_EQ(bytes, stored.bytes) << name;
    // Row by row the same, and where it is mapped.
    const std::uint64_t rows = tensor->depth * tensor->rows, stride = tensor->bytes / rows;
    for (std::uint64_t row = 0; row < rows; ++row)
      ASSERT_TRUE(model->weights->read_rows(*tensor, row, 1, bytes.data() + row * stride));
    EXPECT_EQ(bytes, stored.bytes) << name;
    if (tensor->mapped) {
      EXPECT_EQ(std::memcmp(tensor->mapped, stored.bytes.data(), stored.bytes.size()), 0) << name;
    }
    ++found;
  }
  EXPECT_EQ(model->weights->tensors().size(), found);
}

TEST_P(HubModel, the_logits_are_those_of_transformers) {
  write_config();
  folder_.write("model.safetensors", safetensors_bytes(tensors_));
  const auto model = open_model(folder_.path());
  ASSERT_TRUE(model) << model.error().message;
  const std::string own = std::string(GetParam().name) + "_logits.json";
  Golden expected;
  if (std::filesystem::exists(kHere + own)) {
    const json file = read_json(kHere + own);
    expected = {file["tokens"].get<Tokens>(), file["rows"].get<std::vector<std::size_t>>(),
                file["logits"].get<Rows>()};
  } else {
    expected = golden(GetParam().golden ? GetParam().golden : GetParam().name);
  }
  RunnerOptions options;
  options.tokens_per_block = 16;
  options.max_step_tokens = 96;
  Runner runner(device_model(model->description), device_weights(*model), options);
  Sequence s = runner.sequence(0);
  const Rows rows = runner.feed(s, expected.tokens);
  if (!GetParam().mxfp4) {
    EXPECT_LT(difference(expected.select(rows), expected.logits), 5e-5);
    return;
  }
  // MXFP4's products take inputs rounded to bytes, which may send a token to another expert: the typical row, and
  // bit for bit what the same weights give without a folder.
  EXPECT_LT(typical_difference(expected.select(rows), expected.logits), 0.04);
  Runner direct(model_, weights_.source(), options);
  Sequence again = direct.sequence(0);
  EXPECT_EQ(rows, direct.feed(again, expected.tokens));
}

INSTANTIATE_TEST_SUITE_P(
    all, HubModel,
    testing::Values(Class{"tiny_llama", tiny_llama, false, false, false, "tiny_gqa_llama3"},
                    Class{"tiny_mistral", tiny_mistral}, Class{"tiny_qwen2", tiny_qwen2},
                    Class{"tiny_qwen3", tiny_qwen3, true}, Class{"tiny_qwen3moe", tiny_qwen3moe},
                    Class{"tiny_mixtral", tiny_mixtral, false, true}, Class{"tiny_gpt_oss", tiny_gpt_oss},
                    Class{"tiny_gpt_oss_mxfp4", tiny_gpt_oss, false, false, true},
                    Class{"tiny_deepseek", [] { return tiny_deepseek(); }},
                    Class{"tiny_deepseek_full_q", [] { return tiny_deepseek(false); }},
                    Class{"tiny_deepseek_v2_lite", tiny_deepseek_v2_lite},
                    Class{"tiny_deepseek_mtp", tiny_deepseek_with_mtp, false, false, false, "tiny_deepseek"}),
    [](const auto& info) { return std::string(info.param.name).substr(5); });

}  // namespace
}  // namespace tokenmark::test
