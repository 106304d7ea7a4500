#include "engine/model/gguf_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "engine/model/ordered_parts.h"

namespace tokenmark {
namespace {

constexpr std::uint64_t kAlignment = 32;  // GGUF's default

std::uint64_t aligned(std::uint64_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

template <class T>
void append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}
void append_string(std::string& bytes, std::string_view text) {
  append<std::uint64_t>(bytes, text.size());
  bytes += text;
}

// A file under a temporary name beside its own; removed unless it was committed.
class PendingFile {
 public:
  explicit PendingFile(const std::string& path) : path_(path), temporary_(fmt::format("{}.part-{}", path, getpid())) {}
  ~PendingFile() {
    if (descriptor_ < 0) return;
    close(descriptor_);
    unlink(temporary_.c_str());
  }
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  Status open() {
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return descriptor_ < 0 ? failure(path_, "cannot be created") : Status();
  }
  Status write(const void* bytes, std::size_t count) {
    for (auto* at = static_cast<const char*>(bytes); count > 0;) {
      const ssize_t written = ::write(descriptor_, at, count);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return failure(path_, "cannot be written");
      at += written;
      count -= static_cast<std::size_t>(written);
    }
    return {};
  }
  Status commit() {
    if (fsync(descriptor_) != 0) return failure(path_, "cannot be written");
    if (rename(temporary_.c_str(), path_.c_str()) != 0) return failure(path_, "cannot be put in place");
    const int descriptor = std::exchange(descriptor_, -1);
    if (close(descriptor) != 0) return failure(path_, "cannot be written");
    return {};
  }

 private:
  static Status failure(const std::string& path, std::string_view what) {
    const bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    return fail(full ? ErrorKind::exhausted : ErrorKind::io, "{}: {}: {}", path, what, std::strerror(errno));
  }
  std::string path_, temporary_;
  int descriptor_ = -1;
};

// Said before hours of writing rather than after.
Status check_space(const std::string& path, std::uint64_t bytes) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return fail(ErrorKind::invalid_input, "{}: is a folder", path);
  auto folder = std::filesystem::path(path).parent_path();
  const auto space = std::filesystem::space(folder.empty() ? "." : folder, error);
  if (!error && space.available < bytes)
    return fail(ErrorKind::exhausted, "{}: needs {} bytes, the disk has {} free", path, bytes, space.available);
  return {};
}

}  // namespace

void GgufMetadata::begin(std::string_view key, GgufType type) {
  ++count_;
  keys_.emplace(key);
  append_string(bytes_, key);
  append(bytes_, static_cast<std::uint32_t>(type));
}
void GgufMetadata::begin_array(std::string_view key, GgufType element, std::size_t count) {
  begin(key, GgufType::array);
  append(bytes_, static_cast<std::uint32_t>(element));
  append<std::uint64_t>(bytes_, count);
}
void GgufMetadata::add(std::string_view key, std::uint32_t value) {
  begin(key, GgufType::u32);
  append(bytes_, value);
}
void GgufMetadata::add(std::string_view key, float value) {
  begin(key, GgufType::f32);
  append(bytes_, value);
}
void GgufMetadata::add(std::string_view key, bool value) {
  begin(key, GgufType::boolean);
  append<std::uint8_t>(bytes_, value ? 1 : 0);
}
void GgufMetadata::add(std::string_view key, std::string_view value) {
  begin(key, GgufType::string);
  append_string(bytes_, value);
}
void GgufMetadata::add(std::string_view key, std::span<const float> values) {
  begin_array(key, GgufType::f32, values.size());
  for (const float value : values) append(bytes_, value);
}
void GgufMetadata::add(std::string_view key, std::span<const std::int32_t> values) {
  begin_array(key, GgufType::i32, values.size());
  for (const std::int32_t value : values) append(bytes_, value);
}
void GgufMetadata::add(std::string_view key, std::span<const std::string> values) {
  begin_array(key, GgufType::string, values.size());
  for (const std::string& value : values) append_string(bytes_, value);
}

void GgufMetadata::add(std::string_view key, const GgufValue& value) {
  if (value.is_array)
    begin_array(key, value.type, value.count);
  else
    begin(key, value.type);
  bytes_.append(reinterpret_cast<const char*>(value.payload.data()), value.payload.size());
}

std::string GgufMetadata::header(std::span<const Tensor> tensors) const {
  std::string bytes = "GGUF";
  append<std::uint32_t>(bytes, 3);
  append<std::uint64_t>(bytes, tensors.size());
  append(bytes, count_);
  bytes += bytes_;
  std::uint64_t offset = 0;
  for (const Tensor& tensor : tensors) {
    append_string(bytes, tensor.name);
    const std::uint32_t extents = tensor.depth > 1 ? 3 : tensor.rows > 1 ? 2 : 1;
    append<std::uint32_t>(bytes, extents);
    append(bytes, tensor.columns);
    if (extents > 1) append(bytes, tensor.rows);
    if (extents > 2) append<std::uint64_t>(bytes, tensor.depth);
    append(bytes, static_cast<std::uint32_t>(tensor.format));
    append(bytes, offset);
    offset = aligned(offset + tensor.bytes);
  }
  bytes.resize(aligned(bytes.size()), '\0');
  return bytes;
}

namespace {

// Some rows of a tensor.
struct Part {
  const Tensor* tensor;
  std::uint64_t first, count, bytes;
  bool last;  // of its tensor: padding follows
};

std::vector<Part> parts_of(std::span<const Tensor> tensors) {
  constexpr std::uint64_t kPartBytes = 2 << 20;
  std::vector<Part> parts;
  for (const Tensor& tensor : tensors) {
    const std::uint64_t rows = tensor.depth * tensor.rows, bytes = row_bytes(tensor.format, tensor.columns);
    const std::uint64_t step = std::max<std::uint64_t>(kPartBytes / bytes, 1);
    for (std::uint64_t row = 0; row < rows; row += step) {
      const std::uint64_t count = std::min(step, rows - row);
      parts.push_back({&tensor, row, count, count * bytes, row + count == rows});
    }
  }
  return parts;
}

}  // namespace

Status write_gguf(const std::string& path, const GgufMetadata& metadata, std::span<const Tensor> tensors,
                  const RowSource& rows, const WriteProgress& progress, unsigned threads) {
  const std::string header = metadata.header(tensors);
  std::uint64_t total = header.size(), done = header.size();
  for (const Tensor& tensor : tensors) total += aligned(tensor.bytes);
  TOKENMARK_CHECK(check_space(path, total));
  PendingFile file(path);
  TOKENMARK_CHECK(file.open());
  TOKENMARK_CHECK(file.write(header.data(), header.size()));
  const std::vector<Part> parts = parts_of(tensors);
  const auto stopped = [&]() -> Status {
    if (progress.stop.stop_requested()) return fail(ErrorKind::cancelled, "{}: not written: cancelled", path);
    return {};
  };
  const auto make = [&](std::size_t index, std::vector<std::byte>& bytes) -> Status {
    TOKENMARK_CHECK(stopped());
    const Part& part = parts[index];
    bytes.resize(part.bytes);
    return rows(*part.tensor, part.first, part.count, bytes.data());
  };
  const auto take = [&](std::size_t index, const std::vector<std::byte>& bytes) -> Status {
    TOKENMARK_CHECK(stopped());
    TOKENMARK_CHECK(file.write(bytes.data(), bytes.size()));
    done += bytes.size();
    if (parts[index].last) {
      constexpr char kZeros[kAlignment] = {};
      const std::uint64_t padding = aligned(parts[index].tensor->bytes) - parts[index].tensor->bytes;
      TOKENMARK_CHECK(file.write(kZeros, padding));
      done += padding;
    }
    if (progress.report) progress.report(static_cast<double>(done) / static_cast<double>(total));
    return {};
  };
  TOKENMARK_CHECK(run_ordered({parts.size(), threads, make, take}));
  return file.commit();
}

}  // namespace tokenmark
