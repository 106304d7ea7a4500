#include "core/download/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/download/download.h"

namespace tokenmark {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path part_of(const fs::path& file) { return file.string() + ".part"; }
fs::path part_state_of(const fs::path& file) { return file.string() + ".part.json"; }

Result<PartFile> PartFile::open(const fs::path& file) {
  std::error_code error;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
  if (error) return fail(ErrorKind::io, "{}: the folder cannot be made: {}", file.parent_path().string(), error.message());
  PartFile part(part_of(file), part_state_of(file));
  part.descriptor_ = ::open(part.path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (part.descriptor_ < 0)
    return fail(ErrorKind::io, "{}: cannot be written: {}", part.path_.string(), std::strerror(errno));
  if (flock(part.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    ::close(std::exchange(part.descriptor_, -1));
    return fail(ErrorKind::unavailable, "{}: another process is downloading this file", part.path_.string());
  }
  struct stat facts {};
  if (fstat(part.descriptor_, &facts) == 0) part.size_ = static_cast<std::uint64_t>(facts.st_size);
  part.read_state();
  return part;
}

PartFile::PartFile(PartFile&& other) noexcept
    : path_(std::move(other.path_)),
      state_path_(std::move(other.state_path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      state_(std::move(other.state_)) {}

PartFile::~PartFile() {
  if (descriptor_ < 0) return;
  if (size_ == 0) {
    ::unlink(path_.c_str());
    forget();
  }
  ::close(descriptor_);
}

void PartFile::read_state() {
  std::ifstream in(state_path_);
  const json read = json::parse(in, nullptr, false);
  if (!read.is_object()) return;
  const auto text = [&](const char* key) {
    const auto found = read.find(key);
    return found != read.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  state_ = {text("url_sha256"), text("etag"), text("last_modified"), text("linked_etag"), 0};
  if (const auto total = read.find("bytes"); total != read.end() && total->is_number_unsigned())
    state_.total = total->get<std::uint64_t>();
}

Status PartFile::remember(const PartState& state) {
  state_ = state;
  std::ofstream out(state_path_, std::ios::trunc);
  out << json{{"url_sha256", state.url_sha256},
              {"etag", state.etag},
              {"last_modified", state.last_modified},
              {"linked_etag", state.linked_etag},
              {"bytes", state.total}}
             .dump(2, ' ', false, json::error_handler_t::replace)
      << '\n';
  out.close();
  if (!out) return fail(ErrorKind::io, "{}: cannot be written", state_path_.string());
  return {};
}

void PartFile::forget() {
  state_ = {};
  ::unlink(state_path_.c_str());
}

Status PartFile::begin_anew() {
  forget();
  if (size_ > 0 && ftruncate(descriptor_, 0) != 0)
    return fail(ErrorKind::io, "{}: cannot be emptied: {}", path_.string(), std::strerror(errno));
  size_ = 0;
  return {};
}

Status PartFile::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && (errno == ENOSPC || errno == EDQUOT))
      return fail(ErrorKind::exhausted, "{}: the disk is full", path_.string());
    if (written < 0) return fail(ErrorKind::io, "{}: cannot be written: {}", path_.string(), std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

Status PartFile::become(const fs::path& file) {
  if (fsync(descriptor_) != 0) return fail(ErrorKind::io, "{}: cannot be written: {}", path_.string(), std::strerror(errno));
  std::error_code error;
  if (fs::exists(file, error))
    return fail(ErrorKind::invalid_input, "{}: is there by now; what was downloaded is {}", file.string(), path_.string());
  if (fs::rename(path_, file, error); error)
    return fail(ErrorKind::io, "{}: cannot be renamed to {}: {}", path_.string(), file.string(), error.message());
  forget();
  ::close(std::exchange(descriptor_, -1));
  return {};
}

}  // namespace tokenmark
