#include "tests/engine/server/http_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace tokenmark::test {

HttpClient::HttpClient(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval limit{20, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) close();
}

void HttpClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void HttpClient::finish_sending() { shutdown(socket_, SHUT_WR); }

void HttpClient::shrink_receive_buffer() {
  const int bytes = 4096;
  setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpClient::fill() {
  char buffer[65536];
  const ssize_t got = recv(socket_, buffer, sizeof buffer, 0);
  if (got > 0) input_.append(buffer, static_cast<std::size_t>(got));
  return got > 0;
}

bool HttpClient::at_end() {
  char buffer[65536];
  ssize_t got;
  while ((got = recv(socket_, buffer, sizeof buffer, 0)) > 0) {
  }
  return got == 0 || errno == ECONNRESET;
}

bool HttpClient::take_line(std::string& line) {
  std::size_t end;
  while ((end = input_.find("\r\n")) == std::string::npos)
    if (!fill()) return false;
  line = input_.substr(0, end);
  input_.erase(0, end + 2);
  return true;
}

bool HttpClient::take(std::size_t bytes, std::string& out) {
  while (input_.size() < bytes)
    if (!fill()) return false;
  out += input_.substr(0, bytes);
  input_.erase(0, bytes);
  return true;
}

bool HttpClient::take_chunk(std::string& out) {
  std::string line;
  if (!take_line(line)) return false;
  const std::size_t bytes = std::strtoul(line.c_str(), nullptr, 16);
  return take(bytes, out) && take_line(line) && bytes > 0;
}

Answer HttpClient::read_head() {
  Answer answer;
  std::string line;
  if (!take_line(line) || line.size() < 12) return {};
  const int status = std::atoi(line.c_str() + 9);
  while (take_line(line)) {
    if (line.empty()) {
      answer.status = status;
      return answer;
    }
    const std::size_t colon = std::min(line.find(": "), line.size());
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    answer.headers[name] = line.substr(std::min(colon + 2, line.size()));
  }
  return {};
}

Answer HttpClient::read(bool to_head) {
  Answer answer = read_head();
  if (answer.status == 100) return answer;
  if (answer.headers.contains("transfer-encoding")) {
    while (take_chunk(answer.body)) {
    }
  } else if (answer.headers.contains("content-length")) {
    const std::size_t length = std::strtoul(answer.headers["content-length"].c_str(), nullptr, 10);
    if (!to_head && !take(length, answer.body)) return {};
  } else {
    while (fill()) {
    }
    answer.body = std::exchange(input_, {});
  }
  return answer;
}

std::string HttpClient::read_event() {
  std::size_t end;
  while ((end = events_.find("\n\n")) == std::string::npos)
    if (!take_chunk(events_)) return {};
  std::string event = events_.substr(0, end);
  events_.erase(0, end + 2);
  return event.starts_with("data: ") ? event.substr(6) : "not an event: " + event;
}

std::string request_text(std::string_view method, std::string_view target, std::string_view body, std::string_view headers) {
  return fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{}\r\n{}", method, target, body.size(),
                     headers, body);
}

Answer HttpClient::request(std::string_view method, std::string_view target, std::string_view body, std::string_view headers) {
  if (!send(request_text(method, target, body, headers))) return {};
  return read();
}

}  // namespace tokenmark::test
