#include "plugins/api/tuning_file.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

namespace tokenmark {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = 4 << 20;

// "NVIDIA H200" → "nvidia-h200": a name that every file system takes.
std::string as_file_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool upper = c >= 'A' && c <= 'Z';
    if (plain || upper) name += static_cast<char>(upper ? c - 'A' + 'a' : c);
    else if (!name.empty() && name.back() != '-') name += '-';
  }
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "device" : name;
}

Result<std::string> content(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(path, error);
  if (error) return fail(ErrorKind::io, "it cannot be read: {}", error.message());
  if (bytes > kMostBytes) return fail(ErrorKind::invalid_input, "it has {} bytes, a table has {} at most", bytes, kMostBytes);
  std::ifstream file(path, std::ios::binary);
  std::string text(bytes, 0);
  if (!file.read(text.data(), static_cast<std::streamsize>(bytes))) return fail(ErrorKind::io, "it cannot be read: {}", std::strerror(errno));
  return text;
}

// A file of this process beside `path`; gives where.
Result<fs::path> write_beside(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return fail(ErrorKind::io, "{}: the folder cannot be made: {}", path.parent_path().string(), error.message());
  fs::path beside = path;
  beside += fmt::format(".{}", getpid());
  std::ofstream file(beside, std::ios::binary);
  file << text;
  file.close();
  if (file) return beside;
  const int code = errno;
  fs::remove(beside, error);
  return fail(ErrorKind::io, "{}: it cannot be written: {}", path.string(), std::strerror(code));
}

}  // namespace

fs::path default_tuning_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return fs::path(cache) / "tokenmark" / "tuning";
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr && *home != '\0' ? home : ".") / ".cache" / "tokenmark" / "tuning";
}

TuningFile read_tuning(const tm_plugin& plugin, const tm_device_capabilities& device, const fs::path& folder) {
  TuningFile file;
  if (!plugin.check_tuning || !plugin.tune) return file;
  file.path = folder / (std::string(plugin.name) + "-" + as_file_name(device.name) + ".txt");
  std::error_code error;
  if (!fs::exists(fs::status(file.path, error))) return file;
  const auto text = content(file.path);
  const auto set_aside = [&](const std::string& why) { file.why = fmt::format("{} is not used: {}", file.path.string(), why); };
  if (!text) {
    set_aside(text.error().message);
    return file;
  }
  // A text with a zero in it would be read to there only.
  if (text->find('\0') != std::string::npos) {
    set_aside("it is no text");
    return file;
  }
  file.summary.size = sizeof file.summary;
  file.summary.version = TM_ABI_VERSION;
  if (plugin.check_tuning(device.id, text->c_str(), &file.summary) == TM_OK) file.text = *text;
  else set_aside(plugin.last_error());
  return file;
}

Status check_writable(const fs::path& path) {
  TOKENMARK_TRY(const fs::path written, write_beside(path, ""));
  std::error_code error;
  fs::remove(written, error);
  return {};
}

Status write_tuning(const fs::path& path, const std::string& text) {
  TOKENMARK_TRY(const fs::path beside, write_beside(path, text));
  std::error_code error;
  fs::rename(beside, path, error);
  if (!error) return {};
  const std::string why = error.message();
  fs::remove(beside, error);
  return fail(ErrorKind::io, "{}: it cannot be written: {}", path.string(), why);
}

}  // namespace tokenmark
