// The plugins for GPUs as a person meets them, with stand-ins for the vendors' libraries that run the emulated kernels
// (tests/plugins/gpu/fake_driver.cpp): found, used, and broken in every way that a driver can be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using nlohmann::json;
using testing::HasSubstr;

struct Outcome {
  int code = -1;
  std::string text;   // of both outputs
};

// `driver`: how the stand-in behaves, empty: well.
Outcome cli(const std::string& arguments, const std::string& vendor, const std::string& driver = "") {
  const std::string environment = "LD_LIBRARY_PATH='" TOKENMARK_FAKES "/" + vendor + "' TOKENMARK_FAKE_DRIVER='" + driver + "'";
  FILE* pipe = popen((environment + " '" TOKENMARK_CLI "' " + arguments + " 2>&1").c_str(), "r");
  Outcome outcome;
  char bytes[4096];
  for (std::size_t n; (n = fread(bytes, 1, sizeof bytes, pipe)) > 0;) outcome.text.append(bytes, n);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) outcome.code = WEXITSTATUS(status);
  return outcome;
}

json device(const std::string& vendor, const std::string& driver = "") {
  const Outcome listed = cli("devices --json", vendor, driver);
  EXPECT_EQ(listed.code, 0) << listed.text;
  for (const json& one : json::parse(listed.text, nullptr, false).value("devices", json::array()))
    if (one["id"].get<std::string>().starts_with(vendor)) return one;
  return {};
}

bool plugin_is_built(const char* vendor) {
  return std::filesystem::exists(std::filesystem::path(TOKENMARK_CLI).parent_path() / (std::string("tokenmark-plugin-") + vendor + ".so"));
}

class Gpus : public testing::Test {
 protected:
  void SetUp() override {
    if (!plugin_is_built("cuda")) GTEST_SKIP() << "the plugin for CUDA was not built";
  }
};

TEST_F(Gpus, a_gpu_with_a_driver_is_a_device) {
  const json found = device("cuda");
  EXPECT_EQ(found["id"], "cuda:0");
  EXPECT_TRUE(found["available"]);
  EXPECT_EQ(found["name"], "Fake GPU");
  EXPECT_EQ(found["wave_size"], 32);
  EXPECT_THAT(found["native_formats"], testing::Contains("bf16"));
}

TEST_F(Gpus, a_driver_that_cannot_be_used_is_a_reason) {
  const auto why = [](const char* driver) { return device("cuda", driver).value("why", ""); };
  EXPECT_THAT(why("no-init"), HasSubstr("the driver cannot be used: initialization error (3)"));
  EXPECT_THAT(why("no-device"), HasSubstr("knows no device"));
  EXPECT_THAT(why("old-device"), HasSubstr("compute capability 7.0; kernels need 8.0"));
}

TEST_F(Gpus, a_driver_that_hangs_holds_nobody_up) {
  const auto begin = std::chrono::steady_clock::now();
  const Outcome listed = cli("devices", "cuda", "hang");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_EQ(listed.code, 0);
  EXPECT_THAT(listed.text, HasSubstr("tokenmark-plugin-cuda.so"));
  EXPECT_THAT(listed.text, HasSubstr("listing its devices"));
}

std::string generate(const char* device) {
  return std::string("generate --model '" TOKENMARK_SHARED_DATA "/models/stories260K.gguf' --prompt 'Once upon a time' --max-tokens 6 --context 64 --device ") + device;
}

TEST_F(Gpus, a_model_tells_its_story_on_one) {
  if (!std::filesystem::exists(TOKENMARK_SHARED_DATA "/models/stories260K.gguf")) GTEST_SKIP() << "stories260K.gguf is not here";
  const Outcome on_cpu = cli(generate("cpu"), "cuda"), on_gpu = cli(generate("cuda:0"), "cuda");
  EXPECT_EQ(on_gpu.code, 0) << on_gpu.text;
  EXPECT_THAT(on_gpu.text, HasSubstr("there was a"));
  EXPECT_THAT(on_cpu.text, HasSubstr("there was a"));
}

TEST_F(Gpus, kernels_that_do_not_load_and_a_device_that_is_lost_are_errors_that_say_so) {
  if (!std::filesystem::exists(TOKENMARK_SHARED_DATA "/models/stories260K.gguf")) GTEST_SKIP() << "stories260K.gguf is not here";
  const Outcome no_image = cli(generate("cuda:0"), "cuda", "no-image");
  EXPECT_NE(no_image.code, 0);
  EXPECT_THAT(no_image.text, HasSubstr("the kernels cannot be loaded on Fake GPU (sm_90): no kernel image"));
  const Outcome lost = cli(generate("cuda:0"), "cuda", "lost");
  EXPECT_NE(lost.code, 0);
  EXPECT_THAT(lost.text, HasSubstr("unspecified launch failure"));
}

TEST(AmdGpus, a_runtime_whose_gpu_the_kernel_driver_does_not_know_is_a_reason) {
  if (!plugin_is_built("hip")) GTEST_SKIP() << "the plugin for HIP was not built";
  const json found = device("hip");
  EXPECT_FALSE(found.value("available", true));
  EXPECT_THAT(found.value("why", ""), HasSubstr("topology has no GPU at 0000:65:00.0"));
}

}  // namespace
