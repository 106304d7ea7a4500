// Mutated model folders: each ends in an error that names the folder, or in a model that can be used.
#include "tests/engine/model/hub/hub_folder.h"
#include "tests/engine/model/mutation.h"
#include "tests/plugins/cpu/architectures.h"

namespace tokenmark::test {
namespace {

class FuzzHub : public testing::TestWithParam<const char*> {
 protected:
  FuzzHub() {
    std::ifstream file(std::string(TOKENMARK_SOURCE_DIR) + "/tests/engine/model/hub/" + GetParam() + ".json");
    config_ = nlohmann::json::parse(file)["config"].dump();
    const std::string name = GetParam();
    const tm_model model = name == "tiny_gpt_oss"    ? tiny_gpt_oss()
                           : name == "tiny_deepseek" ? tiny_deepseek_with_mtp()
                           : name == "tiny_mixtral"  ? tiny_mixtral()
                                                     : small_model();
    FormulaWeights weights(model);
    const bool mxfp4 = name == "tiny_gpt_oss";
    if (mxfp4) set_mxfp4_experts(model, weights);
    weights_ = safetensors_bytes(HubTensors(model, weights, name == "tiny_mixtral", mxfp4).list);
    std::memcpy(&header_, weights_.data(), sizeof header_);
    folder_.write("config.json", config_);
    folder_.write("model.safetensors", weights_);
  }

  void try_once(Outcome& outcome) const {
    const auto model = open_model(folder_.path());
    if (model) {
      use(*model);
      ++outcome.opened;
      return;
    }
    EXPECT_NE(model.error().message.find(folder_.path()), std::string::npos) << model.error().message;
    ++outcome.errors;
  }

  HubFolderOnDisk folder_{"tokenmark-hub-fuzz"};
  std::string config_, weights_;
  std::uint64_t header_ = 0;
  std::mt19937_64 random_{11};
  Outcome outcome_;
};

TEST_P(FuzzHub, the_unchanged_folder_opens) {
  try_once(outcome_);
  EXPECT_EQ(outcome_.opened, 1);
}

TEST_P(FuzzHub, its_config) {
  for (int round = fuzz_rounds(600); round > 0; --round) {
    folder_.write("config.json", mutate_text(config_, random_));
    try_once(outcome_);
  }
  EXPECT_GT(outcome_.errors, 200);
  EXPECT_GT(outcome_.opened, 20);
}

TEST_P(FuzzHub, its_header) {
  const std::string length = weights_.substr(0, 8), header = weights_.substr(8, header_),
                    data = weights_.substr(8 + header_);
  for (int round = fuzz_rounds(250); round > 0; --round) {
    if (random_() % 4 == 0) {
      folder_.write("model.safetensors", mutate(weights_, 8 + header_, random_));
    } else {
      const std::string text = mutate_text(header, random_);
      const std::uint64_t size = text.size();
      folder_.write("model.safetensors", std::string(reinterpret_cast<const char*>(&size), 8) + text + data);
    }
    try_once(outcome_);
  }
  EXPECT_GT(outcome_.errors, 150);
}

TEST_P(FuzzHub, every_cut_is_an_error) {
  for (std::size_t size = 0; size < weights_.size(); size += size < 16 ? 1 : weights_.size() / 60) {
    folder_.write("model.safetensors", weights_.substr(0, size));
    try_once(outcome_);
  }
  EXPECT_EQ(outcome_.opened, 0);
}

INSTANTIATE_TEST_SUITE_P(all, FuzzHub,
                         testing::Values("tiny_llama", "tiny_mixtral", "tiny_gpt_oss", "tiny_deepseek"),
                         [](const auto& info) { return std::string(info.param).substr(5); });

}  // namespace
}  // namespace tokenmark::test
