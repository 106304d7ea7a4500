// Reads GGUF's little-endian values from bytes, never past their end. For gguf*.cpp only.
#pragma once

#include <bit>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tokenmark {

class GgufCursor {
 public:
  GgufCursor(const std::string& path, std::span<const std::byte> bytes) : path_(&path), bytes_(bytes) {}

  std::uint64_t position() const { return position_; }
  std::uint64_t remaining() const { return bytes_.size() - position_; }

  Result<std::span<const std::byte>> take(std::uint64_t count, std::string_view what) {
    if (count > remaining())
      return fail(ErrorKind::invalid_input, "{}: {} needs {} bytes at byte {}, the file ends at {}", *path_, what, count,
                  position_, bytes_.size());
    const auto part = bytes_.subspan(position_, count);
    position_ += count;
    return part;
  }

  template <class T>
  Result<T> value(std::string_view what) {
    static_assert(std::endian::native == std::endian::little, "GGUF is read in place");
    TOKENMARK_TRY(const auto part, take(sizeof(T), what));
    T value;
    std::memcpy(&value, part.data(), sizeof(T));
    return value;
  }

  Result<std::string_view> string(std::string_view what) {
    TOKENMARK_TRY(const auto length, value<std::uint64_t>(what));
    TOKENMARK_TRY(const auto part, take(length, what));
    return std::string_view(reinterpret_cast<const char*>(part.data()), part.size());
  }

 private:
  const std::string* path_;
  std::span<const std::byte> bytes_;
  std::uint64_t position_ = 0;
};

}  // namespace tokenmark
