// The plugins for GPUs as a person meets them, with stand-ins for the vendors' libraries that run the emulated kernels
// (tests/plugins/gpu/fake_driver.cpp): found, used, and broken in every way that a driver can be.
#include <gmock/gmock.h>

#include <algorithm>
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
  return {"generate", "--model", kStories, "--prompt", "Once upon a time", "--max-tokens", "6", "--temperature", "0", "--context", "64", "--device", device};
}

TEST_F(Gpus, a_model_tells_its_story_on_one) {
  if (!std::filesystem::exists(kStories)) GTEST_SKIP() << kStories << " is not here";
  const Ran on_cpu = cli(generate("cpu")), on_gpu = cli(generate("cuda:0"));
  EXPECT_EQ(on_gpu.code, 0) << on_gpu.err;
  EXPECT_THAT(on_gpu.out, HasSubstr("there was a"));
  EXPECT_THAT(on_cpu.out, HasSubstr("there was a"));
}

// The stand-in takes kernels that may begin early by cuLaunchKernelEx alone, and on an old driver never so.
TEST_F(Gpus, on_a_driver_without_programmatic_launches_in_graphs_kernels_are_launched_plainly) {
  if (!std::filesystem::exists(kStories)) GTEST_SKIP() << kStories << " is not here";
  const Ran told = cli_with("old-driver", generate("cuda:0"));
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_THAT(told.out, HasSubstr("there was a"));
}

// Tuning, on the stand-in's clock.
class TunedGpus : public Gpus {
 protected:
  void SetUp() override {
    Gpus::SetUp();
    if (IsSkipped()) return;
    if (!std::filesystem::exists(kStories)) GTEST_SKIP() << kStories << " is not here";
  }
  std::filesystem::path table() const { return folder / "cache/tokenmark/tuning/cuda-fake-gpu.txt"; }
  Ran tune(const std::vector<std::string>& more = {}) {
    variables["TOKENMARK_FAKE_DRIVER_CLOCK"] = "gemv_f32_1=400";
    std::vector<std::string> arguments{"devices", "--tune", "cuda:0", "--model", kStories};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ran ran = cli(arguments);
    variables.erase("TOKENMARK_FAKE_DRIVER_CLOCK");
    return ran;
  }
  json state(const std::string& driver = "") { return device(driver)["tuning"]; }
};

TEST_F(TunedGpus, a_default_that_is_slow_on_this_device_is_replaced_and_the_table_used_from_then_on) {
  EXPECT_EQ(state()["state"], "none");
  EXPECT_THAT(cli({"devices"}).out, HasSubstr("cuda:0: not tuned; 'devices --tune cuda:0' measures"));
  const Ran tuned = tune();
  ASSERT_EQ(tuned.code, 0) << tuned.err;
  EXPECT_THAT(tuned.out, testing::ContainsRegex("cuda:0: [0-9]+ choices, [1-9][0-9]* of them not the default: [0-9]+ % faster"));
  EXPECT_THAT(tuned.out, HasSubstr(table().string()));
  const std::string text = content(table());
  EXPECT_THAT(text, HasSubstr("device        Fake GPU\narchitecture  sm_90\ndriver        CUDA 13.0"));
  EXPECT_THAT(text, testing::ContainsRegex("product       f32 1 [0-9]+ 64 1 gemv 2 "));
  const json used = state();
  EXPECT_EQ(used["state"], "used");
  EXPECT_GT(used["changed"], 0);
  EXPECT_GT(used["mean_gain"], 2);
  EXPECT_THAT(cli({"devices"}).out, HasSubstr("cuda:0: tuned: "));
  const Ran told = cli(generate("cuda:0"));
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_THAT(told.out, HasSubstr("there was a"));
  EXPECT_EQ(told.err.find("not used"), std::string::npos) << told.err;
}

TEST_F(TunedGpus, what_was_tuned_for_another_model_is_kept) {
  ASSERT_EQ(tune().code, 0);
  const auto lines = [&] { return static_cast<int>(std::ranges::count(content(table()), '\n')); };
  const int before = lines();
  const Ran again = tune({"--model", "shape:smollm2-360m:q8_0", "--json"});
  ASSERT_EQ(again.code, 2) << "a model is given twice";
  variables["TOKENMARK_FAKE_DRIVER_CLOCK"] = "prepare_rows=0 merge_parts_16_64=0";
  const json tuned = document({"devices", "--tune", "cuda:0", "--json", "--model", "shape:smollm2-360m:q8_0"})["tuned"][0];
  EXPECT_EQ(tuned["device"], "cuda:0");
  EXPECT_EQ(tuned["changed"], 0) << "all kernels take as long as each other";
  EXPECT_EQ(tuned["left_out"], 0);
  EXPECT_GT(lines(), before + 20);
  EXPECT_THAT(content(table()), testing::ContainsRegex("product       f32 1 [0-9]+ 64 1 gemv 2 "));
}

TEST_F(TunedGpus, a_table_of_another_driver_is_not_used_and_said_so) {
  ASSERT_EQ(tune().code, 0);
  const json stale = state("new-driver");
  EXPECT_EQ(stale["state"], "set aside");
  EXPECT_THAT(stale.value("why", ""), HasSubstr("is not used: it was measured with the driver 'CUDA 13.0"));
  const Ran told = cli_with("new-driver", generate("cuda:0"));
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_THAT(told.err, HasSubstr("cuda-fake-gpu.txt is not used: it was measured with the driver 'CUDA 13.0"));
}

TEST_F(TunedGpus, garbage_is_set_aside_with_file_line_and_value) {
  ASSERT_EQ(tune().code, 0);
  std::string text = content(table());
  text.replace(text.find("gemv 2"), 6, "gemv x");
  std::ofstream(table()) << text;
  const Ran told = cli(generate("cuda:0"));
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_THAT(told.err, testing::ContainsRegex("cuda-fake-gpu.txt is not used: line [0-9]+: 'x' is not the rows of a block"));
  std::ofstream(table()) << std::string(1000, '\0');
  EXPECT_THAT(state().value("why", ""), HasSubstr("it is no text"));
  std::filesystem::remove(table());
  std::filesystem::create_directory(table());
  EXPECT_THAT(state().value("why", ""), HasSubstr("it cannot be read"));
}

TEST_F(TunedGpus, a_cache_that_cannot_be_written_is_an_error_before_anything_is_measured) {
  write("cache", "a file where a folder must be");
  const Ran tuned = tune();
  EXPECT_EQ(tuned.code, 1);
  EXPECT_THAT(tuned.err, HasSubstr("cache/tokenmark/tuning: the folder cannot be made"));
}

TEST_F(TunedGpus, what_has_nothing_to_tune_says_so) {
  EXPECT_THAT(cli({"devices", "--tune", "cpu"}).err, HasSubstr("cpu: this device has nothing to tune"));
  EXPECT_EQ(cli({"devices", "--tune", "cuda:7"}).code, 2);
  EXPECT_EQ(cli({"devices", "--model", "shape:smollm2-135m"}).code, 2) << "a model without --tune";
}

TEST_F(Gpus, kernels_that_do_not_load_and_a_device_that_is_lost_are_errors_that_say_so) {
  if (!std::filesystem::exists(kStories)) GTEST_SKIP() << kStories << " is not here";
  const Ran no_image = cli_with("no-image", generate("cuda:0"));
  EXPECT_NE(no_image.code, 0);
  EXPECT_THAT(no_image.err, HasSubstr("the kernels cannot be loaded on Fake GPU (sm_90): no kernel image"));
  EXPECT_THAT(no_image.err, HasSubstr("; there are kernels for "));
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
  const Ran on_one = cli(generate("cuda:0")), on_two = cli(generate("cuda:2-3"));
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

// GPUs that the kernel driver knows: the build has no kernels for gfx908, clang compiles them (tests/plugins/gpu/fake_hiprtc.cpp).
class KnownAmdGpus : public AmdGpus {
 protected:
  void SetUp() override {
    AmdGpus::SetUp();
    variables["XDG_CACHE_HOME"] = file("cache");
    variables["TOKENMARK_HIP_TOPOLOGY"] = file("topology");
    know(90008);
  }
  void know(int version, int wave = 64) {
    std::filesystem::create_directories(folder / "topology" / "1");
    write("topology/1/properties", "simd_count 416\nsimd_per_cu 4\nwave_front_size " + std::to_string(wave) + "\nlds_size_in_kb 64\ngfx_target_version " +
                                       std::to_string(version) + "\ndomain 0\nlocation_id " + std::to_string(0x65 << 8) + "\nmax_engine_clk_fcompute 1502\n");
  }
  void bring_compiler() {
    if (!std::filesystem::exists(TOKENMARK_FAKES "/hiprtc/libhiprtc.so.7")) GTEST_SKIP() << "there is no clang for AMD's GPUs";
    variables["LD_LIBRARY_PATH"] += ":" TOKENMARK_FAKES "/hiprtc";
  }
  Ran generate_with(const std::string& compiler) {
    variables["TOKENMARK_FAKE_HIPRTC"] = compiler;
    return cli(generate("hip:0"));
  }
};

TEST_F(KnownAmdGpus, whose_kernels_cannot_be_had_are_a_reason) {
  const auto why = [&] { return device().value("why", ""); };
  know(90006);
  EXPECT_THAT(why(), HasSubstr("Fake GPU is gfx906, without the matrix cores"));
  know(110000, 32);
  EXPECT_THAT(why(), HasSubstr("(gfx1100) runs waves of 32; the kernels are for waves of 64"));
}

TEST_F(KnownAmdGpus, have_their_kernels_compiled_once) {
  if (!std::filesystem::exists(kStories)) GTEST_SKIP() << kStories << " is not here";
  bring_compiler();
  if (IsSkipped()) return;
  EXPECT_TRUE(device()["available"]) << device();
  const Ran garbage = generate_with("garbage");
  EXPECT_NE(garbage.code, 0);
  EXPECT_THAT(garbage.err, HasSubstr("compiling kernels for gfx908 by libhiprtc.so.7 9.0 gave 7 bytes that are no code object"));
  const Ran failed = generate_with("no-header");
  EXPECT_NE(failed.code, 0);
  EXPECT_THAT(failed.err, HasSubstr("compiling kernels for gfx908 by libhiprtc.so.7 9.0 failed: HIPRTC_ERROR_COMPILATION"));
  EXPECT_THAT(failed.err, HasSubstr("fatal error: 'cstdint' file not found"));

  const Ran compiled = generate_with("");
  EXPECT_EQ(compiled.code, 0) << compiled.err;
  EXPECT_THAT(compiled.out, HasSubstr("there was a"));
  const Ran kept = generate_with("no-header");  // nothing is compiled
  EXPECT_EQ(kept.code, 0) << kept.err;

  const auto folder_of_kernels = folder / "cache" / "tokenmark" / "kernels";
  for (const auto& entry : std::filesystem::directory_iterator(folder_of_kernels))
    if (entry.path().filename().string().starts_with("gfx908-kernels-")) std::filesystem::resize_file(entry.path(), 1000);
  EXPECT_NE(generate_with("no-header").code, 0);
  EXPECT_EQ(generate_with("").code, 0);
  EXPECT_EQ(generate_with("no-header").code, 0);
}

}  // namespace
}  // namespace tokenmark
