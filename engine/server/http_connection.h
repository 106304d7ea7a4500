// One client's connection. Only for http_*.cpp: the one header of this folder that includes Boost.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "engine/server/http_server.h"

namespace tokenmark::server {

// What the connections of a server share.
struct ConnectionContext {
  const HttpHandlers& handlers;
  std::size_t max_body_bytes;
  std::chrono::milliseconds idle_limit;
  std::function<void(HttpExchange*)> closed;
};

// Always has one read pending, except when a client sends far ahead of its answers; so it notices at once when the
// client goes away, also while an answer is being made. Input that came early waits in the buffer.
class Connection final : public HttpExchange, public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(boost::asio::ip::tcp::socket socket, const ConnectionContext& context);
  void start();
  void close();                          // also by the server when it stops
  bool overdue(Clock::time_point now) const { return now > deadline_; }

  void reply(const HttpReply& reply) override;
  void begin_stream(std::string_view content_type) override;
  void write(std::string_view text) override;
  void end_stream() override;
  void when_gone(std::function<void()> callback) override { gone_ = std::move(callback); }

 private:
  enum class Phase { request, answer, lingering, closed };

  void next_request();
  void read();
  void on_read(boost::beast::error_code error, std::size_t bytes);
  void parse();
  bool on_header();  // false: refused
  void on_request();
  void refuse(const HttpReply& reply);
  void send(std::string_view text);
  void flush();
  void on_written(boost::beast::error_code error);
  void answer_complete();
  void linger();
  void expect_progress();

  boost::asio::ip::tcp::socket socket_;
  const ConnectionContext& context_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  Phase phase_ = Phase::request;
  bool reading_ = false, header_seen_ = false, keep_alive_ = true, chunked_ = true, head_only_ = false;
  bool answered_ = false;             // the whole answer is in unsent_ or on its way
  bool writing_ = false;
  std::string unsent_, on_the_wire_;  // what waits, what the running write sends
  std::function<void()> gone_;
  Clock::time_point deadline_ = Clock::time_point::max();
};

}  // namespace tokenmark::server
