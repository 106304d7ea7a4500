#include "plugins/hip/kernel_cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

namespace tokenmark::gpu {
namespace {

namespace fs = std::filesystem;

// In front of the code.
struct Head {
  char magic[8] = {'t', 'm', 'k', 'e', 'r', 'n', 'e', 'l'};
  std::uint64_t bytes = 0, hash = 0;
};

std::string prefix_of(const std::string& architecture, const std::string& module) { return fmt::format("{}-{}-", architecture, module); }

fs::path path_of(const fs::path& folder, const std::string& prefix, std::uint64_t key) { return folder / fmt::format("{}{:016x}.hsaco", prefix, key); }

}  // namespace

std::uint64_t hash_text(std::string_view text, std::uint64_t hash) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

fs::path user_kernel_cache() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache == '/') return fs::path(cache) / "tokenmark" / "kernels";
  const char* home = std::getenv("HOME");
  return home && *home == '/' ? fs::path(home) / ".cache" / "tokenmark" / "kernels" : fs::path();
}

std::optional<std::string> KernelCache::read(const std::string& architecture, const std::string& module, std::uint64_t key) const {
  if (folder_.empty()) return std::nullopt;
  const fs::path path = path_of(folder_, prefix_of(architecture, module), key);
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  Head head;
  const Head expected;
  if (error || !file.read(reinterpret_cast<char*>(&head), sizeof head) || std::memcmp(head.magic, expected.magic, sizeof head.magic) != 0 ||
      head.bytes != size - sizeof head)
    return std::nullopt;
  std::string code(head.bytes, '\0');
  if (!file.read(code.data(), static_cast<std::streamsize>(code.size())) || hash_text(code) != head.hash) return std::nullopt;
  return code;
}

void KernelCache::keep(const std::string& architecture, const std::string& module, std::uint64_t key, const std::string& code) const {
  if (folder_.empty()) return;
  const std::string prefix = prefix_of(architecture, module);
  const fs::path path = path_of(folder_, prefix, key);
  std::error_code error;
  fs::create_directories(folder_, error);
  std::string unfinished = (folder_ / (prefix + "XXXXXX")).string();
  const int made = mkstemp(unfinished.data());
  if (made < 0) return;
  close(made);
  Head head;
  head.bytes = code.size();
  head.hash = hash_text(code);
  std::ofstream file(unfinished, std::ios::binary);
  file.write(reinterpret_cast<const char*>(&head), sizeof head).write(code.data(), static_cast<std::streamsize>(code.size()));
  file.close();
  if (file) fs::rename(unfinished, path, error);
  if (!file || error) {
    fs::remove(unfinished, error);
    return;
  }
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".hsaco") && entry.path() != path) fs::remove(entry.path(), error);
  }
}

}  // namespace tokenmark::gpu
