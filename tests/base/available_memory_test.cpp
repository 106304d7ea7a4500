#include "base/available_memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace tokenmark {
namespace {

namespace fs = std::filesystem;

// A system's files as this part reads them.
class AvailableMemory : public testing::Test {
 protected:
  ~AvailableMemory() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ + path).substr(0, (root_ + path).find_last_of('/')));
    std::ofstream(root_ + path) << text;
  }
  void machine(const std::string& kibibytes) {
    write("/proc/meminfo", "MemTotal:  9000000 kB\nMemFree:  10 kB\nMemAvailable:  " + kibibytes + " kB\nCached:  77 kB\n");
  }
  void group(const std::string& path, const std::string& limit, const std::string& used, const std::string& cached) {
    const std::string folder = "/sys/fs/cgroup" + path;
    write(folder + "/memory.max", limit + "\n");
    write(folder + "/memory.current", used + "\n");
    write(folder + "/memory.stat", "anon 5\ninactive_file " + cached + "\nactive_file 100\n");
  }

  const std::string root_ = testing::TempDir() + "available_memory_test_" + std::to_string(getpid());
};

TEST_F(AvailableMemory, without_control_groups_it_is_what_the_machine_says) {
  machine("4000");
  EXPECT_EQ(available_memory_bytes(root_), 4000u * 1024);
  write("/proc/self/cgroup", "0::/user/app\n");
  EXPECT_EQ(available_memory_bytes(root_), 4000u * 1024) << "a group without files";
  group("/user/app", "max", "1000", "0");
  EXPECT_EQ(available_memory_bytes(root_), 4000u * 1024) << "a group without a limit";
}

TEST_F(AvailableMemory, the_tightest_group_up_to_the_root_counts) {
  machine("4000");
  write("/proc/self/cgroup", "1:name=systemd:/other\n0::/user/app\n");
  group("/user/app", "1000000", "300000", "0");
  EXPECT_EQ(available_memory_bytes(root_), 700'100u);
  group("/user", "500000", "300000", "0");
  EXPECT_EQ(available_memory_bytes(root_), 200'100u);
  group("", "400000", "300000", "0");
  EXPECT_EQ(available_memory_bytes(root_), 100'100u);
}

TEST_F(AvailableMemory, cached_files_are_given_up_and_an_overdrawn_group_leaves_nothing) {
  machine("4000");
  write("/proc/self/cgroup", "0::/\n");
  group("", "1000000", "900000", "800000");
  EXPECT_EQ(available_memory_bytes(root_), 900'100u);
  group("", "1000000", "2000000", "0");
  EXPECT_EQ(available_memory_bytes(root_), 0u);
}

TEST_F(AvailableMemory, a_system_that_does_not_say_is_zero_and_this_one_has_some) {
  EXPECT_EQ(available_memory_bytes(root_), 0u);
  EXPECT_GT(available_memory_bytes(), 1u << 20);
}

}  // namespace
}  // namespace tokenmark
