// One thread of the null server: it accepts, reads requests, and writes each stream's tokens when they are due.
// Made anywhere, run() in its thread; stop() and requests() from any.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tests/support/null_server/answers.h"
#include "tests/support/null_server/null_server.h"
#include "tests/support/null_server/socket.h"

namespace tokenmark::test {

// First in, first out, without an allocation once it has grown to its size.
template <class T>
class Ring {
 public:
  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }
  const T& front() const { return items_[begin_ & (items_.size() - 1)]; }
  void pop() { ++begin_; }
  void push(const T& item) {
    if (size() == items_.size()) grow();
    items_[end_++ & (items_.size() - 1)] = item;
  }

 private:
  void grow() {
    std::vector<T> larger(items_.size() * 2);
    for (std::size_t i = 0; i < size(); ++i) larger[i] = items_[(begin_ + i) & (items_.size() - 1)];
    end_ = size();
    begin_ = 0;
    items_ = std::move(larger);
  }
  std::vector<T> items_ = std::vector<T>(1024);
  std::size_t begin_ = 0, end_ = 0;
};

class EventLoop {
 public:
  // Listens on options.port of 127.0.0.1, shared with the other loops.
  static Result<std::unique_ptr<EventLoop>> create(const NullServerOptions& options, SSL_CTX* tls);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;

  void run();
  void stop();
  std::uint16_t port() const { return port_; }
  std::uint64_t requests() const { return requests_.load(std::memory_order_relaxed); }

 private:
  struct Connection {
    Socket socket;
    std::string unread;      // bytes of a request that is not complete yet, or that waits for its turn
    Answers::Stream stream;  // without tokens: the answer goes in one piece
    Asked asked;
    std::uint32_t life = 0;  // how often this entry was reused: a due write of an earlier one is not this one's
    bool open = false;
    bool busy = false;       // an answer is due or being written
    bool blocked = false;    // the client takes no more just now
  };
  // The next write of a connection. All in a queue come after equally long waits, so that it stays in order of time.
  struct Due {
    std::int64_t at_ns = 0;
    int fd = -1;
    std::uint32_t life = 0;
  };

  EventLoop(const NullServerOptions& options, SSL_CTX* tls) : options_(options), tls_(tls), answers_(options.coalesce) {}
  Status listen();
  std::int64_t until_due_ns() const;
  void accept_all();
  void serve(int fd, std::uint32_t events);
  void serve_due();
  void close(Connection& connection);
  // These give back false where the connection must be closed.
  bool read(int fd, Connection& connection);
  bool take_requests(int fd, Connection& connection, std::string_view& bytes);
  bool take_unread(int fd, Connection& connection);
  bool begin(int fd, Connection& connection, std::string_view head, std::string_view body);
  bool say(Connection& connection, std::string_view text);
  bool write_due(int fd, Connection& connection, std::int64_t due_ns);
  bool write_tokens(int fd, Connection& connection, std::int64_t due_ns);

  NullServerOptions options_;
  SSL_CTX* tls_;
  Answers answers_;
  int epoll_ = -1, listener_ = -1, wake_ = -1;
  std::uint16_t port_ = 0;
  std::deque<Connection> connections_;  // by file descriptor; entries stay where they are
  std::size_t open_ = 0;
  Ring<Due> first_, following_;         // after options.first_token, after the interval
  std::int64_t now_ns_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> requests_{0};
};

}  // namespace tokenmark::test
