// The verbs devices and bench as a person calls them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using nlohmann::json;
using testing::HasSubstr;

struct Outcome {
  int code = -1;
  std::string text;
};

Outcome cli(const std::string& arguments, const std::string& environment = "") {
  FILE* pipe = popen((environment + " '" TOKENMARK_CLI "' " + arguments).c_str(), "r");
  Outcome outcome;
  char bytes[4096];
  for (std::size_t n; (n = fread(bytes, 1, sizeof bytes, pipe)) > 0;) outcome.text.append(bytes, n);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) outcome.code = WEXITSTATUS(status);
  return outcome;
}

TEST(Devices, lists_the_cpu_and_says_why_the_others_are_not_there) {
  const auto [code, text] = cli("devices --json");
  ASSERT_EQ(code, 0);
  const json listed = json::parse(text);
  ASSERT_FALSE(listed["devices"].empty());
  const auto cpu = std::find_if(listed["devices"].begin(), listed["devices"].end(),
                                [](const json& device) { return device["id"] == "cpu"; });
  ASSERT_NE(cpu, listed["devices"].end());
  EXPECT_TRUE((*cpu)["available"]);
  EXPECT_THAT((*cpu)["native_formats"], testing::Contains("q4_0"));
  for (const std::string name : {"cuda", "hip"}) {
    const auto is_it = [&](const json& plugin) { return plugin["name"].get<std::string>().ends_with(name); };
    const auto plugin = std::find_if(listed["plugins"].begin(), listed["plugins"].end(), is_it);
    ASSERT_NE(plugin, listed["plugins"].end()) << name;
    EXPECT_TRUE((*plugin)["loaded"].get<bool>() || !(*plugin)["why"].get<std::string>().empty()) << name;
  }
}

TEST(Devices, a_broken_plugin_in_a_named_folder_is_a_line_with_its_reason) {
  const auto folder = testing::TempDir() + "tokenmark_devices_test_" + std::to_string(getpid());
  std::system(("mkdir -p '" + folder + "' && echo no library > '" + folder + "/tokenmark-plugin-cuda.so'").c_str());
  const auto [code, text] = cli("devices", "TOKENMARK_PLUGINS='" + folder + "'");
  std::system(("rm -r '" + folder + "'").c_str());
  EXPECT_EQ(code, 0);
  EXPECT_THAT(text, HasSubstr("tokenmark-plugin-cuda.so: it cannot be loaded"));
  EXPECT_THAT(text, HasSubstr("hip"));
}

TEST(Bench, json_has_rates_beside_ceilings) {
  const auto [code, text] =
      cli("bench --model shape:stories260k:f16 --prompt 40 --decode 8 --batch 3 --threads 2 --repeats 1 --json 2>/dev/null");
  ASSERT_EQ(code, 0);
  const json result = json::parse(text);
  EXPECT_EQ(result["model"], "shape:stories260k:f16");
  EXPECT_EQ(result["format"], "f16");
  EXPECT_EQ(result["threads"], 2);
  EXPECT_TRUE(result["random_weights"]);
  EXPECT_EQ(result["repeats"], 1);
  EXPECT_EQ(result["kv_format"], "f16");
  EXPECT_GT(result["ceilings"]["memory_gb_s"], 0.0);
  ASSERT_EQ(result["prompt"].size(), 1u);
  EXPECT_EQ(result["prompt"][0]["tokens"], 40);
  EXPECT_EQ(result["prompt"][0]["compute_ceiling"], "f32_gflop_s") << "halves are multiplied as floats";
  ASSERT_EQ(result["decode"].size(), 1u);
  const json& rate = result["decode"][0];
  EXPECT_EQ(rate["batch"], 3);
  EXPECT_EQ(rate["context"], 40);
  EXPECT_GT(rate["tok_s"], 0.0);
  EXPECT_GT(rate["share_of_bandwidth"], 0.0);
}

TEST(Bench, keys_and_values_may_be_in_any_format_of_the_cache) {
  for (const std::string format : {"f32", "bf16", "fp8", "q8_0"}) {
    const auto [code, text] = cli("bench --model shape:stories260k:f16 --prompt 20 --decode 4 --batch 2 --threads 2 --repeats 1"
                                  " --json --kv-format " + format + " 2>/dev/null");
    ASSERT_EQ(code, 0) << format;
    const json result = json::parse(text);
    EXPECT_EQ(result["kv_format"], format);
    EXPECT_GT(result["decode"][0]["tok_s"], 0.0) << format;
  }
}

TEST(Bench, what_is_impossible_is_named_with_exit_code_2) {
  const std::string quiet = " 2>&1";
  const auto usage = [&](const std::string& arguments, const std::string& says) {
    const auto [code, text] = cli("bench " + arguments + quiet);
    EXPECT_EQ(code, 2) << arguments;
    EXPECT_THAT(text, HasSubstr(says));
  };
  usage("", "--model is required");
  usage("--model shape:stories260k:f16 --device cuda:7", "there is no device 'cuda:7'");
  usage("--model shape:stories260k:f16 --kernels mmx", "kernels 'mmx' are not known");
  usage("--model shape:stories260k:f16 --kv-format q4_0", "--kv-format");
  usage("--model shape:stories260k:f16 --batch 0", "--batch 0");
  usage("--model shape:stories260k:f16 --repeats 0", "--repeats");
}

TEST(Kernels, that_there_are_stand_in_every_help) {
  const std::string refusal = cli("bench --model shape:stories260k:f16 --kernels mmx 2>&1").text, before = "there are: ";
  const auto begin = refusal.find(before);
  ASSERT_NE(begin, std::string::npos) << refusal;
  const std::string names = refusal.substr(begin + before.size(), refusal.find('\n', begin) - begin - before.size());
  EXPECT_THAT(names, HasSubstr("portable, "));
  for (const std::string verb : {"bench", "eval", "generate", "load", "serve"})
    EXPECT_THAT(cli(verb + " --help").text, HasSubstr("Force kernels: " + names)) << verb;
}

}  // namespace
