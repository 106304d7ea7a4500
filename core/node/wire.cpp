#include "core/node/wire.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

namespace tokenmark {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 8> kKinds = {"invalid_input", "not_found", "io",        "unavailable",
                                                    "protocol",      "exhausted", "cancelled", "internal"};

// Something to show of a line that is no message: its beginning, without control characters.
std::string excerpt(std::string_view line) {
  std::string text(line.substr(0, 120));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  return text;
}

}  // namespace

Result<bool> Inbox::receive(int fd) {
  std::array<char, 65536> chunk;
  ssize_t got;
  do got = read(fd, chunk.data(), chunk.size());
  while (got < 0 && errno == EINTR);
  if (got < 0) return fail(ErrorKind::io, "reading from the agent's pipe failed: {}", std::strerror(errno));
  buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  return got > 0;
}

Result<std::optional<json>> Inbox::next_message() {
  const std::size_t end = buffer_.find('\n', searched_);
  searched_ = buffer_.size();
  if ((end == std::string::npos ? buffer_.size() : end) > kMaxLineBytes)
    return fail(ErrorKind::protocol, "a message is longer than {} bytes: '{}'…", kMaxLineBytes,
                excerpt(buffer_));
  if (end == std::string::npos) return std::nullopt;
  const std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  searched_ = 0;
  json message = json::parse(line, nullptr, false);
  if (!message.is_object() || message.size() != 1 || !message.begin()->is_object())
    return fail(ErrorKind::protocol, "this is no message of the agent protocol: '{}'", excerpt(line));
  return message;
}

std::optional<std::string> Inbox::next_block(std::size_t bytes) {
  if (buffer_.size() < bytes) return std::nullopt;
  std::string block = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  searched_ = 0;
  return block;
}

Status Outbox::send(const json& message, std::string_view block) {
  const std::string line = message.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  TOKENMARK_CHECK(write_all(line));
  return write_all(block);
}

Status Outbox::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    // A peer that is gone must be an error, not a SIGPIPE; on a plain pipe that is up to the program.
    ssize_t wrote = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (wrote < 0 && errno == ENOTSOCK) wrote = write(fd_, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return fail(ErrorKind::io, "writing to the agent's pipe failed: {}", std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t integer_of(const json& object, const char* key, std::int64_t otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : otherwise;
}

double number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0.0;
}

std::string_view error_kind_name(ErrorKind kind) {
  return kKinds.at(static_cast<std::size_t>(kind));
}

ErrorKind error_kind_from(std::string_view name) {
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    if (kKinds[i] == name) return static_cast<ErrorKind>(i);
  return ErrorKind::internal;
}

}  // namespace tokenmark
