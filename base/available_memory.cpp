#include "base/available_memory.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace tokenmark {
namespace {

// What is left of the limits (control groups, version 2) of this process' group and those above it; none: all.
std::uint64_t left_by_control_groups(const std::string& root) {
  std::ifstream self(root + "/proc/self/cgroup");
  std::uint64_t left = UINT64_MAX;
  for (std::string line; std::getline(self, line);) {
    if (!line.starts_with("0::/")) continue;
    for (std::filesystem::path group = line.substr(4);; group = group.parent_path()) {
      const auto folder = std::filesystem::path(root + "/sys/fs/cgroup") / group;
      std::uint64_t limit = 0, used = 0, cached = 0;
      if (std::ifstream(folder / "memory.max") >> limit && std::ifstream(folder / "memory.current") >> used) {
        std::ifstream statistics(folder / "memory.stat");
        std::string key;
        for (std::uint64_t value = 0; statistics >> key >> value;)
          if (key == "inactive_file" || key == "active_file") cached += value;
        used -= std::min(used, cached);
        left = std::min(left, limit - std::min(limit, used));
      }
      if (!group.has_relative_path()) break;
    }
  }
  return left;
}

}  // namespace

std::uint64_t available_memory_bytes(const std::string& root) {
  std::ifstream file(root + "/proc/meminfo");
  std::string key, rest;
  std::uint64_t kibibytes = 0;
  while (file >> key >> kibibytes && std::getline(file, rest))
    if (key == "MemAvailable:") return std::min(kibibytes * 1024, left_by_control_groups(root));
  return 0;
}

}  // namespace tokenmark
