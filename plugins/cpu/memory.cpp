#include "plugins/cpu/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

namespace tokenmark::cpu_plugin {
namespace {

constexpr std::uint64_t kHugePage = 2u << 20;

}  // namespace

Result<Memory> Memory::allocate(std::uint64_t bytes) {
  Memory memory;
  if (bytes == 0) return memory;
  const bool huge = bytes >= kHugePage;
  const std::uint64_t wanted = bytes + (huge ? kHugePage : 0);
  void* mapping = mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED)
    return fail(ErrorKind::exhausted, "{} bytes of memory are not to be had: {}", bytes, strerror(errno));
  memory.mapping_ = mapping;
  memory.mapped_bytes_ = wanted;
  auto address = reinterpret_cast<std::uintptr_t>(mapping);
  if (huge) address = (address + kHugePage - 1) / kHugePage * kHugePage;
  memory.begin_ = reinterpret_cast<std::byte*>(address);
  memory.size_ = bytes;
  if (huge) madvise(memory.begin_, bytes, MADV_HUGEPAGE);  // advice: without it everything works, slower
  return memory;
}

Memory::~Memory() {
  if (mapping_) munmap(mapping_, mapped_bytes_);
}

namespace {

// What is left of the limit that this process' control group, or one above it, sets; none: all.
std::uint64_t left_in_control_group() {
  std::ifstream self("/proc/self/cgroup");
  std::uint64_t left = UINT64_MAX;
  for (std::string line; std::getline(self, line);) {
    if (!line.starts_with("0::/")) continue;
    for (std::filesystem::path group = line.substr(4);; group = group.parent_path()) {
      const auto folder = std::filesystem::path("/sys/fs/cgroup") / group;
      std::uint64_t limit = 0, used = 0, cached = 0;
      if (std::ifstream(folder / "memory.max") >> limit && std::ifstream(folder / "memory.current") >> used) {
        std::ifstream statistics(folder / "memory.stat");
        std::string key;
        for (std::uint64_t value = 0; statistics >> key >> value;)
          if (key == "inactive_file" || key == "active_file") cached += value;  // given up when asked for
        used -= std::min(used, cached);
        left = std::min(left, limit - std::min(limit, used));
      }
      if (group.empty()) return left;
    }
  }
  return left;
}

}  // namespace

std::uint64_t available_memory_bytes() {
  std::ifstream file("/proc/meminfo");
  std::uint64_t kibibytes = 0;
  for (std::string line; std::getline(file, line);) {
    unsigned long long value = 0;
    if (std::sscanf(line.c_str(), "MemAvailable: %llu kB", &value) == 1) kibibytes = value;
  }
  return std::min(kibibytes * 1024, left_in_control_group());
}

}  // namespace tokenmark::cpu_plugin
