// A server of raw sockets that answers as a test tells it, right or wrong. A thread a connection, on loopback.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tokenmark::test {

struct HttpRequest {
  int number = 0;  // 0-based, over all connections
  std::string head, body;
};

// One accepted connection: what a handler writes to.
class Connection {
 public:
  Connection(int socket, const std::atomic<bool>& stopping) : socket_(socket), stopping_(stopping) {}
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void chunk(std::string_view bytes) {
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    send(size + std::string(bytes) + "\r\n");
  }
  void stream_head() {
    send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
  }
  void event(const std::string& json) { chunk("data: " + json + "\n\n"); }
  void last_chunk() { send("0\r\n\r\n"); }
  void wait_ms(int ms) {
    for (int i = 0; i < ms && !stopping_; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void wait_for_the_end() {
    while (!stopping_) wait_ms(5);
  }
  bool peer_left() {
    char byte;
    return recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }

 private:
  int socket_;
  const std::atomic<bool>& stopping_;
};

class LittleServer {
 public:
  // Gives back whether the connection stays open.
  using Handler = std::function<bool(Connection&, const HttpRequest&)>;

  explicit LittleServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(listener_, 128);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~LittleServer() {
    stopping_ = true;
    acceptor_.join();
    for (auto& thread : threads_) thread.join();
    close(listener_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int requests() const { return requests_; }
  int connections() const { return static_cast<int>(threads_.size()); }

 private:
  bool readable(int socket) {
    while (!stopping_) {
      pollfd poll_for{socket, POLLIN, 0};
      if (poll(&poll_for, 1, 5) > 0) return true;
    }
    return false;
  }
  void accept_all() {
    while (readable(listener_)) {
      const int socket = accept(listener_, nullptr, nullptr);
      if (socket >= 0) threads_.emplace_back([this, socket] { serve(socket); });
    }
  }
  void serve(int socket) {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Connection connection(socket, stopping_);
    std::string bytes;
    HttpRequest request;
    while (read_request(socket, bytes, request))
      if (!handler_(connection, request)) break;
    close(socket);
  }
  bool read_request(int socket, std::string& bytes, HttpRequest& request) {
    for (;;) {
      if (const std::size_t end = bytes.find("\r\n\r\n"); end != std::string::npos) {
        const std::size_t at = bytes.find("Content-Length: ");
        const std::size_t length = at < end ? std::strtoul(bytes.c_str() + at + 16, nullptr, 10) : 0;
        if (bytes.size() >= end + 4 + length) {
          request = {requests_++, bytes.substr(0, end), bytes.substr(end + 4, length)};
          bytes.erase(0, end + 4 + length);
          return true;
        }
      }
      if (!readable(socket)) return false;
      char piece[65536];
      const ssize_t n = recv(socket, piece, sizeof piece, 0);
      if (n <= 0) return false;
      bytes.append(piece, static_cast<std::size_t>(n));
    }
  }

  Handler handler_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> requests_{0};
  std::thread acceptor_;
  std::vector<std::thread> threads_;
};

// The pieces of a right answer.
inline std::string text_event(const std::string& text) { return R"({"choices":[{"index":0,"text":")" + text + R"(","finish_reason":null}]})"; }
inline std::string finish_event() { return R"({"choices":[{"index":0,"text":"","finish_reason":"length"}]})"; }
inline std::string usage_event(int input, int output) {
  return R"({"choices":[],"usage":{"prompt_tokens":)" + std::to_string(input) + R"(,"completion_tokens":)" + std::to_string(output) + "}}";
}

}  // namespace tokenmark::test
