// Code objects that were compiled on this machine, kept in a folder of the user's so that it happens once. A file is written
// beside its place and moved there whole; one that is cut short or changed is not used. What cannot be read or kept is
// compiled again, so nothing here is an error. Any thread, any number of processes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace tokenmark::gpu {

class KernelCache {
 public:
  // An empty folder: nothing is kept.
  explicit KernelCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // What was kept of `module` for `architecture`, made of what `key` is a hash of.
  std::optional<std::string> read(const std::string& architecture, const std::string& module, std::uint64_t key) const;
  // Takes the place of what was kept of the module with other keys.
  void keep(const std::string& architecture, const std::string& module, std::uint64_t key, const std::string& code) const;

 private:
  std::filesystem::path folder_;
};

// $XDG_CACHE_HOME/tokenmark/kernels, or ~/.cache/tokenmark/kernels; empty where neither variable says.
std::filesystem::path user_kernel_cache();

// FNV-1a of 64 bits, to be continued with the result.
std::uint64_t hash_text(std::string_view text, std::uint64_t hash = 0xcbf29ce484222325u);

}  // namespace tokenmark::gpu
