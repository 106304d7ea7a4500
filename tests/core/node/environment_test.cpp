#include "core/node/environment.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/version.h"

namespace tokenmark {
namespace {

TEST(Environment, says_what_machine_and_what_program) {
  const nlohmann::json found = environment();
  EXPECT_GE(found["cpu"]["threads"].get<int>(), 1);
  EXPECT_GT(found["memory_bytes"].get<std::int64_t>(), 1 << 20);
  EXPECT_TRUE(found["kernel"].get<std::string>().starts_with("Linux "));
  EXPECT_EQ(found["tokenmark"]["version"], version());
  EXPECT_EQ(found["tokenmark"]["commit"], commit());
}

TEST(Environment, holds_no_empty_values) {
  const nlohmann::json flat = environment().flatten();
  for (const auto& [key, value] : flat.items())
    EXPECT_FALSE(value.is_null() || (value.is_string() && value.get<std::string>().empty())) << key;
}

TEST(Environment, versions_of_drivers_come_from_their_modules) {
  const std::filesystem::path root = std::filesystem::temp_directory_path() / ("tokenmark-environment-" + std::to_string(getpid()));
  EXPECT_TRUE(gpu_software(root).empty());
  for (const auto& [file, version] : {std::pair("sys/module/nvidia/version", "570.86.15\n"), std::pair("opt/rocm/.info/version", "6.4.1-83\n")}) {
    std::filesystem::create_directories((root / file).parent_path());
    std::ofstream(root / file) << version;
  }
  EXPECT_EQ(gpu_software(root), (nlohmann::json{{"nvidia_driver", "570.86.15"}, {"rocm_version", "6.4.1-83"}}));
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace tokenmark
