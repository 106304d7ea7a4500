// The plugins for GPUs as a person meets them, with stand-ins for the vendors' libraries that run the emulated kernels
// (tests/plugins/gpu/fake_driver.cpp): found, used, and broken in every way that a driver can be.
#include <gmock/gmock.h>

#include <chrono>

#include "tests/app/cli/program.h"

namespace tokenmark {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Gpus : public CliTest {
 protected:
  void SetUp() override { use("cuda"); }
  void use(const std::string& vendor) {
    vendor_ = vendor;
    if (!std::filesystem::exists(std::filesystem::path(TOKENMARK_CLI).parent_path() / ("tokenmark-plugin-" + vendor + ".so")))
      GTEST_SKIP() << "the plugin " << vendor << " was not built";
    variables["LD_LIBRARY_PATH"] = TOKENMARK_FAKES "/" + vendor;
  }
  // `driver`: how the stand-in behaves, empty: well.
  Ran cli_with(const std::string& driver, const std::vector<std::string>& arguments) {
    variables["TOKENMARK_FAKE_DRIVER"] = driver;
    return cli(arguments);
  }
  json device(const std::string& driver = "") {
    variables["TOKENMARK_FAKE_DRIVER"] = driver;
    const json listed = document({"devices", "--json"});
    for (const json& one : listed["devices"])
      if (one["id"].get<std::string>().starts_with(vendor_)) return one;
    return {};
  }
  std::string vendor_;
};

TEST_F(Gpus, a_gpu_with_a_driver_is_a_device) {
  const json found = device();
  EXPECT_EQ(found["id"], "cuda:0");
  EXPECT_TRUE(found["available"]);
  EXPECT_EQ(found["name"], "Fake GPU");
  EXPECT_EQ(found["wave_size"], 32);
  EXPECT_THAT(found["native_formats"], testing::Contains("bf16"));
}

TEST_F(Gpus, a_driver_that_cannot_be_used_is_a_reason) {
  const auto why = [&](const char* driver) { return device(driver).value("why", ""); };
  EXPECT_THAT(why("no-init"), HasSubstr("the driver cannot be used: initialization error (3)"));
  EXPECT_THAT(why("no-device"), HasSubstr("knows no device"));
  EXPECT_THAT(why("old-device"), HasSubstr("compute capability 7.0; kernels need 8.0"));
}

TEST_F(Gpus, a_driver_that_hangs_holds_nobody_up) {
  const auto begin = std::chrono::steady_clock::now();
  const Ran listed = cli_with("hang", {"devices"});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_EQ(listed.code, 0);
  EXPECT_THAT(listed.out, HasSubstr("tokenmark-plugin-cuda.so"));
  EXPECT_THAT(listed.out, HasSubstr("listing its devices"));
}

constexpr const char* kStories = TOKENMARK_SHARED_DATA "/models/stories260K.gguf";

std::vector<std::string> generate(const char* device) {
  return {"generate", "--model", kStories, "--prompt", "Once upon a time", "--max-tokens", "6", "--context", "64", "--device", device};
}

TEST_F(Gpus, a_model_tells_its_story_on_one) {
  if (!std::filesystem::exists(kStories)) GTEST_SKIP() << kStories << " is not here";
  const Ran on_cpu = cli(generate("cpu")), on_gpu = cli(generate("cuda:0"));
  EXPECT_EQ(on_gpu.code, 0) << on_gpu.err;
  EXPECT_THAT(on_gpu.out, HasSubstr("there was a"));
  EXPECT_THAT(on_cpu.out, HasSubstr("there was a"));
}

TEST_F(Gpus, kernels_that_do_not_load_and_a_device_that_is_lost_are_errors_that_say_so) {
  if (!std::filesystem::exists(kStories)) GTEST_SKIP() << kStories << " is not here";
  const Ran no_image = cli_with("no-image", generate("cuda:0"));
  EXPECT_NE(no_image.code, 0);
  EXPECT_THAT(no_image.err, HasSubstr("the kernels cannot be loaded on Fake GPU (sm_90): no kernel image"));
  const Ran lost = cli_with("lost", generate("cuda:0"));
  EXPECT_NE(lost.code, 0);
  EXPECT_THAT(lost.err, HasSubstr("unspecified launch failure"));
}

// With the plugin that needs no nvcc, and stand-ins for four devices and NCCL.
class SeveralGpus : public CliTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kStories)) GTEST_SKIP() << kStories << " is not here";
    variables["TOKENMARK_PLUGINS"] = TOKENMARK_FAKES "/plugins_nccl";
    variables["LD_LIBRARY_PATH"] = TOKENMARK_FAKES "/cuda:" TOKENMARK_FAKES "/nccl";
    variables["TOKENMARK_FAKE_DEVICES"] = "4";
  }
};

TEST_F(SeveralGpus, tell_the_story_that_one_tells) {
  const auto likeliest = [](const char* device) {
    std::vector<std::string> arguments = generate(device);
    arguments.insert(arguments.end(), {"--temperature", "0"});
    return arguments;
  };
  const Ran on_one = cli(likeliest("cuda:0")), on_two = cli(likeliest("cuda:2-3"));
  EXPECT_EQ(on_two.code, 0) << on_two.err;
  EXPECT_EQ(on_two.out, on_one.out);
}

TEST_F(SeveralGpus, with_replicas_are_all_counted) {
  const json measured = document({"load", "--engine", kStories, "--device", "cuda:0-3", "--replicas", "2", "--concurrency", "2", "--input", "4", "--output",
                                  "2", "--requests-per-concurrency", "2", "--warmups", "0", "--context", "64", "--json"});
  ASSERT_TRUE(measured.contains("output_tok_s")) << measured.dump(1);
  EXPECT_EQ(measured["configuration"]["target"]["engine"]["replicas"], 2);
  EXPECT_NEAR(measured["output_tok_s_gpu"].get<double>() * 4, measured["output_tok_s"].get<double>(), 1e-6 * measured["output_tok_s"].get<double>());
}

TEST_F(SeveralGpus, that_a_model_cannot_be_split_over_are_an_error_with_the_numbers) {
  const Ran three = cli(generate("cuda:0-2"));
  EXPECT_NE(three.code, 0);
  EXPECT_THAT(three.err, HasSubstr("cuda:0, cuda:1, cuda:2: 8 heads of attention cannot be split over 3 GPUs"));
}

class AmdGpus : public Gpus {
 protected:
  void SetUp() override { use("hip"); }
};

TEST_F(AmdGpus, a_runtime_whose_gpu_the_kernel_driver_does_not_know_is_a_reason) {
  const json found = device();
  EXPECT_FALSE(found.value("available", true));
  EXPECT_THAT(found.value("why", ""), HasSubstr("topology has no GPU at 0000:65:00.0"));
}

}  // namespace
}  // namespace tokenmark
