// The agent protocol's framing: JSON, a line each, and binary blocks that a line has announced. Both sides
// treat what they read as hostile: lines and blocks have limits, and memory grows only with bytes that have
// arrived.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tokenmark {

inline constexpr std::size_t kMaxLineBytes = 1 << 20;
inline constexpr std::size_t kMaxBlockBytes = std::size_t{1} << 30;

// Collects what arrives on a descriptor and hands it out as lines and blocks. One thread.
class Inbox {
 public:
  // Reads what is there once (blocks if nothing is). False: the end of input.
  Result<bool> receive(int fd);
  // The next whole line as JSON object; nothing if none is complete yet.
  Result<std::optional<nlohmann::json>> next_message();
  // The next `bytes` bytes; nothing if they are not all there yet.
  std::optional<std::string> next_block(std::size_t bytes);
  const std::string& pending() const { return buffer_; }

 private:
  std::string buffer_;
  std::size_t searched_ = 0;  // no line end before here
};

// Writes messages to a descriptor, whole ones, from any thread.
class Outbox {
 public:
  explicit Outbox(int fd) : fd_(fd) {}
  Status send(const nlohmann::json& message, std::string_view block = {});

 private:
  Status write_all(std::string_view bytes);
  int fd_;
  std::mutex mutex_;
};

// Fields of a foreign message; a default where the key is missing or of another type.
std::string text_of(const nlohmann::json& object, const char* key);
std::int64_t integer_of(const nlohmann::json& object, const char* key, std::int64_t otherwise = 0);
double number_of(const nlohmann::json& object, const char* key);

std::string_view error_kind_name(ErrorKind kind);
ErrorKind error_kind_from(std::string_view name);  // internal for unknown names

}  // namespace tokenmark
